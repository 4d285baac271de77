/** Addresses of cameras on USB: `usb:`, `usb:VID:PID`, `usb:BUS,DEV`, `usb:serial=XXXX`. */
import { HotshoeError } from '../base/errors.ts';
import type { UsbDevice } from './port.ts';

export const USB_ADDRESS_FORM = 'usb:, usb:VID:PID, usb:BUS,DEV, usb:serial=XXXX';

export type UsbSelector =
  | { by: 'only' }
  | { by: 'id'; vendorId: number; productId: number }
  | { by: 'location'; bus: number; device: number }
  | { by: 'serial'; serialNumber: string };

/** `rest` is the address without `usb:`. Throws a USAGE error. */
export function parseUsbAddress(rest: string, address: string): UsbSelector {
  if (rest === '') return { by: 'only' };
  const id = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(rest);
  if (id) {
    return {
      by: 'id',
      vendorId: Number.parseInt(id[1] as string, 16),
      productId: Number.parseInt(id[2] as string, 16),
    };
  }
  const place = /^(\d{1,3}),(\d{1,3})$/.exec(rest);
  if (place) return { by: 'location', bus: Number(place[1]), device: Number(place[2]) };
  const serial = /^serial=(.+)$/i.exec(rest);
  if (serial) return { by: 'serial', serialNumber: serial[1] as string };
  throw new HotshoeError('USAGE', `"${address}" is not an address of a camera on USB`, {
    hint: `Write ${USB_ADDRESS_FORM}; \`hotshoe list\` shows what is there.`,
  });
}

export function selects(selector: UsbSelector, device: UsbDevice): boolean {
  switch (selector.by) {
    case 'only':
      return true;
    case 'id':
      return device.vendorId === selector.vendorId && device.productId === selector.productId;
    case 'location':
      return device.location?.bus === selector.bus && device.location.device === selector.device;
    case 'serial':
      return device.serialNumber?.toLowerCase() === selector.serialNumber.toLowerCase();
  }
}

/** The shortest address that leads to this device on this computer. */
export function usbAddress(device: UsbDevice): string {
  const { location, serialNumber, vendorId, productId } = device;
  if (location) {
    return `usb:${String(location.bus).padStart(3, '0')},${String(location.device).padStart(3, '0')}`;
  }
  return serialNumber ? `usb:serial=${serialNumber}` : `usb:${hex4(vendorId)}:${hex4(productId)}`;
}

export function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
