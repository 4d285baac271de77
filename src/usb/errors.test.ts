import { expect, it } from 'vitest';
import { LinkError } from '../base/errors.ts';
import { heldByOther, usbError, usbTrouble } from './errors.ts';

/** Texts of Chromium's third_party/blink/renderer/modules/webusb/, with their DOMException names. */
const chromium: [string, string, string][] = [
  ['NotFoundError', 'The device was disconnected.', 'gone'],
  ['NetworkError', 'Unable to claim interface.', 'busy'],
  ['NetworkError', 'A transfer error has occurred.', 'transfer'],
  ['NetworkError', 'Unable to reset the device.', 'transfer'],
  ['SecurityError', "Failed to execute 'open' on 'USBDevice': Access denied.", 'permission'],
  ['AbortError', 'The transfer was cancelled.', 'closed'],
  ['InvalidStateError', 'The device must be opened first.', 'closed'],
];

it.each(chromium)('Chromium: %s "%s" is %s', (name, message, trouble) => {
  expect(usbTrouble(new DOMException(message, name))).toBe(trouble);
});

it.each([
  ['LIBUSB_ERROR_NO_DEVICE', 'gone'],
  ['LIBUSB_TRANSFER_NO_DEVICE', 'gone'],
  ['LIBUSB_ERROR_BUSY', 'busy'],
  ['LIBUSB_ERROR_ACCESS', 'permission'],
  ['LIBUSB_ERROR_NOT_SUPPORTED', 'permission'],
  ['LIBUSB_TRANSFER_CANCELLED', 'closed'],
  ['LIBUSB_TRANSFER_ERROR', 'transfer'],
  ['LIBUSB_ERROR_IO', 'transfer'],
  ['Device is not open', 'closed'],
  ['what is this?', 'unknown'],
])('libusb: %s is %s', (message, trouble) => {
  expect(usbTrouble(new Error(message))).toBe(trouble);
  // As the WebUSB layer of the package wraps them.
  expect(usbTrouble(new Error(`open error: Error: ${message}`))).toBe(trouble);
});

it('each trouble has its code and its way out, of the platform it is on', () => {
  const told = (message: string, platform?: string) =>
    usbError(new Error(message), 'Canon EOS R6', 'could not be opened', platform);
  expect(told('LIBUSB_ERROR_ACCESS', 'linux')).toMatchObject({
    code: 'REJECTED',
    message: 'no permission to use Canon EOS R6',
    hint: expect.stringContaining('hotshoe doctor'),
  });
  expect(told('LIBUSB_ERROR_NOT_SUPPORTED', 'win32').hint).toContain('WinUSB');
  expect(told('LIBUSB_ERROR_BUSY', 'darwin').hint).toContain('ptpcamerad');
  expect(told('LIBUSB_ERROR_BUSY', 'win32').hint).toContain('Explorer');
  expect(told('LIBUSB_ERROR_NO_DEVICE')).toMatchObject({ code: 'LINK_LOST' });
  expect(told('what is this?').message).toBe('Canon EOS R6 could not be opened: what is this?');
});

it('who holds a camera is named, with the way to make it let go', () => {
  const held = (holder: string) => heldByOther('Canon EOS R6', holder, 'linux');
  expect(held('gvfsd-gphoto2 (process 12)')).toMatchObject({
    code: 'BUSY',
    message: 'Canon EOS R6 is held by gvfsd-gphoto2 (process 12)',
    hint: expect.stringContaining('gio mount -s gphoto2'),
  });
  expect(held('hotshoe (process 12)').hint).toContain('Another hotshoe command');
  expect(held('darktable (process 12)').hint).toContain('End that program');
});

it('an error of ours passes as it is', () => {
  const error = new LinkError('gone');
  expect(usbError(error, 'x', 'failed')).toBe(error);
  expect(usbTrouble(error)).toBe('gone');
});
