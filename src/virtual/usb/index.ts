/** A virtual camera on USB: the gadget, and hosts of it that are in memory. */
import type { UsbGadget } from './gadget.ts';
import { type MemoryBusOptions, MemoryUsbBus } from './memory-bus.ts';
import { type MemoryDeviceOptions, MemoryUsbDevice } from './memory-device.ts';

export type {
  MemoryBusOptions,
  MemoryUsbBus,
  UsbConnectionEvent,
  UsbDeviceFilter,
  UsbDeviceRequest,
} from './memory-bus.ts';
export type { MemoryDeviceOptions, MemoryUsbDevice } from './memory-device.ts';

interface OnUsb {
  readonly usb: UsbGadget;
}

/**
 * The camera as a program sees it that it is plugged into: WebUSB's `USBDevice`. Until `unplug`, as
 * a real one; what is plugged in then is another device. Two devices of one camera are two programs.
 */
export function createUsbDevice(camera: OnUsb, options: MemoryDeviceOptions = {}): MemoryUsbDevice {
  return new MemoryUsbDevice(camera.usb, options);
}

/** Stands in for `navigator.usb`: `getDevices`, `requestDevice`, events of connection. */
export function createUsbBus(
  cameras: readonly OnUsb[],
  options: MemoryBusOptions = {},
): MemoryUsbBus {
  return new MemoryUsbBus(
    cameras.map(({ usb }) => usb),
    options,
  );
}
