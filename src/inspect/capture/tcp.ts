/** TCP segments to the bytes of each direction, in order, once, with what is missing told. */
import type { Connection, NetworkPlace, Time, Traffic } from '../traffic.ts';
import { addressText, type Segment } from './network.ts';

/** Held out of order in one direction, in bytes; beyond, what is missing is taken for lost. */
const HELD_LIMIT = 4 << 20;
/** What a held segment takes besides its bytes, and to keep it in order. */
const HELD_COST = 1 << 11;
/** So many segments behind a gap that the receiver has: the capture will not see it any more. */
const HELD_SEGMENTS = 8;
/** The longest silent ones are forgotten beyond. */
const CONNECTION_LIMIT = 4096;

interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

interface Direction {
  /** Sequence number of its SYN; undefined where that was not seen. */
  first: number | undefined;
  /** Sequence number of the byte that comes next; undefined before anything was seen. */
  next: number | undefined;
  held: Held[];
  heldBytes: number;
  /** The other side has everything before it. */
  acknowledged: number | undefined;
  /** Behind the last byte. */
  end: number | undefined;
}

interface Tracked {
  readonly connection: Connection;
  readonly clientKey: string;
  readonly fromClient: Direction;
  readonly fromServer: Direction;
  time: Time;
  /** Told as ended; kept to know what comes late, as TCP itself does. */
  closed: boolean;
}

export class TcpReader {
  #emit: (traffic: Traffic) => void;
  #connections = new Map<string, Tracked>();
  #count = 0;

  constructor(emit: (traffic: Traffic) => void) {
    this.#emit = emit;
  }

  segment(segment: Segment): void {
    const source = placeKey(segment.packet.source, segment.sourcePort);
    const destination = placeKey(segment.packet.destination, segment.destinationPort);
    const key = source < destination ? source + destination : destination + source;
    const tracked = this.#tracked(segment, key, source);
    tracked.time = segment.packet.time;
    if (tracked.closed) return;
    const fromClient = source === tracked.clientKey;
    const [own, other] = fromClient
      ? [tracked.fromClient, tracked.fromServer]
      : [tracked.fromServer, tracked.fromClient];
    if (segment.acknowledged !== undefined) {
      this.#acknowledged(tracked, !fromClient, other, segment.acknowledged, segment.size > 0);
    }
    if (segment.rst) {
      this.#close(tracked, 'reset');
      return;
    }
    let { sequence } = segment;
    if (segment.syn) {
      own.first ??= sequence;
      sequence = (sequence + 1) >>> 0;
      own.next ??= sequence;
    }
    if (segment.fin) own.end = (sequence + segment.size) >>> 0;
    if (segment.size > 0) this.#data(tracked, fromClient, own, sequence, segment);
    if (isDone(tracked.fromClient) && isDone(tracked.fromServer)) {
      this.#close(tracked, 'orderly');
    }
  }

  /** The capture has ended. */
  end(): void {
    for (const tracked of this.#connections.values()) this.#close(tracked, 'unseen');
    this.#connections.clear();
  }

  #tracked(segment: Segment, key: string, source: string): Tracked {
    const known = this.#connections.get(key);
    if (known && !isAnother(known, segment, source)) return known;
    if (known) this.#close(known, 'unseen');
    const made = this.#make(segment, source);
    this.#connections.set(key, made);
    if (made.connection.fromStart) {
      this.#emit({ kind: 'open', time: segment.packet.time, connection: made.connection });
    }
    if (this.#connections.size > CONNECTION_LIMIT) this.#forget();
    return made;
  }

  #make(segment: Segment, source: string): Tracked {
    const { packet, sourcePort, destinationPort, syn, acknowledged } = segment;
    const from: NetworkPlace = { address: addressText(packet.source), port: sourcePort };
    const to: NetworkPlace = { address: addressText(packet.destination), port: destinationPort };
    const answers = syn && acknowledged !== undefined;
    const sentByClient = syn ? !answers : !isServer(sourcePort, destinationPort);
    const [client, server] = sentByClient ? [from, to] : [to, from];
    return {
      connection: { id: ++this.#count, client, server, fromStart: syn },
      clientKey: sentByClient ? source : placeKey(packet.destination, destinationPort),
      fromClient: direction(),
      fromServer: direction(),
      time: packet.time,
      closed: false,
    };
  }

  #forget(): void {
    let oldest: [string, Tracked] | undefined;
    for (const one of this.#connections) {
      if (!oldest || one[1].time < oldest[1].time) oldest = one;
    }
    if (!oldest) return;
    this.#connections.delete(oldest[0]);
    this.#close(oldest[1], 'unseen');
  }

