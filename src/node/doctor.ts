/** Looks for the reasons why a camera cannot be used from this computer. */
import { createSocket } from 'node:dgram';
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { HotshoeError, messageOf } from '../base/errors.ts';
import { parseHostPort } from '../camera/address.ts';
import { PTP_IP_PORT } from '../ptp/index.ts';
import { findUsbCameras, type UsbCamera } from '../usb/cameras.ts';
import { heldByOther, noPermission } from '../usb/errors.ts';
import type { UsbBus } from '../usb/port.ts';
import { connectTcp } from './tcp.ts';
import { usbAccess } from './usb/access.ts';
import { describeHolders } from './usb/holders.ts';
import { findRule } from './usb/udev-rule.ts';

export interface Finding {
  /** "node", "usb package", "camera usb:001,004", … */
  check: string;
  /** `note`: nothing wrong, but worth knowing. */
  state: 'ok' | 'note' | 'problem';
  message: string;
  hint?: string | undefined;
  /** `--fix` can mend it. */
  fixable?: boolean | undefined;
}

export interface DoctorOptions {
  /** This computer's USB; rejects where the package for it is missing. */
  usb: () => Promise<UsbBus>;
  /** The address that the user gave: where it is in the network, whether it answers. */
  camera?: string | undefined;
  signal?: AbortSignal | undefined;
  /** As `process.platform`; for tests. */
  platform?: string | undefined;
  /** Folders of udev rules; for tests. */
  ruleFolders?: readonly string[] | undefined;
  nodeVersion?: string | undefined;
}

const CONNECT_MS = 5000;
/** Where cameras in the network announce themselves (SSDP). */
const SSDP_PORT = 1900;

export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  const { platform = process.platform, camera } = options;
  yield nodeFinding(options.nodeVersion ?? process.versions.node);
  const bus = await options.usb().catch((error: unknown) => error);
  yield packageFinding(bus);
  if (platform === 'linux') yield* linuxFindings(options.ruleFolders);
  if (platform === 'darwin') yield macFinding;
  if (platform === 'win32') yield windowsFinding;
  if (isBus(bus)) yield* cameraFindings(bus, platform);
  if (camera && !/^(usb|virtual|replay):/i.test(camera)) yield await reachable(camera, options);
  yield await announcements();
}

function isBus(value: unknown): value is UsbBus {
  return typeof value === 'object' && value !== null && 'getDevices' in value;
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    check: 'node',
    state: enough ? 'ok' : 'problem',
    message: `Node ${version}`,
    hint: enough ? undefined : 'hotshoe needs Node 20.19 or newer.',
  };
}

function packageFinding(bus: unknown): Finding {
  const check = 'usb package';
  if (isBus(bus)) return { check, state: 'ok', message: 'the package "usb" and its libusb work' };
  return {
    check,
    state: 'problem',
    message: messageOf(bus),
    hint: bus instanceof HotshoeError ? bus.hint : undefined,
  };
}

async function* linuxFindings(ruleFolders: readonly string[] | undefined): AsyncGenerator<Finding> {
  const bus = await access('/dev/bus/usb').then(
    () => true,
    () => false,
  );
  yield bus
    ? { check: 'usb bus', state: 'ok', message: '/dev/bus/usb is there' }
    : {
        check: 'usb bus',
        state: 'note',
        message: 'this system has no USB (no /dev/bus/usb)',
        hint: 'In a container or a virtual machine the devices must be handed in.',
      };
  const { username, uid } = userInfo();
  const rule = await findRule(ruleFolders);
  if (rule) yield { check: 'udev rule', state: 'ok', message: `cameras are allowed by ${rule}` };
  else if (uid === 0) {
    yield { check: 'udev rule', state: 'note', message: 'no rule for cameras; root needs none' };
  } else {
    yield {
      check: 'udev rule',
      state: 'problem',
      message: `no rule lets ${username} at cameras`,
      hint: 'Run `hotshoe doctor --fix`, which installs the rule below.',
      fixable: true,
    };
  }
}

const macFinding: Finding = {
  check: 'macOS',
  state: 'note',
  message: 'macOS gives every camera to ptpcamerad, which starts again by itself',
  hint:
    'Close Photos and Image Capture. If the camera is held, run `killall -9 ptpcamerad` right ' +
    'before the command; while hotshoe has the camera it stays away.',
};

const windowsFinding: Finding = {
  check: 'Windows',
  state: 'note',
  message: 'Windows binds its own driver to cameras; hotshoe needs WinUSB there',
  hint:
    'Bind WinUSB to the camera with Zadig. Explorer and Canon’s programs then do not see it any ' +
    'more, until that driver is removed in the Device Manager.',
};

async function* cameraFindings(bus: UsbBus, platform: string): AsyncGenerator<Finding> {
  const cameras = await findUsbCameras(bus);
  for (const camera of cameras) yield await cameraFinding(camera, platform);
  if (cameras.length > 0) return;
  yield {
    check: 'cameras',
    state: 'note',
    message: 'no camera on USB',
    hint: 'Switch it on; wake it with the shutter button; use a cable that carries data.',
  };
}

async function cameraFinding(camera: UsbCamera, platform: string): Promise<Finding> {
  const { address, model, device } = camera;
  const check = `camera ${address}`;
  const { state, holders } = await usbAccess(device);
  if (state === 'free' || state === 'unknown') {
    return { check, state: 'ok', message: state === 'free' ? `${model} is free` : model };
  }
  const error =
    state === 'held'
      ? heldByOther(model, describeHolders(holders), platform)
      : noPermission(model, platform);
  return {
    check,
    state: 'problem',
    message: error.message,
    hint:
      state === 'held'
        ? error.hint
        : 'After the rule is installed unplug the camera and plug it in again.',
  };
}

/** Whether anybody answers at an address in the network; nothing is sent. */
async function reachable(address: string, { signal }: DoctorOptions): Promise<Finding> {
  const check = `camera ${address}`;
  try {
    const colon = address.indexOf(':');
    const { host, port } = parseHostPort(address.slice(colon + 1), address, PTP_IP_PORT);
    const timeout = AbortSignal.timeout(CONNECT_MS);
    const stream = await connectTcp({
      host,
      port,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    await stream.close();
    return { check, state: 'ok', message: `${host}:${port} answers` };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      check,
      state: 'problem',
      message: messageOf(error),
      hint:
        (error instanceof HotshoeError ? error.hint : undefined) ??
        'Is the camera awake, in the same network, and at its Wi-Fi screen?',
    };
  }
}

/** Whether announcements of cameras in the network could be heard here. */
function announcements(): Promise<Finding> {
  const check = 'announcements';
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', (error) => {
      socket.close();
      resolve({
        check,
        state: 'note',
        message: `UDP port ${SSDP_PORT} cannot be used: ${error.message}`,
        hint: 'Cameras in the network cannot be found by themselves; their address still works.',
      });
    });
    socket.bind(SSDP_PORT, () => {
      socket.close(() =>
        resolve({ check, state: 'ok', message: `UDP port ${SSDP_PORT} can be listened on` }),
      );
    });
  });
}
