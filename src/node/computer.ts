/** This computer as PowerShots find it: SSDP on UDP 1900, its description by HTTP. */
import { hostname } from 'node:os';
import { systemClock } from '../base/time.ts';
import {
  answerForComputer,
  ComputerResponder,
  type Endpoint,
  type HttpRequest,
  type NetworkInterface,
  shownName,
} from '../discovery/index.ts';
import { serveHttp } from './http.ts';
import { listenSsdp } from './multicast.ts';
import type { TcpServer } from './tcp.ts';

export const DESCRIPTION_PORT = 8043;
const DESCRIPTION_PATH = '/ptpip-canon-desc-helper.xml';

export interface ComputerOptions {
  uuid: string;
  interfaces(): readonly NetworkInterface[];
  /** Shown in the camera's list; the name of this computer unless told otherwise. */
  name?: string | undefined;
  /** TCP; 0 takes any free one. Default 8043. */
  descriptionPort?: number | undefined;
  /** With its slash. */
  path?: string | undefined;
  /** UDP; a camera's is fixed, 1900. */
  port?: number | undefined;
  maxAge?: number | undefined;
  /** Where answers point to, in place of the address in the camera's own network. */
  address?: string | undefined;
  /** Listen for HTTP on every address; else on that of the interface, where there is only one. */
  bindAll?: boolean | undefined;
  /** Somebody else serves the description. */
  withoutDescription?: boolean | undefined;
  answerAll?: boolean | undefined;
  onSearch?: ((from: Endpoint) => void) | undefined;
  /** Somebody has the description: a camera, most likely, and this is its address. */
  onFetched?: ((from: Endpoint) => void) | undefined;
  onRequest?: ((request: HttpRequest, status: number) => void) | undefined;
  onRefused?: ((reason: string, from: Endpoint) => void) | undefined;
  onDatagram?:
    | ((bytes: Uint8Array, from: Endpoint, answer: Uint8Array | undefined) => void)
    | undefined;
}

export interface Computer {
  /** As cameras show it. */
  readonly name: string;
  readonly descriptionPort: number;
  close(): Promise<void>;
}

/** Rejects with a HotshoeError `LISTEN` where a port is taken. */
export async function beComputer(options: ComputerOptions): Promise<Computer> {
  const { uuid, interfaces, path = DESCRIPTION_PATH, address } = options;
  const name = shownName(options.name ?? (hostname().split('.')[0] || 'hotshoe'));
  const server = options.withoutDescription
    ? undefined
    : await serveDescription(options, { uuid, name, path });
  const descriptionPort = server?.port ?? options.descriptionPort ?? DESCRIPTION_PORT;
  const responder = new ComputerResponder({
    uuid,
    interfaces,
    location: (own) => `http://${address ?? own.address}:${descriptionPort}${path}`,
    maxAge: options.maxAge,
    answerAll: options.answerAll,
    clock: systemClock,
    onSearch: options.onSearch,
    onRefused: options.onRefused,
  });
  try {
    const socket = await listenSsdp({
      interfaces,
      port: options.port,
      flag: '-p',
      onDatagram(bytes, from) {
        const answer = responder.answer(bytes, from);
        options.onDatagram?.(bytes, from, answer);
        if (answer) void socket.send(answer, from);
      },
    });
    return {
      name,
      descriptionPort,
      close: async () => void (await Promise.all([socket.close(), server?.close()])),
    };
  } catch (error) {
    await server?.close();
    throw error;
  }
}

function serveDescription(
  options: ComputerOptions,
  description: Parameters<typeof answerForComputer>[1],
): Promise<TcpServer> {
  const { bindAll, address, interfaces, descriptionPort = DESCRIPTION_PORT } = options;
  const own = interfaces();
  const only = address ?? (own.length === 1 ? own[0]?.address : undefined);
  const host = bindAll || only === undefined ? '0.0.0.0' : only;
  return serveHttp({ host, port: descriptionPort, flag: '-P' }, (request) => {
    const answer = answerForComputer(request, description, new Date().toUTCString());
    options.onRequest?.(request, answer.status);
    if (answer.status === 200 && request.method === 'GET') options.onFetched?.(request.from);
    return answer;
  });
}
