/** What the head of a JPEG file says: pixels, and the thumbnail of its EXIF. */
import { Reader } from './reader.ts';

export interface JpegHead {
  width: number;
  height: number;
  thumbnail: Thumbnail | undefined;
}

/** Where it lies in the file, and its pixels. */
export interface Thumbnail {
  offset: number;
  size: number;
  width: number;
  height: number;
}

/** Bytes from the start of a file in which its head is looked for. */
export const HEAD_BYTES = 128 << 10;

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const THUMBNAIL_OFFSET = 0x0201;
const THUMBNAIL_SIZE = 0x0202;

/** Undefined when the bytes are no JPEG file. */
export function readJpegHead(bytes: Uint8Array): JpegHead | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let thumbnail: Thumbnail | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    const size = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (marker === APP1) thumbnail ??= exifThumbnail(bytes, at + 4, size - 2);
    if (isFrame(marker) && at + 9 <= bytes.length) {
      const word = (offset: number) => ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
      return { height: word(at + 5), width: word(at + 7), thumbnail };
    }
    if (marker === START_OF_SCAN || size < 2) return undefined;
    at += 2 + size;
  }
  return undefined;
}

/** SOF0 to SOF15 without the three markers between them that mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** The same where the file ends behind its thumbnail, as the heads of files do that cameras give. */
export function readThumbnail(bytes: Uint8Array): Thumbnail | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    const size = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (marker === APP1) {
      const found = exifThumbnail(bytes, at + 4, size - 2);
      if (found) return found;
    }
    if (marker === START_OF_SCAN || size < 2) return undefined;
    at += 2 + size;
  }
  return undefined;
}

function exifThumbnail(bytes: Uint8Array, start: number, size: number): Thumbnail | undefined {
  const text = String.fromCharCode(...bytes.subarray(start, start + 6));
  if (text !== 'Exif\0\0') return undefined;
  const tiff = bytes.subarray(start + 6, start + size);
  try {
    const entries = secondDirectory(tiff);
    const offset = entries.get(THUMBNAIL_OFFSET);
    const length = entries.get(THUMBNAIL_SIZE);
    if (offset === undefined || length === undefined || offset + length > tiff.length) {
      return undefined;
    }
    // Its own head tells its pixels: pictures from elsewhere have thumbnails of any shape.
    const head = readJpegHead(tiff.subarray(offset, offset + length));
    return head && { offset: start + 6 + offset, size: length, ...pixels(head) };
  } catch {
    // A file from elsewhere with a damaged EXIF has no thumbnail; that is all it means here.
    return undefined;
  }
}

const pixels = ({ width, height }: JpegHead) => ({ width, height });

/** Entries of IFD1, which describes the thumbnail. */
function secondDirectory(tiff: Uint8Array): Map<number, number> {
  const big = tiff[0] === 0x4d;
  const reader = new Reader(tiff, 'EXIF');
  const swap16 = (value: number) => (big ? ((value & 0xff) << 8) | (value >> 8) : value);
  const swap32 = (value: number) =>
    big ? ((swap16(value & 0xffff) << 16) | swap16(value >>> 16)) >>> 0 : value;
  const u16 = () => swap16(reader.u16());
  const u32 = () => swap32(reader.u32());
  reader.seek(4);
  reader.seek(u32());
  reader.take(12 * u16());
  const next = u32();
  const entries = new Map<number, number>();
  if (next === 0) return entries;
  reader.seek(next);
  for (let left = u16(); left > 0; left--) {
    const tag = u16();
    reader.take(6);
    entries.set(tag, u32());
  }
  return entries;
}
