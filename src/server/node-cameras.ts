/** What can be connected on this computer: cameras on USB, and virtual ones. */
import type { CamerasOptions } from '../api/cameras.ts';
import type { Available } from '../api/schemas.ts';
import { usbAccess } from '../node/usb/access.ts';
import { describeHolders } from '../node/usb/holders.ts';
import { findUsbCameras, lastingAddress, type UsbCamera } from '../usb/cameras.ts';
import type { UsbBus } from '../usb/port.ts';
import { virtualModels } from '../virtual/models/index.ts';

/** Without a bus, where this computer has none that can be used, the virtual ones alone. */
export function availableCameras(bus: UsbBus | undefined): CamerasOptions['available'] {
  return async () => {
    const plugged = bus ? await findUsbCameras(bus) : [];
    return [
      ...(await Promise.all(plugged.map((camera) => onUsb(camera, plugged)))),
      ...virtualModels.map(virtual),
    ];
  };
}

async function onUsb(camera: UsbCamera, plugged: readonly UsbCamera[]): Promise<Available> {
  return {
    address: lastingAddress(camera, plugged),
    model: camera.model,
    virtual: false,
    note: await hindrance(camera),
  };
}

async function hindrance({ protocol, device }: UsbCamera): Promise<string | null> {
  if (protocol === 'normal') return 'It speaks the protocol from before PTP.';
  const { state, holders } = await usbAccess(device);
  if (state === 'held') return `In use by ${describeHolders(holders) ?? 'another program'}.`;
  if (state === 'no-permission') return 'No permission: run `hotshoe doctor --fix`.';
  return null;
}

const virtual = ({ id, name }: (typeof virtualModels)[number]): Available => ({
  address: `virtual:${id}`,
  model: name,
  virtual: true,
  note: null,
});
