/** The optional package `usb`, loaded when a camera on USB is looked for and not before. */
import { HotshoeError, messageOf } from '../../base/errors.ts';

export type Native = typeof import('usb').usb;
export type NativeDevice = import('usb').Device;

/** As package.json names it. */
const USB_PACKAGE = 'usb@2.18.0';

let loading: Promise<Native> | undefined;

/** Throws an UNSUPPORTED error where the package is missing or does not run here. */
export function loadNative(): Promise<Native> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Native> {
  try {
    return (await import('usb')).usb;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new HotshoeError(
      'UNSUPPORTED',
      missing
        ? 'cameras on USB need the package "usb", which is not installed'
        : `the package "usb" does not run on this system: ${messageOf(error)}`,
      {
        cause: error,
        hint: `Install it beside hotshoe: npm install ${USB_PACKAGE}. Cameras in the network work without.`,
      },
    );
  }
}
