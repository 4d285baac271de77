/** Multicast DNS on the interfaces of this computer. */
import { createSocket, type Socket } from 'node:dgram';
import makeMdns, { type QueryOutgoingPacket, type ResponseOutgoingPacket } from 'multicast-dns';
import { ignore } from '../base/time.ts';
import type { DnsMessage, Endpoint, NetworkInterface } from '../discovery/index.ts';

export interface MdnsSocket {
  /** IP's time to live is 255 unless told otherwise. Never rejects. */
  send(message: MdnsOutgoing, hops?: number): Promise<void>;
  close(): Promise<void>;
}

export interface MdnsOutgoing {
  type: 'query' | 'response';
  /** Beside what the type says. */
  flags?: number;
  questions?: readonly unknown[];
  answers?: readonly unknown[];
  authorities?: readonly unknown[];
  additionals?: readonly unknown[];
}

const HOPS = 255;

/** Shares its port with what else answers there, as the standard has it. */
export async function openMdns(
  own: NetworkInterface,
  onMessage: (message: DnsMessage & { type: string }, from: Endpoint) => void,
): Promise<MdnsSocket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const mdns = makeMdns({
    socket,
    interface: own.address,
    // An interface's own address would receive no multicast on Linux.
    bind: '0.0.0.0',
    ttl: HOPS,
  });
  // What cannot be read, and interfaces that go: both are no reason to end.
  mdns.on('warning', ignore);
  mdns.on('packet', (message: DnsMessage & { type: string }, from: Endpoint) =>
    onMessage(message, { address: from.address, port: from.port }),
  );
  await new Promise<void>((resolve, reject) => {
    mdns.once('ready', resolve);
    mdns.once('error', reject);
  });
  mdns.on('error', ignore);
  return {
    send: (message, hops = HOPS) => sendWith(mdns, socket, message, hops),
    close: () => new Promise((resolve) => mdns.destroy(resolve)),
  };
}

function sendWith(
  mdns: ReturnType<typeof makeMdns>,
  socket: Socket,
  message: MdnsOutgoing,
  hops: number,
): Promise<void> {
  return new Promise((resolve) => {
    // The time to live is the socket's: it is set back when the datagram is out.
    socket.setMulticastTTL(hops);
    const done = () => {
      if (hops !== HOPS) socket.setMulticastTTL(HOPS);
      resolve();
    };
    if (message.type === 'query') mdns.query(message as QueryOutgoingPacket, done);
    else mdns.respond(message as ResponseOutgoingPacket, done);
  });
}
