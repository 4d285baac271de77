import { describe, expect, it } from 'vitest';
import type { ExifFields } from './exif.ts';
import { exifTiff, lensSpecification, withExif } from './exif.ts';

const fields: ExifFields = {
  make: 'Canon',
  model: 'Canon EOS R6',
  firmware: '1.8.2',
  orientation: 1,
  takenAt: { year: 2026, month: 3, day: 4, hour: 5, minute: 6, second: 7, milliseconds: 89 },
  exposure: { aperture: 5.6, shutter: 1 / 125, iso: 800, focalLength: 50 },
  width: 5472,
  height: 3648,
};

/** A file of one segment: SOI, DQT of length 2, EOI. */
const bare = Uint8Array.of(0xff, 0xd8, 0xff, 0xdb, 0x00, 0x02, 0xff, 0xd9);

describe('TIFF', () => {
  it('begins as TIFF 6.0 and EXIF 2.31 say', () => {
    expect(hex(exifTiff(fields).slice(0, 34))).toBe(
      [
        '49 49 2a 00 08 00 00 00', // little endian, 42, IFD0 at 8
        '0a 00', // ten entries
        '0f 01 02 00 06 00 00 00 86 00 00 00', // Make, ASCII, 6 bytes at 134 = 8 + 2 + 10 x 12 + 4
        '10 01 02 00 0d 00 00 00 8c 00 00 00', // Model, ASCII, 13 bytes at 140
      ].join(' '),
    );
  });

  it('lists the tags of each directory in rising order, as TIFF demands', () => {
    const { ifd0, exif, ifd1 } = directories(exifTiff({ ...fields, ...everything }));
    for (const tags of [ifd0, exif, ifd1]) expect(tags).toEqual([...tags].sort((a, b) => a - b));
    expect(ifd1).toContain(0x0201);
  });

  it('holds the thumbnail at its end', () => {
    const tiff = exifTiff({ ...fields, thumbnail: bare });
    expect(tiff.slice(-bare.length)).toEqual(bare);
  });

  it('has no second directory without a thumbnail', () => {
    expect(directories(exifTiff(fields)).ifd1).toEqual([]);
  });

  it('writes texts as ASCII', () => {
    const tiff = exifTiff({ ...fields, artist: 'Zoë' });
    expect(String.fromCharCode(...tiff)).toContain('Zo?\0');
  });
});

describe('segment', () => {
  it('stands before all others', () => {
    const file = withExif(bare, fields);
    expect(hex(file.slice(0, 4))).toBe('ff d8 ff e1');
    expect(String.fromCharCode(...file.slice(6, 12))).toBe('Exif\0\0');
    const length = (file[4]! << 8) | file[5]!;
    expect(file.slice(4 + length)).toEqual(bare.slice(2));
  });

  it('replaces one that is there', () => {
    const again = withExif(withExif(bare, { ...fields, model: 'Another' }), fields);
    expect(again).toEqual(withExif(bare, fields));
  });

  it('refuses a thumbnail that has no room', () => {
    const thumbnail = new Uint8Array(65000);
    expect(() => withExif(bare, { ...fields, thumbnail })).toThrow(/smaller thumbnail/);
  });
});

it.each([
  ['EF24-105mm f/4L IS USM', [24, 1, 105, 1, 4, 1, 4, 1]],
  ['RF50mm F1.2 L USM', [50, 1, 50, 1, 12, 10, 12, 10]],
  ['EF-S18-55mm f/3.5-5.6 IS STM', [18, 1, 55, 1, 35, 10, 56, 10]],
  ['7.3-29.2 mm 1:2.8-4.1', [73, 10, 292, 10, 28, 10, 41, 10]],
  ['a pinhole', undefined],
  [undefined, undefined],
])('reads the specification of %s', (name, expected) => {
  expect(lensSpecification(name)).toEqual(expected);
});

const everything = {
  artist: 'A',
  copyright: 'C',
  ownerName: 'O',
  serialNumber: '1',
  lensName: 'EF50mm f/1.8 STM',
  thumbnail: bare,
};

function directories(tiff: Uint8Array): Record<'ifd0' | 'exif' | 'ifd1', number[]> {
  const view = new DataView(tiff.buffer, tiff.byteOffset);
  const entries = (at: number): { tag: number; value: number }[] =>
    Array.from({ length: at === 0 ? 0 : view.getUint16(at, true) }, (_, index) => ({
      tag: view.getUint16(at + 2 + index * 12, true),
      value: view.getUint32(at + 2 + index * 12 + 8, true),
    }));
  const tags = (at: number): number[] => entries(at).map(({ tag }) => tag);
  const exifAt = entries(8).find(({ tag }) => tag === 0x8769)?.value ?? 0;
  const next = view.getUint32(8 + 2 + view.getUint16(8, true) * 12, true);
  return { ifd0: tags(8), exif: tags(exifAt), ifd1: tags(next) };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((value) => value.toString(16).padStart(2, '0')).join(' ');
}
