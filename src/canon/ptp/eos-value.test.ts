import { describe, expect, test } from 'vitest';
import { fromHex as hex, hexFixture } from '../../../test/support/hex-fixture.ts';
import { toHex } from '../../bytes/index.ts';
import {
  decodeEosValue,
  decodeEvents,
  EosProperty,
  encodeEosValue,
  readEvents,
  splitChoices,
} from './index.ts';

/** Decodes to `fields`, and encodes from them alone. */
function check(property: number, text: string, expected: object): void {
  const bytes = hex(text);
  const value = decodeEosValue(property, bytes);
  expect(value).toEqual(expected);
  expect(toHex(encodeEosValue(property, value))).toBe(toHex(bytes));
}

describe('numbers in cells', () => {
  test('keep to the width of their property', () => {
    // The bytes of an EOS R that it never wrote.
    const value = decodeEosValue(EosProperty.ContinuousAFValid, hex('01 aa 8a aa'));
    expect(value).toEqual({ kind: 'number', value: 1, sent: hex('01 aa 8a aa') });
    expect(encodeEosValue(EosProperty.ContinuousAFValid, value)).toEqual(hex('01 aa 8a aa'));
    check(EosProperty.ContinuousAFValid, '01 00 00 00', { kind: 'number', value: 1 });
  });

  test('compensation is a byte, a white-balance shift 32 bits', () => {
    check(EosProperty.ExpCompensation, 'f8 00 00 00', { kind: 'number', value: 0xf8 });
    check(EosProperty.WhiteBalanceAdjustA, 'f7 ff ff ff', { kind: 'number', value: -9 });
    check(EosProperty.ShutterSpeed, '5b 00 00 00', { kind: 'number', value: 0x5b });
    check(0xd2ff, '78 56 34 92', { kind: 'number', value: 0x92345678 });
  });
});

describe('texts', () => {
  test('with nothing, padding, and a zero before them', () => {
    check(EosProperty.Owner, '00', { kind: 'text', text: '' });
    check(EosProperty.SerialNumber, '31 32 33 00', { kind: 'text', text: '123' });
    check(EosProperty.Artist, '4a 00 00 00 00 00', { kind: 'text', text: 'J', size: 6 });
    // An EOS R with an adapted lens.
    const lens = hex('00 31322d32346d6d 00 00');
    expect(decodeEosValue(EosProperty.LensName, lens)).toMatchObject({ text: '12-24mm' });
  });

  test('of a megabyte', () => {
    const value = decodeEosValue(EosProperty.Artist, new Uint8Array(1_000_000).fill(0x41));
    expect(value).toMatchObject({ text: 'A'.repeat(1_000_000) });
  });

  test('that do not fit are refused', () => {
    const value = { kind: 'text', text: 'abcd', size: 4 } as const;
    expect(() => encodeEosValue(EosProperty.Artist, value)).toThrow(RangeError);
  });
});

/** The six values of an EOS R7 that camera_control_dart names. */
describe('MovieParam5', () => {
  test.each([
    ['4K Fine 25.00', 'c4090000 05000000', '10000000', 5, 2500, 0x10],
    ['4K 25.00', 'c4090000 05000000', '00000000', 5, 2500, 0],
    ['4K 50.00', '88130000 05000000', '00000000', 5, 5000, 0],
    ['4K Crop 50.00', '88130000 05000000', '08000000', 5, 5000, 8],
    ['1920x1080 25.00', 'c4090000 00000000', '00000000', 0, 2500, 0],
    ['1920x1080 50.00', '88130000 00000000', '00000000', 0, 5000, 0],
  ])('%s', (_name, head, tail, resolution, frameRateHundredths, readout) => {
    const middle = '03000000 01000000 00000000 00000000 02000000 0a000000';
    check(EosProperty.MovieParam5, `28000000 ${head} ${middle} ${tail}`, {
      kind: 'fields',
      structure: 'movieParam5',
      fields: {
        frameRateHundredths,
        resolution,
        unknown1: 3,
        unknown2: 1,
        codec: 0,
        unknown3: 0,
        unknown4: 2,
        unknown5: 10,
        readout,
      },
    });
  });
});

