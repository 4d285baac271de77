import { expect, test } from 'vitest';
import { fromHex, hexFixture } from '../../test/support/hex-fixture.ts';
import { takePicture } from '../virtual/picture/index.ts';
import { readJpegHead } from './jpeg-head.ts';

const picture = takePicture({
  width: 96,
  height: 64,
  exposure: { aperture: 8, shutter: 1 / 250, iso: 100, focalLength: 35 },
  takenAt: { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5, milliseconds: 0 },
  counter: 1,
  make: 'Canon',
  model: 'Canon EOS R6',
  firmware: 'Firmware Version 1.5.0',
});

test('pixels and thumbnail of a picture', () => {
  const head = readJpegHead(picture.jpeg);
  expect(head).toMatchObject({ width: 96, height: 64 });
  const { offset, size } = head?.thumbnail ?? { offset: 0, size: 0 };
  expect(picture.jpeg.subarray(offset, offset + size)).toEqual(picture.thumbnail);
});

/** Of 128 by 96 pixels. */
const THUMBNAIL = 'ffd8 ffc0 000b 08 0060 0080 01 011100';

/** A file of 32 by 16 pixels whose EXIF is big-endian and names these bytes as its thumbnail. */
function bigEndian(thumbnail: string): Uint8Array {
  const entry = (tag: string, value: string) => `${tag} 0004 00000001 ${value}`;
  const length = fromHex(thumbnail).length.toString(16).padStart(8, '0');
  const tiff = `4d4d 002a 00000008 0000 0000000e 0002
    ${entry('0201', '0000002c')} ${entry('0202', length)} 00000000 ${thumbnail}`;
  const size = fromHex(tiff).length + 8;
  return fromHex(
    `ffd8 ffe1 ${size.toString(16).padStart(4, '0')} 457869660000 ${tiff} ffc0 000b 08 0010 0020 01 011100`,
  );
}

test('the byte order of EXIF may be the other one, and the thumbnail of any shape', () => {
  const jpeg = bigEndian(THUMBNAIL);
  const head = readJpegHead(jpeg);
  const bytes = fromHex(THUMBNAIL);
  expect(head).toMatchObject({
    width: 32,
    height: 16,
    thumbnail: { size: bytes.length, width: 128, height: 96 },
  });
  const at = head?.thumbnail?.offset ?? 0;
  expect(jpeg.subarray(at, at + bytes.length)).toEqual(bytes);
});

test('a thumbnail that is no JPEG is none', () => {
  expect(readJpegHead(bigEndian('aabbcc'))).toEqual({
    width: 32,
    height: 16,
    thumbnail: undefined,
  });
});

test.each([
  ['nothing', ''],
  ['no JPEG', '89504e470d0a1a0a'],
  ['an end before the frame', 'ffd8 ffda 0002'],
  ['no marker where one must be', 'ffd8 0000 0002'],
  ['a size of 0', 'ffd8 ffe0 0000 0000'],
])('%s has no head', (_what, text) => {
  expect(readJpegHead(fromHex(text))).toBeUndefined();
});

test('cut anywhere it does not fail', () => {
  for (let size = 0; size < 2000; size += 7) readJpegHead(picture.jpeg.slice(0, size));
  expect(readJpegHead(hexFixture('canon/eos60d-storageinfo.hex'))).toBeUndefined();
});
