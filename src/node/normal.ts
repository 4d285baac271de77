/** The entry `hotshoe/normal`: canon-remote's library. See docs/canon-remote.md. */
import { type FindOptions, findOn, type NormalCamera } from '../normal/index.ts';

/** The one camera from before PTP that is plugged in; `initialize` it, and close it at the end. */
export async function find(options: FindOptions = {}): Promise<NormalCamera> {
  const usb = options.usb ?? (await (await import('./usb/bus.ts')).nodeUsb());
  return findOn(usb, options, process.platform);
}

export type { ListedFile, PictureAbility, ReleaseParameters } from '../canon/normal/index.ts';
export { Attribute, ListItem, TransferMode } from '../canon/normal/index.ts';
export { NormalLog } from '../inspect/normal-log.ts';
export type { FindOptions, NormalShot, Walked } from '../normal/index.ts';
export { NormalCamera, NormalCapture, NormalStorage } from '../normal/index.ts';
