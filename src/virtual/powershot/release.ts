/** Exposures of a PowerShot of the older extension, and what becomes of them. */
import { messageOf } from '../../base/errors.ts';
import { CanonEvent, CanonResponse, ObjectFlag } from '../../canon/ptp/index.ts';
import { Event, ObjectFormat, Response } from '../../ptp/index.ts';
import type { CardObject } from '../card/catalogue.ts';
import type { Slot } from '../card/slots.ts';
import { Refusal } from '../responder/transaction.ts';
import type { PowerShotBody } from './body.ts';
import { pictureRequest } from './picture-request.ts';
import type { Viewfinder } from './viewfinder.ts';

/** The memory in which pictures for the computer wait. */
export const MEMORY_STORAGE = 0x80000001;
/** No folder of a card is there. */
const MEMORY_HANDLE = 0x80000010;
/** As these bodies call it (libgphoto2). */
const MEMORY_NAME = 'VirtualObject';

export class PowerShotRelease {
  #body: PowerShotBody;
  #viewfinder: Viewfinder;
  #running: Promise<void> = Promise.resolve();

  constructor(body: PowerShotBody, viewfinder: Viewfinder) {
    this.#body = body;
    this.#viewfinder = viewfinder;
  }

  /** Resolves when no exposure is under way. */
  idle(): Promise<void> {
    return this.#running;
  }

  /** By order of the computer; what comes of it is told by events. */
  capture(): void {
    if (!this.#body.releaseControl) throw new Refusal(CanonResponse.Operation_Refused);
    if (this.#viewfinder.on) throw new Refusal(Response.Device_Busy);
    this.#begin();
  }

  /** The button: while the computer has release control it is the one to expose. */
  press(): void {
    if (this.#body.releaseControl) this.#body.notify(CanonEvent.ShutterButtonPressed);
    else this.#begin();
  }

  #begin(): void {
    const body = this.#body;
    if (body.busy) throw new Refusal(Response.Device_Busy);
    if (body.toCard) {
      const slot = body.parts.objects.slots.current();
      if (!slot) throw new Refusal(CanonResponse.Memory_Status_Not_Ready);
      if (body.shotsLeft() === 0) throw new Refusal(Response.Store_Full);
    }
    body.busy = true;
    this.#running = this.#expose().catch((error: unknown) => {
      body.parts.log(`exposure failed: ${messageOf(error)}`);
    });
    this.#running = this.#running.finally(() => {
      body.busy = false;
      if (body.releaseControl) body.notify(Event.CaptureComplete);
    });
  }

  async #expose(): Promise<void> {
    const body = this.#body;
    const { objects, timing, wall } = body.parts;
    if (!body.focusLocked) await this.#wait(timing.focus);
    const takenAt = wall.local();
    const { seconds = 1 } = body.metered();
    await this.#wait(timing.realExposures ? 1000 * seconds : 0);
    const slot = objects.slots.current();
    const next = slot?.catalogue?.next(wall.seconds()) ?? { folderNumber: 100, fileNumber: 1 };
    const request = pictureRequest(body, { seconds, takenAt, counter: next.fileNumber });
    const { jpeg } = await body.parts.takePicture(request);
    await this.#wait(timing.write);
    const time = wall.seconds();
    slot?.catalogue?.spend(next);
    if (body.toHost) this.#offer(jpeg, time);
    if (body.toCard && slot) await this.#write(slot, jpeg, next, time);
  }

  async #write(
    slot: Slot,
    jpeg: Uint8Array,
    { folderNumber, fileNumber }: { folderNumber: number; fileNumber: number },
    time: number,
  ): Promise<void> {
    const body = this.#body;
    const { catalogue, inserted } = slot;
    // The card was taken out during the exposure: the picture is lost.
    if (!catalogue || !inserted) return;
    const name = `${body.parts.model.filePrefix}${String(fileNumber).padStart(4, '0')}.JPG`;
    if (jpeg.length > (await catalogue.store.space()).free) {
      body.notify(Event.StoreFull, [catalogue.storageId]);
      body.parts.log(`${name} is lost: the card is full`);
      return;
    }
    const { object: folder, created } = await catalogue.folder(folderNumber, time);
    if (created) body.notify(Event.ObjectAdded, [folder.handle]);
    const object = await catalogue.write(folder, name, jpeg, time);
    body.notify(Event.ObjectAdded, [object.handle]);
    await body.contentChanged(catalogue.storageId);
  }

  /** There is room for one: the one before is gone. */
  #offer(jpeg: Uint8Array, time: number): void {
    const body = this.#body;
    const { memory } = body.parts.objects;
    memory.clear();
    const object: CardObject = {
      kind: 'file',
      path: MEMORY_NAME,
      handle: MEMORY_HANDLE,
      group: MEMORY_HANDLE,
      storageId: MEMORY_STORAGE,
      format: ObjectFormat.EXIF_JPEG,
      unknown: 0,
      flags: ObjectFlag.New,
      size: jpeg.length,
      parent: 0,
      name: MEMORY_NAME,
      short: MEMORY_NAME.slice(0, 12),
      time,
    };
    memory.set(object.handle, { object, bytes: jpeg });
    body.notify(CanonEvent.RequestObjectTransfer, [object.handle]);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#body.parts.clock.after(ms, resolve);
    });
  }
}