describe('structures of the first dumps of libgphoto2', () => {
  test('time zones', () => {
    const zone = (number: number, minutes: number) => ({
      kind: 'fields',
      structure: 'timezone',
      fields: { zone: number, minutes },
    });
    // Two 1300D and a 90D.
    check(EosProperty.Timezone, '0c000000 1b000000 d4feffff', zone(27, -300));
    check(EosProperty.Timezone, '0c000000 13000000 3c000000', zone(19, 60));
    check(EosProperty.Timezone, '0c000000 1e000000 20feffff', zone(30, -480));
  });

  test('picture styles: old, new, of the user', () => {
    check(
      EosProperty.PictureStyleStandard,
      '1c000000 00000000 03000000 00000000 00000000 00000000 00000000',
      {
        kind: 'fields',
        structure: 'pictureStyle',
        fields: { contrast: 0, sharpness: 3, saturation: 0, colorTone: 0, filter: 0, toning: 0 },
      },
    );
    const r6 = `2c000000 01000000 81000000 00000000 04000000 00000000 00000000 00000000
      00000000 02000000 03000000`;
    check(EosProperty.PictureStyleExUserSet1, r6, {
      kind: 'fields',
      structure: 'pictureStyleExUser',
      fields: {
        version: 1,
        baseStyle: 0x81,
        contrast: 0,
        sharpness: 4,
        saturation: 0,
        colorTone: 0,
        filter: 0,
        toning: 0,
        fineness: 2,
        threshold: 3,
      },
    });
  });

  test('movies of a 90D and a 1300D', () => {
    const fields = {
      unknown1: 0,
      resolution: 5,
      frameRateHundredths: 2500,
      gopLength: 12,
      unknown2: 0,
      compression: 3,
      unknown3: 1,
      light: 0,
    };
    check(
      EosProperty.MovieParam4,
      `2c000000 00000000 05000000 c4090000 0c000000 00000000 03000000 01000000 00000000
       00000000 00000000`,
      {
        kind: 'fields',
        structure: 'movieParam4',
        fields: { ...fields, unknown4: 0, unknown5: 0 },
      },
    );
    check(
      EosProperty.MovieParam4,
      '24000000 00000000 05000000 c4090000 0c000000 00000000 03000000 01000000 00000000',
      { kind: 'fields', structure: 'movieParam4', fields },
    );
    check(EosProperty.MovieParam2, '18000000 00000000 01000000 3c000000 0f000000 00000000', {
      kind: 'fields',
      structure: 'movieParam2',
      fields: { unknown1: 0, resolution: 1, frameRate: 60, gopLength: 15, unknown2: 0 },
    });
  });

  test('focus bracketing of an R6, battery of an R6', () => {
    check(EosProperty.FocusShiftSetting, '18000000 01000000 00000000 64000000 04000000 00000000', {
      kind: 'fields',
      structure: 'focusShift',
      fields: { version: 1, enabled: 0, shots: 100, stepWidth: 4, exposureSmoothing: 0 },
    });
    const battery = `01000000 1d030000 00 3300 4c502d45364e48000000 0100 9b89f231 ${'00'.repeat(69)}`;
    expect(decodeEosValue(EosProperty.BatteryInfoEx, hex(battery))).toMatchObject({
      structure: 'batteryInfoEx',
      fields: { name: 'LP-E6NH' },
    });
  });

  test('custom functions: one group, all groups, none', () => {
    // R6.
    check(
      EosProperty.CustomFuncEx,
      `38000000 01000000 01000000 2c000000 03000000 01010000 01000000 00000000
       08010000 01000000 00000000 12010000 01000000 00000000`,
      {
        kind: 'customFunctions',
        groups: [
          {
            group: 1,
            functions: [
              { id: 0x101, values: [0] },
              { id: 0x108, values: [0] },
              { id: 0x112, values: [0] },
            ],
          },
        ],
      },
    );
    // M50 II.
    check(EosProperty.CustomFuncEx, '14000000 01000000 07000000 08000000 00000000', {
      kind: 'customFunctions',
      groups: [{ group: 7, functions: [] }],
    });
  });

  test('sizes without meaning are words, the rest is bytes', () => {
    check(EosProperty.AutoTransMobile, '0c000000 00000000 07000000', {
      kind: 'words',
      words: [0, 7],
    });
    check(EosProperty.StroboWirelessSetting, '00000000 03000000 2f000000 2800', {
      kind: 'bytes',
      bytes: hex('00000000 03000000 2f000000 2800'),
    });
  });
});

describe('FocusInfoEx', () => {
  test('of a 100D: 31 points in the structure, 9 in use', () => {
    const bytes = hexFixture('canon/eos100d-focusinfoex.hex');
    const value = decodeEosValue(EosProperty.FocusInfoEx, bytes);
    if (value.kind !== 'focusInfo') throw new Error(`decoded as ${value.kind}`);
    const { points, ...head } = value.info;
    expect(head).toEqual({
      version: 4,
      inUse: 9,
      width: 5184,
      height: 3456,
      width2: 5184,
      height2: 3456,
    });
    expect(points).toHaveLength(31);
    expect(points.filter(({ usable }) => usable)).toHaveLength(9);
    expect(points.some(({ focused, flag }) => focused || flag)).toBe(false);
    expect(points[0]).toMatchObject({ x: 0, y: 0, width: 223, height: 223 });
    expect(points[1]).toMatchObject({ x: 0, y: 730, width: 119, height: 181 });
    expect(points[3]).toMatchObject({ x: -821, y: 388, width: 172, height: 128 });
    expect(value.sent).toBeUndefined();
    expect(toHex(encodeEosValue(EosProperty.FocusInfoEx, value))).toBe(toHex(bytes));
  });

  test('a block of zeros has nothing to tell', () => {
    const bytes = new Uint8Array(100);
    const value = decodeEosValue(EosProperty.FocusInfoEx, bytes);
    expect(value).toEqual({ kind: 'bytes', bytes });
  });
});

test('every value of the EOS 60D comes from a layout, and back from its fields alone', () => {
  for (const name of ['initial', 'strings', 'after-capturedest-2', 'after-capturedest-4']) {
    for (const event of decodeEvents(hexFixture(`canon/eos60d-getevent-${name}.hex`))) {
      expect(event.sent).toBeUndefined();
      if (event.kind === 'propValue') {
        const value = decodeEosValue(event.property, event.value);
        expect(toHex(encodeEosValue(event.property, value))).toBe(toHex(event.value));
        const text = `0x${event.property.toString(16)} ${value.kind} ${event.value.length}`;
        expect(value.sent, text).toBeUndefined();
      }
      if (event.kind === 'availList') {
        const choices = splitChoices(event.property, event);
        expect(choices).toHaveLength(event.count);
        expect(choices.reduce((sum, each) => sum + each.length, 0)).toBe(event.entries.length);
      }
    }
  }
});

test('a list that lies about its length is told', () => {
  const { events } = readEvents(hex('18000000 8ac10000 01d10000 03000000 ff000000 15000000'));
  const [list] = events;
  if (list?.kind !== 'availList') throw new Error('no list');
  expect(() => splitChoices(list.property, list)).toThrow('255 choices announced');
});
