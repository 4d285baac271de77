/** The state of a body from before PTP, and what its shutter does. */
import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import {
  CaptureState,
  compensationEighths,
  type NormalEvent,
  ReleaseParameters,
  Status,
  TransferMode,
} from '../../canon/normal/index.ts';
import {
  apertureCode,
  isoOf,
  nominalAperture,
  nominalShutter,
  shutterCode,
  shutterOf,
} from '../../canon/ptp/index.ts';
import type { Faults } from '../faults.ts';
import type { NormalDialPosition, NormalModel } from '../models/normal-model.ts';
import {
  defaultMeteredEv,
  type Exposure,
  type Picture,
  type PictureRequest,
} from '../picture/index.ts';
import type { WallClock } from '../wall-clock.ts';
import type { NormalCard } from './card.ts';

export interface NormalParts {
  model: NormalModel;
  card: NormalCard;
  faults: Faults;
  clock: Clock;
  wall: WallClock;
  /** Things take their time. */
  realistic: boolean;
  takePicture(request: PictureRequest): Picture | Promise<Picture>;
  sendEvent(event: NormalEvent): void;
  log(line: string): void;
}

/** A refusal, by its status. */
export class NormalRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status 0x${status.toString(16)}`);
    this.status = status;
  }
}

const Mode = { Auto: 0, P: 1, Tv: 2, Av: 3, M: 4 } as const;
const TO_CARD = TransferMode.ImageToCard | TransferMode.ThumbnailToCard;
const RAW = 2;
const FOCUS_FAILED = 1;
/** Percent below which the camera asks for another battery. */
const LOW_BATTERY = 10;
const QUALITY: Readonly<Record<number, number>> = { 2: 75, 3: 88, 5: 95 };
/** Kelvin of the white balance's presets; what is missing is automatic. */
const WHITE_BALANCES: Readonly<Record<number, number>> = {
  1: 5200,
  2: 6000,
  3: 3200,
  4: 4000,
  5: 6000,
  7: 4500,
  8: 7000,
};
/** EXIF ExposureProgram by the shooting mode. */
const PROGRAMS: Readonly<Record<number, number>> = { 0: 2, 1: 2, 2: 4, 3: 3, 4: 1 };

export class NormalBody {
  readonly parts: NormalParts;
  owner: string;
  keysLocked = false;
  /** Remote control is on: the lens is out. */
  remote = false;
  transferMode = 0;
  parameters: ReleaseParameters;
  extended: Uint8Array | undefined;
  zoom = 0;
  viewfinder = false;
  afLocked = false;
  busy = false;
  halfPressed = false;
  batteryPercent = 100;
  onMains = false;
  /** The picture that waits for the computer. */
  waiting: { key: number; picture: Picture } | undefined;
  #lastKey = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: NormalParts) {
    this.parts = parts;
    this.owner = parts.model.owner;
    this.parameters = { ...parts.model.parameters };
    this.extended = parts.model.extended?.slice();
  }

  /** The cable was pulled: buttons and lens are as their owner expects them. */
  reset(): void {
    this.keysLocked = false;
    this.remote = false;
    this.viewfinder = false;
    this.afLocked = false;
    this.waiting = undefined;
    this.transferMode = 0;
  }

  get dial(): NormalDialPosition {
    const { dial } = this.parts.model;
    const found = dial.find(({ code }) => code === this.parameters.shootingMode);
    return found ?? { label: `mode ${this.parameters.shootingMode}`, code: -1 };
  }

  get lowBattery(): boolean {
    return !this.onMains && this.batteryPercent < LOW_BATTERY;
  }

  /** Resolves when no picture is being taken. */
  idle(): Promise<void> {
    return this.#running;
  }

  async shotsLeft(): Promise<number> {
    const { card, faults, model } = this.parts;
    if (!card.inserted || faults.has('card-full')) return 0;
    const { free } = await card.space();
    return Math.floor(free / model.bytesPerShot);
  }

  /** The lens comes out, which a cap on it or a session before may prevent. */
  async startRemote(): Promise<void> {
    const { faults, model } = this.parts;
    if (this.remote || faults.has('lens-error')) throw new NormalRefusal(Status.NoRemoteControl);
    await this.wait(model.times.start);
    this.remote = true;
    this.transferMode = 0;
  }

  stopRemote(): void {
    this.remote = false;
    this.viewfinder = false;
    this.afLocked = false;
    this.waiting = undefined;
  }

  async setTransferMode(mode: number): Promise<void> {
    if ((mode & TO_CARD) !== 0) await this.#requireRoom();
    this.transferMode = mode;
  }

  /** False where the body does not take them. */
  setParameters(block: Uint8Array): boolean {
    const wanted = ReleaseParameters.decode(block);
    // The virtual camera makes no CRW files.
    if ((wanted.fileFormat & RAW) !== 0) return false;
    const { focalLength } = this.parameters;
    this.parameters = { ...wanted, focalLength };
    return true;
  }

  setZoom(position: number): boolean {
    const { zoom, focalLength } = this.parts.model;
    if (!zoom || position > zoom.maximum) return false;
    this.zoom = position;
    const [wide, tele] = focalLength;
    const part = Math.min(position, zoom.optical) / zoom.optical;
    const millimetres = wide * (tele / wide) ** part;
    this.parameters.focalLength = Math.round(millimetres * this.parameters.focalUnits);
    return true;
  }

  /** The answer comes at once, the picture later: events tell of it. */
  async release(): Promise<void> {
    if (this.busy) throw new NormalRefusal(Status.InvalidParameter);
    if ((this.transferMode & TO_CARD) !== 0) await this.#requireRoom();
    this.#shoot(this.transferMode, true);
  }

  /** Somebody presses the button. */
  async press(): Promise<void> {
    this.#shoot(TransferMode.ImageToCard, false);
    await this.#running;
  }

  exposure(): Exposure {
    const { model } = this.parts;
    const { aperture, shutter, iso, shootingMode, whiteBalance, exposureCompensation } =
      this.parameters;
    const eighths = compensationEighths(exposureCompensation, model.modelClass === 6);
    const sensitivity = isoOf(iso) ?? 100;
    // The light that is wanted, in stops at ISO 100.
    const ev = defaultMeteredEv + Math.log2(sensitivity / 100) - eighths / 8;
    const kelvin = WHITE_BALANCES[whiteBalance];
    return {
      ...this.#metered(shootingMode, ev, aperture, shutter),
      iso: sensitivity,
      exposureCompensation: eighths / 8,
      focalLength: this.parameters.focalLength / Math.max(1, this.parameters.focalUnits) || 35,
      ...(kelvin !== undefined && { whiteBalance: kelvin }),
    };
  }

  request(counter: number): PictureRequest {
    const { model, wall } = this.parts;
    const { imageSize, quality, shootingMode } = this.parameters;
    const size = model.sizes.find(({ code }) => code === imageSize) ?? model.sizes[0];
    return {
      width: size?.width ?? 640,
      height: size?.height ?? 480,
      quality: QUALITY[quality] ?? 88,
      exposure: this.exposure(),
      takenAt: wall.local(),
      counter,
      make: 'Canon',
      model: model.name,
      firmware: `Firmware Version ${model.firmware.split('.').slice(0, 3).join('.')}`,
      exposureProgram: PROGRAMS[shootingMode] ?? 2,
      ...(this.owner !== '' && { ownerName: this.owner }),
    };
  }

  wait(ms: number): Promise<void> {
    const { clock, realistic } = this.parts;
    if (!realistic || ms === 0) return Promise.resolve();
    return new Promise((resolve) => void clock.after(ms, resolve));
  }

  async #requireRoom(): Promise<void> {
    if (!this.parts.card.inserted) throw new NormalRefusal(Status.NoCard);
    if ((await this.shotsLeft()) === 0) throw new NormalRefusal(Status.CardFull);
  }

  /** Nominal f-number and seconds for the light, as the mode leaves them to the camera. */
  #metered(
    mode: number,
    ev: number,
    aperture: number,
    shutter: number,
  ): Pick<Exposure, 'aperture' | 'shutter'> {
    const chosenAperture = nominalAperture(aperture) ?? 4;
    const chosenShutter = nominalShutter(shutter) ?? shutterOf(shutter) ?? 1 / 60;
    if (mode === Mode.M) return { aperture: chosenAperture, shutter: chosenShutter };
    if (mode === Mode.Tv) {
      const open = Math.sqrt(2 ** ev * chosenShutter);
      return {
        aperture: nominalAperture(this.#within(apertureCode(open))) ?? open,
        shutter: chosenShutter,
      };
    }
    const number = mode === Mode.Av ? chosenAperture : 4;
    const seconds = number ** 2 / 2 ** ev;
    return { aperture: number, shutter: nominalShutter(shutterCode(seconds)) ?? seconds };
  }

  #within(code: number): number {
    const { apertureOpen, apertureMax } = this.parameters;
    return Math.min(Math.max(code, apertureOpen), apertureMax);
  }

  #shoot(mode: number, isRemote: boolean): void {
    this.busy = true;
    this.waiting = undefined;
    this.#running = this.#take(mode, isRemote)
      .catch((error: unknown) => {
        this.parts.log(`exposure failed: ${messageOf(error)}`);
        this.#state(CaptureState.Failed, 0);
      })
      .finally(() => {
        this.busy = false;
      });
  }

  async #take(mode: number, isRemote: boolean): Promise<void> {
    const { model, faults, card, wall, takePicture, sendEvent, clock } = this.parts;
    // Behind the answer to the command.
    await new Promise<void>((resolve) => void clock.after(0, resolve));
    const { counter, path } = await card.next();
    const request = this.request(counter);
    await this.wait(model.times.exposed + 1000 * request.exposure.shutter);
    const tell = (event: NormalEvent) => isRemote && sendEvent(event);
    if (faults.has('af-failed')) {
      if (isRemote) this.#state(CaptureState.Failed, FOCUS_FAILED);
      return;
    }
    tell({ kind: 'capture', state: CaptureState.Exposed, error: undefined });
    const picture = await takePicture(request);
    if ((mode & TransferMode.ImageToCard) !== 0) {
      await card.write(path, picture.jpeg, wall.seconds());
    }
    const key = ++this.#lastKey;
    const { thumbnail, jpeg } = picture;
    const images = [
      [TransferMode.ThumbnailToHost, 'thumbnail', thumbnail.length],
      [TransferMode.ImageToHost, 'full', jpeg.length],
    ] as const;
    for (const [bit, what, size] of images) {
      if ((mode & bit) === 0) continue;
      this.waiting = { key, picture };
      tell({ kind: 'image', what, key, size });
    }
    await this.wait(model.times.finished);
    tell({ kind: 'capture', state: CaptureState.Finished, error: undefined });
    if ((mode & TransferMode.ImageToCard) === 0) return;
    await this.wait(model.times.finished);
    tell({ kind: 'stored', parameter: model.storedParameter });
  }

  #state(state: number, error: number): void {
    this.parts.sendEvent({ kind: 'capture', state, error });
  }
}
