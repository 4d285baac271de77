import { describe, expect, test } from 'vitest';
import { fromHex as hex, hexFixture } from '../../../test/support/hex-fixture.ts';
import {
  compactImageFormat,
  compensationCode,
  compensationLabel,
  DeviceInfoEx,
  DirectoryEntrySize,
  decodeDirectory,
  decodeEvents,
  decodeImageFormat,
  decodePropValue,
  EosProperty,
  encodeCell,
  encodeDirectory,
  encodeImageFormat,
  encodePropValue,
  imageFormatLabel,
  readEvents,
  readOlc,
  splitOlc,
} from './index.ts';

test('GetObjectInfoEx: DCIM of a CF body', () => {
  // Data phase of the sample in libgphoto2's ptp.h, without the USB head.
  const bytes = hex(`01000000 38000000 00000030 01000000 01300000 01000000 10000000 00000000
    00000020 00000030 4443494d 00000000 00000000 00000000 ccc30146`);
  const objects = decodeDirectory(bytes, DirectoryEntrySize.Bits32);
  expect(objects).toEqual([
    {
      handle: 0x30000000,
      storageId: 1,
      format: 0x3001,
      unknown: 1,
      flags: 0x10,
      size: 0,
      parent: 0x20000000,
      group: 0x30000000,
      name: 'DCIM',
      time: 0x4601c3cc,
    },
  ]);
  expect(encodeDirectory(objects, DirectoryEntrySize.Bits32)).toEqual(bytes);
});

describe('GetObjectInfoEx64, written by hand from the layout that an EOS R shows for folders', () => {
  // No bytes of an answer are published: handle, flags, parent and group are those of the EOS R, and
  // that a file has the upper half of its size at 18 follows from the width alone.
  const dcim = hex(`3c000000 00000090 01000100 01300000 01000000 11000000
    0000000000000000 00000000 00000090 4443494d000000000000000000000000 6a6fee62`);
  const movie = hex(`3c000000 12009191 01000100 82b90000 00000000 20000000
    00bca06501000000 00009191 10009191 4d56495f303030312e4d503400000000 6a6fee62`);
  const entries = [
    {
      handle: 0x90000000,
      storageId: 0x00010001,
      format: 0x3001,
      unknown: 1,
      flags: 0x11,
      size: 0,
      parent: 0,
      group: 0x90000000,
      name: 'DCIM',
      time: Date.UTC(2022, 7, 6, 13, 40, 58) / 1000,
    },
    {
      handle: 0x91910012,
      storageId: 0x00010001,
      format: 0xb982,
      unknown: 0,
      flags: 0x20,
      size: 6_000_000_000,
      parent: 0x91910000,
      group: 0x91910010,
      name: 'MVI_0001.MP4',
      time: Date.UTC(2022, 7, 6, 13, 40, 58) / 1000,
    },
  ];
  const bytes = Uint8Array.of(2, 0, 0, 0, ...dcim, ...movie);

  test('is read and written so', () => {
    expect(decodeDirectory(bytes, DirectoryEntrySize.Bits64)).toEqual(entries);
    expect(encodeDirectory(entries, DirectoryEntrySize.Bits64)).toEqual(bytes);
  });

  test('is stepped by the size word of each entry', () => {
    const longer = Uint8Array.of(2, 0, 0, 0, 0x40, ...dcim.subarray(1), 9, 9, 9, 9, ...movie);
    expect(decodeDirectory(longer, DirectoryEntrySize.Bits64)).toEqual(entries);
  });

  test('is refused where it is cut off', () => {
    expect(() => decodeDirectory(bytes.subarray(0, 100), DirectoryEntrySize.Bits64)).toThrow(
      expect.objectContaining({ code: 'TRUNCATED' }),
    );
  });

  test('is the layout of ObjectAddedEx64 and ObjectInfoChangedEx64 as well, of which none is published', () => {
    // The record's head in place of the size word; the time follows the name.
    for (const [code, kind] of [
      ['a7c1', 'objectAdded'],
      ['a8c1', 'objectInfoChanged'],
    ] as const) {
      const record = hex(`40000000 ${code}0000`);
      const stream = Uint8Array.of(...record, ...movie.subarray(4), 8, 0, 0, 0, 0, 0, 0, 0);
      expect(decodeEvents(stream)).toEqual([expect.objectContaining({ kind, object: entries[1] })]);
    }
  });
});

