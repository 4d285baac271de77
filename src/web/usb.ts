/** Cameras on USB in a browser, by WebUSB: Chromium's browsers, on pages from https or localhost. */
import { HotshoeError, LinkError, messageOf } from '../base/errors.ts';
import { type OpenOptions, registerOpener } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { openUsbCamera as openOnUsb } from '../camera/open-usb.ts';
import { USB_ADDRESS_FORM } from '../usb/address.ts';
import { chooseUsbCamera, findUsbCameras, type UsbCamera, usbCamera } from '../usb/cameras.ts';
import { CANON } from '../usb/canon-ids.ts';
import type { UsbBus, UsbDevice } from '../usb/port.ts';

/** `navigator.usb`, or what stands in for it: a bus of virtual cameras, for example. */
export interface WebUsb extends UsbBus {
  requestDevice(options: { filters: { vendorId: number }[] }): Promise<UsbDevice>;
}

/** The browser's own. Throws an UNSUPPORTED error where there is none. */
export function browserUsb(): WebUsb {
  const { navigator } = globalThis as { navigator?: { usb?: WebUsb } };
  if (navigator?.usb) return navigator.usb;
  throw new HotshoeError('UNSUPPORTED', 'this browser does not let pages use USB', {
    hint: 'Use Chrome, Edge or another browser built on Chromium; the page must come from https or localhost.',
  });
}

/**
 * Has the user choose one of the Canon cameras that are plugged in; call it in the handler of a
 * click. Undefined when the user chose none. Throws a LinkError where what was chosen is no camera.
 */
export async function requestUsbCamera(usb: WebUsb = browserUsb()): Promise<UsbCamera | undefined> {
  let device: UsbDevice;
  try {
    device = await usb.requestDevice({ filters: [{ vendorId: CANON }] });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return undefined;
    throw new HotshoeError('UNSUPPORTED', `no camera can be chosen here: ${messageOf(error)}`, {
      cause: error,
      hint: 'A page may ask for a device only when the user clicks, and only where its policy lets it.',
    });
  }
  const camera = usbCamera(device);
  if (camera) return camera;
  throw new LinkError(`${device.productName ?? 'the device'} is no camera`, { code: 'NO_CAMERA' });
}

/** The cameras that this page was allowed to use before, and that are plugged in. */
export function grantedUsbCameras(usb: UsbBus = browserUsb()): Promise<UsbCamera[]> {
  return findUsbCameras(usb);
}

export interface UsbWatcher {
  plugged?: ((camera: UsbCamera) => void) | undefined;
  /** Its session, if there is one, is lost; `camera.ptp.closed` tells, too. */
  unplugged?: ((camera: UsbCamera) => void) | undefined;
}

/** Tells of cameras of this page's that are plugged in and unplugged, until the signal aborts. */
export function watchUsbCameras(
  watcher: UsbWatcher,
  signal: AbortSignal,
  usb: UsbBus = browserUsb(),
): void {
  const listen = (type: 'connect' | 'disconnect', tell: UsbWatcher['plugged']) => {
    const listener = ({ device }: { readonly device: UsbDevice }) => {
      const camera = usbCamera(device);
      if (camera) tell?.(camera);
    };
    usb.addEventListener(type, listener);
    signal.addEventListener('abort', () => usb.removeEventListener(type, listener), {
      once: true,
    });
  };
  if (signal.aborted) return;
  listen('connect', watcher.plugged);
  listen('disconnect', watcher.unplugged);
}

/** Opens one of the above; close it, or take it with `await using`. */
export async function openUsbCamera(camera: UsbCamera, options: OpenOptions = {}): Promise<Camera> {
  return openOnUsb(camera, options, 'browser');
}

registerOpener('usb', {
  form: USB_ADDRESS_FORM,
  open: async (rest, address, options) =>
    openUsbCamera(await chooseUsbCamera(browserUsb(), rest, address), options),
});
