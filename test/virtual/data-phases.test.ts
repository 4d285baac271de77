/** Data phases of PTP/IP: shapes that real cameras write, shapes that real programs send. */
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryCard, patternContent, type VirtualCamera } from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hexFixtureParts } from '../support/hex-fixture.ts';
import { operationRequest, packet, RawInitiator, u32s } from '../support/raw-initiator.ts';
import { settle } from '../support/settle.ts';
import { smallCamera } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const MOVIE = 0x51900011;
const MiB = 1 << 20;
const END = 12;
const DATA = 10;

function withMovie(size: number): VirtualCamera {
  const card = new MemoryCard({ capacity: 64e9 });
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(size), 1);
  return smallCamera({ card });
}

const pattern = (offset: number, size: number) =>
  Uint8Array.from({ length: size }, (_, i) => (offset + i) % 65_521);

describe('to the initiator', () => {
  test('Start Data and the head of End Data, the payload, the response: three writes', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    const before = initiator.command.writes.length;
    const { data } = await initiator.ok(0x1001);
    expect(initiator.command.writes.slice(before)).toEqual([20 + 12, data.length, 14]);
  });

  test('no data: Start Data 0 and an empty End Data', async () => {
    camera = withMovie(0);
    const initiator = await RawInitiator.open(camera, false);
    const reply = await initiator.ok(0x1009, [MOVIE]);
    expect(reply).toMatchObject({ types: [9, END, 7], total: 0n });
  });

  test('a failure is a response alone', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    expect((await initiator.op(0x1009, [1])).types).toEqual([7]);
  });

  test.each([
    [1, [9, END, 7]],
    [MiB, [9, END, 7]],
    [MiB + 1, [9, DATA, END, 7]],
    [3 * MiB, [9, DATA, DATA, END, 7]],
  ])('%i bytes', async (size, types) => {
    camera = withMovie(size);
    const initiator = await RawInitiator.open(camera, false);
    const reply = await initiator.ok(0x1009, [MOVIE]);
    expect(reply.types).toEqual(types);
    expect(reply.total).toBe(BigInt(size));
    expect(Buffer.compare(reply.data, pattern(0, size))).toBe(0);
  });

  test('parts of a file, with the number of bytes', async () => {
    camera = withMovie(5000);
    const initiator = await RawInitiator.open(camera, false);
    for (const operation of [0x101b, 0x9107, 0x9172]) {
      const middle = await initiator.ok(operation, [MOVIE, 1000, 100]);
      expect(middle).toMatchObject({ params: [100], data: pattern(1000, 100) });
      expect((await initiator.ok(operation, [MOVIE, 4990, 100])).params).toEqual([10]);
      expect(await initiator.ok(operation, [MOVIE, 9999, 100])).toMatchObject({
        params: [0],
        types: [9, END, 7],
      });
    }
  });

  test('a movie of 8 GiB: its size does not fit, its end can be read', async () => {
    const size = 8 * 2 ** 30;
    camera = withMovie(size);
    const initiator = await RawInitiator.open(camera, false);
    const { data } = await initiator.ok(0x1008, [MOVIE]);
    expect(new DataView(data.buffer).getUint32(8, true)).toBe(0xffffffff);
    const entry = (await initiator.ok(0x9173, [0x10001, 0x51900000, 0x200000])).data;
    expect(new DataView(entry.buffer).getBigUint64(4 + 4 + 0x14, true)).toBe(BigInt(size));
    const from = size - 100;
    const tail = await initiator.ok(0x9174, [MOVIE, from % 2 ** 32, from / 2 ** 32, 1000]);
    expect(tail).toMatchObject({ params: [100], data: pattern(from, 100) });
  });
});

