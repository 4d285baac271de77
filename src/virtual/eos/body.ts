/** The state of an EOS body: modes, settings with what depends on them, room for pictures, events. */
import type { Clock } from '../../base/time.ts';
import {
  CanonEvent,
  decodeCell,
  type EosEvent,
  EosProperty,
  EosRecord,
  encodeCell,
  encodeImageFormat,
  isoOf,
  OlcButton,
  OlcField,
  shutterOf,
} from '../../canon/ptp/index.ts';
import { Event } from '../../ptp/index.ts';
import type { CardContent } from '../card/card-store.ts';
import { type CardObject, entryOf } from '../card/catalogue.ts';
import type { Objects } from '../card/objects.ts';
import type { Faults } from '../faults.ts';
import type { DialPosition, DumpPart, EosModel, PictureSize } from '../models/model.ts';
import type { Picture, PictureRequest } from '../picture/index.ts';
import type { MovieOptions, MovieRequest } from '../picture/movie.ts';
import type { Timing } from '../timing.ts';
import type { WallClock } from '../wall-clock.ts';
import { EosEventQueue } from './event-queue.ts';
import { type Metered, meter } from './exposure.ts';
import { EosLens } from './lens.ts';
import { type Display, olcRecords } from './olc-records.ts';
import { EosProperties, IMAGE_FORMATS } from './properties.ts';

/** Bit of CaptureDestination: pictures go to the computer. */
const DESTINATION_HOST = 4;

/** Makes the file of a movie. */
export type TakeMovie = (
  request: MovieRequest,
  movie: MovieOptions,
) => CardContent | Promise<CardContent>;

export interface BodyParts {
  model: EosModel;
  objects: Objects;
  faults: Faults;
  timing: Timing;
  clock: Clock;
  wall: WallClock;
  /** Have the operations of `self-test.ts`. */
  selfTest: boolean;
  /** Makes a photograph; may work elsewhere and take its time. */
  takePicture(request: PictureRequest): Picture | Promise<Picture>;
  takeMovie: TakeMovie;
  /** Auto power off: nobody is connected any more. */
  switchOff(): void;
  /** Sends an event to the computer, if one is there to take it. */
  sendEvent(event: BodyEvent): void;
  log(line: string): void;
  /** One line for each transaction, and the milliseconds from its request to its response. */
  trace(line: string, ms: number): void;
}

/** An event of the interrupt pipe or the event connection. */
export interface BodyEvent {
  code: number;
  params: readonly number[];
}

/** EventEmulateMode (D045): in which modes events go to the computer, and to CheckEvent. */
const SENT_IN: readonly number[] = [1, 2, 3, 4, 5];
const KEPT_IN: readonly number[] = [3, 4, 5, 7];
const KEPT_EVENTS = 64;

export class EosBody {
  readonly parts: BodyParts;
  readonly properties: EosProperties;
  readonly queue = new EosEventQueue(() => this.notify(CanonEvent.RequestGetEvent));
  /** EventEmulateMode, where the body has one. */
  eventMode = 1;
  /** Events for CheckEvent. */
  readonly keptEvents: BodyEvent[] = [];
  readonly display: Display;
  readonly lens: EosLens;
  remoteMode = 0;
  /** Fields that OLC records are sent for. */
  olcMask = 0;
  uiLocks = 0;
  /** A picture is being taken or written. */
  busy = false;
  /** MovieSelectSWOn. */
  #movieSelected = false;
  /** A firmware that a computer has sent whole. */
  firmwareFile: { name: string; size: number } | undefined;
  #dial: DialPosition;
  /** Bytes that the computer has said to have; undefined until it does. */
  #hostRoom: number | undefined;
  #cardFree = 0;

  constructor(parts: BodyParts) {
    const { model } = parts;
    this.parts = parts;
    this.properties = new EosProperties(model);
    this.lens = new EosLens(model.focalLength);
    this.#dial = findDial(model, model.startDial) ?? raise(`no dial position ${model.startDial}`);
    this.display = {
      button: OlcButton.Released,
      shutter: 0,
      aperture: 0,
      iso: 0,
      shotsLeft: 0,
      storageState: 1,
      selfTimerSeconds: 0,
      focus: 'none',
      shutterRange: [Math.max(...model.shutters), slowest(model)],
      apertureRange: [Math.min(...model.apertures), Math.max(...model.apertures)],
    };
    this.#applyDial();
    this.#showExposure();
  }

  get dial(): DialPosition {
    return this.#dial;
  }

  /** Has the camera read its card? Most of what follows counts on it. */
  async ready(): Promise<void> {
    await this.parts.objects.slots.ready();
    await this.updateSpace();
  }

