/** The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian. */
import { Writer } from '../../bytes/index.ts';
import type { Time } from '../traffic.ts';

const Block = { Section: 0x0a0d0d0a, Interface: 1, Packet: 6 } as const;
const Option = { Application: 4, Name: 2, TimeResolution: 9 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
/** Time stamps count nanoseconds. */
const RESOLUTION = 9;

export const LinkType = { RawIp: 101, UsbmonMapped: 220 } as const;

export function sectionHeader(application: string): Uint8Array {
  const body = new Writer().u32(BYTE_ORDER).u16(1).u16(0);
  // Of unknown length: it goes on as long as something is recorded.
  body.u32(0xffffffff).u32(0xffffffff);
  option(body, Option.Application, new TextEncoder().encode(application));
  return block(Block.Section, body.u32(0));
}

export function interfaceDescription(linkType: number, name: string): Uint8Array {
  const body = new Writer().u16(linkType).u16(0).u32(0);
  option(body, Option.Name, new TextEncoder().encode(name));
  option(body, Option.TimeResolution, Uint8Array.of(RESOLUTION));
  return block(Block.Interface, body.u32(0));
}

/** A frame of `parts` behind each other. */
export function packet(number: number, time: Time, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const stamp = BigInt(Math.round(time * 1e3)) * 1000n;
  const body = new Writer(20 + size + 3);
  body
    .u32(number)
    .u32(Number(stamp >> 32n))
    .u32(Number(stamp & 0xffffffffn))
    .u32(size)
    .u32(size);
  for (const part of parts) body.put(part);
  return block(Block.Packet, body.zeros(-size & 3));
}

function option(body: Writer, code: number, value: Uint8Array): void {
  body
    .u16(code)
    .u16(value.length)
    .put(value)
    .zeros(-value.length & 3);
}

function block(type: number, body: Writer): Uint8Array {
  const bytes = body.finish();
  const length = bytes.length + 12;
  return new Writer(length).u32(type).u32(length).put(bytes).u32(length).finish();
}
