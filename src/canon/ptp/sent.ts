/**
 * Layouts say less than the bytes do: bodies leave stale bytes behind a name, fill only part of a
 * cell, append words. What a layout does not give back is kept beside its fields, so that everything
 * decoded encodes to the same bytes.
 */
import { type Codec, Reader, Writer } from '../../bytes/index.ts';

export interface Sent {
  /**
   * The bytes as they came; present only where the fields do not give them back. The encoder then
   * writes these: leave them out of a value whose fields were changed.
   */
  sent?: Uint8Array;
}

/** All of `bytes` by a layout. Throws a ProtocolError where it does not fit. */
export function readWhole<T extends object>(
  codec: Codec<T>,
  bytes: Uint8Array,
  what: string,
): T & Sent {
  const value = codec.read(new Reader(bytes, what));
  return givesBack(codec, value, bytes) ? value : { ...value, sent: bytes };
}

function givesBack<T>(codec: Codec<T>, value: T, bytes: Uint8Array): boolean {
  const writer = new Writer(bytes.length);
  try {
    codec.write(writer, value);
  } catch (error) {
    // A decoder takes what no encoder may make: a name of 255 characters, a size beyond 2^53.
    if (error instanceof RangeError) return false;
    throw error;
  }
  return equalBytes(writer.finish(), bytes);
}

export function writeWhole<T extends object>(
  codec: Codec<T>,
  writer: Writer,
  value: T & Sent,
): void {
  if (value.sent) writer.put(value.sent);
  else codec.write(writer, value);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** What is left, as a view. */
export const restBytes: Codec<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => void writer.put(value),
};
