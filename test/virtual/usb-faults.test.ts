/** What goes wrong on USB, by name. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createUsbDevice,
  MemoryCard,
  patternContent,
  SelfTest,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { fromHex } from '../support/hex-fixture.ts';
import { bytesOf, command, container, RawUsb } from '../support/raw-usb.ts';
import { settle, watch } from '../support/settle.ts';
import { smallCamera, smallIxus } from '../support/small-pictures.ts';

const FILE = 0x51900011;
const SIZE = 100_000;

let camera: VirtualCamera;
let usb: RawUsb;

beforeEach(async () => {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(SIZE), 1);
  camera = smallCamera({ card, selfTest: true });
  usb = await RawUsb.open(createUsbDevice(camera));
});
afterEach(() => camera.close());

/** Session and camera are as before. */
async function expectWell(transactionId: number): Promise<void> {
  expect(await usb.op(0x1004, [], { transactionId })).toMatchObject({
    code: 0x2001,
    transactionId,
  });
}

/** Get Object of the file; the fault strikes there. */
const get = () => usb.write(command(0x1009, 1, FILE));

describe('what ends a transfer', () => {
  test('link-lost-mid-transfer: unplugged within the data', async () => {
    camera.fault('link-lost-mid-transfer');
    await get();
    await expect(usb.read()).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(camera.state).toMatchObject({ connected: false, sessionOpen: false });
    camera.plug();
    usb = await RawUsb.open(createUsbDevice(camera));
    await expectWell(2);
  });

  test('babble: a packet that is too long, what was in it is lost', async () => {
    camera.fault('babble');
    await get();
    expect(await usb.read(4096)).toMatchObject({ status: 'babble' });
    expect((await usb.bytes()).length).toBe(12 + SIZE - 512);
    expect((await usb.reply()).code).toBe(0x2001);
  });

  test('stall-command: it is not taken', async () => {
    camera.fault('stall-command');
    expect(await usb.write(command(0x1004, 1))).toMatchObject({ status: 'stall' });
    expect(await usb.write(command(0x1004, 1))).toMatchObject({ status: 'stall' });
    expect(await usb.status(36)).toEqual(fromHex('0800 1f20 02000000'));
    await usb.device.clearHalt('out', 2);
    await expectWell(1);
  });

  test('stall-data: half of it, then Incomplete_Transfer behind the halt', async () => {
    camera.fault('stall-data');
    await get();
    const { status, data } = await usb.read();
    expect(status).toBe('stall');
    expect(data?.byteLength).toBeLessThan(SIZE);
    expect(await usb.status(36)).toEqual(fromHex('0800 1f20 81000000'));
    await usb.device.clearHalt('in', 1);
    expect(await usb.reply()).toMatchObject({ code: 0x2007, transactionId: 1 });
    await expectWell(2);
  });

  test('silent: nothing is answered, Device Reset is no help', async () => {
    camera.fault('silent');
    await usb.write(command(0x1004, 1));
    const answer = watch(usb.read());
    await settle();
    expect(answer.state).toBe('pending');
    await usb.classOut(0x66);
    camera.fault('off');
    await usb.write(command(0x1002, 0, 1));
    await settle();
    expect(bytesOf(answer.value ?? {})).toEqual(fromHex('0c000000 0300 0120 00000000'));
  });
});

describe('data of another size', () => {
  test('short-data: less than announced', async () => {
    camera.fault('short-data');
    await get();
    const bytes = await usb.bytes();
    expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(bytes.length + 1000);
    expect((await usb.reply()).code).toBe(0x2001);
  });

  test('long-data: more than announced', async () => {
    camera.fault('long-data');
    await get();
    const bytes = await usb.bytes();
    expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(bytes.length - 1000);
    expect((await usb.reply()).code).toBe(0x2001);
  });
});

