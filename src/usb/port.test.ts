/// <reference types="w3c-web-usb" />
import { expectTypeOf, it } from 'vitest';
import type { UsbBus, UsbDevice, UsbEndpoint, UsbInResult } from './port.ts';

it('a browser’s own objects fit the port as they are', () => {
  expectTypeOf<USBDevice>().toExtend<UsbDevice>();
  expectTypeOf<USB>().toExtend<UsbBus>();
  expectTypeOf<USBInTransferResult>().toExtend<UsbInResult>();
  expectTypeOf<USBEndpoint>().toExtend<UsbEndpoint>();
});

it('and the test can fail: a device that cannot be read from does not fit', () => {
  expectTypeOf<Omit<USBDevice, 'transferIn'>>().not.toExtend<UsbDevice>();
  expectTypeOf<Omit<USB, 'getDevices'>>().not.toExtend<UsbBus>();
});
