/** The ports that discovery is written against; `src/node` has them for sockets. */

/** An IPv4 address and a UDP or TCP port. */
export interface Endpoint {
  address: string;
  port: number;
}

export interface HttpRequest {
  method: string;
  /** As it was sent: "/upnp/CameraDevDesc.xml". */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  from: Endpoint;
}

export interface HttpAnswer {
  status: number;
  /** In the order and spelling in which they are sent. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}

/**
 * One GET: no redirects, no proxy, no cookies, a body of 64 KiB at most, 5 s for all of it. Rejects
 * with a HotshoeError where that is not enough.
 */
export type HttpGet = (
  url: URL,
  headers: readonly (readonly [name: string, value: string])[],
  signal?: AbortSignal,
) => Promise<HttpAnswer>;
