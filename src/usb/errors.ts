/**
 * What goes wrong on USB, in one set of words. libusb says it by numbers and names, Chromium by
 * DOMExceptions whose name is vague and whose text tells; each platform has its own reasons.
 */
import { HotshoeError, LinkError, messageOf } from '../base/errors.ts';

export type UsbTrouble = 'gone' | 'busy' | 'permission' | 'transfer' | 'closed' | 'unknown';

/** A transfer that failed while the device is still there: clearing the pipes may help. */
export class UsbTransferError extends Error {}

/**
 * Patterns over "NAME: message", first match wins. libusb: LIBUSB_ERROR_* (libusb.h) and
 * LIBUSB_TRANSFER_*; Chromium: third_party/blink/renderer/modules/webusb/usb_device.cc and usb.cc.
 */
const TROUBLES: readonly (readonly [RegExp, UsbTrouble])[] = [
  [/LIBUSB_(ERROR|TRANSFER)_NO_DEVICE/, 'gone'],
  [/device (was disconnected|unavailable|must not be disconnected)/i, 'gone'],
  [/LIBUSB_ERROR_BUSY|unable to claim interface|in use by another/i, 'busy'],
  // Windows says NOT_SUPPORTED where the driver bound to the camera is not WinUSB.
  [/LIBUSB_ERROR_(ACCESS|NOT_SUPPORTED)|access denied|SecurityError/i, 'permission'],
  [
    /LIBUSB_TRANSFER_CANCELLED|AbortError|transfer was cancelled|not open(ed)?\b|must be opened/i,
    'closed',
  ],
  [
    /LIBUSB_(ERROR|TRANSFER)_(ERROR|IO|PIPE|STALL|OVERFLOW|TIMEOUT|TIMED_OUT|OTHER|NO_MEM)|transfer error|unable to (clear|reset|set)/i,
    'transfer',
  ],
  // Chromium's name for it; the texts above tell more.
  [/NotFoundError/, 'gone'],
];

/** Transfer status of libusb when it comes without its name. */
const TRANSFER_NO_DEVICE = 5;

export function usbTrouble(error: unknown): UsbTrouble {
  if (error instanceof UsbTransferError) return 'transfer';
  if (error instanceof LinkError) return error.code === 'LINK_LOST' ? 'gone' : 'unknown';
  const name = error instanceof Error ? error.name : '';
  const text = `${name}: ${messageOf(error)}`;
  const found = TROUBLES.find(([pattern]) => pattern.test(text));
  if (found) return found[1];
  return (error as { errno?: unknown } | undefined)?.errno === TRANSFER_NO_DEVICE
    ? 'gone'
    : 'unknown';
}

/**
 * The error for `doing` ("could not be opened"), with the way out; a HotshoeError passes as it is.
 * `platform` as in `process.platform`, or 'browser'.
 */
export function usbError(
  error: unknown,
  name: string,
  doing: string,
  platform?: string,
): HotshoeError {
  if (error instanceof HotshoeError) return error;
  const cause = error;
  switch (usbTrouble(error)) {
    case 'gone':
      return new LinkError(`${name} was unplugged or switched off`, {
        cause,
        hint: 'Plug it in and switch it on, then try again.',
      });
    case 'busy':
      return heldByOther(name, undefined, platform, cause);
    case 'permission':
      return noPermission(name, platform, cause);
    case 'closed':
      return new LinkError(`the connection to ${name} was closed`, { cause });
    default:
      return new LinkError(`${name} ${doing}: ${messageOf(error)}`, {
        cause,
        hint: 'Check the cable, switch the camera off and on, then try again.',
      });
  }
}

/** Another program has the camera; `holder` ("gvfsd-gphoto2, process 123") where it is known. */
export function heldByOther(
  name: string,
  holder: string | undefined,
  platform?: string,
  cause?: unknown,
): LinkError {
  const by = holder ? `by ${holder}` : 'by another program';
  return new LinkError(`${name} is held ${by}`, {
    code: 'BUSY',
    cause,
    hint: releaseHint(holder, platform),
  });
}

function releaseHint(holder: string | undefined, platform: string | undefined): string {
  if (holder && /gvfs|gphoto2-volume/i.test(holder)) {
    return 'The desktop has mounted the camera: eject it in the file manager, or run `gio mount -s gphoto2`.';
  }
  if (holder && /\bkio|kamera/i.test(holder)) {
    return 'The desktop shows the camera in a file manager: close that window.';
  }
  if (holder && /hotshoe/i.test(holder)) {
    return 'Another hotshoe command uses the camera: wait until it ends, or end it.';
  }
  if (holder) return 'End that program, or eject the camera there.';
  switch (platform) {
    case 'darwin':
      return (
        'On macOS ptpcamerad takes every camera: close Photos and Image Capture, then ' +
        'run `killall -9 ptpcamerad` right before the command.'
      );
    case 'win32':
      return 'Close the programs that show the camera: Photos, Explorer, EOS Utility.';
    case 'browser':
      return (
        'Close what else uses the camera: other tabs, the file manager (eject the camera there), ' +
        'Photos, EOS Utility.'
      );
    default:
      return 'Eject the camera in the file manager, or run `gio mount -s gphoto2`; `hotshoe doctor` names who holds it.';
  }
}

/** The system lets this user, or this driver, not at the camera. */
export function noPermission(name: string, platform?: string, cause?: unknown): LinkError {
  return new LinkError(`no permission to use ${name}`, {
    code: 'REJECTED',
    cause,
    hint: permissionHint(platform),
  });
}

function permissionHint(platform: string | undefined): string {
  switch (platform) {
    case 'win32':
      return 'Windows has bound its own driver to the camera: bind WinUSB to it (Zadig does); see docs/usb.md.';
    case 'darwin':
      return 'Another program holds the camera exclusively: close Photos and Image Capture; run `hotshoe doctor`.';
    case 'browser':
      return (
        'On Linux the system must let you at the camera: run `hotshoe doctor`. On Windows its ' +
        'driver must be WinUSB. On Android allow the access when it is asked for.'
      );
    default:
      return 'Run `hotshoe doctor`: it says what is missing, and with --fix installs the rule.';
  }
}