  /** As the camera is when nobody is connected: it shoots to its card. */
  endSession(): void {
    const card = this.parts.objects.slots.current()?.model.destinationBit;
    this.remoteMode = 0;
    this.olcMask = 0;
    this.uiLocks = 0;
    this.selectMovie(false);
    this.#hostRoom = undefined;
    this.queue.stop();
    this.parts.objects.memory.clear();
    this.keptEvents.length = 0;
    if (card === undefined) this.properties.reset(EosProperty.CaptureDestination);
    else this.properties.set(EosProperty.CaptureDestination, card);
    this.properties.reset(EosProperty.EVFOutputDevice);
    this.updateShots();
  }

  // Events

  /** Tells the computer of an event outside of GetEvent, if this is one that the body lists. */
  notify(code: number, params: readonly number[] = []): void {
    const { model, sendEvent } = this.parts;
    if (!model.deviceInfo.eventsSupported.includes(code)) return;
    if (SENT_IN.includes(this.eventMode)) sendEvent({ code, params });
    if (!KEPT_IN.includes(this.eventMode)) return;
    this.keptEvents.push({ code, params });
    if (this.keptEvents.length > KEPT_EVENTS) this.keptEvents.shift();
  }

  /** The whole state anew, as after SetEventMode(1). */
  startEvents(): void {
    this.readClock();
    this.#setPlaces();
    this.queue.start(this.parts.model.dump.flatMap((part) => this.#dump(part)));
  }

  /** The computer may shoot from now on: what is reported then only. */
  startShooting(): void {
    const { shooting } = this.parts.model;
    if (!shooting) return;
    this.properties.set(EosProperty.AvailableShots, this.shotsLeft());
    this.queue.push(
      ...shooting.values.map((property) => this.properties.record(property)),
      ...shooting.lists.map(([property]) => this.properties.listRecord(property)),
    );
  }

  /** Whether the body lets the computer shoot. */
  get shooting(): boolean {
    const { shooting } = this.parts.model;
    if (!shooting) return true;
    return (this.properties.number(EosProperty.EVFOutputDevice) & shooting.outputBit) !== 0;
  }

  #dump(part: DumpPart): EosEvent[] {
    switch (part) {
      case 'values':
        return this.properties.dumpValues();
      case 'lists':
        return this.properties.dumpLists();
      case 'cards':
        return this.#cardsReady();
      case 'powerZoom':
        return [POWER_ZOOM];
    }
  }

  #cardsReady(): EosEvent[] {
    const ready = this.parts.objects.slots.ids().filter((id) => (id & 0xffff) !== 0);
    return ready.map((id) => storageEvent(EosRecord.CTGInfoCheckComplete, id));
  }

  /** Which fields of the display are reported from now on; all of them at once. */
  requestOlc(mask: number): void {
    this.olcMask = mask;
    this.showOlc(mask);
  }

  showOlc(mask: number): void {
    const { queue, display, olcMask, parts } = this;
    const { olc } = parts.model;
    if (olc) queue.push(...olcRecords(display, mask & olcMask, olc));
  }

  setNumber(property: number, value: number | Uint8Array): void {
    this.queue.push(this.properties.set(property, value));
  }

  setStatus(status: number): void {
    this.queue.push({ kind: 'status', status });
  }

  storageChanged(code: number, storageId: number): void {
    this.queue.push(storageEvent(code, storageId));
  }

  /** The clock runs on between two looks at it. */
  readClock(): void {
    const now = this.parts.wall.seconds();
    this.properties.set(EosProperty.CameraTime, now);
    this.properties.set(EosProperty.UTCTime, now - this.#zone());
  }

  /** Seconds by which the camera's time is ahead of UTC: i32 minutes in the third word, and summer. */
  #zone(): number {
    const zone = this.properties.bytes(EosProperty.Timezone);
    const minutes = decodeCell(zone.subarray(8, 12)) ?? 0;
    return 60 * (minutes | 0) + 3600 * this.properties.number(EosProperty.Summertime);
  }

  // Settings

