/** What the head of a picture says, whatever kind of file it is. */
import { Reader } from '../../bytes/index.ts';
import { type JpegHead, readJpegHead, type Thumbnail } from '../../bytes/jpeg-head.ts';

/** Undefined for what is no picture that a camera makes. */
export function readFileHead(bytes: Uint8Array): JpegHead | undefined {
  try {
    return readJpegHead(bytes) ?? readCr2Head(bytes) ?? readCr3Head(bytes);
  } catch {
    // A damaged file from elsewhere says nothing; that is all it means here.
    return undefined;
  }
}

const WIDTH = 0x0100;
const HEIGHT = 0x0101;
const THUMBNAIL_OFFSET = 0x0201;
const THUMBNAIL_SIZE = 0x0202;

/** A little-endian TIFF with Canon's mark behind its head. */
function readCr2Head(bytes: Uint8Array): JpegHead | undefined {
  if (text(bytes, 0, 4) !== 'II*\0' || text(bytes, 8, 2) !== 'CR') return undefined;
  const reader = new Reader(bytes, 'CR2');
  reader.seek(4);
  const first = directory(reader, reader.u32());
  const second = directory(reader, first.next);
  const [width = 0, height = 0] = [first.entries.get(WIDTH), first.entries.get(HEIGHT)];
  const offset = second.entries.get(THUMBNAIL_OFFSET) ?? 0;
  const size = second.entries.get(THUMBNAIL_SIZE) ?? 0;
  return { width, height, thumbnail: thumbnailAt(bytes, offset, size) };
}

/** The picture's size is in the first track, which is not looked for. */
function readCr3Head(bytes: Uint8Array): JpegHead | undefined {
  if (text(bytes, 4, 8) !== 'ftypcrx ') return undefined;
  const at = text(bytes, 0, Math.min(bytes.length, 0x4000)).indexOf('THMB');
  if (at < 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const track = text(bytes, 0, bytes.length).indexOf('tkhd');
  const word = (offset: number) => (track < 0 ? 0 : view.getUint16(track + offset));
  // Behind version, flags, pixels; behind size and two words.
  const thumbnail = thumbnailAt(bytes, at + 20, view.getUint32(at + 12));
  return { width: word(80), height: word(84), thumbnail };
}

function thumbnailAt(bytes: Uint8Array, offset: number, size: number): Thumbnail | undefined {
  const head = readJpegHead(bytes.subarray(offset, offset + size));
  return head && { offset, size, width: head.width, height: head.height };
}

function directory(reader: Reader, at: number) {
  const entries = new Map<number, number>();
  reader.seek(at);
  for (let left = reader.u16(); left > 0; left--) {
    const tag = reader.u16();
    const short = reader.u16() === 3;
    reader.u32();
    const value = reader.u32();
    entries.set(tag, short ? value & 0xffff : value);
  }
  return { entries, next: reader.u32() };
}

function text(bytes: Uint8Array, from: number, length: number): string {
  let characters = '';
  for (const byte of bytes.subarray(from, from + length)) characters += String.fromCharCode(byte);
  return characters;
}
