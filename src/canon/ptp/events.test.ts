import { describe, expect, test } from 'vitest';
import { fromHex as hex, hexFixture } from '../../../test/support/hex-fixture.ts';
import { ProtocolError, toHex } from '../../bytes/index.ts';
import {
  decodeCell,
  decodeCells,
  decodeEvents,
  decodeImageFormats,
  decodeText,
  type EosEvent,
  EosProperty,
  EosRecord,
  encodeEvents,
  imageFormatLabel,
  readEvents,
  walkEvents,
} from './index.ts';

const values = (events: EosEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'propValue' ? [[event.property, decodeCell(event.value)]] : [],
  );

describe('the first dump of an EOS 60D', () => {
  const bytes = hexFixture('canon/eos60d-getevent-initial.hex');
  const events = decodeEvents(bytes);

  test('is read to its terminator', () => {
    expect(bytes).toHaveLength(7440);
    expect(values(events).slice(0, 3)).toEqual([
      [EosProperty.AutoExposureMode, 2],
      [EosProperty.FocusMode, 3],
      [EosProperty.DriveMode, 4],
    ]);
    expect(events.filter((event) => event.kind === 'storage')).toEqual([
      { kind: 'storage', code: EosRecord.CTGInfoCheckComplete, storageId: 0x00020001 },
    ]);
    expect(events.some((event) => event.kind === 'unknown')).toBe(false);
  });

  test('gives the choices of ISO and of image formats', () => {
    const list = (property: number) =>
      events.find((event) => event.kind === 'availList' && event.property === property);
    const iso = list(EosProperty.ISOSpeed);
    if (iso?.kind !== 'availList') throw new Error('no list of ISO');
    expect(iso).toMatchObject({ form: 3, count: 20 });
    expect(decodeCells(iso.entries)).toHaveLength(20);
    const formats = list(EosProperty.ImageFormat);
    if (formats?.kind !== 'availList') throw new Error('no list of image formats');
    const labels = decodeImageFormats(formats.entries).map(imageFormatLabel);
    expect(labels).toHaveLength(formats.count);
    expect(labels.slice(0, 4)).toEqual(['L', 'cL', 'M', 'cM']);
    expect(labels).toContain('RAW + S1');
    expect(labels).toContain('sRAW');
  });
});

test.each([
  'eos60d-getevent-initial',
  'eos60d-getevent-strings',
  'eos60d-getevent-after-capturedest-2',
  'eos60d-getevent-after-capturedest-4',
])('%s comes out of the encoder as it went into the decoder', (name) => {
  const bytes = hexFixture(`canon/${name}.hex`);
  expect(toHex(encodeEvents(decodeEvents(bytes)))).toBe(toHex(bytes));
});

test('texts are found in records of odd sizes', () => {
  const events = decodeEvents(hexFixture('canon/eos60d-getevent-strings.hex'));
  const texts = events.map((event) =>
    event.kind === 'propValue' ? [event.property, decodeText(event.value)] : event,
  );
  expect(texts).toEqual([
    [EosProperty.Owner, ''],
    [EosProperty.Artist, 'Jane Q. Example'],
    [EosProperty.Copyright, 'Jane Q. Example'],
    [EosProperty.SerialNumber, '1234567890'],
  ]);
});

test('property 0 is a record like any other', () => {
  // Value and list of property 0000 as an EOS R6 and an EOS R send them.
  const bytes = hex(`10000000 89c10000 00000000 0f000000
    14000000 8ac10000 00000000 01000000 00000000 08000000 00000000`);
  expect(decodeEvents(bytes)).toEqual([
    { kind: 'propValue', property: 0, value: hex('0f000000') },
    { kind: 'availList', property: 0, form: 1, count: 0, entries: new Uint8Array(0) },
  ]);
});

test('two lists of camera_control_dart', () => {
  const bytes = hex(`20000000 8ac10000 01d10000 00000000 03000000 15000000 18000000 1b000000
    24000000 8ac10000 02d10000 00000000 04000000 10000000 13000000 15000000 18000000
    08000000 00000000`);
  const events = decodeEvents(bytes);
  expect(events).toMatchObject([
    { kind: 'availList', property: EosProperty.Aperture, form: 0, count: 3 },
    { kind: 'availList', property: EosProperty.ShutterSpeed, form: 0, count: 4 },
  ]);
  expect(encodeEvents(events)).toEqual(bytes);
});

test('RequestObjectTransfer64LFN with an empty name', () => {
  // The record of libgphoto2's ptp-pack.c, with its head.
  const bytes = hex(`25000000 b8c10000 40c03214 08b10000 00000000 d41ca602 00000000 00c03214
    06000000 00 08000000 00000000`);
  const events = decodeEvents(bytes);
  expect(events).toEqual([
    {
      kind: 'requestTransfer',
      code: EosRecord.RequestObjectTransfer64LFN,
      request: {
        handle: 0x1432c040,
        format: 0xb108,
        size: 44_440_788,
        group: 0x1432c000,
        name: '',
      },
    },
  ]);
  expect(encodeEvents(events)).toEqual(bytes);
});

