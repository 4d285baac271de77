/**
 * EXIF 2.31 (CIPA DC-008) as a little-endian TIFF, laid out as Canon cameras do: IFD0, the Exif
 * IFD, then IFD1 with the thumbnail.
 */

import type { Exposure } from './exposure.ts';
import { shutterFraction } from './exposure.ts';
import {
  characters,
  type Entry,
  ifdLength,
  LONG,
  optionalText,
  RATIONAL,
  SHORT,
  SRATIONAL,
  text,
  UNDEFINED,
  writeIfd,
} from './tiff.ts';

/** A moment on the camera's own clock, which knows no time zone. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly milliseconds: number;
}

export interface ExifFields {
  readonly make: string;
  readonly model: string;
  /** As it stands in the Software tag, such as "Firmware Version 1.1.1". */
  readonly firmware: string;
  readonly orientation: 1 | 3 | 6 | 8;
  readonly takenAt: LocalTime;
  readonly exposure: Exposure;
  /** EXIF's numbers: 1 manual, 2 program, 3 aperture priority, 4 shutter priority. Default 1. */
  readonly exposureProgram?: number;
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  readonly artist?: string;
  readonly copyright?: string;
  readonly ownerName?: string;
  readonly serialNumber?: string;
  readonly lensName?: string;
  /** A JPEG file for IFD1. */
  readonly thumbnail?: Uint8Array;
}

/** The segment's marker, length, and "Exif\0\0" come before the TIFF header; a segment ends at 65535. */
const LARGEST_TIFF = 65535 - 2 - 6;

/**
 * Returns the file with an Exif segment right after its first marker, in place of one that is there
 * already.
 */
export function withExif(jpeg: Uint8Array, exif: ExifFields): Uint8Array {
  const tiff = exifTiff(exif);
  if (tiff.length > LARGEST_TIFF)
    throw new RangeError(
      `The EXIF data are ${tiff.length} bytes and a JPEG segment holds ${LARGEST_TIFF}: use a smaller thumbnail or shorter texts.`,
    );
  const rest = jpeg.subarray(2 + exifSegmentLength(jpeg));
  const result = new Uint8Array(2 + 10 + tiff.length + rest.length);
  const length = tiff.length + 8;
  result.set([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 0xff, ...characters('Exif'), 0, 0]);
  result.set(tiff, 12);
  result.set(rest, 12 + tiff.length);
  return result;
}

/** The TIFF structure alone, for containers other than JPEG. Offsets count from its first byte. */
export function exifTiff(fields: ExifFields): Uint8Array {
  const exifEntries = exifIfd(fields);
  const exifAt = 8 + ifdLength(ifd0(fields, 0));
  const ifd1At = exifAt + ifdLength(exifEntries);
  const { thumbnail } = fields;
  const thumbnailAt = ifd1At + (thumbnail ? ifdLength(ifd1(0, 0)) : 0);
  const out = new DataView(new ArrayBuffer(thumbnailAt + (thumbnail?.length ?? 0)));
  out.setUint16(0, 0x4949);
  out.setUint16(2, 42, true);
  out.setUint32(4, 8, true);
  writeIfd(out, 8, ifd0(fields, exifAt), thumbnail ? ifd1At : 0);
  writeIfd(out, exifAt, exifEntries, 0);
  const bytes = new Uint8Array(out.buffer);
  if (thumbnail) {
    writeIfd(out, ifd1At, ifd1(thumbnailAt, thumbnail.length), 0);
    bytes.set(thumbnail, thumbnailAt);
  }
  return bytes;
}

/** The first directory, which points to the Exif directory. */
export function ifd0(fields: ExifFields, exifAt: number): Entry[] {
  return [
    text(0x010f, fields.make),
    text(0x0110, fields.model),
    [0x0112, SHORT, [fields.orientation]],
    [0x011a, RATIONAL, [72, 1]], // XResolution, YResolution, in inches
    [0x011b, RATIONAL, [72, 1]],
    [0x0128, SHORT, [2]],
    text(0x0131, fields.firmware),
    text(0x0132, dateTime(fields.takenAt)),
    ...optionalText(0x013b, fields.artist),
    [0x0213, SHORT, [2]], // YCbCrPositioning: co-sited, as Canon writes
    ...optionalText(0x8298, fields.copyright),
    [0x8769, LONG, [exifAt]],
  ];
}

