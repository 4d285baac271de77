/** The virtual PowerShot A70: release control and what comes with it, byte by byte. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemoryCard, VirtualCamera } from '../../src/virtual/index.ts';
import { type ListedProperty, realProperties } from '../support/a70-listing.ts';
import { RawInitiator, type Reply } from '../support/raw-initiator.ts';
import { smallA70, smallCard } from '../support/small-pictures.ts';

const OK = 0x2001;
const BUSY = 0x2019;
const CARD = 0x00010001;
const MEMORY = 0x80000001;

let card: MemoryCard;
let camera: VirtualCamera;
let initiator: RawInitiator;
beforeEach(async () => {
  card = smallCard();
  camera = smallA70({ card });
  initiator = await RawInitiator.open(camera, false);
});
afterEach(() => camera.close());

const code = async (...args: Parameters<RawInitiator['op']>) => (await initiator.op(...args)).code;
const set16 = (property: number, value: number) =>
  initiator.ok(0x1016, [property], { data: Uint8Array.of(value & 0xff, value >> 8) });
const words = ({ data }: Reply) => {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
};
/** Codes and first parameters of everything that CheckEvent has to tell. */
async function checked(): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    const { data } = await initiator.ok(0x9013);
    if (data.length === 0) return told;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    // u32 length, u16 type 4, u16 code, u32 transaction id, parameters.
    expect([view.getUint32(0, true), view.getUint16(4, true)]).toEqual([data.length, 4]);
    const param = data.length > 12 ? ` ${view.getUint32(12, true).toString(16)}` : '';
    told.push(`${view.getUint16(6, true).toString(16)}${param}`);
  }
}
/** Release control, events by CheckEvent alone, none waiting. */
async function control(): Promise<void> {
  await set16(0xd045, 7);
  await initiator.ok(0x9008);
  await checked();
}
/** Until the exposure is over. */
async function exposed(): Promise<string[]> {
  const told: string[] = [];
  while (!told.includes('400d')) {
    await new Promise((resolve) => setImmediate(resolve));
    told.push(...(await checked()));
  }
  return told;
}

/** The device properties that DeviceInfo lists. */
async function properties(): Promise<number[]> {
  const { data } = await initiator.ok(0x1001);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  // Behind versions, an empty description and the mode: operations, events, properties.
  let at = 11;
  for (let array = 0; ; array++) {
    const count = view.getUint32(at, true);
    if (array === 2) {
      return Array.from({ length: count }, (_, i) => view.getUint16(at + 4 + 2 * i, true));
    }
    at += 4 + 2 * count;
  }
}

describe('release control', () => {
  test('brings properties, a storage and an event, and takes them away again', async () => {
    const idle = await properties();
    expect(idle).toContain(0xd045);
    expect(idle).not.toContain(0xd00a);
    expect(words(await initiator.ok(0x1004))).toEqual([1, CARD]);
    expect(await code(0x1014, [0xd00a])).toBe(0x200a);
    expect(await code(0x901a)).toBe(0xa005);

    await set16(0xd045, 7);
    await initiator.ok(0x9008);
    expect(await checked()).toEqual(['c00c']);
    expect(await code(0x9008)).toBe(0xa009);
    expect(await properties()).toContain(0xd00a);
    expect(words(await initiator.ok(0x1004))).toEqual([2, CARD, MEMORY]);
    const { data } = await initiator.ok(0x1005, [MEMORY]);
    // Fixed RAM, its own file system, no room: as an SD100 tells.
    expect([...data.slice(0, 6)]).toEqual([3, 0, 0x01, 0x80, 0, 0]);

    await initiator.ok(0x9009);
    expect(await properties()).toEqual(idle);
    expect(await code(0x1005, [MEMORY])).toBe(0x2008);
  });

  test('outlives the session, but not the cable', async () => {
    await control();
    await initiator.ok(0x1003);
    await initiator.ok(0x1002, [2]);
    expect(await code(0x9008)).toBe(0xa009);
    await camera.unplug();
    camera.plug();
    initiator = await RawInitiator.open(camera, false);
    expect(await code(0x9008)).toBe(OK);
  });

  test('EventEmulateMode says where events go', async () => {
    for (const [mode, kept] of [
      [1, []],
      [6, []],
      [4, ['c00c']],
      [7, ['c00c']],
    ] as const) {
      await set16(0xd045, mode);
      await initiator.ok(0x9008);
      expect(await checked()).toEqual(kept);
      await initiator.ok(0x9009);
      await checked();
    }
  });
});