describe('containers that are not as they should be', () => {
  test.each([
    ['wrong-transaction-id', '0c000000 0300 0120 02000000'],
    ['wrong-container-type', '0c000000 0200 0120 01000000'],
    ['garbage', 'ffffffff ffffffff ffffffff ffff'],
  ])('%s', async (fault, bytes) => {
    camera.fault(fault);
    await usb.write(command(0x1003, 1));
    expect(await usb.bytes()).toEqual(fromHex(bytes));
    await usb.ok(0x1002, [1], { transactionId: 0 });
    await expectWell(1);
  });

  test('response-before-data', async () => {
    camera.fault('response-before-data');
    await get();
    expect(await usb.bytes()).toEqual(fromHex('0c000000 0300 0120 01000000'));
    expect((await usb.bytes()).subarray(4, 12)).toEqual(fromHex('0200 0910 01000000'));
    await expectWell(2);
  });

  test('late-data: those of the transaction before', async () => {
    await usb.ok(0x1009, [FILE]);
    camera.fault('late-data');
    await usb.write(command(0x1004, 2));
    const late = await usb.bytes();
    expect(late.subarray(0, 12)).toEqual(fromHex('70000000 0200 0910 01000000'));
    expect(late.length).toBe(0x70);
    expect(await usb.reply()).toMatchObject({ code: 0x2001, transactionId: 2 });
  });

  test('answered-cancel: Transaction_Cancelled, and no end of the data before it', async () => {
    camera.fault('answered-cancel');
    await get();
    await usb.bytes(512);
    await usb.cancel(1);
    expect(await usb.bytes()).toEqual(fromHex('0c000000 0300 1f20 01000000'));
    await expectWell(2);
  });
});

describe('the ends of data', () => {
  const fill = (size: number) => usb.ok(SelfTest.Put, [], { data: new Uint8Array(size) });
  const request = () => usb.write(command(SelfTest.Get, 9));

  test('split-header: the head is a transfer of its own', async () => {
    await fill(100);
    camera.fault('split-header');
    await request();
    expect((await usb.bytes()).length).toBe(12);
    expect((await usb.bytes()).length).toBe(100);
    expect((await usb.bytes()).length).toBe(12);
    // Without a payload there is nothing to split.
    await fill(0);
    await request();
    expect(await usb.reply()).toMatchObject({ data: new Uint8Array(0) });
  });

  test('split-header: an empty packet ends a payload that fills its last one', async () => {
    await fill(1024);
    camera.fault('split-header');
    await request();
    expect((await usb.bytes()).length).toBe(12);
    expect((await usb.bytes(1024)).length).toBe(1024);
    expect((await usb.bytes()).length).toBe(0);
    expect((await usb.bytes()).length).toBe(12);
  });

  test('missing-zlp: the response comes in the same read', async () => {
    await fill(1024 - 12);
    camera.fault('missing-zlp');
    await request();
    expect((await usb.bytes()).length).toBe(1024 + 12);
    await request();
    expect((await usb.bytes(1024)).length).toBe(1024);
    expect((await usb.bytes()).length).toBe(12);
  });

  test('surplus-byte in place of an empty packet, as an iRiver T10 sends', async () => {
    await fill(1024 - 12);
    camera.fault('surplus-byte');
    await request();
    expect((await usb.bytes()).length).toBe(1025);
    expect((await usb.bytes()).length).toBe(12);
    await fill(1000);
    await request();
    expect((await usb.bytes()).length).toBe(1012);
  });
});

test('interrupt-garbage: bytes that are no event, then the event', async () => {
  await camera.close();
  camera = smallIxus();
  usb = await RawUsb.open(createUsbDevice(camera));
  camera.fault('interrupt-garbage');
  await camera.cardOut();
  const interrupt = async () => bytesOf(await usb.device.transferIn(3, 8));
  expect(await interrupt()).toEqual(fromHex('ffffffff ffffffff'));
  expect(await interrupt()).toEqual(fromHex('ffffff'));
  expect(await interrupt()).toEqual(fromHex('10000000 0400 0540'));
});

test('data of the computer’s own are not what faults strike', async () => {
  camera.fault('stall-command');
  await usb.write(command(0x1004, 1));
  await usb.device.clearHalt('out', 2);
  await usb.send(command(SelfTest.Put, 2));
  camera.fault('stall-command');
  expect(await usb.write(container(2, SelfTest.Put, 2, new Uint8Array(5)))).toMatchObject({
    status: 'ok',
  });
  expect((await usb.reply()).code).toBe(0x2001);
});
