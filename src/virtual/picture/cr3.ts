/**
 * CR3, the raw files of EOS bodies since 2018: boxes of an ISO base media file, as Clevy's notes
 * describe them. Of the four tracks there is the first one here, the whole picture as JPEG.
 */
import { box, chars, fullBox, join, MATRIX, u16, u32, u64 } from './boxes.ts';
import { makerNoteEntries } from './canon-maker-note.ts';
import { exifIfd, ifd0 } from './exif.ts';
import type { RawFields } from './raw-fields.ts';
import { type Entry, ifdLength, writeIfd } from './tiff.ts';

const CANON = '85c0b687820f11e08111f4ce462b6a48';
const PREVIEW = 'eaf42b5e1c984b88b9fbb7dc406e4d16';

const TIFF_HEAD = 8;
const LARGE_BOX_HEAD = 16;

export function cr3(jpeg: Uint8Array, fields: RawFields): Uint8Array {
  const type = box('ftyp', chars('crx '), u32(1), chars('crx '), chars('isom'));
  const preview = uuid(PREVIEW, u64(1), previewBox(fields));
  // Its length does not depend on the offset in it.
  const before = type.length + index(jpeg, fields, 0).length + preview.length + LARGE_BOX_HEAD;
  const data = [u32(1), chars('mdat'), u64(LARGE_BOX_HEAD + jpeg.length), jpeg];
  return join([type, index(jpeg, fields, before), preview, ...data]);
}

function index(jpeg: Uint8Array, fields: RawFields, jpegAt: number): Uint8Array {
  const times = [u32(0), u32(0)];
  return box(
    'moov',
    uuid(
      CANON,
      box('CNCV', chars('CanonCR3_001/00.10.00/00.00.00')),
      box('CMT1', tiff(withoutPointer(ifd0(fields, 0)))),
      box('CMT2', tiff(exifIfd(fields))),
      box('CMT3', tiff(makerNoteEntries(fields))),
      box('CMT4', tiff([])),
      thumbnailBox(fields),
    ),
    fullBox(
      'mvhd',
      0,
      ...[...times, u32(1), u32(1), u32(0x10000), u32(0x01000000), u32(0), u32(0)],
      ...MATRIX,
      ...Array.from({ length: 6 }, () => u32(0)),
      u32(2),
    ),
    track(jpeg, fields, jpegAt),
  );
}

function track(jpeg: Uint8Array, { width, height }: RawFields, jpegAt: number): Uint8Array {
  const times = [u32(0), u32(0)];
  const samples = box(
    'stbl',
    fullBox('stsd', 0, u32(1), sampleEntry(width, height)),
    fullBox('stts', 0, u32(1), u32(1), u32(1)),
    fullBox('stsc', 0, u32(1), u32(1), u32(1), u32(1)),
    fullBox('stsz', 0, u32(jpeg.length), u32(1)),
    fullBox('co64', 0, u32(1), u64(jpegAt)),
  );
  return box(
    'trak',
    fullBox(
      'tkhd',
      7,
      ...[...times, u32(1), u32(0), u32(1), u32(0), u32(0), u32(0), u32(0)],
      ...MATRIX,
      ...[u32(width * 0x10000), u32(height * 0x10000)],
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, ...times, u32(1), u32(1), u32(0)),
      fullBox('hdlr', 0, chars('\0\0\0\0vide'), u32(0), u32(0), u32(0), chars('\0')),
      box(
        'minf',
        fullBox('vmhd', 1, u32(0), u32(0)),
        box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1))),
        samples,
      ),
    ),
  );
}

/** "CRAW", with the box that says that this one is a JPEG. */
function sampleEntry(width: number, height: number): Uint8Array {
  return box(
    'CRAW',
    ...[u32(0), u32(1), u32(0), u32(0), u32(0), u32(0)],
    ...[u16(width), u16(height), u32(0x480000), u32(0x480000), u32(0), u16(1)],
    new Uint8Array(32),
    ...[u16(0x18), u16(0xffff)],
    ...[u32(3), box('JPEG', u32(0)), box('free', u32(0))],
  );
}

function thumbnailBox({ thumbnail }: RawFields): Uint8Array {
  const pixels = [u16(160), u16(120)];
  return box('THMB', u32(0), ...pixels, u32(thumbnail.length), u16(1), u16(0), thumbnail);
}

function previewBox({ preview: { jpeg, width, height } }: RawFields): Uint8Array {
  return box('PRVW', u32(0), u16(1), u16(width), u16(height), u16(1), u32(jpeg.length), jpeg);
}

/** A TIFF of one directory. */
function tiff(entries: readonly Entry[]): Uint8Array {
  const bytes = new Uint8Array(TIFF_HEAD + ifdLength(entries));
  const out = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  out.setUint32(4, TIFF_HEAD, true);
  writeIfd(out, TIFF_HEAD, entries, 0);
  return bytes;
}

/** The Exif directory has a box of its own here. */
function withoutPointer(entries: Entry[]): Entry[] {
  return entries.filter(([tag]) => tag !== 0x8769);
}

function uuid(id: string, ...parts: Uint8Array[]): Uint8Array {
  const bytes = Uint8Array.from(id.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return box('uuid', bytes, ...parts);
}
