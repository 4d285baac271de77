/** Multicast DNS (RFC 6762, RFC 1035): how a camera announces `_ptp._tcp`. */
import { toHex } from '../../bytes/index.ts';
import type { Datagram } from '../traffic.ts';
import type { DnsRecord, MdnsMessage } from './seen.ts';

const MDNS_PORT = 5353;
const HEAD = 12;
const POINTER = 0xc0;
/** A name has 255 bytes at most; each label takes one at least. */
const NAME_LIMIT = 255;
const RECORD_LIMIT = 256;

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  5: 'CNAME',
  12: 'PTR',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  47: 'NSEC',
  255: 'ANY',
};

const typeName = (type: number) => TYPES[type] ?? `TYPE${type}`;

/** Undefined where the datagram is none, or makes no sense. */
export function readMdns(datagram: Datagram): MdnsMessage | undefined {
  const { time, source, destination, hops, bytes } = datagram;
  if (source.port !== MDNS_PORT && destination.port !== MDNS_PORT) return undefined;
  if (bytes.length < HEAD) return undefined;
  const message = new Message(bytes);
  const [, flags = 0, questionCount = 0, ...counts] = Array.from({ length: 6 }, () =>
    message.u16(),
  );
  try {
    const questions = Array.from({ length: Math.min(questionCount, RECORD_LIMIT) }, () => {
      const name = message.name();
      const type = typeName(message.u16());
      message.u16();
      return { name, type };
    });
    const records = (['answer', 'authority', 'additional'] as const).flatMap((section, i) =>
      Array.from({ length: Math.min(counts[i] ?? 0, RECORD_LIMIT) }, () => message.record(section)),
    );
    return {
      ...{ kind: 'mdns', time, hops, flags, questions, records, size: bytes.length },
      source: `${source.address}:${source.port}`,
      destination: `${destination.address}:${destination.port}`,
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Numbers of DNS are big-endian; reading beyond the end throws a RangeError. */
class Message {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  record(section: DnsRecord['section']): DnsRecord {
    const name = this.name();
    const type = this.u16();
    const flush = this.u16() >= 0x8000;
    this.#at += 4;
    const ttl = this.#view.getUint32(this.#at - 4);
    const size = this.u16();
    const end = this.#at + size;
    if (end > this.#bytes.length) throw new RangeError('a record beyond the end');
    const value = this.#value(type, end);
    this.#at = end;
    return { section, name, type: typeName(type), ttl, flush, value };
  }

  #value(type: number, end: number): DnsRecord['value'] {
    const data = this.#bytes.subarray(this.#at, end);
    switch (typeName(type)) {
      case 'PTR':
      case 'CNAME':
        return this.name();
      case 'A':
        return data.join('.');
      case 'TXT':
        return this.#texts(end);
      case 'SRV':
        return [this.u16(), this.u16(), this.u16(), this.name()];
      default:
        return toHex(data);
    }
  }

  #texts(end: number): string[] {
    const texts: string[] = [];
    while (this.#at < end) {
      const size = this.#view.getUint8(this.#at);
      texts.push(utf8(this.#bytes.subarray(this.#at + 1, Math.min(end, this.#at + 1 + size))));
      this.#at += 1 + size;
    }
    return texts;
  }

  /** A name is labels behind each other, or a pointer back to where the rest of it stands. */
  name(): string {
    const labels: string[] = [];
    let at = this.#at;
    let behind: number | undefined;
    for (let steps = 0; steps < NAME_LIMIT; steps++) {
      const size = this.#view.getUint8(at);
      if (size === 0) {
        this.#at = behind ?? at + 1;
        return labels.join('.');
      }
      if (size >= POINTER) {
        behind ??= at + 2;
        at = this.#view.getUint16(at) & 0x3fff;
      } else {
        if (at + 1 + size > this.#bytes.length) break;
        labels.push(utf8(this.#bytes.subarray(at + 1, at + 1 + size)));
        at += 1 + size;
      }
    }
    throw new RangeError('a name without end');
  }
}

const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
