/**
 * The state of a PowerShot of the older extension: release control, what its settings are and may
 * be, events. Release control outlives the session: it ends when the computer ends it, or the camera
 * is switched off.
 */
import { isoOf, PowerShotProperty as Shot } from '../../canon/ptp/index.ts';
import { type DeviceInfo, Event } from '../../ptp/index.ts';
import type { BodyEvent, BodyParts } from '../eos/body.ts';
import { type Metered, meter } from '../eos/exposure.ts';
import type { DialPosition } from '../models/model.ts';
import type { PowerShotModel, PowerShotSize } from '../models/powershot-model.ts';
import { PowerShotProperties } from './properties.ts';

export type PowerShotParts = Omit<BodyParts, 'model'> & { model: PowerShotModel };

/** EventEmulateMode (D045): in which modes events go to the computer, and to CheckEvent. */
const SENT_IN: readonly number[] = [1, 2, 3, 4, 5];
const KEPT_IN: readonly number[] = [3, 4, 5, 7];
const KEPT_EVENTS = 64;
const DEFAULT_EVENT_MODE = 4;

/** Bits of CaptureTransferMode (D029). */
const TransferBit = { HostImage: 2, CardImage: 8 } as const;
/** ExpCompensation (D01F) at 0; the code falls as the exposure rises. */
const NO_COMPENSATION = 0x18;

export class PowerShotBody {
  readonly parts: PowerShotParts;
  readonly properties: PowerShotProperties;
  /** Events for CheckEvent. */
  readonly keptEvents: BodyEvent[] = [];
  eventMode = DEFAULT_EVENT_MODE;
  releaseControl = false;
  /** A picture is being taken or written. */
  busy = false;
  focusLocked = false;
  uiLocked = false;
  /** Charge in per cent. */
  battery = 100;
  /** ShootingMode while no computer has release control. */
  #free = 0;

  constructor(parts: PowerShotParts) {
    this.parts = parts;
    this.properties = new PowerShotProperties(this);
    const start = parts.model.dial.find(({ label }) => label === parts.model.startDial);
    if (start) this.properties.keep(Shot.ShootingMode, start.code);
  }

  /** What DeviceInfo tells now. */
  get deviceInfo(): DeviceInfo {
    const { deviceInfo } = this.parts.model;
    return { ...deviceInfo, devicePropertiesSupported: this.properties.codes() };
  }

  async ready(): Promise<void> {
    await this.parts.objects.slots.ready();
    await this.updateSpace();
  }

  /** The computer is gone. What it has left behind stays. */
  endSession(): void {
    this.uiLocked = false;
    this.focusLocked = false;
  }

  /** Switched off, and on again. */
  restart(): void {
    this.releaseControl = false;
    this.endSession();
    this.eventMode = DEFAULT_EVENT_MODE;
    this.keptEvents.length = 0;
    this.parts.objects.memory.clear();
  }

  /** Tells the computer of an event, if this is one that the body lists. */
  notify(code: number, params: readonly number[] = []): void {
    const { model, sendEvent } = this.parts;
    if (!model.deviceInfo.eventsSupported.includes(code)) return;
    if (SENT_IN.includes(this.eventMode)) sendEvent({ code, params });
    if (!KEPT_IN.includes(this.eventMode)) return;
    this.keptEvents.push({ code, params });
    if (this.keptEvents.length > KEPT_EVENTS) this.keptEvents.shift();
  }

  /** A setting that somebody at the camera has changed. */
  changedByHand(...codes: number[]): void {
    for (const code of codes) {
      this.properties.changed(code);
      this.notify(Event.DevicePropChanged, [code]);
    }
  }

  get dial(): DialPosition {
    const { dial } = this.parts.model;
    const mode = this.properties.number(Shot.ShootingMode);
    return dial.find(({ code }) => code === mode) ?? (dial[0] as DialPosition);
  }

  turnDial(label: string): boolean {
    const wanted = label.toLowerCase();
    const { dial } = this.parts.model;
    const position = dial.find((each) => each.label.toLowerCase() === wanted);
    if (!position) return false;
    this.properties.keep(Shot.ShootingMode, position.code);
    this.changedByHand(Shot.ShootingMode, Shot.Aperture, Shot.ShutterSpeed);
    return true;
  }

  /** What the next exposure would use. */
  metered(): Metered {
    const { properties, parts } = this;
    return meter(parts.model, this.dial, {
      aperture: properties.kept(Shot.Aperture),
      shutter: properties.kept(Shot.ShutterSpeed),
      iso: properties.number(Shot.ISOSpeed),
      compensation: NO_COMPENSATION - properties.number(Shot.ExpCompensation),
    });
  }

  get size(): PowerShotSize {
    const { pictureSizes } = this.parts.model;
    const code = this.properties.number(Shot.ImageSize);
    return pictureSizes.find((size) => size.code === code) ?? (pictureSizes[0] as PowerShotSize);
  }

  get quality(): number {
    return this.parts.model.qualities[this.properties.number(Shot.ImageQuality)] ?? 90;
  }

  /** Millimetres. */
  get focalLength(): number {
    return this.properties.number(Shot.FocalLength) / 32;
  }

  get toHost(): boolean {
    return this.releaseControl && this.#transfers(TransferBit.HostImage);
  }

  get toCard(): boolean {
    return !this.releaseControl || this.#transfers(TransferBit.CardImage);
  }

  #transfers(bit: number): boolean {
    return (this.properties.number(Shot.CaptureTransferMode) & bit) !== 0;
  }

  /** Pictures that still fit on the card, by the average size that the body reckons with. */
  shotsLeft(): number {
    if (this.parts.faults.has('card-full')) return 0;
    const { model } = this.parts;
    const mode = this.properties.sizeQuality();
    const iso = isoOf(this.properties.number(Shot.ISOSpeed)) ?? 100;
    const each = (model.averageSizes[mode - 1] ?? 1e6) * (1 + 0.05 * Math.log2(iso / 50));
    return Math.floor(this.#free / each);
  }

  /** Asks the card how much is free. */
  async updateSpace(): Promise<void> {
    const card = this.parts.objects.slots.current()?.catalogue;
    this.#free = card?.access === 'read-write' ? (await card.store.space()).free : 0;
  }

  async contentChanged(storageId: number): Promise<void> {
    this.notify(Event.StorageInfoChanged, [storageId]);
    await this.updateSpace();
  }
}
