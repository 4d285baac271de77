/** UDP sockets that speak to groups: SSDP on every interface of this computer. */
import { createSocket, type Socket } from 'node:dgram';
import { HotshoeError } from '../base/errors.ts';
import { ignore, systemClock } from '../base/time.ts';
import { type Endpoint, type NetworkInterface, SSDP_GROUP, SSDP_PORT } from '../discovery/index.ts';

export type OnDatagram = (bytes: Uint8Array, from: Endpoint) => void;

export interface DatagramSocket {
  readonly port: number;
  /** To all of its group on one interface, or to one host. Never rejects: datagrams may be lost. */
  send(bytes: Uint8Array, to: Endpoint): Promise<void>;
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** Asked again every few seconds: networks are joined and left. */
  interfaces(): readonly NetworkInterface[];
  /** Default 1900; others are for tests. */
  port?: number | undefined;
  onDatagram: OnDatagram;
  /** Names the port in an error. */
  flag?: string | undefined;
}

const REJOIN_MS = 5000;

/**
 * Hears what is said to the group of SSDP; the port is shared with other programs. Rejects with a
 * HotshoeError `LISTEN`.
 */
export async function listenSsdp(options: ListenerOptions): Promise<DatagramSocket> {
  const { interfaces, port = SSDP_PORT, onDatagram, flag } = options;
  const socket = await bound({ port, onDatagram, flag });
  const joined = new Set<string>();
  const join = () => {
    const now = new Set(interfaces().map(({ address }) => address));
    for (const address of joined) if (!now.has(address)) joined.delete(address);
    for (const address of now) {
      if (joined.has(address)) continue;
      try {
        socket.addMembership(SSDP_GROUP, address);
        joined.add(address);
      } catch {
        // It has gone, or is there twice; the next round sees.
      }
    }
  };
  join();
  let stop = ignore;
  const again = () => {
    stop = systemClock.after(REJOIN_MS, () => {
      join();
      again();
    });
  };
  again();
  return wrap(socket, () => stop());
}

/** Speaks to the group from one port of its own, on one interface, and hears the answers. */
export async function openSsdp(
  own: NetworkInterface,
  onDatagram: OnDatagram,
  hops = 4,
): Promise<DatagramSocket> {
  const socket = await bound({ port: 0, onDatagram, address: own.address });
  socket.setMulticastInterface(own.address);
  socket.setMulticastTTL(hops);
  return wrap(socket, ignore);
}

async function bound(options: {
  port: number;
  address?: string;
  onDatagram: OnDatagram;
  flag?: string | undefined;
}): Promise<Socket> {
  const { port, address, onDatagram, flag } = options;
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (bytes, { address, port }) => onDatagram(bytes, { address, port }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new HotshoeError('LISTEN', `cannot listen on UDP port ${port}: ${error.message}`, {
          cause: error,
          hint:
            error.code === 'EADDRINUSE'
              ? `Another program has it for itself: end that one${flag ? `, or name another port with ${flag}` : ''}.`
              : undefined,
        }),
      );
    });
    socket.bind({ port, address }, () => resolve());
  });
  return socket;
}

function wrap(socket: Socket, onClose: () => void): DatagramSocket {
  let open = true;
  const { port } = socket.address();
  return {
    port,
    send: (bytes, to) =>
      new Promise((resolve) => {
        if (!open) return resolve();
        socket.send(bytes, to.port, to.address, () => resolve());
      }),
    close: () =>
      new Promise((resolve) => {
        if (!open) return resolve();
        open = false;
        onClose();
        socket.close(() => resolve());
      }),
  };
}
