/** Which devices on USB are cameras, and which of them an address means. */
import { HotshoeError, LinkError, UnsupportedError } from '../base/errors.ts';
import { parseUsbAddress, selects, usbAddress } from './address.ts';
import { CANON, canonModel, canonProtocol } from './canon-ids.ts';
import type { UsbBus, UsbDevice } from './port.ts';
import { findPtpInterface } from './ptp-interface.ts';

export interface UsbCamera {
  /** `usb:001,004`. */
  address: string;
  /** "Canon EOS R6": what the list of ids says, else what the device calls itself. */
  model: string;
  vendorId: number;
  productId: number;
  serialNumber: string | undefined;
  /** `normal`: Canon's protocol from before PTP. */
  protocol: 'ptp' | 'normal';
  device: UsbDevice;
}

/** Undefined where the device is no camera. */
export function usbCamera(device: UsbDevice): UsbCamera | undefined {
  const { vendorId, productId } = device;
  const protocol = protocolOf(device);
  if (!protocol) return undefined;
  return {
    address: usbAddress(device),
    model: modelOf(device),
    vendorId,
    productId,
    serialNumber: device.serialNumber || undefined,
    protocol,
    device,
  };
}

/** "Canon EOS R6": for messages, before the camera itself has been asked. */
function modelOf(device: UsbDevice): string {
  const { vendorId, productId } = device;
  const listed = vendorId === CANON ? canonModel(productId) : undefined;
  return listed ?? device.productName ?? `USB device ${usbAddress(device)}`;
}

function protocolOf(device: UsbDevice): 'ptp' | 'normal' | undefined {
  if (device.vendorId === CANON && canonProtocol(device.productId) === 'normal') return 'normal';
  return findPtpInterface(device) && 'ptp';
}

export async function findUsbCameras(bus: UsbBus): Promise<UsbCamera[]> {
  const cameras = (await bus.getDevices()).flatMap((device) => usbCamera(device) ?? []);
  return cameras.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/**
 * The one camera that `usb:REST` means. Throws NO_CAMERA where there is none, a USAGE error that
 * lists them where there are several.
 */
export async function chooseUsbCamera(
  bus: UsbBus,
  rest: string,
  address = `usb:${rest}`,
): Promise<UsbCamera> {
  const selector = parseUsbAddress(rest, address);
  const cameras = await findUsbCameras(bus);
  const meant = cameras.filter(({ device }) => selects(selector, device));
  const [camera] = meant;
  if (!camera) throw noUsbCamera(address, selector.by === 'only' ? [] : cameras);
  if (meant.length > 1) throw severalCameras(meant);
  return camera;
}

function noUsbCamera(address: string, others: readonly UsbCamera[]): LinkError {
  const found = others.map(describeUsbCamera).join('; ');
  return new LinkError(
    address === 'usb:' ? 'no camera was found on USB' : `no camera was found at ${address}`,
    {
      code: 'NO_CAMERA',
      hint: found
        ? `Found: ${found}.`
        : 'Switch the camera on and use a cable that carries data; `hotshoe doctor` looks for the reason.',
    },
  );
}

/** Throws an UnsupportedError for a body that only speaks the protocol from before PTP. */
export function requirePtp({ model, protocol }: UsbCamera): void {
  if (protocol === 'ptp') return;
  throw new UnsupportedError(
    `${model} speaks the protocol from before PTP, which is not supported yet`,
    { hint: 'Some bodies of that time have a switch or a menu for PTP: choose it there.' },
  );
}

export function severalCameras(cameras: readonly UsbCamera[]): HotshoeError {
  return new HotshoeError('USAGE', `${cameras.length} cameras were found`, {
    hint: `Choose one by --camera: ${cameras.map(describeUsbCamera).join('; ')}.`,
  });
}

/** "usb:001,004 (Canon EOS R6, serial 123)". */
function describeUsbCamera({ address, model, serialNumber }: UsbCamera): string {
  return `${address} (${model}${serialNumber ? `, serial ${serialNumber}` : ''})`;
}