describe('from the initiator', () => {
  const liveViewOff = u32s(12, 0xd1b0, 8);

  test('as esp32_macro_rail sends it to an EOS M3', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    for (const part of hexFixtureParts('ptpip/data-out-eos-m3.hex')) await initiator.send(part);
    expect(await initiator.reply()).toMatchObject({ code: 0x2001, transactionId: 0x93 });
    expect((await initiator.events()).length).toBe(1);
  });

  test('as chdkptp sends it: no hint, id 0 in the data, an empty End Data', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 0));
    await initiator.send(packet(9, u32s(5, 12, 0)));
    await initiator.send(packet(10, u32s(0), liveViewOff));
    await initiator.send(packet(12, u32s(5)));
    expect((await initiator.reply()).code).toBe(0x2001);
  });

  test('as ptp.js announces it: 16 bytes of Start Data', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 2));
    await initiator.send(packet(9, u32s(5, 12)));
    await initiator.send(packet(12, u32s(5), liveViewOff));
    expect((await initiator.reply()).code).toBe(0x2001);
  });

  test('in pieces, some of them empty', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 2));
    await initiator.send(packet(9, u32s(5, 12, 0)));
    await initiator.send(packet(10, u32s(5)));
    for (const byte of liveViewOff) await initiator.send(packet(10, u32s(5), Uint8Array.of(byte)));
    await initiator.send(packet(12, u32s(5)));
    expect((await initiator.reply()).code).toBe(0x2001);
  });

  test('without End Data where there is nothing, as libgphoto2 does', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const initiator = await RawInitiator.open(camera, false);
    await initiator.send(operationRequest(0x100c, [], 5, 2), packet(9, u32s(5, 0, 0)));
    await clock.advance(150);
    await clock.advance(100);
    expect((await initiator.reply()).code).toBe(0x200f);
    // The End Data that comes too late is swallowed.
    await initiator.send(packet(12, u32s(5)));
    await initiator.ok(0x1001);
  });

  test('the next request in place of End Data', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await initiator.send(operationRequest(0x100c, [], 5, 2), packet(9, u32s(5, 0, 0)));
    await initiator.send(operationRequest(0x1001, [], 6, 1));
    expect(await initiator.reply()).toMatchObject({ code: 0x200f, transactionId: 5 });
    expect(await initiator.reply()).toMatchObject({ code: 0x2001, transactionId: 6 });
  });

  test('no data at all for an operation that needs some', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 1));
    await clock.advance(1100);
    expect((await initiator.reply()).code).toBe(0x2002);
  });

  test.each([
    ['less', u32s(12, 0xd1b0), 12],
    ['more', u32s(12, 0xd1b0, 8), 8],
  ])('%s than announced', async (_what, data, total) => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 2), packet(9, u32s(5, total, 0)));
    await initiator.send(packet(12, u32s(5), data));
    expect((await initiator.reply()).code).toBe(0x2007);
  });

  test('for an operation that nobody knows: read, then refused', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    const reply = await initiator.op(0x9999, [], { data: new Uint8Array(2_000_000) });
    expect(reply.code).toBe(0x2005);
    await initiator.ok(0x1001);
  });

  test('data that belong to nothing are dropped', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await initiator.send(packet(9, u32s(77, 4, 0)), packet(12, u32s(77, 1)));
    await initiator.ok(0x1001);
  });
});

describe('Cancel', () => {
  const cancel = (id: number) => packet(11, u32s(id));

  test.each([
    ['event', true, [11, 7]],
    ['command', true, [11, 7]],
    ['event', false, [7]],
  ] as const)('on the %s connection, confirmed: %s', async (where, confirmCancel, ending) => {
    const card = new MemoryCard({ capacity: 64e9 });
    card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(2 ** 33), 1);
    camera = smallCamera({ card, confirmCancel });
    const initiator = await RawInitiator.open(camera, false);
    const id = await initiator.request(0x1009, [MOVIE]);
    const first = await initiator.command.next();
    expect(first?.type).toBe(9);
    await initiator[where].stream.write(cancel(id));
    const reply = await initiator.reply();
    expect(reply.code).toBe(0x201f);
    expect(reply.types.slice(-ending.length)).toEqual(ending);
    expect(reply.data.length).toBeLessThan(64 * MiB);
    await initiator.ok(0x1001);
  });

  test('of a data phase from the initiator', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(operationRequest(0x9110, [], 5, 2), packet(9, u32s(5, 12, 0)));
    await initiator.send(packet(10, u32s(5), u32s(12)));
    await settle();
    await initiator.send(cancel(5));
    expect(await initiator.reply()).toMatchObject({ code: 0x201f, transactionId: 5, types: [7] });
    expect(await initiator.events()).toEqual([]);
  });

  test('of what is not running is ignored', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await initiator.event.stream.write(cancel(99));
    await initiator.send(cancel(1));
    await initiator.ok(0x1001);
  });
});
