/** The properties of a PowerShot of the older extension: which there are now, and what they are. */
import { decodeText, encodeText, PowerShotProperty as Shot } from '../../canon/ptp/index.ts';
import {
  type DevicePropDesc,
  type PropertyForm,
  type PtpValue,
  Response,
} from '../../ptp/index.ts';
import type { Metered } from '../eos/exposure.ts';
import type { DialPosition } from '../models/model.ts';
import type {
  PowerShotModel,
  PowerShotProperty,
  PowerShotSize,
} from '../models/powershot-model.ts';
import type { DeviceProperties } from '../responder/property-operations.ts';
import { Refusal } from '../responder/transaction.ts';
import type { WallClock } from '../wall-clock.ts';

/** What they are views of. */
interface Body {
  readonly parts: { readonly model: PowerShotModel; readonly wall: WallClock };
  readonly releaseControl: boolean;
  readonly busy: boolean;
  readonly battery: number;
  readonly dial: DialPosition;
  readonly size: PowerShotSize;
  eventMode: number;
  metered(): Metered;
}

/** What an ISO and its companions follow from: what else has changed when they do. */
const FOLLOWERS: Readonly<Record<number, readonly number[]>> = {
  [Shot.ShootingMode]: [Shot.Aperture, Shot.ShutterSpeed],
  [Shot.Zoom]: [Shot.FocalLength, Shot.AvOpen],
  [Shot.ImageSize]: [Shot.SizeQualityMode],
  [Shot.ImageQuality]: [Shot.SizeQualityMode],
};

/** BatteryStatus (D003). */
const BatteryStatus = { Normal: 1, Warning: 2, Emergency: 3 } as const;

export class PowerShotProperties implements DeviceProperties {
  #body: Body;
  #properties: ReadonlyMap<number, PowerShotProperty>;
  #values = new Map<number, PtpValue>();
  #changed = new Set<number>();

  constructor(body: Body) {
    this.#body = body;
    const { properties } = body.parts.model;
    this.#properties = new Map(properties.map((property) => [property.code, property]));
  }

  /** Those that are there now. */
  codes(): number[] {
    return [...this.#properties.values()].filter((each) => this.#isThere(each)).map(codeOf);
  }

  describe(code: number): DevicePropDesc | undefined {
    const property = this.#properties.get(code);
    if (!property || !this.#isThere(property)) return undefined;
    const { dataType, writable = false, value } = property;
    const current = this.#current(property);
    return {
      propertyCode: code,
      dataType,
      writable,
      factoryDefault: writable ? value : current,
      current,
      form: this.#form(property),
    };
  }

  set(code: number, value: PtpValue): void {
    const body = this.#body;
    if (body.busy) throw new Refusal(Response.Device_Busy);
    switch (this.#properties.get(code)?.source) {
      case 'clock':
        body.parts.wall.set(Number(value));
        return;
      case 'eventMode':
        body.eventMode = Number(value);
        return;
      case 'owner':
        this.keep(code, [...encodeText(decodeText(bytesOf(value)))]);
        return;
      default:
        this.keep(code, value);
        for (const each of FOLLOWERS[code] ?? []) this.changed(each);
    }
  }

  reset(code: number): boolean | undefined {
    const property = this.#properties.get(code);
    if (!property?.writable) return property && false;
    this.set(code, property.value);
    return true;
  }

  resetAll(): void {
    for (const { code, source } of this.#properties.values()) {
      if (source !== 'clock') this.reset(code);
    }
  }

  keep(code: number, value: PtpValue): void {
    this.#values.set(code, value);
  }

  /** GetChanges will tell of it. */
  changed(code: number): void {
    this.#changed.add(code);
  }

  /** Those that were told of since the last call. */
  takeChanges(): number[] {
    const there = this.codes();
    const codes = [...this.#changed].filter((code) => there.includes(code));
    this.#changed.clear();
    return codes;
  }

  /** What was set, also where the body chooses now. */
  kept(code: number): number {
    return Number(this.#values.get(code) ?? this.#properties.get(code)?.value ?? 0);
  }

  number(code: number): number {
    const property = this.#properties.get(code);
    return property ? Number(this.#current(property)) : 0;
  }

  text(code: number): string {
    const property = this.#properties.get(code);
    return property ? decodeText(bytesOf(this.#current(property))) : '';
  }

  /** Code of SizeQualityMode. */
  sizeQuality(): number {
    const lower: Readonly<Record<number, number>> = { 5: 0, 3: 5, 2: 10 };
    return this.#body.size.mode + (lower[this.number(Shot.ImageQuality)] ?? 0);
  }

  #isThere({ shooting }: PowerShotProperty): boolean {
    return !shooting || this.#body.releaseControl;
  }

  /** Nothing can be chosen where the shooting mode leaves no choice. */
  #form({ source, form }: PowerShotProperty): PropertyForm {
    const { dial, parts } = this.#body;
    const choices = (free: boolean, values: readonly number[]): PropertyForm => {
      return { kind: 'enumeration', values: free ? [...values] : [] };
    };
    if (source === 'aperture') return choices(dial.aperture, parts.model.apertures);
    if (source === 'shutter') return choices(dial.shutter, parts.model.shutters);
    return form ?? { kind: 'none' };
  }

  #current({ code, source, value }: PowerShotProperty): PtpValue {
    const body = this.#body;
    const { model, wall } = body.parts;
    switch (source) {
      case 'clock':
        return wall.seconds();
      case 'eventMode':
        return body.eventMode;
      case 'batteryStatus':
        if (body.battery > 20) return BatteryStatus.Normal;
        return body.battery > 5 ? BatteryStatus.Warning : BatteryStatus.Emergency;
      case 'aperture':
        return body.metered().aperture;
      case 'shutter':
        return body.metered().shutter;
      case 'focalLength':
        return this.#zoomed(model.lens.focalLengths);
      case 'widestAperture':
        return this.#zoomed(model.lens.widest);
      case 'sizeQuality': {
        const { height, width } = body.size;
        return [height, width, this.sizeQuality(), 0, 0, 0];
      }
      default:
        return this.#values.get(code) ?? value;
    }
  }

  #zoomed([wide, tele]: readonly [number, number]): number {
    const { positions } = this.#body.parts.model.lens;
    return Math.round(wide + ((tele - wide) * this.kept(Shot.Zoom)) / positions);
  }
}

function codeOf({ code }: PowerShotProperty): number {
  return code;
}

function bytesOf(value: PtpValue): Uint8Array {
  return Uint8Array.from(Array.isArray(value) ? value.map(Number) : []);
}
