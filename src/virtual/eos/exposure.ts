/** What the light meter makes of the settings: whatever is automatic is chosen to fit the scene. */
import {
  apertureCode,
  apertureOf,
  compensationOf,
  isoCode,
  isoOf,
  nominalShutter,
  shutterCode,
  shutterOf,
} from '../../canon/ptp/index.ts';
import type { DialPosition, EosModel } from '../models/model.ts';
import { defaultMeteredEv } from '../picture/index.ts';

export interface ExposureCodes {
  aperture: number;
  /** Bulb is no number: the photographer's finger decides. */
  shutter: number;
  iso: number;
  compensation: number;
}

export interface Metered extends ExposureCodes {
  /** Nominal exposure time; undefined for bulb. */
  seconds: number | undefined;
}

type Ranges = Pick<EosModel, 'apertures' | 'shutters'>;

const AUTO_ISO = 400;
const AUTO_ISO_LIMIT = 25_600;
const PROGRAM_APERTURE = 5.6;

/** Exposure codes as they are used; `settings` may hold values that the dial overrides. */
export function meter(model: Ranges, dial: DialPosition, settings: ExposureCodes): Metered {
  const compensation = dial.compensation === false ? 0 : settings.compensation;
  const ev = defaultMeteredEv - compensationOf(compensation);
  const isoSet = dial.iso ? isoOf(settings.iso) : undefined;
  let iso = isoSet ?? AUTO_ISO;
  const light = () => 2 ** ev * (iso / 100);

  let aperture = dial.aperture ? apertureOf(settings.aperture) : undefined;
  const bulb = dial.shutter && shutterOf(settings.shutter) === undefined;
  let seconds = dial.shutter ? shutterOf(settings.shutter) : undefined;
  if (seconds === undefined && !bulb) {
    aperture ??= clamp(PROGRAM_APERTURE, apertureRange(model));
    seconds = clamp(aperture ** 2 / light(), shutterRange(model));
  } else if (aperture === undefined) {
    aperture = clamp(Math.sqrt((seconds ?? 1) * light()), apertureRange(model));
  } else if (isoSet === undefined && seconds !== undefined) {
    iso = clamp((100 * aperture ** 2) / (seconds * 2 ** ev), [100, AUTO_ISO_LIMIT]);
  }
  const shutter = seconds === undefined ? settings.shutter : shutterCode(seconds);
  return {
    aperture: apertureCode(aperture),
    shutter,
    iso: isoCode(iso),
    compensation,
    seconds: nominalShutter(shutter),
  };
}

function apertureRange({ apertures }: Ranges): [number, number] {
  return [apertureOf(apertures[0] ?? 0x30) ?? 5.6, apertureOf(apertures.at(-1) ?? 0x50) ?? 22];
}

function shutterRange({ shutters }: Ranges): [number, number] {
  const seconds = shutters.flatMap((code) => shutterOf(code) ?? []);
  return [Math.min(...seconds), Math.max(...seconds)];
}

function clamp(value: number, [low, high]: [number, number]): number {
  return Math.min(high, Math.max(low, value));
}
