/**
 * Values of EOS properties as bytes, and the block of SetDevicePropValueEx (0x9110) that carries
 * one: u32 size of the block, u32 property, value.
 */
import { Reader, Writer } from '../../bytes/index.ts';

/** The block of SetDevicePropValueEx. */
export function encodePropValue(property: number, value: Uint8Array): Uint8Array {
  const writer = new Writer(8 + value.length);
  return writer
    .u32(8 + value.length)
    .u32(property)
    .put(value)
    .finish();
}

export function decodePropValue(block: Uint8Array): { property: number; value: Uint8Array } {
  const reader = new Reader(block, 'SetDevicePropValueEx');
  const size = reader.u32();
  if (size < 8 || size > block.length) {
    throw reader.invalid(`block size ${size} with ${block.length} bytes given`, 0);
  }
  const property = reader.u32();
  return { property, value: reader.take(size - 8) };
}

/** Scalars of any width travel in a cell of four bytes. */
export function encodeCell(value: number): Uint8Array {
  return new Writer(4).u32(value >>> 0).finish();
}

/**
 * The number in a cell; undefined where there is none, as in texts and structures. Properties that
 * are narrower than 32 bits fill the low bytes only, and an EOS R leaves the rest unwritten: mask
 * them to the property's own width.
 */
export function decodeCell(value: Uint8Array): number | undefined {
  return value.length === 4 ? new Reader(value, 'property value').u32() : undefined;
}

/** Eight-bit text with its terminator, as owner, artist and copyright are sent. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0xff)
      throw new RangeError(`${JSON.stringify(text)} is not 8-bit text`);
    bytes[i] = code;
  }
  return bytes;
}

/** Up to the first zero byte: bodies pad the field to 63 or 64 bytes, or not at all. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  if (text.length <= CHUNK) return latin1(text);
  let all = '';
  for (let at = 0; at < text.length; at += CHUNK) all += latin1(text.subarray(at, at + CHUNK));
  return all;
}

/** Arguments of one call: engines refuse more than some ten thousand. */
const CHUNK = 8192;

function latin1(bytes: Uint8Array): string {
  // Not by spreading, which asks an iterator for each byte: ten thousand names are a second's tenth.
  return String.fromCharCode.apply(null, bytes as never);
}

/** The u32 cells that follow each other in a list of choices. */
export function decodeCells(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes, 'list of choices');
  const cells: number[] = [];
  while (reader.remaining >= 4) cells.push(reader.u32());
  return cells;
}

export function encodeCells(cells: readonly number[]): Uint8Array {
  const writer = new Writer(4 * cells.length);
  for (const cell of cells) writer.u32(cell >>> 0);
  return writer.finish();
}
