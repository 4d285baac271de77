/** Registers `virtual:MODEL`: a camera made in this process. */
import { memoryPipe } from '../base/byte-stream.ts';
import { UnsupportedError } from '../base/errors.ts';
import { type Opener, type OpenOptions, registerOpener } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import { openUsbCamera } from '../camera/open-usb.ts';
import { connectIp, makeGuid } from '../ptp/index.ts';
import { usbCamera } from '../usb/cameras.ts';
import type { VirtualCamera, VirtualCameraOptions } from './virtual-camera.ts';

/** `options` for each that is made from now on. */
export function registerVirtual(options: VirtualCameraOptions = {}): void {
  registerOpener('virtual', opener(options));
}

const opener = (own: VirtualCameraOptions): Opener => ({
  form: 'virtual:MODEL',
  async open(model, address, options) {
    // Only now: who speaks to a real camera need not wait until all of this one is loaded.
    const { createVirtualCamera, isNetworked } = await import('./create.ts');
    const virtual = createVirtualCamera(model, own);
    try {
      const camera = isNetworked(model)
        ? await openByPipe(virtual, address, options)
        : await openByCable(virtual, address, options);
      void camera.closed.then(() => virtual.close());
      return camera;
    } catch (error) {
      await virtual.close();
      throw error;
    }
  },
});

registerVirtual();

/** By PTP/IP, through a pipe. */
async function openByPipe(
  virtual: VirtualCamera,
  address: string,
  options: OpenOptions,
): Promise<Camera> {
  if (options.mode === 'normal') {
    throw new UnsupportedError(`${virtual.model.name} does not speak Canon's protocol before PTP`, {
      hint: 'virtual:powershot-g3 does.',
    });
  }
  const transport = await connectIp({
    connect: async () => {
      const [here, there] = memoryPipe(address, 'hotshoe');
      void virtual.servePtpIp(there);
      return options.traffic?.stream(here) ?? here;
    },
    // Nobody else can reach this camera, so it need not be kept secret or remembered.
    guid: makeGuid(new Uint8Array(6)),
    name: 'hotshoe',
    ...options,
  });
  return openPtpCamera(transport, address, options);
}

/** By USB, in memory: bodies from before PTP have nothing else. */
async function openByCable(
  virtual: VirtualCamera,
  address: string,
  options: OpenOptions,
): Promise<Camera> {
  const { createUsbDevice } = await import('./usb/index.ts');
  const found = usbCamera(createUsbDevice(virtual));
  if (!found) throw new UnsupportedError(`${virtual.model.name} speaks nothing that is known`);
  return openUsbCamera({ ...found, address }, options, 'browser');
}
