/**
 * One direction of a TCP connection, where no transaction is under way: the Init packets of PTP/IP,
 * and HTTP.
 */
import { Reader } from '../../bytes/index.ts';
import { PacketType } from '../../ptp/index.ts';
import { HEAD } from '../../ptp/transport/ip-packets.ts';
import { headerOf, readTextHead } from '../decode/text.ts';
import { Collected } from './collected.ts';
import type { Held } from './data-phase.ts';
import { maskText16 } from './mask.ts';
import { maskMessageBytes } from './messages.ts';

const GUID = 16;
/** What identifies a body in its GUID: the address of its interface. */
const NODE = 6;
/** Longer Init packets are none. */
const INIT_LIMIT = 512;
/** Of a message of HTTP, looked at as a whole. Descriptions have one or two kilobytes. */
const MESSAGE_LIMIT = 64 << 10;
const HTTP = /^(?:GET|HEAD|POST|PUT|DELETE|(?:UN)?SUBSCRIBE|NOTIFY|HTTP\/1\.[01]) /;
/** The longest of these. */
const START = 12;

/** Bytes of a piece that show whether it is text. */
const LOOKED_AT = 64;

/** `other`: nothing to mask. `text`: masked as it comes. */
type What = 'unknown' | 'init' | 'http' | 'text' | 'other';

export class StreamHead implements Held {
  #what: What = 'unknown';
  #held = new Collected();

  /** Something is held back. */
  get holds(): boolean {
    return this.#held.size > 0;
  }

  bytes(view: Uint8Array): void {
    if (this.#what === 'other' || view.length === 0) return;
    if (this.#what === 'text') {
      // What is no text has nothing of it: pictures, payload.
      if (!view.subarray(0, LOOKED_AT).includes(0)) maskMessageBytes(view);
      return;
    }
    this.#held.push(view);
    const whole = this.#held.whole();
    if (this.#what === 'unknown') this.#what = whatIs(whole);
    if (this.#what === 'other') this.#held = new Collected();
    else if (this.#what === 'text' || sizeOf(this.#what, whole) <= whole.length) this.settle();
  }

  /** Bytes are missing: messages of text may go on, packets are found by others. */
  hole(): void {
    this.settle();
    this.#what = this.#what === 'http' || this.#what === 'text' ? 'text' : 'other';
  }

  settle(): void {
    const what = this.#what;
    if (this.#held.size === 0) return;
    const whole = this.#held.whole();
    if (what === 'init') this.#held.change(maskInit);
    else this.#held.change(maskMessageBytes);
    if (what === 'init') this.#what = 'other';
    // The rest of a message that is not whole is masked as it comes.
    else if (what === 'http' && sizeOf(what, whole) > whole.length) this.#what = 'text';
  }
}

function whatIs(bytes: Uint8Array): What {
  if (bytes.length < HEAD) return 'unknown';
  const reader = new Reader(bytes);
  const size = reader.u32();
  const type = reader.u32();
  const init = type === PacketType.InitCommandRequest || type === PacketType.InitCommandAck;
  if (init && size >= HEAD + GUID && size <= INIT_LIMIT) return 'init';
  const text = String.fromCharCode(...bytes.subarray(0, START));
  if (HTTP.test(text)) return 'http';
  if (bytes.length < START && /^[A-Z]+[ /]?/.test(text)) return 'unknown';
  return /^[\t\r\n -~]+$/.test(text) ? 'text' : 'other';
}

/** Bytes until the thing is whole; what cannot be known counts as the limit. */
function sizeOf(what: What, bytes: Uint8Array): number {
  if (what === 'init') return new Reader(bytes).u32();
  if (what !== 'http') return MESSAGE_LIMIT;
  const head = readTextHead(bytes);
  if (!head) return MESSAGE_LIMIT;
  const length = headerOf(head.headers, 'content-length');
  if (length !== undefined && /^\d{1,9}$/.test(length)) {
    return Math.min(MESSAGE_LIMIT, head.size + Number(length));
  }
  return head.start.startsWith('HTTP/') ? MESSAGE_LIMIT : head.size;
}

/** The GUID's last bytes, and the name. */
function maskInit(bytes: Uint8Array): void {
  const size = bytes.length >= HEAD ? new Reader(bytes).u32() : bytes.length;
  const packet = bytes.subarray(0, size);
  // An ack has the number of the connection first.
  const start = HEAD + (packet[4] === PacketType.InitCommandAck ? 4 : 0);
  const end = start + GUID;
  packet.subarray(end - NODE, end).fill(0);
  maskText16(nameIn(packet.subarray(end)));
}

/** Up to its end, or to that of the packet: the version stands behind it. */
function nameIn(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return bytes.subarray(0, at);
  }
  return bytes;
}