test('SetDevicePropValueEx: CaptureDestination 4', () => {
  // libgphoto2's trace of an EOS 60D.
  const bytes = hex('0c000000 1cd10000 04000000');
  expect(encodePropValue(EosProperty.CaptureDestination, encodeCell(4))).toEqual(bytes);
  expect(decodePropValue(bytes)).toEqual({ property: 0xd11c, value: hex('04000000') });
});

describe('ImageFormat', () => {
  test.each([
    ['L', 0x03ff, '01000000 10000000 01000000 00000000 03000000'],
    // D210 of an EOS R6.
    [
      'RAW + S1',
      0x0cd3,
      '02000000 10000000 06000000 00000000 04000000 10000000 01000000 0e000000 03000000',
    ],
  ])('%s', (label, compact, text) => {
    const format = decodeImageFormat(hex(text));
    expect(imageFormatLabel(format)).toBe(label);
    expect(compactImageFormat(format)).toBe(compact);
    expect(encodeImageFormat(format)).toEqual(hex(text));
  });
});

describe('OLCInfoChanged', () => {
  test('of an EOS R6, all thirteen fields', () => {
    // Written by gphoto2 for libgphoto2's cameras/canon-eos-r6.txt.
    const payload = hex(`5e000000 ff1f0000 0100 00000000000000 000000500028000800 01010000782800
      0401071c 000000000000 0101000000000000 0000000001 ${'00'.repeat(34)}`);
    const bytes = new Uint8Array([98, 0, 0, 0, 0xa5, 0xc1, 0, 0, ...payload]);
    const [event] = readEvents(bytes).events;
    if (event?.kind !== 'olc') throw new Error('not an OLC record');
    expect(event.uncounted).toBe(4);
    expect(splitOlc(event, 0x13).size).toBe(13);
    expect(readOlc(event, 0x13)).toEqual({
      button: 1,
      shutter: 0,
      aperture: 0x08,
      iso: 0,
      availableShots: 0x71c,
      selfTimerSeconds: 0,
      exposureStops: 0,
      focus: 'none',
    });
  });

  test('of an EOS 5Ds, the beginning', () => {
    const bytes = hex('ff1f0000 01000101a01000a001015020 2c01010000 04010171').subarray(4);
    const parts = splitOlc({ mask: 0x1fff, fields: bytes }, 0x0b);
    expect(parts.get(0x0002)).toEqual(hex('0101a01000a0'));
    expect(readOlc({ mask: 0x1fff, fields: bytes }, 0x0b)).toMatchObject({
      shutter: 0xa0,
      aperture: 0x2c,
    });
  });

  test('of one bit needs no version', () => {
    const [event] = readEvents(hex('14000000 a5c10000 0c000000 08000000 00000001')).events;
    expect(event).toMatchObject({ kind: 'olc', mask: 8, uncounted: 8 });
    if (event?.kind !== 'olc') throw new Error('not an OLC record');
    expect(readOlc(event, undefined)).toEqual({ iso: 1 });
  });

  test.each([
    ['searching', '00 00 00 00 00 01'],
    ['focused', '00 00 00 00 01 01'],
    ['focused', '00 00 00 00 01 00'],
    ['failed', '00 00 00 00 02 02'],
    ['failed', '00 00 00 00 02 00'],
    ['none', '00 00 00 00 00 00 00'],
  ])('focus %s', (focus, text) => {
    expect(readOlc({ mask: 0x0100, fields: hex(text) }, 0x13)).toEqual({ focus });
  });
});

test('exposure compensation keeps its sign', () => {
  const labels = [0x03, 0xfd, 0xf8, 0x0d, 0xf3, 0, 0xd8].map(compensationLabel);
  expect(labels).toEqual(['+1/3', '-1/3', '-1', '+1 2/3', '-1 2/3', '0', '-5']);
  expect([1 / 3, -1 / 3, -1, 5 / 3, 0, -5].map(compensationCode)).toEqual([
    0x03, 0xfd, 0xf8, 0x0d, 0, 0xd8,
  ]);
});

test('GetDeviceInfoEx of an EOS 60D comes out as it went in', () => {
  const bytes = hexFixture('canon/eos60d-deviceinfoex.hex');
  const info = DeviceInfoEx.decode(bytes);
  expect(info.events).toHaveLength(18);
  expect(info.properties).toHaveLength(87);
  expect(info.unknown).toEqual([0, 1, 2, 4]);
  expect(DeviceInfoEx.encode(info)).toEqual(bytes);
});
