/** A virtual camera as WebUSB shows devices, and the bus in place of `navigator.usb`. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UsbDevice } from '../../src/usb/port.ts';
import {
  createUsbBus,
  createUsbDevice,
  MemoryCard,
  type MemoryUsbDevice,
  patternContent,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { command, RawUsb } from '../support/raw-usb.ts';
import { settle, watch } from '../support/settle.ts';
import { smallCamera, smallIxus } from '../support/small-pictures.ts';

let camera: VirtualCamera;
beforeEach(() => {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(1 << 20), 1);
  camera = smallCamera({ card });
});
afterEach(() => camera.close());

const FILE = 0x51900011;
const named = (name: string) => expect.objectContaining({ name }) as Error;

describe('a device', () => {
  test('tells what it is', async () => {
    const device: UsbDevice = createUsbDevice(camera);
    expect(device).toMatchObject({
      vendorId: 0x04a9,
      productId: 0x32f5,
      manufacturerName: 'Canon Inc.',
      productName: 'Canon Digital Camera',
      serialNumber: undefined,
      opened: false,
    });
    await device.open();
    expect(device.configuration).toEqual({
      configurationValue: 1,
      interfaces: [
        {
          interfaceNumber: 0,
          alternates: [
            {
              alternateSetting: 0,
              interfaceClass: 6,
              interfaceSubclass: 1,
              interfaceProtocol: 1,
              endpoints: [
                { endpointNumber: 1, direction: 'in', type: 'bulk', packetSize: 512 },
                { endpointNumber: 2, direction: 'out', type: 'bulk', packetSize: 512 },
                { endpointNumber: 3, direction: 'in', type: 'interrupt', packetSize: 8 },
              ],
            },
          ],
        },
      ],
    });
  });

  test('has a serial number where the body has one', async () => {
    await camera.close();
    camera = smallIxus();
    expect(createUsbDevice(camera).serialNumber).toMatch(/^[0-9A-F]{32}$/);
  });

  test('is opened, then claimed, then used', async () => {
    const device = createUsbDevice(camera);
    await expect(device.claimInterface(0)).rejects.toEqual(named('InvalidStateError'));
    await device.open();
    await expect(device.transferIn(1, 512)).rejects.toEqual(named('InvalidStateError'));
    await expect(device.claimInterface(1)).rejects.toEqual(named('NotFoundError'));
    await device.claimInterface(0);
    await expect(device.transferIn(2, 512)).rejects.toEqual(named('NotFoundError'));
    await expect(device.transferOut(1, new Uint8Array(1))).rejects.toEqual(named('NotFoundError'));
    await expect(device.selectConfiguration(2)).rejects.toEqual(named('NotFoundError'));
    await expect(device.selectAlternateInterface(0, 1)).rejects.toEqual(named('NotFoundError'));
    await device.selectAlternateInterface(0, 0);
    await device.releaseInterface(0);
    await expect(device.clearHalt('in', 1)).rejects.toEqual(named('InvalidStateError'));
  });

  test('is claimed by one program at a time', async () => {
    const [mine, theirs] = [createUsbDevice(camera), createUsbDevice(camera)];
    await RawUsb.claim(mine);
    await theirs.open();
    await expect(theirs.claimInterface(0)).rejects.toEqual(named('NetworkError'));
    await mine.close();
    await theirs.claimInterface(0);
  });

  test('a closed device leaves the session; what waits is cancelled', async () => {
    const device = createUsbDevice(camera);
    const usb = await RawUsb.open(device);
    const reading = usb.read();
    await device.close();
    await expect(reading).rejects.toEqual(named('AbortError'));
    expect(camera.state.sessionOpen).toBe(true);
    const again = await RawUsb.claim(createUsbDevice(camera));
    expect(await again.op(0x1002, [1], { transactionId: 0 })).toMatchObject({ code: 0x201e });
  });

  test('a reset ends the session and leaves the device as it was', async () => {
    const usb = await RawUsb.open(createUsbDevice(camera));
    const reading = watch(usb.read());
    await usb.device.reset();
    await settle();
    expect(reading.error).toEqual(named('AbortError'));
    expect(camera.state.sessionOpen).toBe(false);
    await usb.ok(0x1002, [1], { transactionId: 0 });
  });

  test('unplugged: what waits is rejected, and everything after it', async () => {
    const device = createUsbDevice(camera);
    const usb = await RawUsb.open(device);
    const interrupt = device.transferIn(3, 8);
    const bulk = usb.read();
    await camera.unplug();
    await expect(interrupt).rejects.toEqual(named('NotFoundError'));
    await expect(bulk).rejects.toEqual(named('NotFoundError'));
    expect(device.opened).toBe(false);
    camera.plug();
    await expect(device.open()).rejects.toEqual(named('NotFoundError'));
    await RawUsb.open(createUsbDevice(camera));
  });

  test('asleep it is gone; a press of the button brings it back', async () => {
    const device = createUsbDevice(camera);
    await camera.sleep();
    await expect(device.open()).rejects.toEqual(named('NotFoundError'));
    camera.half();
    await RawUsb.open(createUsbDevice(camera));
  });

  test('requests to the interface need it claimed', async () => {
    const device = createUsbDevice(camera);
    await device.open();
    const status = { requestType: 'class', recipient: 'interface', request: 0x67 } as const;
    const ask = () => device.controlTransferIn({ ...status, value: 0, index: 0 }, 4);
    await expect(ask()).rejects.toEqual(named('InvalidStateError'));
    await device.claimInterface(0);
    expect(await ask()).toMatchObject({ status: 'ok' });
  });
});

describe('transfers', () => {
  test('are absent where a browser is to be played', () => {
    expect(createUsbDevice(camera, { transfers: false }).transfers).toBeUndefined();
  });

  test('read into the memory of the caller; several are answered in their order', async () => {
    const device = createUsbDevice(camera);
    const usb = await RawUsb.open(device);
    const buffers = [0, 1, 2].map(() => new Uint8Array(1 << 19));
    const reads = buffers.map(async (buffer) => device.transfers?.read(1, buffer));
    await usb.write(command(0x1009, 1, FILE));
    const results = await Promise.all(reads);
    expect(results.map((result) => result?.bytesRead)).toEqual([1 << 19, 1 << 19, 12]);
    expect(buffers[1]?.subarray(0, 3)).toEqual(
      Uint8Array.of(...[0, 1, 2].map((i) => ((1 << 19) - 12 + i) % 65_521)),
    );
    expect((await usb.reply()).code).toBe(0x2001);
  });

  test('cancelled: the status says so, and what comes later goes to the next', async () => {
    const device = createUsbDevice(camera);
    const usb = await RawUsb.open(device);
    const cancelling = new AbortController();
    const reading = device.transfers?.read(1, new Uint8Array(512), cancelling.signal);
    cancelling.abort();
    expect(await reading).toEqual({ status: 'cancelled', bytesRead: 0 });
    await usb.ok(0x1004);
  });
});

describe('a bus', () => {
  test('shows its devices, and the same ones each time', async () => {
    const ixus = smallIxus();
    const bus = createUsbBus([camera, ixus]);
    const devices = await bus.getDevices();
    expect(devices.map(({ productId }) => productId)).toEqual([0x32f5, 0x32c0]);
    expect(devices.map(({ location }) => location)).toEqual([
      { bus: 1, device: 1 },
      { bus: 1, device: 2 },
    ]);
    expect(await bus.getDevices()).toEqual(devices);
    await ixus.close();
  });

  test('requestDevice: the user chooses the first that fits; then it is granted', async () => {
    const ixus = smallIxus();
    const bus = createUsbBus([camera, ixus], { granted: false });
    expect(await bus.getDevices()).toEqual([]);
    const device = await bus.requestDevice({ filters: [{ vendorId: 0x04a9, productId: 0x32c0 }] });
    expect(device.productId).toBe(0x32c0);
    expect(await bus.getDevices()).toEqual([device]);
    const still = { classCode: 6, subclassCode: 1, protocolCode: 1 };
    expect((await bus.requestDevice({ filters: [still] })).productId).toBe(0x32f5);
    await expect(bus.requestDevice({ filters: [{ vendorId: 0x04b0 }] })).rejects.toEqual(
      named('NotFoundError'),
    );
    const not = bus.requestDevice({ filters: [], exclusionFilters: [{ vendorId: 0x04a9 }] });
    await expect(not).rejects.toEqual(named('NotFoundError'));
    await ixus.close();
  });

  test('tells of what comes and goes, in the shape of WebUSB', async () => {
    const bus = createUsbBus([camera], { transfers: false });
    const heard: [string, MemoryUsbDevice][] = [];
    bus.addEventListener('disconnect', (event: Event) => {
      heard.push([event.type, (event as Event & { device: MemoryUsbDevice }).device]);
    });
    bus.onconnect = ({ type, device }) => heard.push([type, device]);
    const [before] = await bus.getDevices();
    await camera.unplug();
    expect(await bus.getDevices()).toEqual([]);
    camera.plug();
    const [after] = await bus.getDevices();
    expect(heard).toEqual([
      ['disconnect', before],
      ['connect', after],
    ]);
    expect(after).not.toBe(before);
    expect(after?.transfers).toBeUndefined();
    await RawUsb.open(after as MemoryUsbDevice);
  });

  test('tells nothing of devices that the page may not use', async () => {
    const bus = createUsbBus([camera], { granted: false });
    let heard = 0;
    bus.ondisconnect = () => heard++;
    await camera.unplug();
    expect(heard).toBe(0);
  });
});
