/** Traffic without what names a person or a body. */
import { Decoder } from '../decode/decoder.ts';
import type { Link } from '../decode/seen.ts';
import type { Connection, Datagram, Traffic } from '../traffic.ts';
import { dataPhase, type Held } from './data-phase.ts';
import { maskMdns } from './mdns.ts';
import { maskMessageBytes } from './messages.ts';
import { KnownObjects } from './object-mask.ts';
import { StreamHead } from './stream-head.ts';

/** Bytes held back at most, besides the item that is being pushed. */
const HOLD = 1 << 20;
const MDNS_PORT = 5353;

interface Streams {
  readonly client: StreamHead;
  readonly server: StreamHead;
}

/**
 * Masks in what it is given, in place and at the same length, what names a person or a body, so that
 * everything still decodes: serial numbers, owners, names of computers, addresses of interfaces,
 * places. Digits become "0", letters "X", numbers and ids zero. Items keep their order, times and
 * sizes. IP addresses stay, because by them streams are followed.
 *
 * Items are held back while a data phase or message that may name somebody is under way, up to a
 * mebibyte.
 */
export class Redactor {
  #emit: (traffic: Traffic) => void;
  #decoder: Decoder;
  #queue: Traffic[] = [];
  #queued = 0;
  #phases = new Map<Link, Held>();
  #objects = new Map<Link, KnownObjects>();
  #streams = new Map<Connection, Streams>();
  #open = new Set<Held>();

  constructor(emit: (traffic: Traffic) => void) {
    this.#emit = emit;
    this.#decoder = new Decoder(
      (seen) => {
        if (seen.kind === 'transaction') this.#end(seen.link);
      },
      { keep: ({ code }) => (code === DEVICE_INFO ? DEVICE_INFO_LIMIT : 0), watch },
    );
  }

  /** Items of any kind; what is emitted has its own memory. */
  push(traffic: Traffic): void {}

  /** Emits all that is still held. */
  end(): void {}
}
