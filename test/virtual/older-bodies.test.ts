/** The virtual EOS 1300D and EOS 40D: what sets them apart from an EOS R6. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  createVirtualCamera,
  MemoryCard,
  type Picture,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  type EventRecord,
  ptpText,
  RawInitiator,
  type Reply,
  showRecord,
  word,
} from '../support/raw-initiator.ts';
import { NOW, TINY_JPEG } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const OK = 0x2001;
const NOT_SUPPORTED = 0x2005;
const GENERAL_ERROR = 0x2002;
const picture: Picture = {
  jpeg: TINY_JPEG,
  thumbnail: TINY_JPEG,
  thumbnailWidth: 160,
  thumbnailHeight: 120,
};

/** Remote mode with events on; the first dump is still to be fetched. */
async function connect(model: string, card = new MemoryCard()): Promise<RawInitiator> {
  camera = createVirtualCamera(model, { card, takePicture: () => picture, now: () => NOW });
  const initiator = await RawInitiator.open(camera, false);
  await initiator.ok(0x9114, [1]);
  await initiator.ok(0x9115, [1]);
  return initiator;
}

const show = (records: readonly EventRecord[]) => records.map(showRecord);
const isIdle = (records: readonly EventRecord[]) =>
  records.some((record) => record.code === 0xc18b && word(record, 0) === 0);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (records: readonly EventRecord[], property: number) => {
  const found = records.find((each) => each.code === 0xc189 && word(each, 0) === property);
  return found && hex(found.payload.subarray(4));
};
/** Of an array of 16-bit codes at an offset. */
const codesAt = ({ data }: Reply, at: number) => {
  const view = new DataView(data.buffer, data.byteOffset);
  return Array.from({ length: view.getUint32(at, true) }, (_, i) =>
    view.getUint16(at + 4 + 2 * i, true),
  );
};
const tail = (...texts: string[]) => texts.flatMap((text) => [...ptpText(text)]);

