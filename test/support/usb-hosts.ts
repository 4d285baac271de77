/** Ways from a virtual camera to a program that it is plugged into. */
import { listenUsbip } from '../../src/node/usbip.ts';
import type { UsbDevice } from '../../src/usb/port.ts';
import { createUsbDevice, type VirtualCamera } from '../../src/virtual/index.ts';
import { importUsbip } from './usbip-client.ts';

export interface UsbHost {
  name: string;
  /** The same camera again: the same device. `onEnd` is given what ends the way. */
  plug(camera: VirtualCamera, onEnd: (end: () => Promise<unknown>) => void): Promise<UsbDevice>;
}

/** As a kernel keeps a device, whatever becomes of the programs that open it. */
const attached = new WeakMap<VirtualCamera, UsbDevice>();

export const usbHosts: readonly UsbHost[] = [
  { name: 'in memory', plug: async (camera) => createUsbDevice(camera) },
  {
    name: 'in memory, as in a browser',
    plug: async (camera) => createUsbDevice(camera, { transfers: false }),
  },
  {
    name: 'by USB/IP',
    plug: async (camera, onEnd) => {
      const before = attached.get(camera);
      if (before) return before;
      const listener = await listenUsbip([camera], { port: 0 });
      onEnd(() => listener.close());
      const device = await importUsbip(listener.port, listener.busIds[0]);
      onEnd(async () => device.detach());
      attached.set(camera, device);
      return device;
    },
  },
];
