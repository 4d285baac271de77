import { describe, expect, it } from 'vitest';
import { ScriptedUsb } from '../../test/support/scripted-usb.ts';
import { parseUsbAddress, usbAddress } from './address.ts';
import { chooseUsbCamera, findUsbCameras, usbCamera } from './cameras.ts';
import { canonModel, speaksNormalMode } from './canon-ids.ts';
import type { UsbBus, UsbDevice } from './port.ts';
import { findPtpInterface } from './ptp-interface.ts';

function busOf(...devices: UsbDevice[]): UsbBus {
  return {
    getDevices: async () => devices,
    addEventListener: () => {},
    removeEventListener: () => {},
  };
}

function camera(more: Partial<UsbDevice>): UsbDevice {
  const device = new ScriptedUsb();
  return {
    ...(device as UsbDevice),
    configurations: device.configurations,
    configuration: device.configuration,
    ...more,
  };
}

const first = camera({ location: { bus: 1, device: 4 }, serialNumber: 'AAA1' });
const second = camera({ location: { bus: 1, device: 5 }, serialNumber: 'BBB2' });

describe('addresses', () => {
  it.each([
    ['', { by: 'only' }],
    ['04a9:306E', { by: 'id', vendorId: 0x04a9, productId: 0x306e }],
    ['001,004', { by: 'location', bus: 1, device: 4 }],
    ['1,4', { by: 'location', bus: 1, device: 4 }],
    ['serial=AB:1', { by: 'serial', serialNumber: 'AB:1' }],
  ])('usb:%s', (rest, selector) => {
    expect(parseUsbAddress(rest, `usb:${rest}`)).toEqual(selector);
  });

  it.each(['x', '4a9:306e', '1.4', 'serial=', '//host'])('usb:%s is none', (rest) => {
    expect(() => parseUsbAddress(rest, `usb:${rest}`)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`"usb:${rest}"`) }),
    );
  });

  it('of a device: its place, else its serial number, else its ids', () => {
    expect(usbAddress(first)).toBe('usb:001,004');
    expect(usbAddress(camera({ location: undefined, serialNumber: 'AAA1' }))).toBe(
      'usb:serial=AAA1',
    );
    expect(usbAddress(camera({ serialNumber: undefined }))).toBe('usb:04a9:32b4');
  });
});

describe('choosing', () => {
  const bus = busOf(first, second);

  it('the only one', async () => {
    expect((await chooseUsbCamera(busOf(second), '')).address).toBe('usb:001,005');
  });

  it.each(['serial=bbb2', '1,5', '001,005'])('one of two alike by %s', async (rest) => {
    expect((await chooseUsbCamera(bus, rest)).device).toBe(second);
  });

  it.each(['', '04a9:32b4'])('none of two by "%s": the error lists them', async (rest) => {
    await expect(chooseUsbCamera(bus, rest)).rejects.toMatchObject({
      code: 'USAGE',
      message: '2 cameras were found',
      hint: expect.stringMatching(/usb:001,004 \(.*serial AAA1\); usb:001,005 \(.*serial BBB2\)/),
    });
  });

  it('nothing where nothing fits', async () => {
    await expect(chooseUsbCamera(busOf(), '')).rejects.toMatchObject({
      code: 'NO_CAMERA',
      message: 'no camera was found on USB',
    });
    await expect(chooseUsbCamera(bus, 'serial=CCC3')).rejects.toMatchObject({
      code: 'NO_CAMERA',
      message: 'no camera was found at usb:serial=CCC3',
      hint: expect.stringContaining('usb:001,004'),
    });
  });
});

describe('which devices are cameras', () => {
  const keyboard = camera({ vendorId: 0x046d, configurations: [], configuration: null });

  it('those with a PTP interface, whoever made them, and the old ones of Canon', async () => {
    const sony = camera({ vendorId: 0x054c, productId: 0x0994, location: { bus: 2, device: 1 } });
    const g3 = camera({
      productId: 0x306e,
      configurations: [],
      configuration: null,
      location: { bus: 3, device: 1 },
    });
    const found = await findUsbCameras(busOf(keyboard, g3, sony, first));
    expect(found.map(({ address, model, protocol }) => [address, model, protocol])).toEqual([
      ['usb:001,004', 'Canon EOS 1300D / EOS Rebel T6', 'ptp'],
      ['usb:002,001', 'Canon Digital Camera', 'ptp'],
      ['usb:003,001', 'Canon PowerShot G3', 'normal'],
    ]);
  });

  it('names a Canon that the list does not know by what it calls itself', () => {
    expect(usbCamera(camera({ productId: 0x3fff }))?.model).toBe('Canon Digital Camera');
    expect(canonModel(0x3fff)).toBeUndefined();
    expect([canonModel(0x3215), speaksNormalMode(0x3215)]).toEqual(['Canon EOS 60D', false]);
  });

  it('takes the interface of class 6/1/1, not the first one; of a player the one that looks alike', () => {
    const [still] = first.configurations[0]?.interfaces ?? [];
    const [alternate] = still?.alternates ?? [];
    if (!alternate) throw new Error('the scripted device has no interface');
    const other = { interfaceNumber: 0, alternates: [{ ...alternate, interfaceClass: 8 }] };
    const configuration = (interfaceClass: number) => ({
      configurationValue: 1,
      interfaces: [
        other,
        {
          interfaceNumber: 3,
          alternates: [{ ...alternate, interfaceClass, alternateSetting: 0 }],
        },
      ],
    });
    for (const interfaceClass of [6, 0xff]) {
      const only = configuration(interfaceClass);
      expect(findPtpInterface({ configuration: only, configurations: [only] })).toMatchObject({
        interfaceNumber: 3,
        bulkIn: { packetSize: 512 },
      });
    }
    const none = configuration(8);
    expect(findPtpInterface({ configuration: none, configurations: [none] })).toBeUndefined();
  });
});
