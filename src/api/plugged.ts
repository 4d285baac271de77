/** Cameras on USB: connected as they are plugged in, in a server and in a page alike. */
import { ignore } from '../base/time.ts';
import { findUsbCameras, lastingAddress } from '../usb/cameras.ts';
import type { UsbBus } from '../usb/port.ts';
import type { Cameras } from './cameras.ts';

/** Connects what is plugged in, now and later, until the signal aborts. */
export async function connectPlugged(
  cameras: Cameras,
  bus: UsbBus,
  signal: AbortSignal,
): Promise<void> {
  // Another one of the same model changes what a camera would be called, and not what it is called.
  let names = new Map<string, string>();
  const connectAll = async () => {
    const found = await findUsbCameras(bus);
    names = new Map(
      found.map((camera) => {
        const { address } = camera;
        return [address, names.get(address) ?? lastingAddress(camera, found)];
      }),
    );
    for (const { address, protocol } of found) {
      if (protocol === 'ptp') cameras.connect(names.get(address) ?? address);
    }
  };
  await connectAll();
  const onConnect = () => void connectAll().catch(ignore);
  bus.addEventListener('connect', onConnect);
  signal.addEventListener('abort', () => bus.removeEventListener('connect', onConnect), {
    once: true,
  });
}
