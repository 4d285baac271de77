/** What programs that nobody here wrote have sent to real cameras, sent to a virtual one. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { VirtualCamera } from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fromHex, hexFixture } from '../support/hex-fixture.ts';
import { type EventRecord, RawInitiator, showRecord, word } from '../support/raw-initiator.ts';
import { smallCamera } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const CARD = 0x00010001;
const ROOT = 0xffffffff;
const FOLDER = 0x51900000;

describe('EOS Utility with an EOS R, connected by Wi-Fi', () => {
  test('finds here what it found there', async () => {
    camera = smallCamera();
    const init = hexFixture('ptpip/init-command-request-eos-utility.hex');
    const initiator = await RawInitiator.connect(camera, init);
    let id = 1;
    const ok = (code: number, ...params: number[]) =>
      initiator.ok(code, params, { transactionId: id++ });

    const info = await initiator.ok(0x1001, [], { transactionId: 0 });
    await initiator.ok(0x1002, [0x41], { transactionId: 0 });
    await ok(0x9114, 5);
    await ok(0x9115, 1);
    const dump = await initiator.events();
    expect(dump.filter(({ code }) => code === 0xc189)).toHaveLength(152);
    expect(dump.filter(({ code }) => code === 0xc18a)).toHaveLength(130);
    expect(dump.some(({ code }) => code === 0xc1a5)).toBe(false);
    expect(dump.slice(-2).map(showRecord)).toEqual(['c1a4:10001', 'c19d:0']);
    expect(showRecord(dump[0] as EventRecord)).toBe('d116=80000453');

    // The folder's ObjectInfo ends with four bytes more than the standard's.
    const folder = await ok(0x9170, FOLDER);
    expect(folder.data).toHaveLength(150);
    expect([...folder.data.subarray(-5)]).toEqual([0, 0, 0, 0, 0]);
    const storage = await ok(0x9102, CARD);
    expect([...storage.data.subarray(-2)]).toEqual([0, 0]);
    expect(storage.data.subarray(0, 6)).toEqual(fromHex('0400 0300 0000'));
    await ok(0x913d, 0x0fff);
    expect((await ok(0x9101)).data).toEqual(fromHex('02000000 01000100 00000200'));
    expect((await ok(0x913f, 0x01000000, 0x110, 0x31520000)).params).toEqual([0x80000453, 1]);

    const root = await ok(0x9173, CARD, ROOT, 0x200000);
    expect(root).toMatchObject({ params: [0] });
    expect(root.data).toHaveLength(124);
    const dcim = await ok(0x9173, CARD, 0x50000000, 0x200000);
    expect(dcim.data).toHaveLength(64);
    // DCIM: size word, handle, storage, format, 1, flags: as the EOS R's but for its handle.
    expect(root.data.subarray(4, 28)).toEqual(
      fromHex('3c000000 00000050 01000100 01300000 01000000 11000000'),
    );
    expect((await ok(0x9173, CARD, 0x60080000, 0x200000)).data).toEqual(fromHex('00000000'));

    expect((await ok(0x1001)).data).toEqual(info.data);
    await ok(0x9114, 2);
    expect((await ok(0x1001)).data).toEqual(info.data);
    await ok(0x9127, 0xd1af);
    const records = await initiator.events();
    expect(records.filter(({ code }) => code === 0xc1a5)).toHaveLength(12);
    expect(records.at(-1)?.code).toBe(0xc189);
    expect(await initiator.events()).toEqual([]);

    // FIN on both connections, no CloseSession.
    await initiator.close();
    await RawInitiator.open(camera);
  });

  test('its PCHDDCapacity brings the card into the next poll', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.ok(0x911a, [0x161, 0x1000, 0]);
    expect((await initiator.events()).map(showRecord)).toEqual(['c185:10001']);
  });
});

interface Command {
  code: number;
  params: number[];
  data?: Uint8Array;
}

/** Requests of a transcript of USB containers, with the data that follow them. */
function commands(): Command[] {
  const url = new URL('../fixtures/canon/eos60d-session-with-card.txt', import.meta.url);
  const found: Command[] = [];
  for (const line of readFileSync(url, 'utf8').split('\n')) {
    const [direction, kind, , , , text = ''] = line.trim().split(/\s+/);
    if (direction !== 'O') continue;
    const bytes = fromHex(text);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = found.at(-1);
    if (kind === 'DATA' && last) last.data = bytes.slice(12);
    if (kind !== 'CMD') continue;
    const params: number[] = [];
    for (let at = 12; at < bytes.length; at += 4) params.push(view.getUint32(at, true));
    found.push({ code: view.getUint16(6, true), params });
  }
  return found;
}

describe('gphoto2 with an EOS 60D', () => {
  /** What is different on an R6: its storage, and its handles. */
  const onTheR6 = (param: number) => (param === 0x00020001 ? CARD : param);

  test('is answered as it was there', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    camera.dial('P');
    const initiator = await RawInitiator.connect(camera);
    const refused: string[] = [];
    let dumped = 0;
    for (const [i, { code, params, data }] of commands().entries()) {
      const pending = initiator.op(code, params.map(onTheR6), {
        transactionId: i,
        ...(data && { data }),
      });
      await clock.advance(1);
      const reply = await pending;
      dumped = Math.max(dumped, code === 0x9116 ? reply.data.length : 0);
      if (reply.code !== 0x2001) refused.push(`${code.toString(16)} ${reply.code.toString(16)}`);
    }
    expect(dumped).toBeGreaterThan(10_000);
    // The aperture, as there; and the card, which is destination 2 there and 1 on an R6.
    expect(refused).toEqual(['9110 2019', '9110 201c']);
    expect(camera.requests(0x9116)).toBeGreaterThan(5);
  });
});

test('AE mode has no choices: kind 1', async () => {
  camera = smallCamera();
  const initiator = await RawInitiator.open(camera, false);
  await initiator.ok(0x9114, [1]);
  await initiator.ok(0x9115, [1]);
  const lists = (await initiator.events()).filter(({ code }) => code === 0xc18a);
  const mode = lists.find((record) => word(record, 0) === 0xd105);
  expect(mode && [word(mode, 1), word(mode, 2)]).toEqual([1, 0]);
});
