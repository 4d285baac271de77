/** From a device on USB to a camera, by the protocol that it speaks. */
import { connectUsb } from '../ptp/index.ts';
import { protocolFor, type UsbCamera } from '../usb/cameras.ts';
import type { OpenOptions } from './address.ts';
import type { Camera } from './camera.ts';
import { openPtpCamera } from './open-ptp.ts';

/** `platform` as in `process.platform`, or 'browser': whose ways out the hints name. */
export async function openUsbCamera(
  camera: UsbCamera,
  options: OpenOptions,
  platform: string,
): Promise<Camera> {
  const { address, model: name } = camera;
  const device = options.traffic?.usb(camera.device) ?? camera.device;
  if (protocolFor(camera, options.mode) === 'normal') {
    // Few have one, and it is a whole protocol.
    const { openNormalCamera } = await import('./drivers/normal.ts');
    return openNormalCamera({ device, name, platform }, address, options);
  }
  const transport = await connectUsb({ device, name, platform, signal: options.signal });
  return openPtpCamera(transport, address, options);
}
