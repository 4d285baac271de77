/** What comes of a PowerShot's exposures: files on its card, and one that waits in its memory. */
import { CanonEvent, CanonObjectFormat } from '../../canon/ptp/index.ts';
import {
  Event,
  ObjectFormat,
  type ObjectInfo,
  type PtpSession,
  parseDateTime,
} from '../../ptp/index.ts';
import type { CameraStorage, ShotFile } from '../camera.ts';
import type { PowerShotEvent } from './powershot-events.ts';
import { MEMORY_STORAGE } from './powershot-storage.ts';

/** Of a picture on the card, or in memory: they do not tell which. */
export const ANNOUNCED: readonly number[] = [Event.ObjectAdded, CanonEvent.RequestObjectTransfer];

export class PowerShotPictures {
  #session: PtpSession;
  #storage: CameraStorage;
  #nameless = 0;

  constructor(session: PtpSession, storage: CameraStorage) {
    this.#session = session;
    this.#storage = storage;
  }

  /** The file that an event announces; undefined for other events, and folders. */
  async announcedBy(
    { code, params: [handle] }: PowerShotEvent,
    signal: AbortSignal | undefined,
  ): Promise<ShotFile | undefined> {
    if (!ANNOUNCED.includes(code) || handle === undefined) return undefined;
    const info = await this.#session.getObjectInfo(handle, { signal });
    if (info.objectFormat === ObjectFormat.Association) return undefined;
    // libgphoto2 knows pictures in memory by their having no folder.
    const inMemory = info.storageId === MEMORY_STORAGE || info.parentObject === 0;
    const file: Omit<ShotFile, 'read'> = {
      handle,
      name: inMemory ? this.#nameOf(info) : info.filename,
      size: info.objectCompressedSize,
      format: info.objectFormat,
      where: inMemory ? 'host' : 'card',
      storageId: inMemory ? undefined : info.storageId,
    };
    return { ...file, read: (sink, options) => this.#storage.read(file, sink, options) };
  }

  /** In memory all of them are called VirtualObject: here by their time, as far as it is told. */
  #nameOf({ captureDate, objectFormat }: ObjectInfo): string {
    const extension = objectFormat === CanonObjectFormat.CRW ? 'CRW' : 'JPG';
    const date = parseDateTime(captureDate);
    if (!date) return `CAPT${String(++this.#nameless).padStart(4, '0')}.${extension}`;
    const two = (n: number) => String(n).padStart(2, '0');
    const day = `${date.year}${two(date.month)}${two(date.day)}`;
    return `IMG_${day}_${two(date.hour)}${two(date.minute)}${two(date.second)}.${extension}`;
  }
}
