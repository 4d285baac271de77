/**
 * ImageFormat (D120 to D123, D210): which files one press of the button makes. u32 number of files,
 * then sixteen bytes for each: their own size, type, size code, quality.
 */
import { Reader, Writer } from '../../bytes/index.ts';

export const ImageFileType = { JPEG: 1, RAW: 6, HEIF: 8 } as const;

export const ImageQuality = {
  Standard: 0,
  CustomJpeg: 1,
  Normal: 2,
  /** Fine of a JPEG, compressed of a RAW. */
  Fine: 3,
  Lossless: 4,
} as const;

export interface ImageFile {
  /** See `ImageFileType`. */
  type: number;
  /** 0 L, 1 M, 2 S, 5 M1, 6 M2, 14 S1, 15 S2, 16 S3; of a RAW 0 full, 1 mRAW, 2 sRAW. */
  size: number;
  /** See `ImageQuality`. */
  quality: number;
}

export type ImageFormat = readonly ImageFile[];

const ENTRY = 16;

export function decodeImageFormat(bytes: Uint8Array): ImageFormat {
  return readOne(new Reader(bytes, 'ImageFormat'));
}

/** The choices of an AvailListChanged record: structures of 20 or 36 bytes back to back. */
export function decodeImageFormats(bytes: Uint8Array): ImageFormat[] {
  const reader = new Reader(bytes, 'list of ImageFormat');
  const formats: ImageFormat[] = [];
  while (reader.remaining > 0) formats.push(readOne(reader));
  return formats;
}

export function encodeImageFormat(format: ImageFormat): Uint8Array {
  const writer = new Writer(4 + ENTRY * format.length);
  writer.u32(format.length);
  for (const file of format) writer.u32(ENTRY).u32(file.type).u32(file.size).u32(file.quality);
  return writer.finish();
}

function readOne(reader: Reader): ImageFormat {
  const count = reader.u32();
  reader.expect(count, ENTRY, 'files');
  const files: ImageFile[] = [];
  for (let i = 0; i < count; i++) {
    const size = reader.u32();
    if (size < ENTRY) throw reader.invalid(`entry of ${size} bytes`, reader.offset - 4);
    const entry = new Reader(reader.take(size - 4), 'ImageFormat entry');
    files.push({ type: entry.u32(), size: entry.u32(), quality: entry.u32() });
  }
  return files;
}

const JPEG_SIZES: Readonly<Record<number, string>> = {
  0: 'L',
  1: 'M',
  2: 'S',
  5: 'M1',
  6: 'M2',
  14: 'S1',
  15: 'S2',
  16: 'S3',
};

const RAW_SIZES: Readonly<Record<number, string>> = { 0: 'RAW', 1: 'mRAW', 2: 'sRAW' };

/** "L", "cM", "RAW + S1": a leading c is normal compression, of a RAW the small kind. */
export function imageFormatLabel(format: ImageFormat): string {
  return format.map(fileLabel).join(' + ');
}

function fileLabel({ type, size, quality }: ImageFile): string {
  if (type === ImageFileType.RAW) {
    return quality === ImageQuality.Fine && size === 0
      ? 'cRAW'
      : (RAW_SIZES[size] ?? `RAW#${size}`);
  }
  const compressed = quality === ImageQuality.Normal ? 'c' : '';
  const kind = type === ImageFileType.HEIF ? 'HEIF ' : '';
  return `${kind}${compressed}${JPEG_SIZES[size] ?? `#${size}`}`;
}

/**
 * The form in which libgphoto2 keeps a format and lists of them are published: a byte per file, the
 * second 0xFF where there is one file, the high nibble the size, the low one the quality with 8
 * added for RAW.
 */
export function compactImageFormat(format: ImageFormat): number {
  const byteOf = (file: ImageFile | undefined) => {
    if (!file) return 0xff;
    const size = file.size >= 14 ? file.size - 1 : file.size;
    return ((size & 15) << 4) | (file.quality & 7) | (file.type === ImageFileType.RAW ? 8 : 0);
  };
  return (byteOf(format[0]) << 8) | byteOf(format[1]);
}
