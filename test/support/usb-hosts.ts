/** Ways from a virtual camera to a program that it is plugged into. */
import type { UsbDevice } from '../../src/usb/port.ts';
import { createUsbDevice, type VirtualCamera } from '../../src/virtual/index.ts';

export interface UsbHost {
  name: string;
  plug(camera: VirtualCamera): Promise<UsbDevice>;
}

export const usbHosts: readonly UsbHost[] = [
  { name: 'in memory', plug: async (camera) => createUsbDevice(camera) },
  {
    name: 'in memory, as in a browser',
    plug: async (camera) => createUsbDevice(camera, { transfers: false }),
  },
];
