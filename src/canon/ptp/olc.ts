/** OLCInfoChanged (C1A5) mirrors the camera's top display: buttons, exposure, shots left, focus. */
import { olcFieldSizes } from './olc-sizes.ts';

export const OlcField = {
  Button: 0x0001,
  Shutter: 0x0002,
  Aperture: 0x0004,
  Iso: 0x0008,
  Storage: 0x0010,
  SelfTimer: 0x0020,
  ExposureIndicator: 0x0040,
  Focus: 0x0100,
  FocusMask: 0x0200,
  AfPoints: 0x0800,
} as const;

/** Low byte of the button field. */
export const OlcButton = {
  Released: 1,
  HalfPressed: 2,
  Failed: 3,
  FullyPressed: 4,
  SelfTimer: 7,
} as const;

export type OlcFocus = 'none' | 'searching' | 'focused' | 'failed';

export interface OlcState {
  /** See `OlcButton`; others occur outside shooting. */
  button?: number;
  shutter?: number;
  aperture?: number;
  iso?: number;
  /** Absent while the camera has no valid number. */
  availableShots?: number;
  selfTimerSeconds?: number;
  focus?: OlcFocus;
}

/** Sizes of all fields for a version of D199; undefined for versions older than the table. */
export function olcSizes(version: number): readonly number[] | undefined {
  return olcFieldSizes.findLast(([from]) => from <= version)?.[1];
}

/**
 * The bytes of each field, by mask bit. A record of one bit needs no table; of any other the fields
 * are given as far as the sizes are known and the bytes suffice.
 */
export function splitOlc(
  record: { mask: number; fields: Uint8Array },
  version: number | undefined,
): Map<number, Uint8Array> {
  const { mask, fields } = record;
  const parts = new Map<number, Uint8Array>();
  if (mask !== 0 && (mask & (mask - 1)) === 0) return parts.set(mask, fields);
  const sizes = version === undefined ? undefined : olcSizes(version);
  let at = 0;
  for (let bit = 0; bit < 16; bit++) {
    if (!(mask & (1 << bit))) continue;
    const size = sizes?.[bit];
    if (size === undefined || at + size > fields.length) break;
    parts.set(1 << bit, fields.subarray(at, at + size));
    at += size;
  }
  return parts;
}

/** What the fields say that are understood. */
export function readOlc(
  record: { mask: number; fields: Uint8Array },
  version: number | undefined,
): OlcState {
  const parts = splitOlc(record, version);
  const wide = (version ?? 0) >= 0x12;
  const state: OlcState = {};
  const button = parts.get(OlcField.Button)?.[0];
  if (button !== undefined) state.button = button;
  // From version 14 the shutter has cells of 16 bits, from 12 the aperture.
  const shutter = parts.get(OlcField.Shutter)?.[(version ?? 0) >= 0x14 ? 7 : 5];
  if (shutter !== undefined) state.shutter = shutter;
  const aperture = parts.get(OlcField.Aperture)?.[wide ? 7 : 4];
  if (aperture !== undefined) state.aperture = aperture;
  const iso = parts.get(OlcField.Iso)?.[3];
  if (iso !== undefined) state.iso = iso;
  const storage = parts.get(OlcField.Storage);
  if (storage && storage.length >= 4 && storage[1] !== 0) {
    // The one big-endian number of the protocol.
    state.availableShots = ((storage[2] ?? 0) << 8) | (storage[3] ?? 0);
  }
  const timer = parts.get(OlcField.SelfTimer);
  if (timer && timer.length >= 6) state.selfTimerSeconds = (timer[4] ?? 0) | ((timer[5] ?? 0) << 8);
  const focus = parts.get(OlcField.Focus);
  if (focus && focus.length >= 6) state.focus = focusOf(focus[4] ?? 0, focus[5] ?? 0);
  return state;
}

function focusOf(result: number, activity: number): OlcFocus {
  if (result === 1) return 'focused';
  if (result === 2) return 'failed';
  return activity === 0 ? 'none' : 'searching';
}
