/** Which devices on USB are cameras, and which of them an address means. */
import { HotshoeError, LinkError, UnsupportedError } from '../base/errors.ts';
import { hex4, parseUsbAddress, selects, usbAddress } from './address.ts';
import { CANON, type CanonProtocol, canonModel, speaksNormalMode } from './canon-ids.ts';
import type { UsbBus, UsbDevice } from './port.ts';
import { findPtpInterface, findStillImage } from './ptp-interface.ts';

export interface UsbCamera {
  /** `usb:001,004`. */
  address: string;
  /** "Canon EOS R6": what the list of ids says, else what the device calls itself. */
  model: string;
  vendorId: number;
  productId: number;
  serialNumber: string | undefined;
  /** What it is spoken to in, unless the user wants another. `normal`: from before PTP. */
  protocol: CanonProtocol;
  /** All that it speaks. */
  protocols: readonly CanonProtocol[];
  device: UsbDevice;
}

/** Undefined where the device is no camera. */
export function usbCamera(device: UsbDevice): UsbCamera | undefined {
  const { vendorId, productId } = device;
  const protocols = protocolsOf(device);
  const [protocol] = protocols;
  if (!protocol) return undefined;
  return {
    address: usbAddress(device),
    model: modelOf(device),
    vendorId,
    productId,
    serialNumber: device.serialNumber || undefined,
    protocol,
    protocols,
    device,
  };
}

/** "Canon EOS R6": for messages, before the camera itself has been asked. */
function modelOf(device: UsbDevice): string {
  const { vendorId, productId } = device;
  const listed = vendorId === CANON ? canonModel(productId) : undefined;
  return listed ?? device.productName ?? `USB device ${usbAddress(device)}`;
}

/**
 * The interface says whether a body speaks PTP, its id whether it speaks Canon's older protocol, of
 * whose interface all is a vendor's own.
 */
function protocolsOf(device: UsbDevice): CanonProtocol[] {
  const isOld = device.vendorId === CANON && speaksNormalMode(device.productId);
  const hasPtp = isOld ? findStillImage(device) : findPtpInterface(device);
  return [...(hasPtp ? (['ptp'] as const) : []), ...(isOld ? (['normal'] as const) : [])];
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

/**
 * By its number where it tells one, by its model where no other of those that are there is of it: the
 * place on the bus, which is what is left, is another one after each plugging.
 */
export function lastingAddress(camera: UsbCamera, among: readonly UsbCamera[]): string {
  const { address, serialNumber, vendorId, productId } = camera;
  if (serialNumber) return `usb:serial=${serialNumber}`;
  const alike = among.filter(
    (other) => other.vendorId === vendorId && other.productId === productId,
  );
  return alike.length > 1 ? address : `usb:${hex4(vendorId)}:${hex4(productId)}`;
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

/** What to speak with it. Throws an UnsupportedError where the user wants what it does not speak. */
export function protocolFor(
  { model, protocol, protocols }: UsbCamera,
  wanted: CanonProtocol | undefined,
): CanonProtocol {
  if (wanted === undefined || protocols.includes(wanted)) return wanted ?? protocol;
  const [what, hint] =
    wanted === 'ptp'
      ? ['PTP', 'Some bodies of that time have a switch or a menu for PTP: choose it there.']
      : ["Canon's protocol from before PTP", 'Leave --mode out.'];
  throw new UnsupportedError(`${model} does not speak ${what}, as far as is known`, { hint });
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
