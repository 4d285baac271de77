/** Cameras on USB: connected as they are plugged in, in a server and in a page alike. */
import { ignore } from '../base/time.ts';
import { findUsbCameras, type UsbCamera } from '../usb/cameras.ts';
import type { UsbBus } from '../usb/port.ts';
import type { Cameras } from './cameras.ts';

/** Of the body where it tells a number: the place on the bus is another one after each plugging. */
export function lastingAddress({ address, serialNumber }: UsbCamera): string {
  return serialNumber ? `usb:serial=${serialNumber}` : address;
}

/** Connects what is plugged in, now and later, until the signal aborts. */
export async function connectPlugged(
  cameras: Cameras,
  bus: UsbBus,
  signal: AbortSignal,
): Promise<void> {
  const connect = (camera: UsbCamera) => {
    if (camera.protocol === 'ptp') cameras.connect(lastingAddress(camera));
  };
  const connectAll = async () => {
    for (const camera of await findUsbCameras(bus)) connect(camera);
  };
  await connectAll();
  const onConnect = () => void connectAll().catch(ignore);
  bus.addEventListener('connect', onConnect);
  signal.addEventListener('abort', () => bus.removeEventListener('connect', onConnect), {
    once: true,
  });
}
