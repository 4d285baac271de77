/** Answers of GetObjectInfoEx (0x9109) and GetObjectInfoEx64 (0x9173): one folder's entries. */
import { Reader, Writer } from '../../bytes/index.ts';
import { type EosObject, object32, object64 } from './object-entry.ts';

/** Size word of an entry: 0x38 in 0x9109, 0x3C in 0x9173. */
export const DirectoryEntrySize = { Bits32: 0x38, Bits64: 0x3c } as const;
export type DirectoryEntrySize = (typeof DirectoryEntrySize)[keyof typeof DirectoryEntrySize];

/** Each entry's own size word says where the next one begins: newer bodies may add fields. */
export function decodeDirectory(bytes: Uint8Array, entrySize: DirectoryEntrySize): EosObject[] {
  const codec = codecOf(entrySize);
  const reader = new Reader(bytes, 'EOS directory');
  const count = reader.u32();
  reader.expect(count, entrySize, 'entries');
  const objects: EosObject[] = [];
  for (let i = 0; i < count; i++) {
    const size = reader.u32();
    if (size < entrySize) throw reader.invalid(`entry of ${size} bytes`, reader.offset - 4);
    objects.push(codec.read(new Reader(reader.take(size - 4), 'EOS directory entry')));
  }
  return objects;
}

export function encodeDirectory(
  objects: readonly EosObject[],
  entrySize: DirectoryEntrySize,
): Uint8Array {
  const codec = codecOf(entrySize);
  const writer = new Writer(4 + objects.length * entrySize);
  writer.u32(objects.length);
  for (const object of objects) {
    writer.u32(entrySize);
    codec.write(writer, object);
  }
  return writer.finish();
}

function codecOf(entrySize: DirectoryEntrySize) {
  return entrySize === DirectoryEntrySize.Bits64 ? object64 : object32;
}
