/** The shutter button: half press and focus, full press and exposure, and what becomes of it. */

import { messageOf } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import {
  CameraStatus,
  CanonObjectFormat,
  EosProperty,
  EosRecord,
  ImageFileType,
  ObjectFlag,
  OlcButton,
  OlcField,
} from '../../canon/ptp/index.ts';
import { Event, ObjectFormat, Response } from '../../ptp/index.ts';
import type { CardObject } from '../card/catalogue.ts';
import type { Slot } from '../card/slots.ts';
import type { Picture } from '../picture/index.ts';
import { Refusal } from '../responder/transaction.ts';
import type { EosBody } from './body.ts';
import { type Drive, driveOf } from './drive-modes.ts';
import type { LiveView } from './live-view.ts';
import { pictureRequest } from './picture-request.ts';

/** Bits of the first parameter of RemoteReleaseOn and RemoteReleaseOff. */
const HALF = 1;
const FULL = 2;

/** Between two looks whether there is room for the next picture of a burst. */
const ROOM_PAUSE_MS = 10;

/** Handles of pictures in memory: no folder of a card is there. */
const MEMORY_BASE = 0x10000000;

/** Results of RemoteRelease (0x910F). */
const ReleaseResult = {
  Released: 0,
  FocusFailed: 1,
  MirrorUp: 3,
  NoCard: 7,
  CardProtected: 8,
} as const;

/** Value of FocusMode. */
const MANUAL_FOCUS = 3;

/** Values of MirrorLockupState. */
const Mirror = { LocksUp: 1, Up: 2 } as const;

/** A file of an exposure, on its way to the card and the computer. */
interface NewFile {
  name: string;
  bytes: Uint8Array;
  format: number;
  /** Last hexadecimal digit of its handle in the memory of the camera. */
  member: number;
}

const JPEG_FILE = { member: 2, format: ObjectFormat.EXIF_JPEG } as const;

export class EosRelease {
  #body: EosBody;
  #liveView: LiveView;
  #pressed = 0;
  /** Settles when focusing is over; true when it succeeded. */
  #focusing: Promise<boolean> = Promise.resolve(true);
  /** Ends a bulb exposure. */
  #endBulb: (() => void) | undefined;
  /** The exposure under way, until its files are where they belong. */
  #running: Promise<void> = Promise.resolve();

  constructor(body: EosBody, liveView: LiveView) {
    this.#body = body;
    this.#liveView = liveView;
  }

  /** Resolves when no exposure is under way. */
  idle(): Promise<void> {
    return this.#running;
  }

