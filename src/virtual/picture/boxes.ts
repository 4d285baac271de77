/** Boxes of the ISO base media file format (ISO 14496-12), in which numbers are big-endian. */
import { Writer } from '../../bytes/index.ts';

const BOX_HEAD = 8;

export function box(name: string, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, BOX_HEAD);
  return join([u32(size), chars(name), ...parts]);
}

/** A box with version 0 and flags. */
export function fullBox(name: string, flags: number, ...parts: Uint8Array[]): Uint8Array {
  return box(name, u32(flags), ...parts);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(parts.reduce((sum, { length }) => sum + length, 0));
  for (const part of parts) writer.put(part);
  return writer.finish();
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Characters of one byte. */
export function chars(words: string): Uint8Array {
  return Uint8Array.from(words, (character) => character.charCodeAt(0));
}

/** A transformation that does nothing. */
export const MATRIX: readonly Uint8Array[] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(
  u32,
);
