/** The virtual IXUS 180: what sets it apart from an EOS body. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemoryCard, VirtualCamera } from '../../src/virtual/index.ts';
import {
  type EventRecord,
  objectInfo,
  ptpText,
  RawInitiator,
  type Reply,
  showRecord,
  u32s,
  word,
} from '../support/raw-initiator.ts';
import { ixusCard, NOW, smallIxus, TINY_JPEG } from '../support/small-pictures.ts';

const CARD = 0x00010001;
const DCIM = 0x00080000;
const FOLDER = 0x01a00000;
const FILE = 0x01a0aee1;
const ALL = 0xffffffff;
const UPLOAD = 0xbf01;

let card: MemoryCard;
let camera: VirtualCamera;
let initiator: RawInitiator;
beforeEach(async () => {
  card = ixusCard();
  camera = smallIxus({ card });
  initiator = await RawInitiator.open(camera, false);
});
afterEach(() => camera.close());

const code = async (...args: Parameters<RawInitiator['op']>) =>
  (await initiator.op(...args)).code.toString(16);
const words = ({ data }: Reply, from = 0) => {
  const view = new DataView(data.buffer, data.byteOffset);
  return Array.from({ length: (data.length - from) >> 2 }, (_, i) =>
    view.getUint32(from + 4 * i, true),
  );
};
const upload = async (name: string, bytes: Uint8Array) => {
  const { params } = await initiator.ok(0x100c, [0, 0], {
    data: objectInfo(name, UPLOAD, bytes.length),
  });
  await initiator.ok(0x100d, [], { data: bytes });
  return params;
};

describe('what miniPtp sees on a real one', () => {
  test('DeviceInfo says 6, Canon Inc. and no serial number', async () => {
    const { data } = await initiator.ok(0x1001);
    const view = new DataView(data.buffer);
    expect([view.getUint16(0, true), view.getUint32(2, true)]).toEqual([100, 6]);
    const tail = [ptpText('Canon Inc.'), ptpText('Canon IXUS 180'), ptpText('1-15.0.1.0'), [0]];
    const expected = tail.flatMap((part) => [...part]);
    expect([...data.slice(-expected.length)]).toEqual(expected);
  });

  test('handles and names', async () => {
    expect(words(await initiator.ok(0x1004))).toEqual([1, CARD]);
    expect(words(await initiator.ok(0x1007, [CARD, 0, ALL]))).toEqual([2, DCIM, 0x10080000]);
    expect(words(await initiator.ok(0x1007, [CARD, 0, DCIM]))).toEqual([1, FOLDER]);
    expect(words(await initiator.ok(0x1007, [CARD, 0, FOLDER]))).toEqual([2, FILE, 0x01a0aef1]);
  });

  test('the storage is called SD', async () => {
    const { data } = await initiator.ok(0x1005, [CARD]);
    expect([...data.slice(0, 6)]).toEqual([4, 0, 3, 0, 0, 0]);
    expect(new DataView(data.buffer).getBigUint64(6, true)).toBe(7_736_426_496n);
    expect([...data.slice(26)]).toEqual([...ptpText('SD'), 0]);
  });

  test('an upload: storage 10001, parent 0, handle 40029, format BF01', async () => {
    const script = new TextEncoder().encode('print("hello")\n');
    expect(await upload('miniPtp.py', script)).toEqual([CARD, 0, 0x40029]);
    expect((await initiator.ok(0x1006, [CARD, 0, ALL])).params).toEqual([3]);
    const { data } = await initiator.ok(0x1008, [0x40029]);
    const view = new DataView(data.buffer);
    expect(view.getUint16(4, true)).toBe(UPLOAD);
    expect(view.getUint32(8, true)).toBe(script.length);
    expect(view.getUint32(38, true)).toBe(0);
    expect((await initiator.ok(0x1009, [0x40029])).data).toEqual(script);
    expect(card.paths()).toContain('miniPtp.py');
    // Also for the next session, and for somebody who puts the card in again.
    await camera.control('card out');
    await camera.control('card in');
    const again = await initiator.ok(0x1008, [0x40029]);
    expect(new DataView(again.data.buffer).getUint16(4, true)).toBe(UPLOAD);
  });
});

describe('an upload', () => {
  const info = objectInfo('a.txt', UPLOAD, 3);
  test.each([
    ['the root by its own name', [CARD, ALL], info, '2001'],
    ['a folder', [CARD, FOLDER], info, '2006'],
    ['the storage may be named', [CARD, 0], info, '2001'],
    ['a storage that is not there', [0x00020001, 0], info, '2008'],
    ['a picture as such', [0, 0], objectInfo('a.jpg', 0x3801, 3), '2001'],
    ['a folder of its own', [0, 0], objectInfo('NEW', 0x3001, 0), '200f'],
    ['no name', [0, 0], objectInfo('', UPLOAD, 3), '200f'],
    ['a name that leads elsewhere', [0, 0], objectInfo('..', UPLOAD, 3), '200f'],
    ['a path', [0, 0], objectInfo('x/y', UPLOAD, 3), '200f'],
    ['4 GiB or more', [0, 0], objectInfo('a.bin', UPLOAD, ALL), 'a809'],
    ['a dataset that ends early', [0, 0], info.slice(0, 40), '2002'],
  ])('%s', async (_name, params, data, expected) => {
    const before = card.paths();
    expect(await code(0x100c, params, { data })).toBe(expected);
    expect(card.paths()).toEqual(before);
  });

  test('a name that is taken, in whatever case', async () => {
    await upload('notes.txt', Uint8Array.of(1));
    const data = objectInfo('NOTES.TXT', UPLOAD, 3);
    expect(await code(0x100c, [0, 0], { data })).toBe('2006');
  });

  test('without ObjectInfo, or after something else', async () => {
    const data = Uint8Array.of(1, 2, 3);
    expect(await code(0x100d, [], { data })).toBe('2015');
    await initiator.ok(0x100c, [0, 0], { data: info });
    await initiator.ok(0x1004);
    expect(await code(0x100d, [], { data })).toBe('2015');
    // Once it is there it is not to be sent twice.
    await upload('a.txt', data);
    expect(await code(0x100d, [], { data })).toBe('2015');
  });

  test.each([
    ['longer', 4, '200c'],
    ['shorter', 2, '2007'],
  ])(
    'data %s than announced leave nothing, and may be sent again',
    async (_name, size, expected) => {
      await initiator.ok(0x100c, [0, 0], { data: info });
      expect(await code(0x100d, [], { data: new Uint8Array(size) })).toBe(expected);
      expect(card.paths()).not.toContain('a.txt');
      await initiator.ok(0x100d, [], { data: Uint8Array.of(7, 8, 9) });
      expect(card.paths()).toContain('a.txt');
    },
  );

  test('an empty file is there at once; empty data are taken all the same', async () => {
    const { params } = await initiator.ok(0x100c, [0, 0], {
      data: objectInfo('empty', UPLOAD, 0),
    });
    expect(card.paths()).toContain('empty');
    await initiator.ok(0x100d, [], { data: new Uint8Array(0) });
    expect((await initiator.ok(0x1009, [params[2] ?? 0])).data).toHaveLength(0);
  });

  test('a megabyte and a half, in two packets', async () => {
    const bytes = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 11) >> 4);
    const [, , handle = 0] = await upload('big.bin', bytes);
    expect((await initiator.ok(0x1009, [handle])).data).toEqual(bytes);
  });

  test('free space follows, and the computer is told', async () => {
    await initiator.ok(0x9114, [0x15]);
    await initiator.ok(0x9115, [1]);
    await initiator.events();
    const free = async () =>
      new DataView((await initiator.ok(0x1005, [CARD])).data.buffer).getBigUint64(14, true);
    const before = await free();
    const [, , handle = 0] = await upload('big.bin', new Uint8Array(40_000_000));
    expect(before - (await free())).toBeGreaterThanOrEqual(40_000_000n);
    expect((await initiator.events()).map(showRecord)).toEqual([
      `c185:${CARD.toString(16)}`,
      expect.stringMatching(/^d11b=/),
    ]);
    await initiator.ok(0x100b, [handle]);
    expect(await free()).toBe(before);
    // A handle is not given out twice in a session.
    const [, , next] = await upload('big.bin', Uint8Array.of(1));
    expect(next).not.toBe(handle);
  });
});

describe('device properties', () => {
  const listed = [
    0xd045, 0xd04a, 0xd02e, 0xd02f, 0x5001, 0xd002, 0xd003, 0xd034, 0xd047, 0xd046, 0xd030, 0xd049,
    0xd032, 0xd033, 0xd031, 0xd050, 0xd051, 0xd052, 0xd057, 0xd402, 0xd406, 0xd407, 0xd303,
  ];
  test.each(listed)('0x%s has a description, and its value is the same alone', async (property) => {
    const { data } = await initiator.ok(0x1014, [property]);
    const alone = await initiator.ok(0x1015, [property]);
    expect(new DataView(data.buffer).getUint16(0, true)).toBe(property);
    const text = [...data].join();
    expect(text).toContain([...alone.data].join());
  });

  test('model id and firmware', async () => {
    expect(words(await initiator.ok(0x1015, [0xd049]))).toEqual([0x04030000]);
    expect(words(await initiator.ok(0x1015, [0xd031]))).toEqual([0x01000000]);
  });

  test('the clock is the one of the pictures', async () => {
    expect(words(await initiator.ok(0x1015, [0xd034]))).toEqual([NOW / 1000]);
    await initiator.ok(0x1016, [0xd034], { data: u32s(NOW / 1000 + 3600) });
    expect(words(await initiator.ok(0x1015, [0xd034]))).toEqual([NOW / 1000 + 3600]);
    await camera.press();
    const [, picture = 0] = words(await initiator.ok(0x1007, [CARD, 0, FOLDER + (1 << 18)]));
    const { data } = await initiator.ok(0x9803, [picture, 0xdc09]);
    expect([...data]).toEqual([...ptpText('20261121T113205.0')]);
  });

  test('the owner is bytes with a terminator', async () => {
    const name = [...'Jane\0'].map((c) => c.charCodeAt(0));
    await initiator.ok(0x1016, [0xd033], { data: Uint8Array.of(5, 0, 0, 0, ...name) });
    expect([...(await initiator.ok(0x1015, [0xd033])).data]).toEqual([5, 0, 0, 0, ...name]);
    await initiator.ok(0x1017, [0xd033]);
    expect([...(await initiator.ok(0x1015, [0xd033])).data]).toEqual([1, 0, 0, 0, 0]);
  });

  test.each([
    ['a mode out of the list', 0x1016, [0xd045], Uint8Array.of(9, 0), '201c'],
    ['the model id', 0x1016, [0xd049], u32s(1), '200f'],
    ['reset: the model id', 0x1017, [0xd049], undefined, '200f'],
    ['reset: unknown', 0x1017, [0xd999], undefined, '200a'],
    ['reset: everything', 0x1017, [ALL], undefined, '2001'],
  ])('%s', async (_name, operation, params, data, expected) => {
    expect(await code(operation, params, data ? { data } : {})).toBe(expected);
  });

  test('battery', async () => {
    const level = async () => (await initiator.ok(0x1015, [0x5001])).data[0];
    expect(await level()).toBe(3);
    await camera.control('battery 40');
    expect(await level()).toBe(2);
    await camera.control('battery 0');
    expect(await level()).toBe(0);
  });
});

describe('object properties', () => {
  /** Elements of GetObjectPropList, as far as these tests need them. */
  const elements = ({ data }: Reply) => {
    const view = new DataView(data.buffer);
    const found: { handle: number; property: number; value: unknown }[] = [];
    let at = 4;
    for (let left = view.getUint32(0, true); left > 0; left--) {
      const [handle, property, type] = [
        view.getUint32(at, true),
        view.getUint16(at + 4, true),
        view.getUint16(at + 6, true),
      ];
      at += 8;
      if (type === 0xffff) {
        const count = data[at++] ?? 0;
        let value = '';
        for (let i = 0; i < count - 1; i++) {
          value += String.fromCharCode(view.getUint16(at + 2 * i, true));
        }
        found.push({ handle, property, value });
        at += 2 * count;
        continue;
      }
      const size = { 4: 2, 6: 4, 8: 8, 10: 16 }[type] ?? Number.NaN;
      const value =
        size === 2
          ? view.getUint16(at, true)
          : size === 4
            ? view.getUint32(at, true)
            : view.getBigUint64(at, true);
      found.push({ handle, property, value });
      at += size;
    }
    expect(at).toBe(data.length);
    return found;
  };
  const handles = (reply: Reply) => [...new Set(elements(reply).map(({ handle }) => handle))];

  test('names of a folder', async () => {
    const reply = await initiator.ok(0x9805, [FOLDER, 0, 0xdc07, 0, 1]);
    expect(elements(reply)).toEqual([
      { handle: FILE, property: 0xdc07, value: 'IMG_2798.JPG' },
      { handle: 0x01a0aef1, property: 0xdc07, value: 'IMG_2799.JPG' },
    ]);
  });

  test('everything of one object, but what is slow', async () => {
    const found = elements(await initiator.ok(0x9805, [FILE, 0, ALL, 0, 0]));
    const values = Object.fromEntries(
      found.map(({ property, value }) => [property.toString(16), value]),
    );
    expect(values).toMatchObject({
      dc01: CARD,
      dc02: 0x3801,
      dc03: 0,
      dc04: BigInt(TINY_JPEG.length),
      dc07: 'IMG_2798.JPG',
      dc09: '20260714T093000.0',
      dc0b: FOLDER,
    });
    expect(values).not.toHaveProperty('dc87');
    const width = elements(await initiator.ok(0x9805, [FILE, 0, 0xdc87, 0, 0]));
    expect(width).toEqual([{ handle: FILE, property: 0xdc87, value: 8 }]);
  });

  test.each([
    ['the root itself: nothing', [0, 0, ALL, 0, 0], []],
    ['in the root', [0, 0, ALL, 0, 1], [DCIM, 0x10080000]],
    ['below DCIM, with it', [DCIM, 0, ALL, 0, ALL], [DCIM, FOLDER, FILE, 0x01a0aef1]],
    ['all of them', [ALL, 0, ALL, 0, 0], [DCIM, FOLDER, FILE, 0x01a0aef1, 0x10080000]],
    ['of a format', [ALL, 0x3801, 0xdc07, 0, 0], [FILE, 0x01a0aef1]],
    ['by group', [FILE, 0, 0, 1, 0], [FILE]],
  ])('%s', async (_name, params, expected) => {
    expect(handles(await initiator.ok(0x9805, params))).toEqual(expected);
  });

  test.each([
    ['neither property nor group', 0x9805, [FOLDER, 0, 0, 0, 1], '2006'],
    ['a group that is not there', 0x9805, [FOLDER, 0, 0, 7, 1], 'a805'],
    ['two levels', 0x9805, [FOLDER, 0, ALL, 0, 2], 'a808'],
    ['an unknown property', 0x9805, [FOLDER, 0, 0xdcff, 0, 1], 'a801'],
    ['an unknown object', 0x9805, [0x1234, 0, ALL, 0, 1], '2009'],
    ['an unknown format', 0x9805, [ALL, 0x3811, ALL, 0, 0], '2014'],
    ['one value, unknown property', 0x9803, [FILE, 0xdcff], 'a801'],
    ['one value, unknown object', 0x9803, [0x1234, 0xdc07], '2009'],
    ['pixels of a folder', 0x9803, [FOLDER, 0xdc87], 'a80a'],
    ['properties of an unknown format', 0x9801, [0x3811], '200b'],
    ['description of an unknown property', 0x9802, [0xdcff, 0x3801], 'a801'],
    ['description for an unknown format', 0x9802, [0xdc07, 0x3811], '200b'],
  ])('%s', async (_name, operation, params, expected) => {
    expect(await code(operation, params)).toBe(expected);
  });

  test('what formats have, and how it is described', async () => {
    const codesOf = async (format: number) => {
      const { data } = await initiator.ok(0x9801, [format]);
      return [...new Uint16Array(data.buffer.slice(4))];
    };
    expect(await codesOf(0x3801)).toEqual(expect.arrayContaining([0xdc04, 0xdc07, 0xdc87]));
    expect(await codesOf(0x3001)).not.toContain(0xdc87);
    const { data } = await initiator.ok(0x9802, [0xdc04, 0x3801]);
    expect([...data]).toEqual([0x04, 0xdc, 8, 0, 0, ...new Array(8).fill(0), 1, 0, 0, 0, 0]);
  });

  test('one value; none can be set', async () => {
    expect([...(await initiator.ok(0x9803, [FILE, 0xdc07])).data]).toEqual([
      ...ptpText('IMG_2798.JPG'),
    ]);
    expect(await code(0x9804, [FILE, 0xdc07], { data: ptpText('X.JPG') })).toBe('200f');
  });
});

