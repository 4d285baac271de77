import { expect, test } from 'vitest';
import { fromHex, hexFixture } from '../../../test/support/hex-fixture.ts';
import { takePicture } from '../picture/index.ts';
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

test('the byte order of EXIF may be the other one', () => {
  const entry = (tag: string, value: string) => `${tag} 0004 00000001 ${value}`;
  const tiff = `4d4d 002a 00000008 0000 0000000e 0002
    ${entry('0201', '0000002c')} ${entry('0202', '00000003')} 00000000 aabbcc`;
  const size = fromHex(tiff).length + 8;
  const jpeg = fromHex(
    `ffd8 ffe1 ${size.toString(16).padStart(4, '0')} 457869660000 ${tiff} ffc0 000b 08 0010 0020 01 011100`,
  );
  const head = readJpegHead(jpeg);
  expect(head).toMatchObject({ width: 32, height: 16, thumbnail: { size: 3 } });
  const at = head?.thumbnail?.offset ?? 0;
  expect(jpeg.subarray(at, at + 3)).toEqual(fromHex('aabbcc'));
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
