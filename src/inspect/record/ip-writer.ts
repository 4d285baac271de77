/**
 * Streams as frames of raw IP: what went through one socket looks as it would have on the wire, one
 * packet of PTP/IP in each segment, larger ones split. Addresses of this side are made up.
 */
import { concat } from '../../base/byte-stream.ts';
import type { Connection, NetworkPlace, StreamBytes, Time, Traffic } from '../traffic.ts';

/** Bytes of PTP/IP in a frame: IP counts 65,535 with its own head and TCP's. */
const LARGEST = 65_535 - 40;
const HEAD = 20;
const Flag = { Fin: 0x01, Syn: 0x02, Rst: 0x04, Psh: 0x08, Ack: 0x10 } as const;
const WINDOW = 0xffff;
/** Bytes of a packet's length field. */
const LENGTH = 4;

interface Direction {
  /** Sequence number of the next byte. */
  next: number;
  /** Bytes that wait for the rest of their segment. */
  waiting: Uint8Array[];
  size: number;
  /** Bytes of the packet under way that are still to come; 0 between two. */
  left: number;
}

interface Tracked {
  fromClient: Direction;
  fromServer: Direction;
}

/** A frame: a head and what it carries. */
export type WriteFrame = (time: Time, parts: readonly Uint8Array[]) => void;

export class IpWriter {
  #write: WriteFrame;
  #connections = new Map<Connection, Tracked>();
  #identification = 0;

  constructor(write: WriteFrame) {
    this.#write = write;
  }

  push(traffic: Exclude<Traffic, { kind: 'usb' | 'datagram' }>): void {
    const { connection, time } = traffic;
    const tracked = this.#tracked(connection, time);
    switch (traffic.kind) {
      case 'bytes':
        this.#bytes(tracked, traffic);
        return;
      case 'hole':
        // Numbers go on where the bytes do not: readers see that something is missing.
        this.#flush(tracked, connection, time, traffic.fromClient);
        this.#own(tracked, traffic.fromClient).next += traffic.size ?? 0;
        return;
      case 'close':
        this.#close(tracked, connection, time, traffic.how);
    }
  }

  #own(tracked: Tracked, fromClient: boolean): Direction {
    return fromClient ? tracked.fromClient : tracked.fromServer;
  }

  #tracked(connection: Connection, time: Time): Tracked {
    let tracked = this.#connections.get(connection);
    if (!tracked) {
      tracked = { fromClient: direction(), fromServer: direction() };
      this.#connections.set(connection, tracked);
      this.#segment(tracked, connection, time, true, Flag.Syn, []);
      tracked.fromClient.next++;
      this.#segment(tracked, connection, time, false, Flag.Syn | Flag.Ack, []);
      tracked.fromServer.next++;
      this.#segment(tracked, connection, time, true, Flag.Ack, []);
    }
    return tracked;
  }

  #bytes(tracked: Tracked, { connection, time, fromClient, bytes }: StreamBytes): void {
    const own = this.#own(tracked, fromClient);
    for (let at = 0; at < bytes.length; ) {
      const wanted = own.left > 0 ? own.left : LENGTH - own.size;
      const part = bytes.subarray(at, at + Math.min(wanted, LARGEST - own.size));
      at += part.length;
      // The caller may use its memory again before the segment is whole.
      own.waiting.push(at < bytes.length || own.left === part.length ? part : part.slice());
      own.size += part.length;
      if (own.left > 0) own.left -= part.length;
      else if (own.size === LENGTH) own.left = Math.max(0, lengthIn(own.waiting) - LENGTH);
      const whole = own.left === 0 && own.size >= LENGTH;
      if (whole || own.size === LARGEST) this.#flush(tracked, connection, time, fromClient);
    }
    own.waiting = own.waiting.map((part) => (part.buffer === bytes.buffer ? part.slice() : part));
  }

  #flush(tracked: Tracked, connection: Connection, time: Time, fromClient: boolean): void {
    const own = this.#own(tracked, fromClient);
    if (own.size === 0) return;
    this.#segment(tracked, connection, time, fromClient, Flag.Psh | Flag.Ack, own.waiting);
    own.next = (own.next + own.size) >>> 0;
    own.waiting = [];
    own.size = 0;
  }

  #close(
    tracked: Tracked,
    connection: Connection,
    time: Time,
    how: 'orderly' | 'reset' | 'unseen',
  ): void {
    for (const fromClient of [true, false]) this.#flush(tracked, connection, time, fromClient);
    this.#connections.delete(connection);
    if (how === 'reset') {
      this.#segment(tracked, connection, time, true, Flag.Rst | Flag.Ack, []);
    } else if (how === 'orderly') {
      this.#segment(tracked, connection, time, true, Flag.Fin | Flag.Ack, []);
      tracked.fromClient.next++;
      this.#segment(tracked, connection, time, false, Flag.Fin | Flag.Ack, []);
      tracked.fromServer.next++;
      this.#segment(tracked, connection, time, true, Flag.Ack, []);
    }
  }

  #segment(
    tracked: Tracked,
    { client, server }: Connection,
    time: Time,
    fromClient: boolean,
    flags: number,
    payload: readonly Uint8Array[],
  ): void {
    const [from, to] = fromClient ? [client, server] : [server, client];
    const own = this.#own(tracked, fromClient);
    const other = this.#own(tracked, !fromClient);
    const acknowledged = flags & Flag.Ack ? other.next : 0;
    const head = this.#head(from, to, own.next, acknowledged, flags, payload);
    this.#write(time, [head, ...payload]);
  }

  #head(
    from: NetworkPlace,
    to: NetworkPlace,
    sequence: number,
    acknowledged: number,
    flags: number,
    payload: readonly Uint8Array[],
  ): Uint8Array {
    const size = payload.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(2 * HEAD);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, 0x45);
    view.setUint16(2, 2 * HEAD + size);
    view.setUint16(4, this.#identification++ & 0xffff);
    view.setUint16(6, 0x4000);
    view.setUint8(8, 64);
    view.setUint8(9, 6);
    bytes.set(addressBytes(from), 12);
    bytes.set(addressBytes(to), 16);
    view.setUint16(10, checksum(0, [bytes.subarray(0, HEAD)]));
    view.setUint16(20, from.port);
    view.setUint16(22, to.port);
    view.setUint32(24, sequence >>> 0);
    view.setUint32(28, acknowledged >>> 0);
    view.setUint8(32, (HEAD / 4) << 4);
    view.setUint8(33, flags);
    view.setUint16(34, WINDOW);
    // Over addresses, protocol and length too.
    const pseudo = sum16(6 + HEAD + size, [bytes.subarray(12, 20)]);
    view.setUint16(36, checksum(pseudo, [concat([bytes.subarray(HEAD), ...payload])]));
    return bytes;
  }
}

function direction(): Direction {
  return { next: 1, waiting: [], size: 0, left: 0 };
}

function lengthIn(parts: readonly Uint8Array[]): number {
  const bytes = concat(parts);
  return new DataView(bytes.buffer).getUint32(0, true);
}

function addressBytes({ address }: NetworkPlace): number[] {
  return address.split('.').map(Number);
}

/** RFC 1071. */
function checksum(start: number, parts: readonly Uint8Array[]): number {
  return ~sum16(start, parts) & 0xffff;
}

function sum16(start: number, parts: readonly Uint8Array[]): number {
  let sum = start;
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += 2) {
      sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}
