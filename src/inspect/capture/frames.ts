/**
 * Frames out of a capture file: classic pcap in both byte orders, with micro- and nanoseconds, and
 * pcapng (draft-ietf-opsawg-pcapng). Bytes come in pieces of any size; what is not whole yet waits.
 */
import { concat } from '../../base/byte-stream.ts';
import { HotshoeError } from '../../base/errors.ts';
import type { Time } from '../traffic.ts';

export interface Frame {
  readonly time: Time;
  /** LINKTYPE_…, https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** Numbers in the frame that have the capture's byte order are little-endian. */
  readonly littleEndian: boolean;
  /** On the wire. */
  readonly size: number;
  /** Those that were captured. Valid during the call. */
  readonly bytes: Uint8Array;
}

/** libpcap keeps at most 128 MiB of a USB transfer; nothing else comes near. */
const LARGEST = (128 << 20) + (1 << 16);

const Magic = {
  Micro: 0xa1b2c3d4,
  Nano: 0xa1b23c4d,
  Section: 0x0a0d0d0a,
  ByteOrder: 0x1a2b3c4d,
} as const;

const Block = { Interface: 1, OldPacket: 2, SimplePacket: 3, Packet: 6 } as const;
const Option = { TimeResolution: 9, TimeOffset: 14 } as const;

interface Interface {
  linkType: number;
  snapLength: number;
  /** Units of a time stamp in a millisecond. */
  perMs: number;
  /** Milliseconds to add. */
  offset: number;
}

export class FrameReader {
  /** Why reading has stopped before the end; undefined while all is well. */
  fault: string | undefined;
  /** Network cards and the like that frames came from. */
  readonly interfaces = new Set<object>();
  #onFrame: (frame: Frame) => void;
  #name: string;
  #chunks: Uint8Array[] = [];
  #have = 0;
  /** Bytes that the next step needs. */
  #need = 4;
  #read: (bytes: DataView) => number = (view) => this.#begin(view);
  #littleEndian = true;
  #section: Interface[] = [];
  #position = 0;

  constructor(name: string, onFrame: (frame: Frame) => void) {
    this.#name = name;
    this.#onFrame = onFrame;
  }

