/** Lists of folders are kept as bytes: what changes on the card must show in the next one. */
import { afterEach, describe, expect, test } from 'vitest';
import type { VirtualCamera } from '../../src/virtual/index.ts';
import { MemoryCard } from '../../src/virtual/index.ts';
import { objectInfo, RawInitiator } from '../support/raw-initiator.ts';
import { ixusCard, NOW, smallCamera, smallIxus, TINY_JPEG } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const CARD = 0x00010001;
const ROOT = 0xffffffff;
const ALL = 0xffffffff;
const FOLDER = 0x51900000;
const FILE = 0x51900012;

/** "2U4A0001.JPG 20": names and flags, of entries as canon-ptp's table of 0x9109 and 0x9173 has them. */
async function entries(initiator: RawInitiator, operation: number, folder: number, limit = 0) {
  const { data } = await initiator.ok(operation, [CARD, folder, limit]);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const wide = operation === 0x9173 ? 4 : 0;
  const found: string[] = [];
  let at = 4;
  for (let i = 0; i < view.getUint32(0, true); i++) {
    const name = data.subarray(at + 36 + wide, at + 52 + wide);
    const text = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
    found.push(`${text} ${view.getUint8(at + 20).toString(16)}`);
    at += view.getUint32(at, true);
  }
  expect(at).toBe(data.length);
  return found;
}

function twoFiles(): MemoryCard {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.JPG', TINY_JPEG, NOW / 1000);
  card.addFile('DCIM/100CANON/2U4A0002.JPG', TINY_JPEG, NOW / 1000);
  return card;
}

describe.each([0x9109, 0x9173])('a folder by 0x%x', (operation) => {
  test('shows what was protected, deleted, taken, formatted', async () => {
    camera = smallCamera({ card: twoFiles() });
    const initiator = await RawInitiator.open(camera);
    const list = () => entries(initiator, operation, FOLDER);
    expect(await list()).toEqual(['2U4A0001.JPG 0', '2U4A0002.JPG 0']);
    expect(await list()).toEqual(['2U4A0001.JPG 0', '2U4A0002.JPG 0']);
    await initiator.ok(0x910c, [FILE, 0x21]);
    expect(await list()).toEqual(['2U4A0001.JPG 21', '2U4A0002.JPG 0']);
    await initiator.ok(0x910c, [FILE, 0]);
    await initiator.ok(0x100b, [FILE]);
    expect(await list()).toEqual(['2U4A0002.JPG 0']);
    await camera.press();
    expect(await list()).toEqual(['2U4A0002.JPG 0', '2U4A0003.JPG 20']);
    await initiator.ok(0x100f, [CARD]);
    expect((await initiator.op(operation, [CARD, FOLDER, 0])).code).toBe(0x2009);
    expect(await entries(initiator, operation, ROOT)).toEqual(['DCIM 11', 'MISC 11']);
  });

  test('shows what came onto the card while it was out', async () => {
    const card = twoFiles();
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    expect(await entries(initiator, operation, FOLDER)).toHaveLength(2);
    await camera.cardOut();
    expect((await initiator.op(operation, [CARD, FOLDER, 0])).code).toBe(0x2013);
    card.addFile('DCIM/100CANON/2U4A0007.JPG', TINY_JPEG, NOW / 1000);
    await camera.cardIn();
    expect(await entries(initiator, operation, FOLDER)).toEqual([
      '2U4A0001.JPG 0',
      '2U4A0002.JPG 0',
      '2U4A0007.JPG 0',
    ]);
  });

  test('holds as many entries as the limit has room for', async () => {
    camera = smallCamera({ card: twoFiles() });
    const initiator = await RawInitiator.open(camera);
    const entry = operation === 0x9173 ? 60 : 56;
    const limited = (limit: number) => entries(initiator, operation, FOLDER, limit);
    expect(await limited(4 + 2 * entry)).toHaveLength(2);
    expect(await limited(3 + 2 * entry)).toEqual(['2U4A0001.JPG 0']);
    expect(await limited(3)).toEqual([]);
    expect(await limited(0x100000)).toHaveLength(2);
  });
});

test('GetObjectPropList shows what was protected, deleted and uploaded', async () => {
  const PROTECTION = 0xdc03;
  camera = smallIxus({ card: ixusCard() });
  const initiator = await RawInitiator.open(camera, false);
  /** u32 handle, u16 property, u16 type, u16 value: ten bytes for each object. */
  const list = async () => {
    const { data } = await initiator.ok(0x9805, [ALL, 0x3801, PROTECTION, 0, 0]);
    const view = new DataView(data.buffer, data.byteOffset);
    return Array.from({ length: view.getUint32(0, true) }, (_, i) => [
      view.getUint32(4 + 10 * i, true),
      view.getUint16(12 + 10 * i, true),
    ]);
  };
  const [first, second] = await list();
  expect([first?.[1], second?.[1]]).toEqual([0, 0]);
  const handle = first?.[0] ?? 0;
  await initiator.ok(0x1012, [handle, 1]);
  expect(await list()).toEqual([[handle, 1], second]);
  await initiator.ok(0x1012, [handle, 0]);
  await initiator.ok(0x100b, [handle]);
  expect(await list()).toEqual([second]);
  const count = async () =>
    (await initiator.ok(0x9805, [ALL, 0xbf01, PROTECTION, 0, 0])).data.length;
  expect(await count()).toBe(4);
  await initiator.ok(0x100c, [0, 0], { data: objectInfo('UP.TXT', 0xbf01, 3) });
  await initiator.ok(0x100d, [], { data: Uint8Array.of(1, 2, 3) });
  expect(await count()).toBe(14);
});
