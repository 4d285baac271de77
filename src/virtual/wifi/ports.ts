/** What a virtual camera needs of a network; `src/node` has it for sockets. */
import type {
  DnsMessage,
  Endpoint,
  HttpAnswer,
  HttpGet,
  HttpRequest,
} from '../../discovery/index.ts';

/** The screens of the Wi-Fi menu that lead to PTP/IP, and one that does not yet (`imink`). */
export type WifiMenu = 'eos-utility' | 'smartphone' | 'computer' | 'imink';

/** A message of mDNS as it is to be sent. */
export interface OutgoingDns {
  type: 'query' | 'response';
  questions?: readonly { name: string; type: string }[];
  answers?: readonly object[];
  authorities?: readonly object[];
  additionals?: readonly object[];
}

export interface Closable {
  close(): Promise<void>;
}

export interface WifiPorts {
  /** The camera's IPv4 address. */
  readonly address: string;
  /**
   * SSDP from one port of its own. What comes to that port and what is said to the group is handed
   * to `onDatagram`. IP's time to live is 4 to the group.
   */
  openSsdp(
    onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<Closable & { send(bytes: Uint8Array, to: Endpoint): Promise<void> }>;
  openMdns(
    onMessage: (message: DnsMessage & { type: string }, from: Endpoint) => void,
  ): Promise<Closable & { send(message: OutgoingDns, hops?: number): Promise<void> }>;
  /** Port 49152 where it is free. */
  serveHttp(handler: (request: HttpRequest) => HttpAnswer): Promise<Closable & { port: number }>;
  get: HttpGet;
  /** Opens the port of PTP/IP. */
  listen(): Promise<Closable>;
}