test('StorageInfoChanged of an EOS R', () => {
  const bytes = hex('0c000000 85c10000 01000200 08000000 00000000');
  const events = decodeEvents(bytes);
  expect(events).toEqual([
    { kind: 'storage', code: EosRecord.StorageInfoChanged, storageId: 0x00020001 },
  ]);
  expect(encodeEvents(events)).toEqual(bytes);
});

describe('what makes no sense', () => {
  const good = '10000000 89c10000 b0d10000 03000000';

  test.each([
    ['nothing', '', 0, undefined],
    ['a terminator alone', '08000000 00000000', 0, undefined],
    ['bytes behind the terminator', `${good} 08000000 00000000 ${good}`, 1, undefined],
    ['no terminator', good, 1, 16],
    ['a record of size 0', `${good} 00000000 89c10000`, 1, 16],
    ['a record of size 7', `${good} 07000000 89c10000 000000`, 1, 16],
    ['a record beyond the end', `${good} 11000000 89c10000 b0d10000 03000000`, 1, 24],
    ['a record of 4 GiB', `${good} ffffffff 89c10000 b0d10000 03000000`, 1, 24],
    ['half a head', `${good} 10000000 89`, 1, 20],
  ])('%s ends the decoding', (_what, text, count, faultAt) => {
    const bytes = hex(text);
    const { events, error, rest } = readEvents(bytes);
    expect(events).toHaveLength(count);
    expect(error?.offset).toBe(faultAt);
    if (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      expect(() => decodeEvents(bytes)).toThrow(error);
      expect(rest).toEqual(bytes.subarray(16));
    } else {
      expect(decodeEvents(bytes)).toEqual(events);
    }
  });

  test('records come one by one before the fault is told', () => {
    const walk = walkEvents(hex(`${good} ${good} 07000000 89c10000`));
    expect(walk.next().value).toMatchObject({ offset: 0, size: 16 });
    expect(walk.next().value).toMatchObject({ offset: 16, event: { kind: 'propValue' } });
    expect(() => walk.next()).toThrow(ProtocolError);
  });

  test('records without end are told as a fault', () => {
    const record = hex('08000000 ffc10000');
    const bytes = new Uint8Array(8 * 120_000);
    for (let at = 0; at < bytes.length; at += 8) bytes.set(record, at);
    const { events, error } = readEvents(bytes);
    expect(events).toHaveLength(100_000);
    expect(error?.message).toContain('more than 100000 records');
  });

  test('a known record that is too short is kept as it is', () => {
    const bytes = hex('0a000000 82c10000 0100 08000000 00000000');
    expect(decodeEvents(bytes)).toEqual([
      { kind: 'unknown', code: EosRecord.ObjectRemoved, payload: hex('0100') },
    ]);
    expect(encodeEvents(decodeEvents(bytes))).toEqual(bytes);
  });

  test('an unknown record is kept as it is', () => {
    const bytes = hex('0c000000 99c10000 00000000 09000000 ffff0000 07 08000000 00000000');
    const events = decodeEvents(bytes);
    expect(events.map((event) => event.kind)).toEqual(['unknown', 'unknown']);
    expect(encodeEvents(events)).toEqual(bytes);
  });
});

describe('what the fields do not say is kept', () => {
  test.each([
    // A RequestObjectTransfer64LFN whose word before the name is 7.
    [
      'another word',
      '25000000 b8c10000 40c03214 08b10000 00000000 d41ca602 00000000 00c03214 07000000 00',
      { request: { handle: 0x1432c040, name: '' } },
    ],
    [
      'stale bytes behind a name',
      `3c000000 81c10000 02d69191 01000200 0138aaaa 00000000 00000000 87d61200 00009091
       00d69191 494d475f 37353230 2e4a5047 00414141 00000000`,
      { object: { handle: 0x9191d602, format: 0x3801, name: 'IMG_7520.JPG' } },
    ],
    ['a word behind a storage id', '10000000 85c10000 01000200 05000000', { storageId: 0x20001 }],
    [
      'a size of 2^53+1, which no number holds',
      `40000000 a7c10000 02d69191 01000200 01380000 00000000 00000000
       01000000 00002000 00009091 00d69191 494d475f 37353230 2e4a5047 00000000 00000000`,
      { object: { name: 'IMG_7520.JPG' } },
    ],
  ])('%s', (_what, text, fields) => {
    const bytes = hex(`${text} 08000000 00000000`);
    const events = decodeEvents(bytes);
    expect(events).toMatchObject([fields]);
    expect(events[0]?.sent).toBeDefined();
    expect(toHex(encodeEvents(events))).toBe(toHex(bytes));
  });
});

test.each([
  EosRecord.ObjectAddedEx,
  EosRecord.ObjectAddedEx64,
  EosRecord.ObjectAddedEx64LFN,
  EosRecord.ObjectInfoChangedEx,
])('object records %i keep their fields', (code) => {
  const object = {
    handle: 0x5190d321,
    storageId: 0x00010001,
    format: 0x3801,
    unknown: 0,
    flags: 0x20,
    size: 5_000_000,
    parent: 0x51900000,
    group: 0x5190d320,
    name: '2U4A3378.JPG',
    time: 1_598_781_272,
  };
  const added = code !== EosRecord.ObjectInfoChangedEx;
  const event: EosEvent = { kind: added ? 'objectAdded' : 'objectInfoChanged', code, object };
  expect(decodeEvents(encodeEvents([event]))).toEqual([event]);
});
