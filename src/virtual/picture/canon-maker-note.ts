/** The least of Canon's maker note: who took the picture. Tags as exiftool names them. */
import type { RawFields } from './raw-fields.ts';
import { type Entry, ifdLength, LONG, optionalText, text, writeIfd } from './tiff.ts';

/** A directory whose offsets count from `at` bytes before it. */
export function canonMakerNote(fields: RawFields, at: number): Uint8Array {
  const entries = makerNoteEntries(fields);
  const bytes = new Uint8Array(ifdLength(entries));
  // Written at its place in a file that begins with nothing.
  const file = new DataView(new ArrayBuffer(at + bytes.length));
  writeIfd(file, at, entries, 0);
  bytes.set(new Uint8Array(file.buffer, at));
  return bytes;
}

export function makerNoteEntries(fields: RawFields): Entry[] {
  return [
    text(0x0006, fields.model),
    text(0x0007, fields.firmware),
    ...optionalText(0x0009, fields.ownerName),
    [0x0010, LONG, [fields.modelId]],
    ...optionalText(0x0095, fields.lensName),
  ];
}