describe('operations of PowerShots', () => {
  test('protection', async () => {
    await initiator.ok(0x1012, [FILE, 1]);
    expect((await initiator.ok(0x1008, [FILE])).data[6]).toBe(1);
    expect(await code(0x100b, [FILE])).toBe('200d');
    expect(await code(0x1012, [FILE, 2])).toBe('201d');
    expect(await code(0x1012, [0x1234, 1])).toBe('2009');
    await initiator.ok(0x1012, [FILE, 0]);
    await initiator.ok(0x100b, [FILE]);
  });

  test('a folder by 0x9021: 28 bytes for each entry', async () => {
    const { data, params } = await initiator.ok(0x9021, [CARD, 0, FOLDER, 0]);
    expect(params).toEqual([2]);
    expect(data).toHaveLength(56);
    const view = new DataView(data.buffer);
    expect([
      view.getUint32(0, true),
      view.getUint16(4, true),
      data[6],
      view.getUint32(7, true),
    ]).toEqual([FILE, 0x3801, 0, TINY_JPEG.length]);
    expect(String.fromCharCode(...data.slice(15, 28))).toBe('IMG_2798.JPG\0');
    expect((await initiator.ok(0x9021, [CARD, 0, FOLDER, FILE])).params).toEqual([1]);
  });

  test('a handle by its path', async () => {
    const find = (path: string) => initiator.op(0x9006, [], { data: ptpText(path) });
    expect(await find('A:\\DCIM\\104___07\\IMG_2799.JPG')).toMatchObject({
      code: 0x2001,
      params: [0x01a0aef1],
    });
    expect((await find('A:\\DCIM\\NOT.HERE')).code).toBe(0x2009);
  });

  test('sizes, parts, the mark of what is new', async () => {
    expect((await initiator.ok(0x9001, [FILE, 0])).params).toEqual([TINY_JPEG.length, 0]);
    expect(await code(0x9001, [FILE, 1])).toBe('2010');
    const part = await initiator.ok(0x901b, [FILE, 2, 4, 1]);
    expect([part.params, part.data]).toEqual([[4], TINY_JPEG.slice(2, 6)]);
    await initiator.ok(0x9002, [FILE, 0x20]);
    const { data } = await initiator.ok(0x9109, [CARD, FOLDER, 0x100000]);
    expect(data[4 + 4 + 0x10]).toBe(0x20);
  });

  test('events on their own connection, or by CheckEvent', async () => {
    await camera.control('card out');
    expect([...((await initiator.event.next())?.bytes.slice(8) ?? [])]).toEqual([
      0x05, 0x40, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 0,
    ]);
    expect((await initiator.ok(0x9013)).data).toHaveLength(0);
    await initiator.ok(0x1016, [0xd045], { data: Uint8Array.of(7, 0) });
    await camera.control('card in');
    const { data } = await initiator.ok(0x9013);
    expect([...data.slice(0, 8), ...data.slice(12)]).toEqual([
      16, 0, 0, 0, 4, 0, 0x04, 0x40, 1, 0, 1, 0,
    ]);
    expect((await initiator.ok(0x9013)).data).toHaveLength(0);
  });

  test('what it lists and nobody knows is refused', async () => {
    expect(await code(0x9062)).toBe('2005');
    expect(await code(0x9033)).toBe('2005');
  });
});