  /** The sender of an acknowledgement has what `other`, its peer, sent before it. */
  #acknowledged(
    tracked: Tracked,
    fromClient: boolean,
    other: Direction,
    acknowledged: number,
    answers: boolean,
  ): void {
    other.acknowledged = acknowledged;
    other.next ??= acknowledged;
    const missing = distance(other.next, acknowledged);
    if (missing <= 0) return;
    // Who answers has read what came before, though the capture has not. An acknowledgement alone
    // may stand a little before the segment in the file.
    const sure = answers || other.held.length >= HELD_SEGMENTS;
    if (sure && missing < HELD_LIMIT) this.#fillUpTo(tracked, fromClient, other, acknowledged);
  }

  #fillUpTo(tracked: Tracked, fromClient: boolean, own: Direction, to: number): void {
    // The end of the stream takes a number, and is no byte.
    const end = own.end !== undefined && distance(own.end, to) > 0 ? own.end : to;
    while (own.next !== undefined && distance(own.next, end) > 0) {
      const [first] = own.held;
      const gap = distance(own.next, first ? first.sequence : end);
      const size = Math.min(gap, distance(own.next, end));
      this.#hole(tracked, fromClient, own, size);
      this.#release(tracked, fromClient, own);
    }
  }

  #data(
    tracked: Tracked,
    fromClient: boolean,
    own: Direction,
    sequence: number,
    { payload, size }: Segment,
  ): void {
    own.next ??= sequence;
    const ahead = distance(own.next, sequence);
    if (ahead > 0) {
      hold(own, { sequence, bytes: payload.slice(), size });
      const { acknowledged } = own;
      const [first] = own.held;
      const passed =
        acknowledged !== undefined && first && distance(first.sequence, acknowledged) >= 0;
      const lost = passed && own.held.length >= HELD_SEGMENTS;
      if (lost || own.heldBytes > HELD_LIMIT) this.#giveUp(tracked, fromClient, own);
      return;
    }
    this.#deliver(tracked, fromClient, own, payload, size, -ahead);
    if (own.held.length > 0) this.#release(tracked, fromClient, own);
  }

  /** Passes on what is new of a segment that begins `old` bytes before the next one. */
  #deliver(
    tracked: Tracked,
    fromClient: boolean,
    own: Direction,
    bytes: Uint8Array,
    size: number,
    old: number,
  ): void {
    if (old >= size) return;
    const { connection, time } = tracked;
    const fresh = bytes.subarray(old, size);
    own.next = ((own.next ?? 0) + fresh.length) >>> 0;
    if (fresh.length > 0) this.#emit({ kind: 'bytes', time, connection, fromClient, bytes: fresh });
    // The frame was cut when it was captured.
    const cut = size - Math.max(old, bytes.length);
    if (cut > 0) this.#hole(tracked, fromClient, own, cut);
  }

  #hole(tracked: Tracked, fromClient: boolean, own: Direction, size: number): void {
    const { connection, time } = tracked;
    own.next = ((own.next ?? 0) + size) >>> 0;
    this.#emit({ kind: 'hole', time, connection, fromClient, size });
  }

  /** Passes on what is held and whose turn has come. */
  #release(tracked: Tracked, fromClient: boolean, own: Direction): void {
    for (;;) {
      const [first] = own.held;
      if (!first || own.next === undefined) return;
      const old = -distance(own.next, first.sequence);
      if (old < 0) return;
      own.held.shift();
      own.heldBytes -= HELD_COST + first.size;
      this.#deliver(tracked, fromClient, own, first.bytes, first.size, old);
    }
  }

  /** What is missing before the first that is held will not come. */
  #giveUp(tracked: Tracked, fromClient: boolean, own: Direction): void {
    const [first] = own.held;
    if (!first || own.next === undefined) return;
    this.#hole(tracked, fromClient, own, distance(own.next, first.sequence));
    this.#release(tracked, fromClient, own);
  }

  #close(tracked: Tracked, how: 'orderly' | 'reset' | 'unseen'): void {
    if (tracked.closed) return;
    tracked.closed = true;
    for (const fromClient of [true, false]) {
      const own = fromClient ? tracked.fromClient : tracked.fromServer;
      while (own.held.length > 0) this.#giveUp(tracked, fromClient, own);
      // That it ended, or what the other side has, tells of bytes that the capture has not.
      const to = own.end ?? own.acknowledged;
      if (to === undefined || own.next === undefined) continue;
      const missing = distance(own.next, to);
      if (missing > 0 && missing < HELD_LIMIT) this.#hole(tracked, fromClient, own, missing);
    }
    const { connection, time, fromClient, fromServer } = tracked;
    const ended = fromClient.end !== undefined && fromServer.end !== undefined;
    this.#emit({
      kind: 'close',
      time,
      connection,
      how: how === 'unseen' && ended ? 'orderly' : how,
    });
  }
}

