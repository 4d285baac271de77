/** Finds cameras from before PTP on a bus of USB. */
import { LinkError } from '../base/errors.ts';
import type { NormalTap } from '../canon/normal/index.ts';
import { findUsbCameras, severalCameras } from '../usb/cameras.ts';
import type { UsbBus } from '../usb/port.ts';
import { NormalCamera } from './camera.ts';

export interface FindOptions {
  /** 0x306e: a PowerShot G3. Default whatever speaks the protocol. */
  productId?: number | undefined;
  /** A browser's `navigator.usb`, or virtual cameras. Default this computer's. */
  usb?: UsbBus | undefined;
  /** Sees all commands: `NormalLog` of `hotshoe`'s `inspect` writes canon-remote's log. */
  tap?: NormalTap | undefined;
}

/**
 * The one camera that there is. Rejects with NO_CAMERA where there is none, with USAGE and a list
 * where there are several.
 */
export async function findOn(
  usb: UsbBus,
  { productId, tap }: FindOptions,
  platform: string,
): Promise<NormalCamera> {
  const cameras = (await findUsbCameras(usb)).filter(
    (camera) =>
      camera.protocols.includes('normal') &&
      (productId === undefined || camera.productId === productId),
  );
  const [camera] = cameras;
  if (!camera) {
    throw new LinkError('no camera from before PTP was found on USB', {
      code: 'NO_CAMERA',
      hint: 'Switch the camera on, and choose "Normal" where it has a menu for its USB connection.',
    });
  }
  if (cameras.length > 1) throw severalCameras(cameras);
  return new NormalCamera({ device: camera.device, name: camera.model, platform, tap });
}
