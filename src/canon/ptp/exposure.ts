/**
 * Exposure codes of EOS and PowerShot properties: APEX values times eight. Within a stop the steps
 * are 0, 3 (one third), 4 (one half) and 5 (two thirds).
 */
import { nominalApertures, nominalIsos, nominalShutters } from './exposure-labels.ts';

const BULB_CODES: readonly number[] = [0x0c, 0x04];
const AUTO_APERTURES: readonly number[] = [0x00, 0xb0, 0xff, 0xffff];
const AUTO_ISOS: readonly number[] = [0x00, 0x01];

export const Bulb = 0x0c;

/** 0x23 -> 4 1/3 stops. */
function stopsOf(code: number): number {
  const fraction = code & 7;
  const thirds = fraction === 3 ? 1 / 3 : fraction === 5 ? 2 / 3 : fraction / 8;
  return (code >> 3) + thirds;
}

/** The nearest third of a stop. */
function codeOf(stops: number): number {
  const thirds = Math.round(stops * 3);
  const whole = Math.floor(thirds / 3);
  return 8 * whole + ([0, 3, 5][thirds - 3 * whole] ?? 0);
}

/** The f-number itself, not its nominal form; undefined for automatic or no lens. */
export function apertureOf(code: number): number | undefined {
  return AUTO_APERTURES.includes(code) ? undefined : 2 ** ((stopsOf(code) - 1) / 2);
}

/** As it is shown and written into pictures: 5.6 for f/5.657. */
export function nominalAperture(code: number): number | undefined {
  const nominal = nominalApertures.get(code);
  return nominal === undefined ? apertureOf(code) : Number(nominal);
}

export function apertureCode(fNumber: number): number {
  return codeOf(2 * Math.log2(fNumber) + 1);
}

/** "f/2.8", "auto". */
export function apertureLabel(code: number): string {
  const fNumber = apertureOf(code);
  if (fNumber === undefined) return 'auto';
  return `f/${nominalApertures.get(code) ?? fNumber.toPrecision(2)}`;
}

/** Seconds; undefined for bulb and automatic. */
export function shutterOf(code: number): number | undefined {
  return code === 0 || BULB_CODES.includes(code) ? undefined : 2 ** (7 - stopsOf(code));
}

/** As it is shown and written into pictures: 1/125 for 1/128 s. */
export function nominalShutter(code: number): number | undefined {
  const nominal = nominalShutters.get(code);
  if (nominal === undefined) return shutterOf(code);
  return nominal.startsWith('1/') ? 1 / Number(nominal.slice(2)) : Number.parseFloat(nominal);
}

export function shutterCode(seconds: number): number {
  return codeOf(7 - Math.log2(seconds));
}

/** "1/250", `30"`, "bulb", "auto". */
export function shutterLabel(code: number): string {
  const seconds = shutterOf(code);
  if (seconds === undefined) return code === 0 ? 'auto' : 'bulb';
  const nominal = nominalShutters.get(code);
  if (nominal !== undefined) return nominal;
  return seconds >= 0.3 ? `${Number(seconds.toPrecision(2))}"` : `1/${Math.round(1 / seconds)}`;
}

/** Undefined for automatic. */
export function isoOf(code: number): number | undefined {
  if (AUTO_ISOS.includes(code)) return undefined;
  const nominal = nominalIsos.get(code);
  return nominal === undefined ? Math.round(100 * 2 ** (stopsOf(code) - 9)) : Number(nominal);
}

export function isoCode(iso: number): number {
  return codeOf(Math.log2(iso / 100) + 9);
}

/** "ISO 800", "auto". */
export function isoLabel(code: number): string {
  const iso = isoOf(code);
  return iso === undefined ? 'auto' : `ISO ${iso}`;
}

/** Stops of exposure compensation from its code, whose low byte is a signed number of eighths. */
export function compensationOf(code: number): number {
  const eighths = ((code & 0xff) << 24) >> 24;
  return eighths < 0 ? -stopsOf(-eighths) : stopsOf(eighths);
}

export function compensationCode(stops: number): number {
  return (stops < 0 ? -codeOf(-stops) : codeOf(stops)) & 0xff;
}

/** "+1/3", "-2", "+1 2/3", "0". */
export function compensationLabel(code: number): string {
  const stops = compensationOf(code);
  if (stops === 0) return '0';
  const size = Math.abs(stops);
  const whole = Math.floor(size);
  const part = FRACTIONS[Math.abs(((code & 0xff) << 24) >> 24) & 7];
  const digits = [whole === 0 ? undefined : whole, part].filter((each) => each !== undefined);
  return `${stops < 0 ? '-' : '+'}${digits.join(' ')}`;
}

const FRACTIONS = [undefined, '1/8', '1/4', '1/3', '1/2', '2/3', '3/4', '7/8'] as const;