describe('shooting', () => {
  const isIdle = (records: readonly EventRecord[]) =>
    records.some((record) => record.code === 0xc18b && word(record, 0) === 0);
  const enter = async () => {
    await initiator.ok(0x9114, [0x15]);
    await initiator.ok(0x9115, [2]);
    await initiator.ok(0x913d, [0x1fff]);
    await initiator.events();
  };

  test('only once EVFOutputDevice is 8, as on an EOS M10', async () => {
    await enter();
    expect(await code(0x9128, [3, 0])).toBe('2019');
    expect((await initiator.set(0xd1b0, 8)).code).toBe(0x2001);
    const shown = (await initiator.events()).map(showRecord);
    expect(shown.slice(0, 2)).toEqual(['d1b0=8', 'd101=23']);
    expect(shown).toEqual(expect.arrayContaining([expect.stringMatching(/^d11b=[^0]/), 'd103[6]']));

    await initiator.ok(0x9128, [3, 0]);
    await initiator.ok(0x9129, [3]);
    const records = (await initiator.eventsUntil(isIdle)).map(showRecord);
    expect(records.filter((line) => line === 'c181')).toHaveLength(2);
    // November: another folder than that of July, and the numbers go on.
    expect(card.paths()).toContain('DCIM/105___11/IMG_2800.JPG');
  });

  test('a press by hand needs no computer', async () => {
    await camera.control('press');
    expect(card.paths()).toContain('DCIM/105___11/IMG_2800.JPG');
    await camera.control('press');
    expect(card.paths()).toContain('DCIM/105___11/IMG_2801.JPG');
  });

  test('the display has the fields of version 8', async () => {
    await enter();
    await initiator.set(0xd1b0, 8);
    await initiator.events();
    await initiator.ok(0x913d, [4]);
    const [aperture] = await initiator.events();
    // Record of 21 bytes, whose length is that without its first eight: an M10's.
    expect([...(aperture?.payload ?? [])]).toEqual([
      13, 0, 0, 0, 4, 0, 0, 0, 1, 3, 0x23, 0x23, 0x23,
    ]);
  });

  test('live view', async () => {
    await enter();
    await initiator.set(0xd1b0, 8);
    expect(await code(0x9153, [0x200000])).toBe('a102');
    const { data } = await initiator.ok(0x9153, [0x200000]);
    expect([...data.slice(8, 11)]).toEqual([0xff, 0xd8, 0xff]);
    await initiator.set(0xd1b0, 0);
    expect(await code(0x9153, [0x200000])).toBe('a102');
  });

  test('remote modes: 1, 0x11 and 0x15', async () => {
    for (const mode of [1, 0x11, 0x15, 0]) await initiator.ok(0x9114, [mode]);
    expect(await code(0x9114, [5])).toBe('201d');
  });
});