export function exifIfd(fields: ExifFields): Entry[] {
  const { exposure, takenAt } = fields;
  const program = fields.exposureProgram ?? 1;
  const taken = dateTime(takenAt);
  // Canon counts hundredths of a second.
  const fraction = two(Math.floor(takenAt.milliseconds / 10));
  const lens = lensSpecification(fields.lensName);
  return [
    [0x829a, RATIONAL, shutterFraction(exposure.shutter)],
    [0x829d, RATIONAL, tenths(exposure.aperture)],
    [0x8822, SHORT, [program]],
    [0x8827, SHORT, [Math.min(65535, exposure.iso)]], // what is beyond has room in 0x8832 only
    [0x8830, SHORT, [2]], // SensitivityType: recommended exposure index
    [0x8832, LONG, [exposure.iso]],
    [0x9000, UNDEFINED, characters('0231')],
    text(0x9003, taken),
    text(0x9004, taken),
    [0x9101, UNDEFINED, [1, 2, 3, 0]], // components Y, Cb, Cr
    [0x9201, SRATIONAL, apex(-Math.log2(exposure.shutter))],
    [0x9202, RATIONAL, apex(2 * Math.log2(exposure.aperture))],
    [0x9204, SRATIONAL, thirds(exposure.exposureCompensation ?? 0)],
    [0x9207, SHORT, [5]], // MeteringMode: pattern
    [0x9209, SHORT, [16]], // Flash: off
    [
      0x920a,
      RATIONAL,
      Number.isInteger(exposure.focalLength)
        ? [exposure.focalLength, 1]
        : [Math.round(exposure.focalLength * 1000), 1000],
    ],
    text(0x9290, fraction),
    text(0x9291, fraction),
    text(0x9292, fraction),
    [0xa000, UNDEFINED, characters('0100')], // FlashPix version, which EXIF demands
    [0xa001, SHORT, [1]], // sRGB
    [0xa002, LONG, [fields.width]],
    [0xa003, LONG, [fields.height]],
    [0xa401, SHORT, [0]], // CustomRendered
    [0xa402, SHORT, [program === 1 ? 1 : 0]], // ExposureMode: manual or auto
    [0xa403, SHORT, [exposure.whiteBalance === undefined ? 0 : 1]],
    [0xa406, SHORT, [0]], // SceneCaptureType
    ...optionalText(0xa430, fields.ownerName),
    ...optionalText(0xa431, fields.serialNumber),
    ...(lens ? [[0xa432, RATIONAL, lens] as const] : []),
    ...optionalText(0xa434, fields.lensName),
  ];
}

export function ifd1(thumbnailAt: number, length: number): Entry[] {
  return [
    [0x0103, SHORT, [6]], // JPEG compression
    [0x011a, RATIONAL, [72, 1]],
    [0x011b, RATIONAL, [72, 1]],
    [0x0128, SHORT, [2]],
    [0x0201, LONG, [thumbnailAt]],
    [0x0202, LONG, [length]],
  ];
}

/**
 * Shortest and longest focal length and the largest aperture at each, read from names such as
 * "EF24-105mm f/4L IS USM", "RF50mm F1.2 L USM" or "18.0-55.0 mm 1:3.5-5.6". Rationals.
 */
export function lensSpecification(name: string | undefined): number[] | undefined {
  const match =
    /(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?\s*mm\s*(?:f\/?|1:)\s*(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?/i.exec(
      name ?? '',
    );
  if (!match) return undefined;
  const [, shortest, longest = shortest, wide, tele = wide] = match;
  return [shortest, longest, wide, tele].flatMap((value) => tenths(Number(value)));
}

/** Length of an Exif segment that directly follows SOI, marker included; 0 if there is none. */
function exifSegmentLength(jpeg: Uint8Array): number {
  const isExif =
    [0xff, 0xe1].every((value, index) => jpeg[2 + index] === value) &&
    characters('Exif').every((value, index) => jpeg[6 + index] === value);
  return isExif ? 2 + (((jpeg[4] ?? 0) << 8) | (jpeg[5] ?? 0)) : 0;
}

function dateTime({ year, month, day, hour, minute, second }: LocalTime): string {
  return `${String(year).padStart(4, '0')}:${two(month)}:${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function tenths(value: number): number[] {
  return Number.isInteger(value) ? [value, 1] : [Math.round(value * 10), 10];
}

/** Logarithmic units (EXIF annex C) in 1/65536, as Canon writes them. */
function apex(value: number): number[] {
  return [Math.round(value * 65536), 65536];
}

/** Compensation is set in thirds or halves of a stop. */
function thirds(value: number): number[] {
  const sixths = Math.round(value * 6);
  if (sixths % 6 === 0) return [sixths / 6, 1];
  return sixths % 2 === 0 ? [sixths / 2, 3] : [sixths / 3, 2];
}
