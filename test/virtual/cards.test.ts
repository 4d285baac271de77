/** Cards out of the ordinary: very many files, very large ones, locked, full, taken out. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MemoryCard, patternContent, type VirtualCamera } from '../../src/virtual/index.ts';
import { fromHex } from '../support/hex-fixture.ts';
import { objectInfo, RawInitiator, showRecord, u32s, word } from '../support/raw-initiator.ts';
import { NOW, smallCamera, smallIxus, TINY_JPEG } from '../support/small-pictures.ts';

const CARD = 0x00010001;
const ALL = 0xffffffff;

let camera: VirtualCamera;
afterEach(() => camera.close());

const code = async (initiator: RawInitiator, ...args: Parameters<RawInitiator['op']>) =>
  (await initiator.op(...args)).code.toString(16);
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);

function manyPictures(count: number, folder = 'DCIM/100CANON', prefix = 'IMG_'): MemoryCard {
  const card = new MemoryCard({ capacity: 256e9 });
  const content = patternContent(8_000_000);
  for (let i = 1; i <= count; i++) {
    card.addFile(`${folder}/${prefix}${String(i).padStart(4, '0')}.JPG`, content, NOW / 1000);
  }
  return card;
}

describe('ten thousand files', () => {
  test('are found by one look into each folder, and listed in one transaction', async () => {
    const card = manyPictures(9999);
    card.addFile('DCIM/101CANON/IMG_0001.JPG', patternContent(1), 1);
    const list = vi.spyOn(card, 'list');
    const read = vi.spyOn(card, 'read');
    camera = smallCamera({ card });
    await camera.ready();
    const folders = list.mock.calls.map(([folder]) => folder);
    expect(folders.sort()).toEqual(['', 'DCIM', 'DCIM/100CANON', 'DCIM/101CANON']);

    const initiator = await RawInitiator.open(camera, false);
    for (const [operation, entry, limit] of [
      [0x9109, 0x38, 0x100000],
      [0x9173, 0x3c, 0x200000],
    ] as const) {
      const { data } = await initiator.ok(operation, [CARD, 0x51900000, limit]);
      expect(view(data).getUint32(0, true)).toBe(9999);
      expect(data).toHaveLength(4 + 9999 * entry);
    }
    expect([list.mock.calls.length, read.mock.calls.length]).toEqual([folders.length, 0]);
  });

  test('by object properties, in one transaction too', async () => {
    camera = smallIxus({ card: manyPictures(9999) });
    const initiator = await RawInitiator.open(camera, false);
    const { data } = await initiator.ok(0x9805, [0x01900000, 0, 0xdc07, 0, 1]);
    expect(view(data).getUint32(0, true)).toBe(9999);
    const everything = await initiator.ok(0x9805, [0x01900000, 0, ALL, 0, 1]);
    expect(view(everything.data).getUint32(0, true)).toBe(9999 * 10);
  });

  test('are deleted with their folder', async () => {
    const card = manyPictures(9999);
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x100b, [0x51900000]);
    expect(card.paths()).toEqual(['DCIM', 'MISC']);
  });
});

test.each([
  [0x9109, 0x38],
  [0x9173, 0x3c],
])('%i gives no more than the largest answer has room for', async (operation, entry) => {
  camera = smallCamera({ card: manyPictures(100) });
  const initiator = await RawInitiator.open(camera, false);
  const listed = async (limit: number) => {
    const { data } = await initiator.ok(operation, [CARD, 0x51900000, limit]);
    expect(data).toHaveLength(4 + view(data).getUint32(0, true) * entry);
    return view(data).getUint32(0, true);
  };
  expect(await listed(4 + 10 * entry)).toBe(10);
  expect(await listed(3 + 10 * entry)).toBe(9);
  expect(await listed(1)).toBe(0);
  expect(await listed(0)).toBe(100);
  expect((await initiator.ok(0x1006, [CARD, 0, 0x51900000])).params).toEqual([100]);
});

test('names that have no room in a directory get short ones', async () => {
  const card = new MemoryCard();
  for (const name of ['holidays in Zürich.jpeg', 'holidays in Genoa.jpeg', '写真.png', 'ok.txt']) {
    card.addFile(`DCIM/100CANON/${name}`, TINY_JPEG, 1);
  }
  camera = smallCamera({ card });
  const initiator = await RawInitiator.open(camera, false);
  const { data } = await initiator.ok(0x9109, [CARD, 0x51900000, 0x100000]);
  const names = Array.from({ length: 4 }, (_, i) => {
    const at = 4 + i * 0x38 + 4 + 0x20;
    return String.fromCharCode(...data.slice(at, data.indexOf(0, at)));
  });
  expect(names.sort()).toEqual(['HOLIDA~1.JPE', 'HOLIDA~2.JPE', '__~1.PNG', 'ok.txt']);
});

describe('a movie of 8 GiB', () => {
  const SIZE = 8 * 2 ** 30 + 5;
  const MOVIE = 0x51900011;
  const expected = (offset: number, size: number) =>
    Uint8Array.from({ length: size }, (_, i) => (offset + i) % 65_521);
  const open = async () => {
    const card = new MemoryCard({ capacity: 64e9 });
    card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(SIZE), NOW / 1000);
    camera = smallCamera({ card });
    return RawInitiator.open(camera, false);
  };

  test('its size: all ones in 32 bits, whole in 64', async () => {
    const initiator = await open();
    const info = await initiator.ok(0x1008, [MOVIE]);
    expect(view(info.data).getUint32(8, true)).toBe(ALL);
    const wide = await initiator.ok(0x9170, [MOVIE]);
    expect(wide.data.length).toBe(info.data.length + 4);
    expect(view(wide.data).getUint32(8, true)).toBe(ALL);
    expect(view(wide.data).getUint32(info.data.length, true)).toBe(2);
    const short = await initiator.ok(0x9109, [CARD, 0x51900000, 0x100000]);
    expect(view(short.data).getUint32(8 + 0x14, true)).toBe(ALL);
    const long = await initiator.ok(0x9173, [CARD, 0x51900000, 0x200000]);
    expect(view(long.data).getBigUint64(8 + 0x14, true)).toBe(BigInt(SIZE));
  });

  test('parts beyond 4 GiB', async () => {
    const initiator = await open();
    const at = 2 ** 32 + 77;
    const part = await initiator.ok(0x9174, [MOVIE, 77, 1, 1000]);
    expect([part.params, part.data]).toEqual([[1000], expected(at, 1000)]);
    const end = await initiator.ok(0x9174, [MOVIE, 0, 2, 0x100000]);
    expect([end.params, end.data]).toEqual([[5], expected(SIZE - 5, 5)]);
    const behind = await initiator.ok(0x9174, [MOVIE, 5, 2, 0x100000]);
    expect([behind.params, behind.data.length]).toEqual([[0], 0]);
    const old = await initiator.ok(0x101b, [MOVIE, 0xfffffff0, 32]);
    expect(old.data).toEqual(expected(0xfffffff0, 32));
  });

  test.each([0x1009, 0x9104, 0x9171])('0x%s announces all of it', async (operation) => {
    const initiator = await open();
    const id = await initiator.request(operation, [MOVIE]);
    const start = await initiator.command.next();
    expect(start?.type).toBe(9);
    expect(start && view(start.bytes).getBigUint64(12, true)).toBe(BigInt(SIZE));
    // Eight gigabytes are for the benchmark: the rest is not waited for.
    const cancel = u32s(12, 11, id);
    await initiator.event.stream.write(cancel);
    expect((await initiator.reply()).code).toBe(0x201f);
    await initiator.ok(0x1001);
  });
});

describe.each([
  ['read-only', 1],
  ['read-and-delete', 2],
] as const)('a card that is %s', (access, capability) => {
  const FILE = 0x01900011;
  const open = async () => {
    const card = new MemoryCard({ access });
    card.addFile('DCIM/100CANON/IMG_0001.JPG', TINY_JPEG, 1);
    camera = smallIxus({ card });
    return { card, initiator: await RawInitiator.open(camera, false) };
  };

  test('says so, and nothing is written to it', async () => {
    const { card, initiator } = await open();
    const { data } = await initiator.ok(0x1005, [CARD]);
    expect(view(data).getUint16(4, true)).toBe(capability);
    const info = objectInfo('a.txt', 0xbf01, 3);
    expect(await code(initiator, 0x100c, [0, 0], { data: info })).toBe('200e');
    expect(await code(initiator, 0x1012, [FILE, 1])).toBe('200e');
    expect(await code(initiator, 0x910c, [FILE, 1])).toBe('200e');
    expect(await code(initiator, 0x9002, [FILE, 0])).toBe('200e');
    expect(await code(initiator, 0x100f, [CARD])).toBe('200e');
    await expect(camera.press()).rejects.toMatchObject({ code: 'BUSY' });
    expect(card.paths()).toEqual(['DCIM', 'DCIM/100CANON', 'DCIM/100CANON/IMG_0001.JPG']);
    expect((await initiator.ok(0x1009, [FILE])).data).toEqual(TINY_JPEG);
  });

  test('deleting', async () => {
    const { card, initiator } = await open();
    expect(await code(initiator, 0x100b, [FILE])).toBe(capability === 1 ? '200e' : '2001');
    expect(card.paths().some((path) => path.endsWith('.JPG'))).toBe(capability === 1);
  });
});

test('an R6 with a locked card has no room: result 8', async () => {
  const card = new MemoryCard({ access: 'read-only' });
  card.addFile('DCIM/100CANON/2U4A0001.JPG', TINY_JPEG, 1);
  camera = smallCamera({ card });
  const initiator = await RawInitiator.open(camera);
  expect(camera.state.shotsLeft).toBe(0);
  expect((await initiator.ok(0x910f)).params).toEqual([8]);
  expect(await code(initiator, 0x9128, [3, 1])).toBe('2002');
});

describe('a full card', () => {
  test('takes no upload and no picture', async () => {
    camera = smallIxus({ card: new MemoryCard({ capacity: 200_000 }) });
    const initiator = await RawInitiator.open(camera, false);
    expect(camera.state.shotsLeft).toBe(0);
    const large = objectInfo('a.bin', 0xbf01, 150_000);
    expect(await code(initiator, 0x100c, [0, 0], { data: large })).toBe('200c');
    await camera.control('fault card-full');
    const small = objectInfo('a.bin', 0xbf01, 3);
    expect(await code(initiator, 0x100c, [0, 0], { data: small })).toBe('200c');
    await camera.control('fault off');
    expect(await code(initiator, 0x100c, [0, 0], { data: small })).toBe('2001');
  });

  test('D11B is 0, and rises when something is deleted', async () => {
    const card = new MemoryCard({ capacity: 9_000_000 });
    card.addFile('DCIM/100CANON/2U4A0001.JPG', patternContent(8_400_000), 1);
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    expect(camera.state.shotsLeft).toBe(0);
    expect(await code(initiator, 0x9128, [3, 1])).toBe('2002');
    await initiator.events();
    const small = u32s(28, 0xd120, 1, 0x10, 1, 15, 3);
    await initiator.ok(0x9110, [], { data: small });
    await initiator.ok(0x100b, [0x51900012]);
    const shots = (await initiator.events()).filter(
      (record) => record.code === 0xc189 && word(record, 0) === 0xd11b,
    );
    expect(shots.map((record) => word(record, 1)).at(-1)).toBeGreaterThan(0);
  });

  test('a picture that turns out too large is lost, the camera goes on', async () => {
    const lines: string[] = [];
    const card = new MemoryCard({ capacity: 12_000_000 });
    camera = smallCamera({
      card,
      log: (line) => lines.push(line),
      takePicture: () => ({
        jpeg: new Uint8Array(12_500_000),
        thumbnail: TINY_JPEG,
        thumbnailWidth: 160,
        thumbnailHeight: 120,
      }),
    });
    await camera.press();
    expect(lines).toContain('2U4A0001.JPG is lost: the card is full');
    expect(card.paths()).toEqual(['DCIM', 'MISC']);
    expect(camera.state.busy).toBe(false);
  });
});

test('ObjectInfo tells the shape of the thumbnail that is there', async () => {
  // 32 by 16 pixels; the EXIF is big-endian, its second directory names a JPEG of 128 by 96.
  const jpeg = fromHex(`ffd8 ffe1 0043 457869660000
    4d4d 002a 00000008 0000 0000000e 0002 0201 0004 00000001 0000002c 0202 0004 00000001 0000000f
    00000000 ffd8 ffc0 000b 08 0060 0080 01 011100 ffc0 000b 08 0010 0020 01 011100`);
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.JPG', jpeg, 1);
  camera = smallCamera({ card });
  const initiator = await RawInitiator.open(camera, false);
  const { data } = await initiator.ok(0x1008, [0x51900012]);
  // ThumbFormat, ThumbCompressedSize, ThumbPixWidth, ThumbPixHeight, ImagePixWidth, ImagePixHeight.
  expect(view(data).getUint16(12, true)).toBe(0x3808);
  const words = [14, 18, 22, 26, 30].map((at) => view(data).getUint32(at, true));
  expect(words).toEqual([15, 128, 96, 32, 16]);
  expect((await initiator.ok(0x100a, [0x51900012])).data).toHaveLength(15);
});

describe('what an order to change a card brings', () => {
  const open = async () => {
    const card = new MemoryCard();
    for (const i of [1, 2, 3]) {
      card.addFile(`DCIM/100CANON/2U4A000${i}.JPG`, TINY_JPEG, 1);
    }
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    return { card, initiator };
  };

  test.each([
    ['DeleteObject of a file', 0x100b, [0x51900012]],
    ['DeleteObject of a folder', 0x9105, [0x51900000]],
    ['DeleteObject of everything', 0x100b, [ALL]],
    ['FormatStore', 0x100f, [CARD]],
    ['FormatStore of EOS bodies', 0x9106, [CARD]],
  ])('%s: free space, and nothing about objects', async (_name, operation, params) => {
    const { initiator } = await open();
    await initiator.ok(operation, params);
    const records = (await initiator.events()).map(showRecord);
    expect(records[0]).toBe('c185:10001');
    expect(records.filter((line) => !/^(c185|d11b=|olc:10)/.test(line))).toEqual([]);
  });

  test('a protected file survives its folder', async () => {
    const { card, initiator } = await open();
    await initiator.ok(0x910c, [0x51900022, 1]);
    expect(await code(initiator, 0x100b, [0x51900000])).toBe('2012');
    expect(card.paths()).toEqual(['DCIM', 'DCIM/100CANON', 'DCIM/100CANON/2U4A0002.JPG', 'MISC']);
  });

  test('numbers begin anew in an empty folder only when the camera has forgotten the last', async () => {
    const { card, initiator } = await open();
    await camera.press();
    await initiator.ok(0x100f, [CARD]);
    await camera.press();
    expect(card.paths()).toContain('DCIM/100CANON/2U4A0005.JPG');
  });

  test('an upload to an R6 is refused, and its data are taken', async () => {
    const { card, initiator } = await open();
    const before = card.paths();
    const info = objectInfo('a.txt', 0xbf01, 3);
    expect(await code(initiator, 0x100c, [0, 0], { data: info })).toBe('200f');
    expect(await code(initiator, 0x100d, [], { data: new Uint8Array(3) })).toBe('2015');
    expect(card.paths()).toEqual(before);
  });
});

describe('a card that is taken out', () => {
  test('between the two halves of an upload', async () => {
    const card = new MemoryCard();
    camera = smallIxus({ card });
    const initiator = await RawInitiator.open(camera, false);
    await initiator.ok(0x100c, [0, 0], { data: objectInfo('a.txt', 0xbf01, 3) });
    await camera.control('card out');
    expect(await code(initiator, 0x100d, [], { data: new Uint8Array(3) })).toBe('2013');
    expect(await code(initiator, 0x100c, [0, 0], { data: objectInfo('a.txt', 0xbf01, 3) })).toBe(
      '2013',
    );
  });

  test('in the middle of a download: 2007, and the computer is told', async () => {
    const card = new MemoryCard();
    let out: Promise<string> | undefined;
    card.addFile('DCIM/100CANON/2U4A0001.MP4', {
      size: 16 << 20,
      read(offset, size) {
        if (offset > 4 << 20) out ??= camera.control('card out');
        return new Uint8Array(Math.min(size, 1 << 20));
      },
    });
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    expect(await code(initiator, 0x1009, [0x51900011])).toBe('2007');
    await out;
    expect((await initiator.events()).map(showRecord)).toContain('c184:10001');
  });
});

test('a folder on a disk may be read-only without a DCIM', async () => {
  camera = smallCamera({ card: new MemoryCard({ access: 'read-only' }) });
  const initiator = await RawInitiator.open(camera, false);
  expect((await initiator.ok(0x1006, [CARD])).params).toEqual([0]);
});
