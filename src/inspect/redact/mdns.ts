/**
 * Multicast DNS, masked in place: labels of hosts and instances, which hold people's names and parts
 * of addresses, and the texts by which cameras tell who they are. Services and addresses stay.
 */
import { maskText } from './mask.ts';
import { maskMessageBytes } from './messages.ts';

const HEAD = 12;
const POINTER = 0xc0;
const RECORDS = 1024;
const PTR = 12;
const TXT = 16;
const SRV = 33;
const CNAME = 5;
const NSEC = 47;
const ADDRESSES: readonly number[] = [1, 28];
const NAMED: readonly number[] = [PTR, CNAME, NSEC];
/** Labels that name no host. */
const PUBLIC = /^(?:_.*|local|arpa|in-addr|ip6|[0-9a-f]|\d{1,3})$/i;
/** What Canon's bodies begin the labels of their hosts and instances with. */
const CANON = /^(?:ICPO-[A-Za-z]*Service|CWC)/;
/** Serial number, hardware address, nickname; the ids of the others are found by their form. */
const KEYS = /^(?:snum|myhwa|nicname|nickname)\b/i;

/** From where the bytes are no message of DNS, or behind it, they become zeros. */
export function maskMdns(bytes: Uint8Array): void {
  const message = new Message(bytes);
  try {
    message.mask();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  bytes.fill(0, message.at);
}

class Message {
  #bytes: Uint8Array;
  #view: DataView;
  /** What is before it has been masked. */
  at = HEAD;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  mask(): void {
    const count = (at: number) => Math.min(this.#view.getUint16(at), RECORDS);
    const records = count(6) + count(8) + count(10);
    for (let questions = count(4); questions > 0; questions--) {
      this.#name();
      this.at += 4;
    }
    for (let i = 0; i < records; i++) this.#record();
  }

  #record(): void {
    this.#name();
    const type = this.#view.getUint16(this.at);
    const size = this.#view.getUint16(this.at + 8);
    this.at += 10;
    const end = this.at + size;
    if (end > this.#bytes.length) throw new RangeError('a record beyond the end');
    if (type === TXT) this.#texts(end);
    else if (NAMED.includes(type)) this.#name();
    else if (type === SRV) this.#target();
    // Others may hold anything: what a sleeping host's proxy keeps has its hardware address.
    else if (!ADDRESSES.includes(type)) this.#bytes.fill(0, this.at, end);
    this.at = end;
  }

  #target(): void {
    this.at += 6;
    this.#name();
  }

  #texts(end: number): void {
    while (this.at < end) {
      const size = this.#view.getUint8(this.at);
      const text = this.#bytes.subarray(this.at + 1, Math.min(end, this.at + 1 + size));
      const equals = text.indexOf(0x3d);
      if (equals >= 0 && KEYS.test(ascii(text))) maskText(text.subarray(equals + 1));
      else maskMessageBytes(text);
      this.at += 1 + size;
    }
  }

  /** A pointer leads to labels that were read before. */
  #name(): void {
    for (;;) {
      const size = this.#view.getUint8(this.at);
      if (size >= POINTER) {
        this.at += 2;
        return;
      }
      const label = this.#bytes.subarray(this.at + 1, this.at + 1 + size);
      this.at += 1 + size;
      if (size === 0) return;
      const text = ascii(label);
      const kept = CANON.exec(text)?.[0].length ?? 0;
      if (!PUBLIC.test(text)) maskText(label.subarray(kept));
    }
  }
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 255));
}