describe('an EOS 1300D', () => {
  test('DeviceInfo is that of libgphoto2’s listing', async () => {
    const info = await (await connect('eos-1300d')).ok(0x1001);
    expect(new DataView(info.data.buffer, info.data.byteOffset).getUint32(2, true)).toBe(6);
    const operations = codesAt(info, 11);
    expect(operations).toHaveLength(167);
    expect(operations.slice(0, 4)).toEqual([0x1014, 0x1015, 0x1016, 0x1001]);
    expect(codesAt(info, 15 + 2 * 167)).toEqual([
      0x4009, 0x4004, 0x4005, 0x4003, 0x4002, 0x4007, 0xc101,
    ]);
    const serial = '84c0d2b95e7f4a13b6021d83e97fc45a';
    const end = tail('Canon Inc.', 'Canon EOS 1300D', '3-1.2.0', serial);
    expect([...info.data.slice(-end.length)]).toEqual(end);
  });

  test('the first dump: card, values, card, lists', async () => {
    const records = await (await connect('eos-1300d')).events();
    const shown = show(records);
    expect(shown.slice(0, 4)).toEqual(['c1a4:20001', 'd105=3', 'd108=0', 'd106=0']);
    const second = shown.lastIndexOf('c1a4:20001');
    expect(records.slice(1, second).every(({ code }) => code === 0xc189)).toBe(true);
    expect(records.slice(second + 1).every(({ code }) => code === 0xc18a)).toBe(true);
    expect(shown.slice(second + 1, second + 4)).toEqual(['d105[0]', 'd108[3]', 'd106[5]']);
    expect(shown.at(-1)).toBe('d14a[0]');
    // Nothing tells which version its display is of.
    expect(shown.filter((line) => line.startsWith('d199'))).toEqual([]);
  });

  test('all groups of custom functions stand in one record of 188 bytes', async () => {
    const records = await (await connect('eos-1300d')).events();
    const functions = records.filter((each) => each.code === 0xc189 && word(each, 0) === 0xd1a0);
    expect(functions).toHaveLength(1);
    const [record] = functions as [EventRecord];
    expect(record.payload.length - 4).toBe(188);
    expect([1, 2, 3, 4, 5, 6, 7].map((i) => word(record, i))).toEqual([
      0xbc, 4, 1, 0x2c, 3, 0x101, 1,
    ]);
  });

  test('nine focus points in a structure of 100 bytes, as libgphoto2 prints them', async () => {
    const focus = bytesOf(await (await connect('eos-1300d')).events(), 0xd1d3) ?? '';
    expect(focus).toHaveLength(200);
    // 96, version 4, nine of nine points, 5184 by 3456 twice.
    expect(focus.slice(8, 40)).toBe('60000400090009004014800d4014800d');
    expect(focus.slice(-12)).toBe('ff010000ffff');
  });

  test('one slot for SD, storage 00020001, handles from 90000000', async () => {
    const card = new MemoryCard();
    const initiator = await connect('eos-1300d', card);
    await initiator.events();
    await initiator.ok(0x9128, [3, 0]);
    await initiator.ok(0x9129, [3]);
    const records = await initiator.eventsUntil(isIdle);
    const added = records.filter(({ code }) => code === 0xc181);
    expect(added.map((record) => [word(record, 0), word(record, 1)])).toEqual([
      [0x91900000, 0x20001],
      [0x91900012, 0x20001],
    ]);
    expect(card.paths()).toContain('DCIM/100CANON/IMG_0001.JPG');
  });

  test('a record for each field of the display, its length without the head', async () => {
    const initiator = await connect('eos-1300d');
    await initiator.events();
    await initiator.ok(0x913d, [0x1fff]);
    const records = await initiator.events();
    expect(show(records)).toHaveLength(13);
    // Version 7: shutter in six bytes, ISO in four, focus in six.
    const sizes = [0x0002, 0x0008, 0x0100].map((bit) => {
      const record = records.find((each) => (word(each, 1) & 0xffff) === bit);
      return record && [record.payload.length - 8, word(record, 0)];
    });
    expect(sizes).toEqual([
      [6, 14],
      [4, 12],
      [6, 14],
    ]);
  });

  test('live view of 1056 by 704 in coordinates of 5160 by 3444', async () => {
    const initiator = await connect('eos-1300d');
    await initiator.set(0xd1b0, 2);
    await initiator.op(0x9153, [0x200000, 0, 0]);
    const { data } = await initiator.ok(0x9153, [0x200000, 0, 0]);
    const view = new DataView(data.buffer, data.byteOffset);
    const parts = new Map<number, Uint8Array>();
    for (let at = 0; at + 8 <= data.length; at += view.getUint32(at, true)) {
      parts.set(view.getUint32(at + 4, true), data.slice(at + 8, at + view.getUint32(at, true)));
    }
    expect(hex(parts.get(14) ?? new Uint8Array())).toBe('28140000740d0000');
    const jpeg = Buffer.from(parts.get(1) ?? []);
    const frame = jpeg.indexOf('ffc0', 'hex');
    expect([jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)]).toEqual([1056, 704]);
  });

  test('has no 64-bit operations', async () => {
    const initiator = await connect('eos-1300d');
    for (const code of [0x9170, 0x9172, 0x9173, 0x9174]) {
      expect((await initiator.op(code, [0x20001, 0xffffffff, 0])).code).toBe(NOT_SUPPORTED);
    }
  });
});

