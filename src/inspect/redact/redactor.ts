/** Traffic without what names a person or a body. */
import { Decoder } from '../decode/decoder.ts';
import type { DataWatcher, Link, Transaction } from '../decode/seen.ts';
import { readSsdp } from '../decode/ssdp.ts';
import type { Connection, Datagram, Traffic, UsbPlace } from '../traffic.ts';
import { dataPhase, type Held } from './data-phase.ts';
import { maskMdns } from './mdns.ts';
import { maskMessageBytes } from './messages.ts';
import { NormalMask } from './normal.ts';
import { KnownObjects } from './object-mask.ts';
import { StreamHead } from './stream-head.ts';
import { UsbDescriptors } from './usb-descriptors.ts';

/** Bytes held back at most, besides the item that is being pushed. */
const HOLD = 1 << 20;
/** What an item counts besides its bytes. */
const ITEM = 128;
const MDNS_PORT = 5353;

interface Streams {
  readonly client: StreamHead;
  readonly server: StreamHead;
}

/**
 * Masks in what it is given, in place and at the same length, what names a person or a body, so that
 * everything still decodes: serial numbers, owners, names of computers, addresses of interfaces,
 * places. Digits become "0", letters "X", numbers and ids zero. Items keep their order, times and
 * sizes. Datagrams of other protocols than SSDP and mDNS become zeros. IP addresses stay, because by
 * them streams are followed; so do connections that no decoder reads: leave out other programs'.
 *
 * Items are held back while a data phase or message that may name somebody is under way, up to a
 * mebibyte.
 */
export class Redactor {
  #emit: (traffic: Traffic) => void;
  #decoder: Decoder;
  #held: Traffic[] = [];
  #size = 0;
  #open = new Set<Held>();
  /** Data phases under way. */
  #phases = new Map<Link, Held>();
  #objects = new WeakMap<Link, KnownObjects>();
  #streams = new Map<Connection, Streams>();
  #descriptors = new UsbDescriptors();
  #normal = new WeakMap<UsbPlace, NormalMask>();

  constructor(emit: (traffic: Traffic) => void) {
    this.#emit = emit;
    this.#decoder = new Decoder(
      (seen) => {
        if (seen.kind === 'transaction') this.#end(seen.link);
      },
      { keep: () => 0, watch: (transaction) => this.#watch(transaction) },
    );
  }

  /** What is emitted has its own memory. */
  push(traffic: Traffic): void {
    const copy = copyOf(traffic);
    this.#held.push(copy);
    this.#size += ITEM + ('bytes' in copy ? copy.bytes.length : 0);
    // Data phases are masked through views into the copy that the decoder hands out.
    this.#decoder.push(copy);
    this.#outside(copy);
    if (this.#size > HOLD) this.#settle();
    if (this.#open.size === 0) this.#release();
  }

  /** Emits all that is still held. */
  end(): void {
    this.#decoder.end();
    this.#settle();
    this.#release();
  }

  /** What is no data phase. */
  #outside(traffic: Traffic): void {
    switch (traffic.kind) {
      case 'bytes': {
        const stream = this.#stream(traffic);
        stream.bytes(traffic.bytes);
        this.#hold(stream, stream.holds);
        return;
      }
      case 'hole': {
        const stream = this.#stream(traffic);
        stream.hole();
        this.#hold(stream, false);
        return;
      }
      case 'close':
        this.#close(traffic.connection);
        return;
      case 'datagram':
        maskDatagram(traffic);
        return;
      case 'usb':
        this.#descriptors.mask(traffic);
        this.#normalOf(traffic.place).transfer(traffic);
    }
  }

  #normalOf(place: UsbPlace): NormalMask {
    let mask = this.#normal.get(place);
    if (!mask) {
      const own: NormalMask = new NormalMask((holds) => this.#hold(own, holds));
      mask = own;
      this.#normal.set(place, own);
    }
    return mask;
  }

  #stream({ connection, fromClient }: { connection: Connection; fromClient: boolean }): StreamHead {
    let streams = this.#streams.get(connection);
    if (!streams) {
      streams = { client: new StreamHead(), server: new StreamHead() };
      this.#streams.set(connection, streams);
    }
    return fromClient ? streams.client : streams.server;
  }

  #close(connection: Connection): void {
    const streams = this.#streams.get(connection);
    if (!streams) return;
    this.#streams.delete(connection);
    for (const stream of [streams.client, streams.server]) {
      stream.settle();
      this.#hold(stream, false);
    }
  }

  #watch(transaction: Transaction): DataWatcher | undefined {
    const { link } = transaction;
    // The decoder may have given up what it took for a transaction, without a word.
    this.#end(link);
    let objects = this.#objects.get(link);
    if (!objects) {
      objects = new KnownObjects();
      this.#objects.set(link, objects);
    }
    const phase = dataPhase(transaction, objects, () => phase && this.#hold(phase, false));
    if (!phase) return undefined;
    this.#phases.set(link, phase);
    this.#hold(phase, true);
    return phase;
  }

  #end(link: Link): void {
    this.#phases.get(link)?.settle();
    this.#phases.delete(link);
  }

  #hold(what: Held, holds: boolean): void {
    if (holds) this.#open.add(what);
    else this.#open.delete(what);
  }

  #settle(): void {
    for (const what of this.#open) what.settle();
    this.#open.clear();
  }

  #release(): void {
    this.#size = 0;
    for (const traffic of this.#held.splice(0)) this.#emit(traffic);
  }
}

function copyOf(traffic: Traffic): Traffic {
  return 'bytes' in traffic ? { ...traffic, bytes: traffic.bytes.slice() } : traffic;
}

function maskDatagram(datagram: Datagram): void {
  const { source, destination, bytes } = datagram;
  if (source.port === MDNS_PORT || destination.port === MDNS_PORT) maskMdns(bytes);
  else if (readSsdp(datagram)) maskMessageBytes(bytes);
  // DHCP, NetBIOS: full of names and addresses of interfaces, and of no use to who looks at cameras.
  else bytes.fill(0);
}
