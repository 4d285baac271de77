/**
 * Names are an address: one `open` for library, command line and server. It looks the scheme up in
 * a table, so that nothing here imports sockets, USB or virtual cameras.
 */

import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import type { NormalTap } from '../canon/normal/index.ts';
import type { DeviceInfo, Tap } from '../ptp/index.ts';
import type { UsbBus, UsbDevice } from '../usb/port.ts';
import type { Camera } from './camera.ts';

/** Stands between a camera and who speaks to it, and notes down what passes. */
export interface TrafficTap {
  /** A stream of the same bytes. */
  stream(stream: ByteStream): ByteStream;
  /** A device of the same transfers. */
  usb(device: UsbDevice): UsbDevice;
}

export interface OpenOptions {
  signal?: AbortSignal | undefined;
  /** Sees all transactions. */
  tap?: Tap | undefined;
  /** Sees all bytes; see `recordTo` of `hotshoe/node`. */
  traffic?: TrafficTap | undefined;
  /** How long a person may take to accept this computer on the camera. Default three minutes. */
  acceptTimeoutMs?: number | undefined;
  /** Called when the camera holds its answer back, probably to ask a person. */
  onWaiting?: ((info: { name: string; timeoutMs: number }) => void) | undefined;
  /** Called when a camera that was paired is not where it was, and is waited for. */
  onAwaited?: ((info: AwaitedCamera) => void) | undefined;
  /**
   * `standard`: the driver of plain PTP whatever the body is, which sends nothing of its own; the
   * session in `camera.ptp` is then as it was opened, without a vendor's remote mode. Default
   * `auto`, the driver that fits the body.
   */
  driver?: 'auto' | 'standard' | undefined;
  /** Of bodies that speak both: `normal` is Canon's protocol from before PTP. Default PTP. */
  mode?: 'ptp' | 'normal' | undefined;
  /** Sees all commands of cameras from before PTP. */
  normalTap?: NormalTap | undefined;
  /** Where `usb:` looks; default this computer's USB. */
  usb?: UsbBus | undefined;
  /** Of PTP cameras: called with DeviceInfo before a session is opened; see `SessionOptions`. */
  onDeviceInfo?: ((info: DeviceInfo) => void) | undefined;
}

/** A camera that has to come into the network, or to be sent there by a person. */
export interface AwaitedCamera {
  /** What it is called here. */
  camera: string;
  /** The entry to choose in its list of computers; absent where it comes by itself. */
  computer?: string | undefined;
  timeoutMs: number;
}

export interface Opener {
  /** "ptpip://HOST[:PORT]", for messages. */
  form: string;
  /** `rest` is the address without scheme and colon. */
  open(rest: string, address: string, options: OpenOptions): Promise<Camera>;
}

const openers = new Map<string, Opener>();

/** Adds a scheme, or replaces it. */
export function registerOpener(scheme: string, opener: Opener): void {
  openers.set(scheme, opener);
}

/** Opens the camera at `address`; close it, or take it with `await using`. */
export async function open(address: string, options: OpenOptions = {}): Promise<Camera> {
  const colon = address.indexOf(':');
  const opener = colon > 0 ? openers.get(address.slice(0, colon).toLowerCase()) : undefined;
  if (!opener) {
    const forms = [...openers.values()].map(({ form }) => form).join(', ') || 'none registered';
    throw new HotshoeError('USAGE', `"${address}" is not an address of a camera`, {
      hint: `Addresses have the form: ${forms}.`,
    });
  }
  return opener.open(address.slice(colon + 1), address, options);
}

/** The host and port of "//HOST[:PORT]"; IPv6 in brackets. Throws a USAGE error. */
export function parseHostPort(
  rest: string,
  address: string,
  defaultPort: number,
): { host: string; port: number } {
  const form = /^\/\/(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:/[\]@?#\s]+))(?::(\d{1,5}))?\/?$/;
  const match = form.exec(rest);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (!host || port < 1 || port > 65535) {
    throw new HotshoeError('USAGE', `"${address}" is not an address of a camera`, {
      hint: `Write the host and, where it is not ${defaultPort}, the port: ${address.split(':')[0]}://192.168.1.20:${defaultPort}`,
    });
  }
  return { host, port };
}

/** For callers who need a camera, were given no address and found none. */
export function noCamera(cause?: unknown): LinkError {
  return new LinkError('no camera was named, and none was found on USB', {
    code: 'NO_CAMERA',
    cause,
    hint:
      'Plug one in and switch it on, or pair one over Wi-Fi with `hotshoe pair`, or give an address ' +
      'by --camera or HOTSHOE_CAMERA: ' +
      'ptpip://192.168.1.20 for a camera in the network, virtual:eos-r6 for one made in this process.',
  });
}
