/** The camera that is meant where none was named. */
import { noCamera } from '../../camera/address.ts';
import { findUsbCameras, severalCameras } from '../../usb/cameras.ts';
import type { UsbBus } from '../../usb/port.ts';
import { nodeUsb } from './bus.ts';

/**
 * The address of the only camera on USB. Throws NO_CAMERA where there is none, or no package to look
 * for one with; a USAGE error that lists them where there are several.
 */
export async function onlyUsbCamera(usb: () => Promise<UsbBus> = nodeUsb): Promise<string> {
  const cameras = await usb().then(findUsbCameras, (error: unknown) => {
    throw noCamera(error);
  });
  const [camera] = cameras;
  if (!camera) throw noCamera();
  if (cameras.length > 1) throw severalCameras(cameras);
  return camera.address;
}
