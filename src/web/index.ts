/** The entry `hotshoe/web`: everything of `hotshoe`, with cameras on USB in a browser. */
export * from '../index.ts';
export type { UsbCamera } from '../usb/cameras.ts';
export type { UsbWatcher, WebUsb } from './usb.ts';
export {
  browserUsb,
  grantedUsbCameras,
  openUsbCamera,
  requestUsbCamera,
  watchUsbCameras,
} from './usb.ts';