describe('an EOS 40D', () => {
  test('refuses what came after it', async () => {
    const initiator = await connect('eos-40d');
    // RemoteReleaseOn and -Off, display records, AFCancel, and everything of 64 bits.
    for (const code of [0x9128, 0x9129, 0x913d, 0x9160, 0x9170, 0x9173]) {
      expect((await initiator.op(code, [1, 0, 0])).code).toBe(NOT_SUPPORTED);
    }
  });

  test('the first dump: values, card, lists; nothing of lens, artist and UTC', async () => {
    const shown = show(await (await connect('eos-40d')).events());
    expect(shown[0]).toBe('d105=3');
    const card = shown.indexOf('c1a4:10001');
    expect(shown.slice(0, card).every((line) => !line.includes('['))).toBe(true);
    expect(shown.slice(card + 1).every((line) => line.includes('['))).toBe(true);
    for (const property of ['d1d8', 'd1d0', 'd1d1', 'd17c', 'd199']) {
      expect(shown.filter((line) => line.startsWith(property))).toEqual([]);
    }
  });

  test('tells the owner when asked, and knows no artist', async () => {
    const initiator = await connect('eos-40d');
    await initiator.events();
    expect((await initiator.op(0x9127, [0xd115])).code).toBe(OK);
    expect((await initiator.op(0x9127, [0xd1d0])).code).toBe(GENERAL_ERROR);
    expect((await initiator.events()).map((record) => word(record, 0))).toEqual([0xd115]);
  });

  test('RemoteRelease focuses and exposes: result 0, and the events of a picture', async () => {
    const card = new MemoryCard();
    const initiator = await connect('eos-40d', card);
    await initiator.events();
    expect((await initiator.ok(0x910f)).params).toEqual([0]);
    expect(show(await initiator.eventsUntil(isIdle))).toEqual([
      expect.stringMatching(/^d11b=/),
      'c18b:1',
      'c181',
      'd11f=31900000',
      'c181',
      'c185:10001',
      expect.stringMatching(/^d11b=/),
      'c18b:0',
    ]);
    expect(card.paths()).toContain('DCIM/100CANON/IMG_0001.JPG');
  });

  test('RemoteRelease to the computer', async () => {
    const initiator = await connect('eos-40d');
    await initiator.events();
    await initiator.set(0xd11c, 4);
    // No room was offered.
    expect((await initiator.ok(0x910f)).params).toEqual([7]);
    await initiator.ok(0x911a, [0x0fffffff, 0x1000, 1]);
    expect((await initiator.ok(0x910f)).params).toEqual([0]);
    const records = await initiator.eventsUntil(isIdle);
    const [request] = records.filter(({ code }) => code === 0xc186) as [EventRecord];
    const handle = word(request, 0);
    expect((await initiator.ok(0x1009, [handle])).data).toEqual(TINY_JPEG);
    expect((await initiator.op(0x9117, [handle])).code).toBe(OK);
  });

  test.each([
    ['1 when autofocus fails', 1, new MemoryCard(), 'fault af-failed'],
    ['7 without room', 7, new MemoryCard(), 'fault card-full'],
    ['7 without a card', 7, new MemoryCard(), 'card out'],
    ['8 with a locked card', 8, new MemoryCard({ access: 'read-only' }), 'battery 100'],
  ])('the result of RemoteRelease is %s', async (_, result, card, line) => {
    const initiator = await connect('eos-40d', card);
    await camera.control(line);
    expect((await initiator.ok(0x910f)).params).toEqual([result]);
    expect(camera.state).toMatchObject({ busy: false, waitingPictures: 0 });
  });

  test('BulbStart and BulbEnd: an exposure as long as they are apart', async () => {
    const seconds: number[] = [];
    const clock = new FakeClock();
    camera = createVirtualCamera('eos-40d', {
      card: new MemoryCard(),
      clock,
      takePicture({ exposure }) {
        seconds.push(exposure.shutter);
        return picture;
      },
    });
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x9114, [1]);
    expect((await initiator.ok(0x9125)).params).toEqual([GENERAL_ERROR]);
    expect((await initiator.set(0xd102, 0x0c)).code).toBe(OK);
    expect((await initiator.ok(0x9125)).params).toEqual([0]);
    expect(camera.state.busy).toBe(true);
    expect((await initiator.op(0x9125)).code).toBe(0x2019);
    await clock.advance(2500);
    expect((await initiator.ok(0x9126)).params).toEqual([0]);
    await clock.advance(1000);
    expect(seconds).toEqual([2.5]);
  });

  test('shoots by its own button, and drives continuously at two speeds', async () => {
    const card = new MemoryCard();
    const initiator = await connect('eos-40d', card);
    await camera.press();
    expect(card.paths()).toContain('DCIM/100CANON/IMG_0001.JPG');
    expect((await initiator.set(0xd106, 4)).code).toBe(OK);
    expect((await initiator.set(0xd106, 5)).code).toBe(OK);
    expect((await initiator.set(0xd106, 7)).code).toBe(0x201c);
  });
});