  /** Throws a HotshoeError where the file is no capture. */
  push(chunk: Uint8Array): void {
    if (this.fault !== undefined || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return;
    const bytes = this.#chunks.length === 1 ? chunk : concat(this.#chunks);
    let at = 0;
    while (this.fault === undefined && bytes.length - at >= this.#need) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
      const taken = this.#read(view);
      at += taken;
      this.#position += taken;
    }
    const rest = bytes.slice(at);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#have = rest.length;
  }

  /** The file has ended. */
  end(): void {
    if (this.#position === 0 && this.fault === undefined) throw this.#noCapture();
    if (this.#have > 0)
      this.fault ??= `it ends in the middle of a frame, ${this.#have} bytes into it`;
  }

  /** Each step looks at the bytes that it asked for, says what the next one needs, takes some. */
  #begin(view: DataView): number {
    const magic = view.getUint32(0, true);
    if (magic === Magic.Section) {
      this.#next(12, (head) => this.#block(head));
      return 0;
    }
    const swapped = view.getUint32(0, false);
    this.#littleEndian = magic === Magic.Micro || magic === Magic.Nano;
    const own = this.#littleEndian ? magic : swapped;
    if (own !== Magic.Micro && own !== Magic.Nano) throw this.#noCapture();
    this.#next(24, (head) => this.#fileHead(head, own === Magic.Nano ? 1e6 : 1e3));
    return 0;
  }

  #fileHead(view: DataView, perMs: number): number {
    const snapLength = view.getUint32(16, this.#littleEndian);
    // The upper bits tell of checksums behind the frames.
    const linkType = view.getUint32(20, this.#littleEndian) & 0xffff;
    this.#section = [{ linkType, snapLength, perMs, offset: 0 }];
    this.#next(16, (head) => this.#record(head));
    return 24;
  }

  #record(view: DataView): number {
    const little = this.#littleEndian;
    const captured = view.getUint32(8, little);
    if (!this.#sane(16 + captured)) return 0;
    if (view.byteLength < 16 + captured) {
      this.#need = 16 + captured;
      return 0;
    }
    this.#need = 16;
    const [only] = this.#section;
    const time = view.getUint32(0, little) * 1e3 + view.getUint32(4, little) / (only?.perMs ?? 1e3);
    this.#frame(only, time, view.getUint32(12, little), slice(view, 16, captured));
    return 16 + captured;
  }

  #block(view: DataView): number {
    if (view.getUint32(0, true) === Magic.Section) {
      const order = view.getUint32(8, true);
      this.#littleEndian = order === Magic.ByteOrder;
      if (!this.#littleEndian && view.getUint32(8, false) !== Magic.ByteOrder) {
        return this.#damaged('a section without a byte order');
      }
    }
    const little = this.#littleEndian;
    const type = view.getUint32(0, little);
    const length = view.getUint32(4, little);
    if (length < 12 || length % 4 !== 0) return this.#damaged(`a block of ${length} bytes`);
    if (!this.#sane(length)) return 0;
    if (view.byteLength < length) {
      this.#need = length;
      return 0;
    }
    this.#need = 12;
    const body = new DataView(view.buffer, view.byteOffset + 8, length - 12);
    if (type === Magic.Section) this.#section = [];
    else if (type === Block.Interface) this.#interface(body);
    else if (type === Block.Packet) this.#packet(body, body.byteLength >= 20, 4, 8, 20);
    else if (type === Block.OldPacket) this.#packet(body, body.byteLength >= 20, 2, 8, 20);
    else if (type === Block.SimplePacket) this.#simplePacket(body);
    return length;
  }

  #interface(body: DataView): void {
    if (body.byteLength < 8) return;
    const little = this.#littleEndian;
    const snapLength = body.getUint32(4, little);
    const made: Interface = {
      ...{ linkType: body.getUint16(0, little), snapLength, perMs: 1e3, offset: 0 },
    };
    this.#section.push(made);
    for (let at = 8; at + 4 <= body.byteLength; ) {
      const code = body.getUint16(at, little);
      const size = body.getUint16(at + 2, little);
      if (code === 0 || at + 4 + size > body.byteLength) return;
      if (code === Option.TimeResolution && size >= 1) {
        const power = body.getUint8(at + 4);
        made.perMs = (power & 0x80 ? 2 ** (power & 0x7f) : 10 ** power) / 1e3;
      } else if (code === Option.TimeOffset && size >= 8) {
        made.offset = Number(body.getBigInt64(at + 4, little)) * 1e3;
      }
      at += 4 + size + (-size & 3);
    }
  }

  #packet(
    body: DataView,
    fits: boolean,
    interfaceBytes: 2 | 4,
    sizesAt: number,
    dataAt: number,
  ): void {
    if (!fits) {
      this.#misfit();
      return;
    }
    const little = this.#littleEndian;
    const number = interfaceBytes === 2 ? body.getUint16(0, little) : body.getUint32(0, little);
    const from = this.#section[number];
    const stamp = body.getUint32(4, little) * 2 ** 32 + body.getUint32(sizesAt, little);
    const captured = body.getUint32(sizesAt + 4, little);
    const size = body.getUint32(sizesAt + 8, little);
    if (!from || dataAt + captured > body.byteLength) {
      this.#misfit();
      return;
    }
    this.#frame(from, stamp / from.perMs + from.offset, size, slice(body, dataAt, captured));
  }

  /** Without a time. */
  #simplePacket(body: DataView): void {
    const [from] = this.#section;
    if (!from || body.byteLength < 4) {
      this.#misfit();
      return;
    }
    const size = body.getUint32(0, this.#littleEndian);
    const captured = Math.min(size, from.snapLength || size, body.byteLength - 4);
    this.#frame(from, 0, size, slice(body, 4, captured));
  }

  #frame(from: Interface | undefined, time: Time, size: number, bytes: Uint8Array): void {
    if (!from) return;
    this.interfaces.add(from);
    const { linkType } = from;
    this.#onFrame({ time, linkType, littleEndian: this.#littleEndian, size, bytes });
  }

  #next(need: number, read: (view: DataView) => number): void {
    this.#need = need;
    this.#read = read;
  }

  #sane(size: number): boolean {
    if (size <= LARGEST) return true;
    this.#damaged(`a frame of ${size} bytes`);
    return false;
  }

  #damaged(what: string): 0 {
    this.fault = `it is damaged at byte ${this.#position}: ${what}`;
    return 0;
  }

  /** More bytes than its block has, or an interface that nobody described. */
  #misfit(): void {
    this.#damaged('a packet that does not fit');
  }

  #noCapture(): HotshoeError {
    return new HotshoeError('USAGE', `${this.#name} is no capture`, {
      hint: 'pcap and pcapng are read, as Wireshark, tcpdump, usbmon and USBPcap write them.',
    });
  }
}

function slice(view: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, size);
}