  /**
   * Presses the button half (1), fully after half (2), or both at once (3). Refuses while the body
   * is busy; what comes of it is told by events.
   */
  press(stages: number, autofocus: boolean): void {
    const body = this.#body;
    if (body.busy || this.#liveView.starting) throw new Refusal(Response.Device_Busy);
    if (stages & FULL) {
      // That it is no button for pictures then is assumed to be told so.
      if (body.movieMode) throw new Refusal(Response.Device_Busy);
      this.#requireLens();
      this.#requireRoom();
    }
    if (stages & HALF && !(this.#pressed & HALF)) {
      this.#showButton(OlcButton.HalfPressed);
      this.#focusing = autofocus ? this.#focus() : Promise.resolve(true);
    }
    this.#pressed |= stages;
    if (!(stages & FULL) || this.#raisesMirror()) return;
    body.busy = true;
    this.#running = this.#focusing.then((focused) => {
      if (focused) return this.#expose();
      body.busy = false;
      this.#showButton(OlcButton.Failed);
      return undefined;
    });
    this.#running.catch((error: unknown) => {
      body.busy = false;
      body.parts.log(`exposure failed: ${messageOf(error)}`);
      body.setStatus(CameraStatus.Idle);
    });
  }

  release(stages: number): void {
    this.#pressed &= ~stages;
    if (stages & FULL) this.#endBulb?.();
    if (this.#pressed === 0 && !this.#body.busy) this.#showButton(OlcButton.Released);
  }

  /** Focus and exposure in one operation; the number is for its response. */
  async atOnce(): Promise<number> {
    const body = this.#body;
    if (body.busy) return Response.Device_Busy;
    if (body.parts.faults.has('mirror-up')) return ReleaseResult.MirrorUp;
    if (body.shotsLeft() === 0) {
      const access = body.parts.objects.slots.current()?.catalogue?.access ?? 'read-write';
      return access === 'read-write' ? ReleaseResult.NoCard : ReleaseResult.CardProtected;
    }
    this.press(HALF, true);
    try {
      if (!(await this.#focusing)) return ReleaseResult.FocusFailed;
      this.press(FULL, true);
    } finally {
      this.release(HALF | FULL);
    }
    return ReleaseResult.Released;
  }

  /** A raised mirror comes down without an exposure as well. */
  lowerMirror(): void {
    const property = EosProperty.MirrorLockupState;
    if (this.#body.properties.number(property) !== Mirror.Up) return;
    this.#body.setNumber(property, Mirror.LocksUp);
  }

  /** Live-view autofocus, without the button. */
  async focusOnly(place?: { x: number; y: number }): Promise<void> {
    await this.#focus(place);
  }

  /**
   * What a body answers where there is no room is not recorded. General_Error is what libgphoto2
   * takes for a failed press; busy would make initiators try again.
   */
  #requireRoom(): void {
    const body = this.#body;
    if (this.#waitingShots() >= body.parts.model.bufferedShots) {
      throw new Refusal(Response.Device_Busy);
    }
    if (body.shotsLeft() > 0) return;
    this.#showButton(OlcButton.Failed);
    throw new Refusal(Response.General_Error);
  }

  /** Exposures in memory that a computer has not taken, or not all files of. */
  #waitingShots(): number {
    const { memory } = this.#body.parts.objects;
    return new Set([...memory.values()].map(({ object }) => object.group)).size;
  }

  /** Err 01; General_Error is assumed, as for a missing card. */
  #requireLens(): void {
    if (!this.#body.parts.faults.has('lens-error')) return;
    this.#showButton(OlcButton.Failed);
    throw new Refusal(Response.General_Error);
  }

  /** With lockup the first press raises the mirror, and the next one exposes. */
  #raisesMirror(): boolean {
    const body = this.#body;
    const property = EosProperty.MirrorLockupState;
    if (!body.parts.model.mirror || body.properties.number(property) !== Mirror.LocksUp) {
      return false;
    }
    body.setNumber(property, Mirror.Up);
    return true;
  }

  /** In the order of a 5Ds: searching, then the result. */
  #focus(place?: { x: number; y: number }): Promise<boolean> {
    const body = this.#body;
    const { timing, clock, faults } = body.parts;
    this.#showFocus('searching');
    const end = () => {
      const failed = faults.has('af-failed');
      if (!failed && !this.#manual) body.lens.autofocus(place);
      this.#showFocus(failed ? 'failed' : 'focused');
      return !failed;
    };
    if (timing.focus === 0) return Promise.resolve(end());
    return new Promise((resolve) => {
      clock.after(timing.focus, () => resolve(end()));
    });
  }

  async #expose(): Promise<void> {
    const body = this.#body;
    const drive = driveOf(body.properties.number(EosProperty.DriveMode));
    if (body.parts.timing.realExposures) await this.#selfTimer(drive.timer ?? 0);
    body.display.storageState = 2;
    // In the order of a 5Ds.
    body.setNumber(EosProperty.AvailableShots, body.shotsLeft());
    body.setStatus(CameraStatus.Busy);
    this.#showButton(OlcButton.FullyPressed);
    body.showOlc(OlcField.Storage);
    await this.#takeFrames(drive);
    this.lowerMirror();
    body.display.storageState = 1;
    body.display.focus = 'none';
    body.showOlc(OlcField.Storage | OlcField.Focus);
    await body.updateSpace();
    body.updateShots(true);
    body.busy = false;
    body.setStatus(CameraStatus.Idle);
    this.#showButton(this.#pressed & HALF ? OlcButton.HalfPressed : OlcButton.Released);
  }

  /**
   * One picture, or as many as the button is held for. What is exposed waits in the buffer until it
   * is written; a full buffer makes the next exposure wait. A burst takes its time also where
   * nothing else does: how many pictures it has is decided by somebody's finger.
   */
  async #takeFrames({ framesPerSecond, frames }: Drive): Promise<void> {
    const { clock, model } = this.#body.parts;
    const room = this.#body.shotsLeft();
    let unwritten = 0;
    let writing = Promise.resolve();
    const held = () => (this.#pressed & FULL) !== 0;
    const full = () => unwritten + this.#waitingShots() >= model.bufferedShots;
    for (let taken = 1; ; taken++) {
      const began = clock.now();
      const from = this.#body.parts.wall.local();
      const seconds = await this.#exposeOnce();
      unwritten++;
      writing = writing.then(() => this.#deliver(seconds, from)).finally(() => unwritten--);
      writing.catch(ignore);
      const goesOn = () => (frames === undefined ? held() : taken < frames) && taken < room;
      if (framesPerSecond === undefined || !goesOn()) break;
      await this.#wait(Math.max(0, 1000 / framesPerSecond - (clock.now() - began)));
      while (goesOn() && full()) await this.#wait(ROOM_PAUSE_MS);
      if (!goesOn()) break;
    }
    await writing;
  }

  /** Gives the seconds that the shutter was open for. */
  async #exposeOnce(): Promise<number> {
    const { seconds } = this.#body.metered();
    if (seconds === undefined) return this.#bulb();
    await this.#wait(this.#body.parts.timing.realExposures ? seconds * 1000 : 0);
    return seconds;
  }

  async #selfTimer(seconds: number): Promise<void> {
    const body = this.#body;
    let left = seconds;
    if (left > 0) this.#showButton(OlcButton.SelfTimer);
    for (; left > 0; left--) {
      body.display.selfTimerSeconds = left;
      body.showOlc(OlcField.SelfTimer);
      await this.#wait(1000);
    }
    body.display.selfTimerSeconds = 0;
  }

  /** Exposes until the button is released, which may have happened already. Gives the seconds. */
  async #bulb(): Promise<number> {
    const { clock } = this.#body.parts;
    const from = clock.now();
    if (this.#pressed & FULL) {
      let stop = ignore;
      let elapsed = 0;
      const tick = () => {
        stop = clock.after(1000, () => {
          elapsed++;
          this.#body.queue.push({ kind: 'bulbTime', seconds: elapsed });
          tick();
        });
      };
      tick();
      await new Promise<void>((resolve) => {
        this.#endBulb = resolve;
      });
      this.#endBulb = undefined;
      stop();
    } else await this.#wait(0);
    // A shutter cannot be faster than this in bulb.
    return Math.max(0.05, (clock.now() - from) / 1000);
  }

  async #deliver(seconds: number, takenAt: ReturnType<EosBody['parts']['wall']['local']>) {
    const body = this.#body;
    const { objects, timing, wall } = body.parts;
    const slot = objects.slots.current();
    const next = slot?.catalogue?.next(wall.seconds()) ?? { folderNumber: 100, fileNumber: 1 };
    const request = pictureRequest(body, { seconds, takenAt, counter: next.fileNumber });
    const files = this.#filesOf(await body.parts.takePicture(request), next.fileNumber);
    await this.#wait(timing.write);
    const time = wall.seconds();
    slot?.catalogue?.spend(next);
    for (const file of files) {
      if (body.toHost) this.#offer(file, next, time);
      if (body.toCard && slot) await this.#write(slot, file, next.folderNumber, time);
    }
  }

  /** In the order of ImageFormat. */
  #filesOf({ jpeg, raw = jpeg }: Picture, fileNumber: number): NewFile[] {
    const { model } = this.#body.parts;
    const stem = `${model.filePrefix}${String(fileNumber).padStart(4, '0')}`;
    return this.#body.pictureSize().format.map(({ type }) => {
      if (type !== ImageFileType.RAW) return { ...JPEG_FILE, name: `${stem}.JPG`, bytes: jpeg };
      const kind = model.raw ?? 'CR2';
      return { member: 1, format: CanonObjectFormat[kind], name: `${stem}.${kind}`, bytes: raw };
    });
  }

  async #write(slot: Slot, { name, bytes }: NewFile, folderNumber: number, time: number) {
    const body = this.#body;
    const { catalogue, inserted } = slot;
    // The card was taken out during the exposure: the picture is lost.
    if (!catalogue || !inserted) return;
    if (bytes.length > (await catalogue.store.space()).free) {
      body.notify(Event.StoreFull, [catalogue.storageId]);
      body.parts.log(`${name} is lost: the card is full`);
      return;
    }
    const { object: folder, created } = await catalogue.folder(folderNumber, time);
    if (created) {
      body.announce(folder);
      body.setNumber(EosProperty.CurrentFolder, folder.handle);
    }
    body.announce(await catalogue.write(folder, name, bytes, time));
    body.storageChanged(EosRecord.StorageInfoChanged, catalogue.storageId);
  }

  /** The picture waits in memory until the computer has it. */
  #offer(
    { name, bytes, member, format }: NewFile,
    next: { folderNumber: number; fileNumber: number },
    time: number,
  ): void {
    const { objects } = this.#body.parts;
    const group = MEMORY_BASE + (next.folderNumber << 18) + (next.fileNumber << 4);
    const object: CardObject = {
      kind: 'file',
      path: name,
      handle: group + member,
      group,
      storageId: 0,
      format,
      unknown: 0,
      flags: ObjectFlag.New,
      size: bytes.length,
      parent: 0,
      name,
      short: name,
      time,
    };
    objects.memory.set(object.handle, { object, bytes });
    this.#body.spendHostRoom(bytes.length);
    const { handle, size } = object;
    this.#body.queue.push({
      kind: 'requestTransfer',
      code: EosRecord.RequestObjectTransfer,
      request: { handle, format, size, group, name },
    });
  }

  /** The switch of the lens is at MF: it stays where the hand, or the computer, has put it. */
  get #manual(): boolean {
    return this.#body.properties.number(EosProperty.FocusMode) === MANUAL_FOCUS;
  }

  #showButton(button: number): void {
    this.#body.display.button = button;
    this.#body.showOlc(OlcField.Button);
  }

  #showFocus(focus: EosBody['display']['focus']): void {
    this.#body.display.focus = focus;
    this.#body.showOlc(OlcField.Focus);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#body.parts.clock.after(ms, resolve);
    });
  }
}
