/** Virtual cameras on other machines' USB, by Linux's USB/IP. See docs/usbip.md. */
export { UsbipServer, type UsbipServerOptions } from './server.ts';
export { USBIP_PORT } from './wire.ts';
