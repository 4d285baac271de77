/** The top display as OLCInfoChanged records, for bodies whose OLCInfoVersion is 0x13 or lower. */
import { type EosEvent, OlcField, olcSizes } from '../../canon/ptp/index.ts';
import type { EosModel } from '../models/model.ts';

export interface Display {
  /** See `OlcButton`. */
  button: number;
  shutter: number;
  aperture: number;
  iso: number;
  shotsLeft: number;
  /** 1 idle, 2 while a picture is taken. */
  storageState: number;
  selfTimerSeconds: number;
  focus: 'none' | 'searching' | 'focused' | 'failed';
  shutterRange: readonly [fastest: number, slowest: number];
  apertureRange: readonly [widest: number, smallest: number];
}

/**
 * One record for each field asked for: libgphoto2 up to 2.5.30 counts the ISO field wrong in records
 * of several fields. Bodies of the M10 kind send them so.
 */
export function olcRecords(
  display: Display,
  mask: number,
  { version, uncounted }: EosModel['olc'],
): EosEvent[] {
  const sizes = olcSizes(version) ?? [];
  return sizes.flatMap((size, bit): EosEvent[] => {
    if (!(mask & (1 << bit))) return [];
    const fields = new Uint8Array(size);
    fields.set(fieldBytes(display, 1 << bit, version).slice(0, size));
    return [{ kind: 'olc', mask: 1 << bit, fields, uncounted }];
  });
}

const FOCUS = {
  none: [0, 0],
  searching: [0, 1],
  focused: [1, 1],
  failed: [2, 0],
} as const;

/** From this version on the aperture has cells of 16 bits. */
const WIDE_APERTURE = 0x12;

function fieldBytes(display: Display, bit: number, version: number): number[] {
  switch (bit) {
    case OlcField.Button:
      return [display.button, 0];
    case OlcField.Shutter: {
      const [fastest, slowest] = display.shutterRange;
      return [1, 1, fastest, slowest, 0, display.shutter, 0];
    }
    case OlcField.Aperture: {
      const [widest, smallest] = display.apertureRange;
      return version < WIDE_APERTURE
        ? [1, 3, smallest, widest, display.aperture]
        : [1, 3, 0, smallest, 0, widest, 0, display.aperture, 0];
    }
    case OlcField.Iso:
      // The last two were seen with every ISO on R6 and R.
      return [1, 1, 0, display.iso, 0x78, 0x28, 0];
    case OlcField.Storage: {
      // Sixteen bits, big-endian; D11B holds more.
      const shots = Math.min(display.shotsLeft, 0xffff);
      return [4, display.storageState, shots >> 8, shots & 0xff];
    }
    case OlcField.SelfTimer:
      return display.selfTimerSeconds === 0 ? [] : [0, 0, 1, 0, display.selfTimerSeconds, 0];
    case OlcField.ExposureIndicator:
      return [1, 1];
    case OlcField.Focus:
      return [0, 0, 0, 0, ...FOCUS[display.focus]];
    default:
      return [];
  }
}
