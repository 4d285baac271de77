/** Virtual cameras on USB: descriptors, packets, transactions, class requests. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toHex } from '../../src/bytes/index.ts';
import {
  createUsbDevice,
  MemoryCard,
  patternContent,
  SelfTest,
  selfTestSizes,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../../src/virtual/index.ts';
import { fromHex } from '../support/hex-fixture.ts';
import { dial, LIBGPHOTO2_INIT, RawInitiator } from '../support/raw-initiator.ts';
import { bytesOf, command, container, RawUsb, type UsbReply } from '../support/raw-usb.ts';
import { settle, watch } from '../support/settle.ts';
import { smallCamera, smallIxus } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const MOVIE = 0x51900011;

function withMovie(size: number, options: VirtualCameraOptions = {}): VirtualCamera {
  const card = new MemoryCard({ capacity: 64e9 });
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(size), 1);
  return smallCamera({ card, ...options });
}

describe('transactions', () => {
  test('a session, in the bytes that an EOS 60D exchanges', async () => {
    camera = smallCamera();
    const usb = await RawUsb.claim(createUsbDevice(camera));
    await usb.write(fromHex('10000000 0100 0210 00000000 01000000'));
    expect(await usb.bytes()).toEqual(fromHex('0c000000 0300 0120 00000000'));
    // Once more: the id that is open.
    await usb.write(fromHex('10000000 0100 0210 00000000 01000000'));
    expect(await usb.bytes()).toEqual(fromHex('10000000 0300 1e20 00000000 01000000'));
    await usb.write(fromHex('0c000000 0100 0310 01000000'));
    expect(await usb.bytes()).toEqual(fromHex('0c000000 0300 0120 01000000'));
  });

  test('data and response are transfers of their own; both tell operation and transaction', async () => {
    camera = smallCamera();
    const usb = await RawUsb.open(createUsbDevice(camera));
    await usb.write(command(0x1001, 7));
    const info = await usb.bytes();
    expect(info.subarray(4, 12)).toEqual(fromHex('0200 0110 07000000'));
    expect(new DataView(info.buffer).getUint32(0, true)).toBe(info.length);
    expect(await usb.bytes()).toEqual(fromHex('0c000000 0300 0120 07000000'));
  });

  test('a failure has no data', async () => {
    camera = smallCamera();
    const usb = await RawUsb.open(createUsbDevice(camera));
    expect(await usb.op(0x1009, [1])).toMatchObject({ code: 0x2009, data: undefined });
  });

  test('parameters that are left out are 0, CloseSession may have one', async () => {
    camera = smallCamera();
    const usb = await RawUsb.open(createUsbDevice(camera));
    const all = await usb.ok(0x1007, [0xffffffff, 0, 0]);
    const none = await usb.ok(0x1007, [0xffffffff]);
    expect(all.data).toEqual(none.data);
    await usb.ok(0x1003, [1]);
    expect(camera.state.sessionOpen).toBe(false);
  });

  test('4 GiB: the length does not fit, a short packet is the end', async () => {
    const size = 2 ** 32 + 5;
    camera = withMovie(size);
    const usb = await RawUsb.open(createUsbDevice(camera));
    await usb.request(0x1009, [MOVIE]);
    const buffer = new Uint8Array(16 << 20);
    let total = 0;
    for (;;) {
      const result = await usb.device.transfers?.read(1, buffer);
      const got = result?.bytesRead ?? 0;
      if (total === 0) expect(buffer.subarray(0, 8)).toEqual(fromHex('ffffffff 0200 0910'));
      total += got;
      if (got < buffer.length) break;
    }
    expect(total).toBe(12 + size);
    expect((await usb.reply()).code).toBe(0x2001);
  }, 60_000);

  test('one after another, while the computer has not read what came before', async () => {
    camera = smallCamera();
    const usb = await RawUsb.open(createUsbDevice(camera));
    await usb.write(command(0x1004, 1));
    await usb.write(command(0x1004, 2));
    expect((await usb.reply()).transactionId).toBe(1);
    expect((await usb.reply()).transactionId).toBe(2);
  });
});

const sizes = [8, 16, 32, 64, 512, 1024];

describe.each(sizes)('packets of %i bytes', (usbPacketSize) => {
  test('the self-test, both ways, in all its sizes', async () => {
    camera = smallCamera({ usbPacketSize, selfTest: true });
    const usb = await RawUsb.open(createUsbDevice(camera));
    expect(usb.packetSize).toBe(usbPacketSize);
    for (const size of selfTestSizes) {
      const data = Uint8Array.from({ length: size }, (_, i) => (i * 7) ^ size);
      expect((await usb.ok(SelfTest.Put, [], { data })).params).toEqual([size]);
      expect((await usb.ok(SelfTest.Get)).data).toEqual(data);
    }
  });

  test('read packet by packet until a short one, as miniPtp does', async () => {
    camera = smallCamera({ usbPacketSize, selfTest: true });
    const usb = await RawUsb.open(createUsbDevice(camera));
    for (const size of [1024 - 12, 1024 - 11, 2048 - 12]) {
      await usb.ok(SelfTest.Put, [], { data: new Uint8Array(size) });
      await usb.request(SelfTest.Get);
      let total = 0;
      for (let last = usbPacketSize; last === usbPacketSize; ) {
        last = (await usb.bytes(usbPacketSize)).length;
        total += last;
      }
      expect(total).toBe(12 + size);
      expect((await usb.bytes(usbPacketSize * 4)).length).toBe(12);
    }
  });
});

describe('data from the computer', () => {
  let usb: RawUsb;
  beforeEach(async () => {
    camera = smallCamera({ selfTest: true });
    usb = await RawUsb.open(createUsbDevice(camera));
  });

  const data = Uint8Array.from({ length: 24_082 }, (_, i) => i % 251);
  const whole = () => container(2, SelfTest.Put, 1, data);

  async function put(...parts: Uint8Array<ArrayBuffer>[]): Promise<UsbReply> {
    await usb.send(command(SelfTest.Put, 1));
    for (const part of parts) await usb.write(part);
    return usb.reply();
  }

  async function expectEcho(): Promise<void> {
    usb.nextId = 2;
    expect((await usb.ok(SelfTest.Get)).data).toEqual(data);
  }

  test('in three transfers, as Windows cuts it', async () => {
    const bytes = whole();
    const cuts = [bytes.slice(0, 512), bytes.slice(512, 512 + 23_552)];
    expect(await put(...cuts, bytes.slice(512 + 23_552))).toMatchObject({ code: 0x2001 });
    await expectEcho();
  });

  test('in 1024 and 4096 bytes, as libgphoto2 does', async () => {
    const bytes = whole();
    const cuts = [bytes.slice(0, 1024)];
    for (let at = 1024; at < bytes.length; at += 4096) cuts.push(bytes.slice(at, at + 4096));
    expect(await put(...cuts)).toMatchObject({ code: 0x2001 });
    await expectEcho();
  });

  test('head and payload apart', async () => {
    const bytes = whole();
    expect(await put(bytes.slice(0, 12), bytes.slice(12))).toMatchObject({ code: 0x2001 });
    await expectEcho();
  });

  test('a length of 0xFFFFFFFF: a short packet is the end', async () => {
    const bytes = container(2, SelfTest.Put, 1, data, 0xffffffff);
    expect(await put(bytes)).toMatchObject({ code: 0x2001, params: [data.length] });
    await expectEcho();
  });

  test('an empty packet ends what has no length and fills its last packet', async () => {
    const bytes = container(2, SelfTest.Put, 1, data.slice(0, 500), 0xffffffff);
    expect(await put(bytes, new Uint8Array(0))).toMatchObject({ code: 0x2001, params: [500] });
  });

  test('less than announced, and more', async () => {
    const less = container(2, SelfTest.Put, 1, data.slice(0, 600), 700);
    expect((await put(less)).code).toBe(0x2007);
    const more = container(2, SelfTest.Put, 1, data.slice(0, 700), 600);
    expect((await put(more)).code).toBe(0x2007);
  });

  test('none at all: the next command takes their place', async () => {
    await usb.write(command(SelfTest.Put, 1));
    await usb.write(command(0x1004, 2));
    expect((await usb.reply()).transactionId).toBe(1);
    expect(await usb.reply()).toMatchObject({ code: 0x2001, transactionId: 2 });
  });

  test('for an operation that is not there: read and dropped', async () => {
    await usb.send(command(0x9abc, 1));
    await usb.send(container(2, 0x9abc, 1, new Uint8Array(100_000)));
    expect(await usb.reply()).toMatchObject({ code: 0x2005, transactionId: 1 });
    expect(await usb.op(0x1004, [], { transactionId: 2 })).toMatchObject({ code: 0x2001 });
  });

  test('of a transaction that does not run: dropped', async () => {
    await usb.send(container(2, SelfTest.Put, 9, new Uint8Array(2000)));
    expect(await usb.op(0x1004, [], { transactionId: 2 })).toMatchObject({ code: 0x2001 });
  });
});

test.each([
  ['a response', fromHex('0c000000 0300 0120 01000000')],
  ['a length that is more than came', fromHex('14000000 0100 0410 01000000')],
  ['a length that is less', fromHex('0c000000 0100 0410 01000000 00000000')],
  ['six parameters', command(0x1007, 1, 0, 0, 0, 0, 0, 0)],
  ['half a parameter', fromHex('0e000000 0100 0710 01000000 ffff')],
  ['a length of 0', fromHex('00000000 0100 0410 01000000')],
  ['less than a head', fromHex('0c000000 0100')],
])('what is no command is dropped: %s', async (_, bytes) => {
  camera = smallCamera();
  const usb = await RawUsb.open(createUsbDevice(camera));
  await usb.write(bytes);
  expect(await usb.op(0x1004, [], { transactionId: 2 })).toMatchObject({
    code: 0x2001,
    transactionId: 2,
  });
});

describe('class requests', () => {
  let usb: RawUsb;
  beforeEach(async () => {
    camera = withMovie(50 << 20);
    usb = await RawUsb.open(createUsbDevice(camera));
  });

  test('Get Device Status, in the bytes of a PowerShot SX160', async () => {
    expect(await usb.status()).toEqual(fromHex('04000120'));
    // Windows asks for 36 bytes.
    expect(await usb.status(36)).toEqual(fromHex('04000120'));
  });

  test('Get Extended Event Data and unknown requests stall', async () => {
    expect(await usb.classIn(0x65, 64)).toMatchObject({ status: 'stall' });
    expect(await usb.classIn(0x63, 64)).toMatchObject({ status: 'stall' });
    expect(await usb.classOut(0x70)).toMatchObject({ status: 'stall' });
  });

  test('Cancel within data: they end, there is no response, the session goes on', async () => {
    await usb.request(0x1009, [MOVIE]);
    expect((await usb.bytes(4096)).length).toBe(4096);
    const reading = usb.bytes(60 << 20);
    expect(await usb.cancel(1)).toMatchObject({ status: 'ok' });
    const rest = await reading;
    expect(rest.length).toBeLessThan(50 << 20);
    // Busy until it has cleaned up.
    await vi.waitFor(async () => expect(await usb.status()).toEqual(fromHex('04000120')));
    expect(await usb.op(0x1004)).toMatchObject({ code: 0x2001, transactionId: 2 });
  });

  test('Cancel of data from the computer', async () => {
    await camera.close();
    camera = smallCamera({ selfTest: true });
    usb = await RawUsb.open(createUsbDevice(camera));
    await usb.write(command(SelfTest.Put, 1));
    await usb.write(container(2, SelfTest.Put, 1, new Uint8Array(500), 10_000));
    expect(await usb.cancel(1)).toMatchObject({ status: 'ok' });
    expect(await usb.op(0x1004, [], { transactionId: 2 })).toMatchObject({ transactionId: 2 });
  });

  test.each([
    ['another transaction', 'ok', [0x01, 0x40, 9, 0, 0, 0]],
    ['another code', 'ok', [0x02, 0x40, 1, 0, 0, 0]],
    ['five bytes', 'ok', [0x01, 0x40, 1, 0, 0]],
  ])('Cancel with %s stalls, and changes nothing', async (_, status, bytes) => {
    await usb.request(0x1009, [MOVIE]);
    expect((await usb.bytes(4096)).length).toBe(4096);
    expect(await usb.classOut(0x64, Uint8Array.from(bytes))).toMatchObject({ status: 'stall' });
    expect(await usb.read(4096)).toMatchObject({ status });
  });

  test('Cancel when nothing runs stalls', async () => {
    expect(await usb.cancel(1)).toMatchObject({ status: 'stall' });
  });

  test('Device Reset ends transaction, session and halts', async () => {
    await usb.request(0x1009, [MOVIE]);
    await usb.bytes(4096);
    expect(await usb.classOut(0x66)).toMatchObject({ status: 'ok' });
    expect(camera.state).toMatchObject({ sessionOpen: false, connected: false });
    expect(await usb.op(0x1004, [], { transactionId: 2 })).toMatchObject({ code: 0x2003 });
    expect(await usb.op(0x1002, [1], { transactionId: 0 })).toMatchObject({ code: 0x2001 });
  });
});

describe('standard requests', () => {
  let usb: RawUsb;
  beforeEach(async () => {
    camera = smallCamera();
    usb = await RawUsb.open(createUsbDevice(camera));
  });

  const ask = async (
    recipient: 'device' | 'interface' | 'endpoint',
    setup: object,
    length = 64,
  ) => {
    const all = { requestType: 'standard' as const, recipient, request: 0, value: 0, index: 0 };
    const result = await usb.device.controlTransferIn({ ...all, ...setup }, length);
    return result.status === 'ok' ? toHex(bytesOf(result)) : result.status;
  };
  const tell = async (recipient: 'device' | 'interface' | 'endpoint', setup: object) => {
    const all = { requestType: 'standard' as const, recipient, request: 0, value: 0, index: 0 };
    return (await usb.device.controlTransferOut({ ...all, ...setup })).status;
  };

  test('Get Status: self-powered; of interface and endpoints', async () => {
    expect(await ask('device', {})).toBe('0100');
    expect(await ask('interface', {})).toBe('0000');
    expect(await ask('endpoint', { index: 0x81 })).toBe('0000');
    expect(await ask('endpoint', { index: 0x85 })).toBe('stall');
  });

  test('Set and Clear Feature: an endpoint halts and goes on', async () => {
    expect(await tell('endpoint', { request: 3, index: 0x81 })).toBe('ok');
    expect(await ask('endpoint', { index: 0x81 })).toBe('0100');
    // Its address is a parameter of the status.
    expect(await usb.status(36)).toEqual(fromHex('0800 1f20 81000000'));
    expect(await usb.read(512)).toMatchObject({ status: 'stall' });
    await usb.device.clearHalt('in', 1);
    expect(await ask('endpoint', { index: 0x81 })).toBe('0000');
    expect(await usb.op(0x1004)).toMatchObject({ code: 0x2001 });
    expect(await tell('endpoint', { request: 1, value: 5, index: 0x81 })).toBe('stall');
    expect(await tell('device', { request: 3, value: 1 })).toBe('stall');
  });

  test('descriptors, as far as they are asked for', async () => {
    expect(await ask('device', { request: 6, value: 0x0100 }, 8)).toBe('1201000200000040');
    expect(await ask('device', { request: 6, value: 0x0200 }, 9)).toBe('09022700010100c000');
    expect(await ask('device', { request: 6, value: 0x0f00 })).toBe('stall');
  });

  test('configuration and interface', async () => {
    expect(await ask('device', { request: 8 })).toBe('01');
    expect(await ask('interface', { request: 10 })).toBe('00');
    expect(await tell('interface', { request: 11 })).toBe('ok');
    expect(await tell('interface', { request: 11, value: 1 })).toBe('stall');
    expect(await tell('device', { request: 9, value: 2 })).toBe('stall');
  });

  test('configured once more, the session is gone', async () => {
    expect(await tell('device', { request: 9, value: 1 })).toBe('ok');
    expect(camera.state.sessionOpen).toBe(false);
  });
});

describe('events', () => {
  const interrupt = async (usb: RawUsb) => bytesOf(await usb.device.transferIn(3, 8));

  test('packets of eight bytes; an empty one ends what fills them', async () => {
    camera = smallIxus();
    const usb = await RawUsb.open(createUsbDevice(camera));
    await camera.cardOut();
    // StoreRemoved(0x00010001) of no transaction: 16 bytes.
    expect(await interrupt(usb)).toEqual(fromHex('10000000 0400 0540'));
    expect(await interrupt(usb)).toEqual(fromHex('ffffffff 01000100'));
    expect(await interrupt(usb)).toEqual(fromHex(''));
    await camera.cardIn();
    expect(await interrupt(usb)).toEqual(fromHex('10000000 0400 0440'));
  });

  test('none without a session, none from the session before', async () => {
    camera = smallIxus();
    const usb = await RawUsb.claim(createUsbDevice(camera));
    await camera.cardOut();
    await usb.ok(0x1002, [1], { transactionId: 0 });
    await camera.cardIn();
    await usb.ok(0x1003, []);
    await usb.ok(0x1002, [1], { transactionId: 0 });
    await camera.cardOut();
    expect(await interrupt(usb)).toEqual(fromHex('10000000 0400 0540'));
  });

  test('too many that nobody reads: UnreportedStatus is the last', async () => {
    camera = smallIxus();
    const usb = await RawUsb.open(createUsbDevice(camera));
    for (let i = 0; i < 40; i++) {
      await camera.cardOut();
      await camera.cardIn();
    }
    const codes: number[] = [];
    for (let i = 0; i < 64; i++) {
      const event = bytesOf(await usb.device.transferIn(3, 64));
      codes.push(new DataView(event.buffer).getUint16(6, true));
    }
    expect(codes.slice(0, 4)).toEqual([0x4005, 0x4004, 0x4005, 0x4004]);
    expect(codes.at(-1)).toBe(0x400e);
    const more = watch(usb.device.transferIn(3, 64));
    await settle();
    expect(more.state).toBe('pending');
  });
});

describe('one computer at a time', () => {
  test('Wi-Fi has it: USB is busy, until Wi-Fi lets go', async () => {
    camera = smallCamera();
    const wifi = await RawInitiator.open(camera, false);
    const usb = await RawUsb.claim(createUsbDevice(camera));
    expect(await usb.op(0x1001, [], { transactionId: 0 })).toMatchObject({ code: 0x2019 });
    expect(await usb.op(0x1002, [1], { transactionId: 0 })).toMatchObject({ code: 0x2019 });
    await wifi.ok(0x1004);
    await wifi.close();
    await vi.waitFor(() => expect(camera.state.connected).toBe(false));
    expect(await usb.op(0x1002, [1], { transactionId: 0 })).toMatchObject({ code: 0x2001 });
  });

  test('USB has a session: Wi-Fi is refused as busy, until it is closed', async () => {
    camera = smallCamera();
    const usb = await RawUsb.open(createUsbDevice(camera));
    expect(camera.state).toMatchObject({ connected: true, sessionOpen: true });
    const refused = dial(camera);
    await refused.stream.write(LIBGPHOTO2_INIT);
    expect((await refused.next())?.bytes).toEqual(fromHex('0c000000 05000000 02000000'));
    await usb.ok(0x1003);
    const wifi = await RawInitiator.open(camera, false);
    await wifi.ok(0x1004);
    await wifi.close();
  });

  test('without a session USB holds nothing', async () => {
    camera = smallCamera();
    const usb = await RawUsb.claim(createUsbDevice(camera));
    await usb.ok(0x1001, [], { transactionId: 0 });
    const wifi = await RawInitiator.connect(camera);
    expect(camera.state.connected).toBe(true);
    await wifi.close();
  });
});
