/**
 * CR2, the raw files of EOS bodies of 2004 to 2018: a TIFF with four directories, for the whole
 * picture as JPEG, the thumbnail, a small picture without compression, and the sensor (Clevy's notes
 * on the format). The third one is left out here, and the fourth has no data.
 */
import { canonMakerNote } from './canon-maker-note.ts';
import { exifIfd, ifd0, ifd1 } from './exif.ts';
import type { RawFields } from './raw-fields.ts';
import { type Entry, ifdLength, LONG, SHORT, UNDEFINED, writeIfd } from './tiff.ts';

/** TIFF's eight bytes, then "CR", the version, and where the directory of the sensor is. */
const HEAD = 16;
/** As in every CR2. */
const JPEG_COMPRESSION = 6;

export function cr2(jpeg: Uint8Array, fields: RawFields): Uint8Array {
  const { thumbnail } = fields;
  // Where everything lies depends on how long the directories are, not on what they point to.
  const note = canonMakerNote(fields, 0).length;
  const picture = (exifAt: number, jpegAt: number): Entry[] =>
    sorted([
      ...ifd0(fields, exifAt),
      [0x0100, SHORT, [fields.width]],
      [0x0101, SHORT, [fields.height]],
      [0x0102, SHORT, [8, 8, 8]],
      [0x0103, SHORT, [JPEG_COMPRESSION]],
      [0x0111, LONG, [jpegAt]],
      [0x0117, LONG, [jpeg.length]],
    ]);
  const exif = (noteBytes: readonly number[]): Entry[] =>
    sorted([...exifIfd(fields), [0x927c, UNDEFINED, noteBytes]]);
  // Without a strip. Not sliced, one way of counting slices.
  const sensor: readonly Entry[] = [
    [0x0103, SHORT, [JPEG_COMPRESSION]],
    [0xc640, SHORT, [0, 0, 0]],
    [0xc6c5, LONG, [1]],
  ];
  const empty = Array.from({ length: note }, () => 0);
  const exifAt = HEAD + ifdLength(picture(0, 0));
  const thumbnailIfdAt = exifAt + ifdLength(exif(empty));
  const sensorAt = thumbnailIfdAt + ifdLength(ifd1(0, 0));
  const thumbnailAt = sensorAt + ifdLength(sensor);
  const jpegAt = thumbnailAt + thumbnail.length + (thumbnail.length & 1);
  const bytes = new Uint8Array(jpegAt + jpeg.length);
  const out = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  out.setUint32(4, HEAD, true);
  bytes.set([0x43, 0x52, 2, 0], 8);
  out.setUint32(12, sensorAt, true);
  writeIfd(out, HEAD, picture(exifAt, jpegAt), thumbnailIfdAt);
  // Offsets within the note count from the start of the file, as in all of Canon's.
  const noteAt = noteOffset(exif(empty), exifAt);
  writeIfd(out, exifAt, exif([...canonMakerNote(fields, noteAt)]), 0);
  writeIfd(out, thumbnailIfdAt, ifd1(thumbnailAt, thumbnail.length), sensorAt);
  writeIfd(out, sensorAt, sensor, 0);
  bytes.set(thumbnail, thumbnailAt);
  bytes.set(jpeg, jpegAt);
  return bytes;
}

/** Where the value of the maker note begins: behind the values of the entries before it. */
function noteOffset(entries: readonly Entry[], ifdAt: number): number {
  const at = entries.findIndex(([tag]) => tag === 0x927c);
  const behind = ifdLength(entries.slice(0, at)) - 12 * at;
  return ifdAt + 12 * entries.length + behind;
}

function sorted(entries: Entry[]): Entry[] {
  return entries.sort(([a], [b]) => a - b);
}
