/** Whether this user may use a device, and who else does: what `list` and `doctor` tell. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { UsbDevice } from '../../usb/port.ts';
import { deviceNode, findHolders, type Holder } from './holders.ts';

export interface UsbAccess {
  /** `unknown` where the system does not say before it is tried: on macOS and Windows. */
  state: 'free' | 'held' | 'no-permission' | 'unknown';
  holders: Holder[];
}

export async function usbAccess({ location }: Pick<UsbDevice, 'location'>): Promise<UsbAccess> {
  if (process.platform !== 'linux' || !location) return { state: 'unknown', holders: [] };
  const holders = await findHolders(location);
  const allowed = await access(deviceNode(location), constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!allowed) return { state: 'no-permission', holders };
  return { state: holders.length > 0 ? 'held' : 'free', holders };
}
