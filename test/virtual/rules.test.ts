/** The responder's rules and codes: what is wrong with a request decides the answer. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { packet, RawInitiator, u32s } from '../support/raw-initiator.ts';
import { NOW, smallCamera, TINY_JPEG } from '../support/small-pictures.ts';

const CARD = 0x00010001;
const FILE = 0x51900012;
const FOLDER = 0x51900000;
const ALL = 0xffffffff;

let camera: VirtualCamera;
let card: MemoryCard;
beforeEach(() => {
  card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.JPG', TINY_JPEG, NOW / 1000);
  card.addFile('DCIM/100CANON/2U4A0002.JPG', TINY_JPEG, NOW / 1000);
  camera = smallCamera({ card });
});
afterEach(() => camera.close());

const code = async (initiator: RawInitiator, ...args: Parameters<RawInitiator['op']>) =>
  (await initiator.op(...args)).code.toString(16);

describe('without a session', () => {
  test.each([
    ['GetDeviceInfo', 0x1001, [], '2001'],
    ['GetStorageIDs', 0x1004, [], '2003'],
    ['CloseSession', 0x1003, [], '2003'],
    ['SetRemoteMode', 0x9114, [1], '2003'],
    ['an operation that is not listed', 0x1015, [0x5001], '2005'],
    ['an operation that nobody knows', 0x9999, [], '2005'],
    ['OpenSession with id 0', 0x1002, [0], '201d'],
    ['OpenSession with a parameter too many', 0x1002, [1, 7], '2006'],
    ['OpenSession as sequoia-ptpy sends it', 0x1002, [1, 0, 0, 0, 0], '2001'],
    ['GetDeviceInfo with a parameter too many', 0x1001, [1], '2006'],
  ])('%s', async (_name, operation, params, expected) => {
    const initiator = await RawInitiator.connect(camera);
    expect(await code(initiator, operation, params, { transactionId: 0 })).toBe(expected);
  });

  test('EOS Utility asks for DeviceInfo first, both times with id 0', async () => {
    const initiator = await RawInitiator.connect(camera);
    const info = await initiator.ok(0x1001, [], { transactionId: 0 });
    expect(info.transactionId).toBe(0);
    await initiator.ok(0x1002, [0x41], { transactionId: 0 });
    const again = await initiator.ok(0x1001, [], { transactionId: 1 });
    expect(again.data).toEqual(info.data);
  });
});

describe('in a session', () => {
  test.each([
    ['OpenSession again', 0x1002, [2], '201e'],
    ['GetDevicePropValue, which an R6 does not list', 0x1015, [0x5001], '2005'],
    ['GetRemoteMode, not listed either', 0x9113, [], '2005'],
    ['an operation that is listed and not done', 0x9131, [], '2005'],
    ['a parameter too many', 0x1004, [1], '2006'],
    ['zeros too many', 0x1004, [0, 0, 0, 0, 0], '2001'],
    ['StorageInfo: storage 0', 0x1005, [0], '2008'],
    ['StorageInfo: all storages', 0x1005, [ALL], '2008'],
    ['StorageInfo: no such slot', 0x1005, [0x00030001], '2008'],
    ['StorageInfo: no such partition', 0x1005, [0x00010002], '2008'],
    ['StorageInfo: the slot of a card that is in', 0x1005, [0x00010000], '2013'],
    ['StorageInfo: an empty slot, as a real R6', 0x1005, [0x00020000], '2001'],
    ['StorageInfo: a card that is not in', 0x1005, [0x00020001], '2013'],
    ['NumObjects: an empty slot', 0x1006, [0x00020000], '2001'],
    ['handles: malformed format', 0x1007, [ALL, 0x1234], '2016'],
    ['handles: unsupported format', 0x1007, [ALL, 0x3811], '2014'],
    ['handles: unknown format of a vendor', 0x1007, [ALL, 0xb999], '2017'],
    ['handles: unknown parent', 0x1007, [ALL, 0, 0x12345678], '2009'],
    ['handles: a file as parent', 0x1007, [ALL, 0, FILE], '201a'],
    ['ObjectInfo: unknown handle', 0x1008, [0x12345678], '2009'],
    ['ObjectInfo: handle 0', 0x1008, [0], '2009'],
    ['GetObject: a folder', 0x1009, [FOLDER], '2009'],
    ['GetThumb: a folder', 0x100a, [FOLDER], '2010'],
    ['GetThumb: a picture without one', 0x100a, [FILE], '2010'],
    ['GetPartialObject: unknown handle', 0x101b, [1, 0, 1], '2009'],
    ['DeleteObject: unknown handle', 0x100b, [1], '2009'],
    ['FormatStore: an empty slot', 0x100f, [0x00020000], '2013'],
    ['DevicePropDesc: unknown', 0x1014, [0xd999], '200a'],
    ['DevicePropDesc: EOS properties are elsewhere', 0x1014, [0xd101], '200a'],
    ['GetObjectInfoEx: unknown folder', 0x9109, [CARD, 0x12345678, 0x100000], '2009'],
    ['GetObjectInfoEx: a file as folder', 0x9109, [CARD, FILE, 0x100000], '201a'],
    ['TransferComplete: nothing waits there', 0x9117, [FILE], '2009'],
    ['SetRemoteMode: unknown', 0x9114, [0x15], '201d'],
  ])('%s', async (_name, operation, params, expected) => {
    const initiator = await RawInitiator.open(camera, false);
    expect(await code(initiator, operation, params)).toBe(expected);
    // Whatever was refused, the session goes on.
    expect(await code(initiator, 0x1004)).toBe('2001');
  });

  test('Session_Already_Open tells the id', async () => {
    const initiator = await RawInitiator.open(camera, false);
    expect((await initiator.op(0x1002, [7])).params).toEqual([1]);
  });

  test.each([0, 0xffffffff])('transaction id %i is invalid', async (transactionId) => {
    const initiator = await RawInitiator.open(camera, false);
    const reply = await initiator.op(0x1004, [], { transactionId });
    expect(reply).toMatchObject({ code: 0x2004, transactionId });
  });

  test('the same id for everything, as esp32_macro_rail has it', async () => {
    const initiator = await RawInitiator.open(camera, false);
    for (let i = 0; i < 3; i++) await initiator.ok(0x1004, [], { transactionId: 0x93 });
  });

  test('missing parameters are 0, surplus bytes are ignored', async () => {
    const initiator = await RawInitiator.open(camera, false);
    expect(await code(initiator, 0x1007)).toBe('2008');
    // FC.SDK: one extra zero parameter and two bytes.
    await initiator.send(packet(6, u32s(1), Uint8Array.of(0x04, 0x10), u32s(9), new Uint8Array(6)));
    expect((await initiator.reply()).code).toBe(0x2001);
  });

  test('CloseSession with the id, as miniPtp sends it, but with nothing more', async () => {
    const initiator = await RawInitiator.open(camera, false);
    expect(await code(initiator, 0x1003, [1, 7])).toBe('2006');
    await initiator.ok(0x1003, [1]);
  });

  test('CloseSession ends it', async () => {
    const initiator = await RawInitiator.open(camera);
    await initiator.ok(0x1003);
    expect(camera.state).toMatchObject({ sessionOpen: false, remoteMode: 0 });
    expect(await code(initiator, 0x1003)).toBe('2003');
    await initiator.ok(0x1002, [2], { transactionId: 0 });
  });
});

describe('properties of ISO 15740', () => {
  const text = Uint8Array.from([3, 0x41, 0, 0x42, 0, 0, 0]);
  test.each([
    ['read-only', 0xd402, text, '200f'],
    ['writable', 0xd406, text, '2001'],
    ['not a string', 0xd406, Uint8Array.of(9, 1), '201b'],
    ['bytes behind the value', 0xd406, Uint8Array.of(0, 0), '201b'],
    ['unknown', 0xd999, text, '200a'],
  ])('%s', async (_name, property, data, expected) => {
    const initiator = await RawInitiator.open(camera, false);
    expect(await code(initiator, 0x1016, [property], { data })).toBe(expected);
  });

  test('BatteryLevel follows the battery, with the double width of EOS bodies', async () => {
    const initiator = await RawInitiator.open(camera);
    await camera.control('battery 5');
    const { data } = await initiator.ok(0x1014, [0x5001]);
    expect([...data]).toEqual([
      0x01, 0x50, 0x02, 0x00, 0, 5, 5, 2, 5, 0, 100, 0, 75, 0, 50, 0, 25, 0, 0, 0,
    ]);
  });
});

describe('uploading', () => {
  test('is refused when the data has been read, and nothing is written', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x1005, [CARD]);
    const before = card.paths();
    expect(await code(initiator, 0x100c, [CARD, FOLDER], { data: new Uint8Array(200) })).toBe(
      '200f',
    );
    expect(await code(initiator, 0x100d, [], { data: new Uint8Array(3_000_000) })).toBe('2015');
    expect(card.paths()).toEqual(before);
  });
});

describe('deleting', () => {
  test('a file', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x100b, [FILE]);
    expect(card.paths()).not.toContain('DCIM/100CANON/2U4A0001.JPG');
    expect(await code(initiator, 0x1008, [FILE])).toBe('2009');
  });

  test('a protected file', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x910c, [FILE, 1]);
    expect(await code(initiator, 0x100b, [FILE])).toBe('200d');
    await initiator.ok(0x910c, [FILE, 0]);
    await initiator.ok(0x100b, [FILE]);
  });

  test('everything but what is protected', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x910c, [FILE, 1]);
    expect(await code(initiator, 0x100b, [ALL])).toBe('2012');
    expect(card.paths().filter((path) => path.endsWith('.JPG'))).toEqual([
      'DCIM/100CANON/2U4A0001.JPG',
    ]);
  });

  test('a folder with its files', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x100b, [FOLDER]);
    expect(card.paths()).toEqual(['DCIM', 'MISC']);
  });

  test('the whole card', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x100f, [CARD]);
    expect(card.paths()).toEqual(['DCIM', 'MISC']);
  });
});

describe('a card that is taken out', () => {
  test('answers 2013 by its id, and its files are gone', async () => {
    const initiator = await RawInitiator.open(camera, false);
    await camera.control('card out');
    expect(await code(initiator, 0x1005, [CARD])).toBe('2013');
    expect(await code(initiator, 0x1008, [FILE])).toBe('2009');
    expect((await initiator.ok(0x1004)).data).toEqual(u32s(2, 0x00010000, 0x00020000));
    await camera.control('card in');
    expect((await initiator.ok(0x1004)).data).toEqual(u32s(2, CARD, 0x00020000));
    expect(await code(initiator, 0x1008, [FILE])).toBe('2001');
  });

  test('cuts a transfer short', async () => {
    const big = new MemoryCard();
    let out: Promise<string> | undefined;
    big.addFile('DCIM/100CANON/2U4A0001.MP4', {
      size: 64 << 20,
      read(offset, size) {
        if (offset > 4 << 20) out ??= camera.control('card out');
        return new Uint8Array(Math.min(size, 1 << 20));
      },
    });
    await camera.close();
    camera = smallCamera({ card: big });
    const initiator = await RawInitiator.open(camera, false);
    const reply = await initiator.op(0x1009, [0x51900011]);
    await out;
    expect(reply.code).toBe(0x2007);
    expect(reply.data.length).toBeLessThan(64 << 20);
    expect(reply.types.at(-2)).toBe(12);
    await initiator.ok(0x1001);
  });
});