describe('pictures', () => {
  beforeEach(control);

  test('to the card: announced, complete, and there', async () => {
    await set16(0xd029, 13);
    await initiator.ok(0x901a);
    const told = await exposed();
    const added = told.find((each) => each.startsWith('4002'));
    expect(told.at(-1)).toBe('400d');
    expect(card.paths()).toContain('DCIM/100CANON/IMG_0002.JPG');
    const handle = Number.parseInt(added?.split(' ')[1] ?? '', 16);
    const { data } = await initiator.ok(0x1008, [handle]);
    expect(new DataView(data.buffer).getUint32(0, true)).toBe(CARD);
  });

  test('to the computer: in memory, without a folder, and nothing on the card', async () => {
    const before = card.paths();
    await set16(0xd029, 3);
    await initiator.ok(0x901a);
    const told = await exposed();
    expect(told).toEqual(['c009 80000010', '400d']);
    const info = (await initiator.ok(0x1008, [0x80000010])).data;
    const view = new DataView(info.buffer, info.byteOffset);
    // Storage, and 38 bytes on the parent.
    expect([view.getUint32(0, true), view.getUint32(38, true)]).toEqual([MEMORY, 0]);
    const { data } = await initiator.ok(0x1009, [0x80000010]);
    expect([...data.slice(0, 2)]).toEqual([0xff, 0xd8]);
    expect(words(await initiator.ok(0x1007, [MEMORY, 0, 0]))).toEqual([1, 0x80000010]);
    expect(card.paths()).toEqual(before);
  });

  test('none while the viewfinder is on, and none without a card', async () => {
    await initiator.ok(0x900b);
    const { data, params } = await initiator.ok(0x901d);
    expect([...data.slice(0, 2), ...data.slice(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    expect(params).toEqual([data.length]);
    expect(await code(0x901a)).toBe(BUSY);
    await initiator.ok(0x900c);
    expect(await code(0x901d)).toBe(0xa005);
    await set16(0xd029, 13);
    await camera.cardOut();
    expect(await code(0x901a)).toBe(0xa106);
  });

  test('the button only tells', async () => {
    await camera.press();
    expect(await checked()).toEqual(['c00b']);
    await initiator.ok(0x9009);
    await checked();
    await camera.press();
    expect((await checked()).some((each) => each.startsWith('4002'))).toBe(true);
  });
});

describe('settings', () => {
  beforeEach(control);

  test('GetChanges tells what has followed from a change, once', async () => {
    await initiator.ok(0x1016, [0xd00c], { data: Uint8Array.of(3) });
    const { data } = await initiator.ok(0x9020);
    expect(Buffer.from(data).toString('hex')).toBe('020000001dd01ed0');
    expect(words(await initiator.ok(0x9020))).toEqual([0]);
  });

  test('refuses what is not in its lists', async () => {
    const set = (property: number, ...bytes: number[]) =>
      code(0x1016, [property], { data: Uint8Array.from(bytes) });
    expect(await set(0xd01c, 0x50, 0)).toBe(OK);
    expect(await set(0xd01c, 0x51, 0)).toBe(0x201c);
    expect(await set(0xd02a, 11, 0)).toBe(OK);
    expect(await set(0xd02a, 12, 0)).toBe(0x201c);
    // In P the camera chooses.
    expect(await set(0xd01d, 0x28, 0)).toBe(0x201c);
    expect(await set(0xd00b, 1)).toBe(0x200f);
  });

  test('are those of a real A70, to the last list', async () => {
    // Chosen on the real one, or its own.
    await initiator.ok(0x1016, [0xd008], { data: Uint8Array.of(3) });
    const free = new Set([0xd01d, 0xd01e, 0xd033, 0xd034, 0xd045]);
    const listing = realProperties();
    expect(await properties()).toEqual(listing.map((each) => each.code));
    for (const { name, ...real } of listing) {
      const { data } = await initiator.ok(0x1014, [real.code]);
      const told = description(data);
      const current = free.has(real.code) ? told.current : real.current;
      const expected = { ...real, current, form: real.code === 0xd02c ? told.form : real.form };
      expect(told, name).toEqual(expected);
    }
  });
});

test('SetObjectTime, and GetObjectInfoEx of one and of all', async () => {
  const handles = words(await initiator.ok(0x1007, [CARD, 0, 0])).slice(1);
  const file = handles.find((handle) => (handle & 15) !== 0) ?? 0;
  await initiator.ok(0x901c, [file, 1_000_000_000]);
  const folder = file - (file & 0x3ffff);
  const one = (await initiator.ok(0x9021, [CARD, 0, folder, file])).data;
  expect(one.length).toBe(28);
  expect(new DataView(one.buffer, one.byteOffset).getUint32(11, true)).toBe(1_000_000_000);
  const { data, params } = await initiator.ok(0x9021, [CARD, 0, folder, 0]);
  expect(params).toEqual([data.length / 28]);
});

type Description = Omit<ListedProperty, 'name'>;

/** A DevicePropDesc, read by hand. */
function description(bytes: Uint8Array): Description {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 5;
  const number = (type: number) => {
    const sizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 2, 6: 4 };
    const size = sizes[type] ?? 0;
    const value =
      size === 1
        ? view.getUint8(at)
        : size === 2
          ? view.getUint16(at, true)
          : view.getUint32(at, true);
    at += size;
    return type === 1 ? (value << 24) >> 24 : value;
  };
  const value = (): string => {
    const type = view.getUint16(2, true);
    if (type === 0xffff) {
      const count = view.getUint8(at++);
      const units = Array.from({ length: count }, () => number(4));
      return String.fromCharCode(...units.slice(0, -1));
    }
    if (!(type & 0x4000)) return String(number(type));
    return Array.from({ length: number(6) }, () => number(type & 0xfff)).join(',');
  };
  value();
  const current = value();
  const kind = number(2);
  let form = '';
  if (kind === 1) {
    const [from, to, step] = [value(), value(), value()];
    form = `Range [${from} - ${to}, step ${step}]`;
  } else if (kind === 2) {
    const values = Array.from({ length: number(4) }, value);
    form = values.some((each) => each.includes(','))
      ? `Enumeration [ ${values.join(', ')} ]`
      : `Enumeration [${values.join(',')}]`;
  }
  expect(at).toBe(bytes.length);
  return {
    code: view.getUint16(0, true),
    type: view.getUint16(2, true),
    writable: view.getUint8(4) === 1,
    current,
    form,
  };
}
