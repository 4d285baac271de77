/** The top display as OLCInfoChanged records, for bodies whose OLCInfoVersion is 0x13 or lower. */
import {
  type EosEvent,
  encodeOlcField,
  OlcField,
  type OlcFieldValue,
  olcSizes,
} from '../../canon/ptp/index.ts';
import type { OlcFormat } from '../models/model.ts';

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
  { version, uncounted }: OlcFormat,
): EosEvent[] {
  const sizes = olcSizes(version) ?? [];
  return sizes.flatMap((size, bit): EosEvent[] => {
    if (!(mask & (1 << bit))) return [];
    const fields = encodeOlcField(1 << bit, fieldOf(display, 1 << bit), size);
    return [{ kind: 'olc', mask: 1 << bit, fields, uncounted }];
  });
}

const FOCUS = {
  none: { result: 0, activity: 0 },
  searching: { result: 0, activity: 1 },
  focused: { result: 1, activity: 1 },
  failed: { result: 2, activity: 0 },
} as const;

const NOTHING = new Uint8Array(0);
/** What follows the ISO on an R6, with every ISO. */
const AFTER_ISO = new Uint8Array([0x78, 0x28, 0]);

function fieldOf(display: Display, bit: number): OlcFieldValue {
  const rest = NOTHING;
  switch (bit) {
    case OlcField.Button:
      return { field: 'button', state: display.button, rest };
    case OlcField.Shutter: {
      const [fastest, slowest] = display.shutterRange;
      const current = display.shutter;
      return { field: 'shutter', valid: 1, flag: 1, fastest, slowest, current, rest };
    }
    case OlcField.Aperture: {
      const [widest, smallest] = display.apertureRange;
      const current = display.aperture;
      return { field: 'aperture', valid: 1, flag: 3, smallest, widest, current, rest };
    }
    case OlcField.Iso:
      return { field: 'iso', valid: 1, flag: 1, current: display.iso, rest: AFTER_ISO };
    case OlcField.Storage: {
      // Sixteen bits; D11B holds more.
      const shotsLeft = Math.min(display.shotsLeft, 0xffff);
      return { field: 'storage', kind: 4, state: display.storageState, shotsLeft, rest };
    }
    case OlcField.SelfTimer: {
      const seconds = display.selfTimerSeconds;
      return { field: 'selfTimer', unknown: 0, running: seconds === 0 ? 0 : 1, seconds, rest };
    }
    case OlcField.ExposureIndicator:
      return { field: 'exposureIndicator', flag1: 1, flag2: 1, tenths: 0, rest };
    case OlcField.Focus:
      return { field: 'focus', unknown1: 0, unknown2: 0, ...FOCUS[display.focus], rest };
    default:
      return { field: 'bytes', bytes: NOTHING };
  }
}