  /** Takes a value that is allowed, with everything that follows from it. */
  applySetting(property: number, value: Uint8Array): void {
    const { properties, parts } = this;
    switch (property) {
      case EosProperty.Aperture:
      case EosProperty.ShutterSpeed:
      case EosProperty.ExpCompensation:
        this.setNumber(property, value);
        this.#showExposure();
        this.showOlc(OlcField.Aperture | OlcField.Shutter);
        return;
      case EosProperty.ISOSpeed:
        this.setNumber(property, value);
        this.queue.push(
          this.#compensationChoices(),
          properties.record(EosProperty.ExpCompensation),
        );
        this.#showExposure();
        this.updateShots();
        this.showOlc(OlcField.Iso | OlcField.Storage);
        return;
      case EosProperty.CaptureDestination:
        // A 60D and an R6 report no room until they have counted it for the new place.
        this.setNumber(EosProperty.AvailableShots, 0);
        this.setNumber(property, value);
        this.updateShots(true);
        return;
      case EosProperty.CameraTime:
      case EosProperty.UTCTime: {
        const given = decodeCell(value) ?? 0;
        parts.wall.set(property === EosProperty.UTCTime ? given + this.#zone() : given);
        this.readClock();
        this.queue.push(
          properties.record(EosProperty.CameraTime),
          properties.record(EosProperty.UTCTime),
        );
        return;
      }
      default:
        if (IMAGE_FORMATS.includes(property)) {
          for (const each of IMAGE_FORMATS) this.setNumber(each, value);
          this.updateShots();
          return;
        }
        this.setNumber(property, value);
    }
  }

  /** Records movies, and takes no pictures. */
  get movieMode(): boolean {
    return this.#dial.movie === true || this.#movieSelected;
  }

  /** As if the dial stood at movies; does nothing on bodies that do not mind. */
  selectMovie(on: boolean): void {
    if (!this.parts.model.movie?.selectable) return;
    this.#movieSelected = on;
    this.queue.push(...this.#showMovieMode());
  }

  /** An EOS R6 lists the choices in any mode, a 1300D none; that it has them for movies is assumed. */
  #showMovieMode(): EosEvent[] {
    const { properties, movieMode } = this;
    const on = movieMode ? 1 : 0;
    if (
      !properties.has(EosProperty.FixedMovie) ||
      properties.number(EosProperty.FixedMovie) === on
    ) {
      return [];
    }
    const changed = [properties.set(EosProperty.FixedMovie, on)];
    if (properties.alwaysListed(EosProperty.EVFRecordStatus)) return changed;
    return [...changed, properties.setChoices(EosProperty.EVFRecordStatus, on ? [4, 0] : [])];
  }

  /** Turns the mode dial; false when there is no such position. */
  turnDial(label: string): boolean {
    const position = findDial(this.parts.model, label);
    if (!position) return false;
    this.#dial = position;
    const lists = [...this.#applyDial(), ...this.#showMovieMode()];
    const records = [EosProperty.AEModeDial, EosProperty.AutoExposureMode, ...EXPOSURE];
    this.queue.push(...records.map((property) => this.properties.record(property)), ...lists);
    this.#showExposure();
    this.showOlc(OlcField.Shutter | OlcField.Aperture | OlcField.Iso);
    return true;
  }

  pictureSize(): PictureSize {
    const current = this.properties.bytes(EosProperty.ImageFormat).join();
    const { pictureSizes } = this.parts.model;
    const set = pictureSizes.find(({ format }) => encodeImageFormat(format).join() === current);
    return set ?? pictureSizes[0] ?? raise('the model has no picture sizes');
  }

  /** What the next exposure would use. */
  metered(): Metered {
    const { properties, parts } = this;
    return meter(parts.model, this.#dial, {
      aperture: properties.number(EosProperty.Aperture),
      shutter: properties.number(EosProperty.ShutterSpeed),
      iso: properties.number(EosProperty.ISOSpeed),
      compensation: properties.number(EosProperty.ExpCompensation),
    });
  }

  /** The next exposure lasts as long as the button is pressed. */
  get bulb(): boolean {
    return this.#dial.shutter && this.metered().seconds === undefined;
  }

  // Room for pictures

  get toHost(): boolean {
    return (this.properties.number(EosProperty.CaptureDestination) & DESTINATION_HOST) !== 0;
  }

  get toCard(): boolean {
    return this.properties.number(EosProperty.CaptureDestination) !== DESTINATION_HOST;
  }

  /** The computer tells how much it can take. */
  setHostRoom(bytes: number): void {
    this.#hostRoom = bytes;
    if (this.toHost) this.updateShots(true);
  }

  spendHostRoom(bytes: number): void {
    if (this.#hostRoom !== undefined) this.#hostRoom = Math.max(0, this.#hostRoom - bytes);
  }

  shotsLeft(): number {
    const { faults } = this.parts;
    const places: number[] = [];
    if (this.toHost) places.push(this.#hostRoom ?? 0);
    if (this.toCard) places.push(faults.has('card-full') ? 0 : this.#cardFree);
    // Grain makes files larger; the factor is a guess that grows as the EOS R's count shrinks.
    const iso = isoOf(this.properties.number(EosProperty.ISOSpeed)) ?? 400;
    const each = this.pictureSize().bytesPerShot * (1 + 0.05 * Math.max(0, Math.log2(iso / 100)));
    return Math.floor(Math.min(...places) / each);
  }

  /** Asks the card how much is free. */
  async updateSpace(): Promise<void> {
    const card = this.parts.objects.slots.current()?.catalogue;
    const writable = card?.access === 'read-write';
    this.#cardFree = writable ? (await card.store.space()).free : 0;
    this.updateShots();
  }

  /** Files were written or removed, or the card formatted. */
  async contentChanged(storageId: number): Promise<void> {
    this.storageChanged(EosRecord.StorageInfoChanged, storageId);
    await this.updateSpace();
  }

  /** Reports the number of shots left where it has changed, or in any case. */
  updateShots(always = false): void {
    const shots = this.shotsLeft();
    const changed = shots !== this.properties.number(EosProperty.AvailableShots);
    this.display.shotsLeft = shots;
    if (!changed && !always) return;
    this.setNumber(EosProperty.AvailableShots, shots);
    this.showOlc(OlcField.Storage);
  }

  /** A picture or folder has come onto the card. */
  announce(object: CardObject): void {
    this.queue.push({
      kind: 'objectAdded',
      code: EosRecord.ObjectAddedEx,
      object: { ...entryOf(object), unknown: 0 },
    });
    this.notify(Event.ObjectAdded, [object.handle]);
  }

  /** CurrentStorage and CurrentFolder. */
  #setPlaces(): void {
    const slot = this.parts.objects.slots.current();
    const { properties } = this;
    properties.set(EosProperty.CurrentStorage, slot?.catalogue?.storageId ?? 0);
    if (!slot?.catalogue) return;
    const { folderNumber } = slot.catalogue.next(this.parts.wall.seconds());
    properties.set(EosProperty.CurrentFolder, slot.catalogue.folderHandle(folderNumber));
  }

  /** A lens that does not answer has no aperture. */
  updateLens(): void {
    const { properties, parts } = this;
    const silent = parts.faults.has('lens-error');
    if (silent === (properties.number(EosProperty.Aperture) === 0)) return;
    const property = EosProperty.Aperture;
    this.queue.push(
      properties.setChoices(property, silent || !this.#dial.aperture ? [] : parts.model.apertures),
      silent ? properties.set(property, 0) : properties.reset(property),
    );
    this.#showExposure();
    this.showOlc(OlcField.Aperture);
  }

  /** Choices that the dial leaves; what the camera decides itself has none. */
  #applyDial(): EosEvent[] {
    const { model } = this.parts;
    const { properties } = this;
    const dial = this.#dial;
    properties.set(EosProperty.AEModeDial, dial.code);
    properties.set(EosProperty.AutoExposureMode, dial.code);
    this.#keep(EosProperty.Aperture, dial.aperture, model.apertures);
    this.#keep(EosProperty.ShutterSpeed, dial.shutter, model.shutters);
    return [
      properties.setChoices(EosProperty.Aperture, dial.aperture ? model.apertures : []),
      properties.setChoices(EosProperty.ShutterSpeed, dial.shutter ? model.shutters : []),
      properties.setChoices(EosProperty.ISOSpeed, dial.iso ? model.isos : []),
      this.#compensationChoices(),
    ];
  }

  /** A value from automatic mode gives way to one that can be chosen. */
  #keep(property: number, free: boolean, choices: readonly number[]): void {
    if (!free || choices.includes(this.properties.number(property))) return;
    const wanted = property === EosProperty.Aperture ? 0x30 : 0x70;
    this.properties.set(property, choices.includes(wanted) ? wanted : (choices[0] ?? 0));
  }

  #compensationChoices(): EosEvent {
    const { compensation } = this.#dial;
    const { model } = this.parts;
    const free =
      compensation === 'autoIso'
        ? isoOf(this.properties.number(EosProperty.ISOSpeed)) === undefined
        : compensation;
    return this.properties.setChoices(EosProperty.ExpCompensation, free ? model.compensations : []);
  }

  #showExposure(): void {
    const { aperture, shutter } = this.metered();
    Object.assign(this.display, {
      aperture,
      shutter,
      iso: this.properties.number(EosProperty.ISOSpeed) & 0xff,
    });
  }
}

const EXPOSURE: readonly number[] = [
  EosProperty.Aperture,
  EosProperty.ShutterSpeed,
  EosProperty.ISOSpeed,
  EosProperty.ExpCompensation,
];

const POWER_ZOOM: EosEvent = {
  kind: 'unknown',
  code: EosRecord.PowerZoomInfoChanged,
  payload: encodeCell(0),
};

function storageEvent(code: number, storageId: number): EosEvent {
  return { kind: 'storage', code, storageId };
}

/** Bulb stands below all of them. */
function slowest({ shutters }: EosModel): number {
  return Math.min(...shutters.filter((code) => shutterOf(code) !== undefined));
}

function findDial({ dial }: EosModel, label: string): DialPosition | undefined {
  return dial.find((position) => position.label.toLowerCase() === label.toLowerCase());
}

function raise(message: string): never {
  throw new Error(message);
}