/** PTP/IP, UPnP of Canon bodies, HTTP, CCAPI: who has such a port is the server. */
const SERVER_PORTS: readonly number[] = [15_740, 49_152, 80, 443, 8080, 8443];

/** A guess, where the opening was not seen: else the one with the lower port. */
function isServer(port: number, other: number): boolean {
  const [known, otherKnown] = [SERVER_PORTS.includes(port), SERVER_PORTS.includes(other)];
  return known === otherKnown ? port < other : known;
}

function direction(): Direction {
  return {
    ...{ first: undefined, next: undefined, held: [], heldBytes: 0 },
    ...{ acknowledged: undefined, end: undefined },
  };
}

/** From one sequence number to another, which may have gone round. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}

function isDone({ next, end }: Direction): boolean {
  return end !== undefined && next !== undefined && distance(next, end) <= 0;
}

/**
 * A port that is used again: the first segment of a new connection, not of the old one once more.
 * Behind the end of the old one new bytes tell as much, where the opening was not seen.
 */
function isAnother(tracked: Tracked, segment: Segment, source: string): boolean {
  const { sequence, syn, acknowledged, size } = segment;
  const own = source === tracked.clientKey ? tracked.fromClient : tracked.fromServer;
  if (syn && own.first !== undefined) return own.first !== sequence;
  if (syn && acknowledged === undefined) {
    return (
      own !== tracked.fromClient || own.next === undefined || distance(own.next, sequence + 1) !== 0
    );
  }
  if (!tracked.closed) return false;
  return syn || (size > 0 && (own.next === undefined || distance(own.next, sequence + size) > 0));
}

function hold(own: Direction, segment: Held): void {
  const { held } = own;
  let at = held.length;
  while (at > 0 && distance((held[at - 1] as Held).sequence, segment.sequence) < 0) at--;
  held.splice(at, 0, segment);
  own.heldBytes += HELD_COST + segment.size;
}

function placeKey(address: Uint8Array, port: number): string {
  let key = '';
  for (const byte of address) key += String.fromCharCode(byte);
  return key + String.fromCharCode(port);
}
