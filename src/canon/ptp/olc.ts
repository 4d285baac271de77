/** OLCInfoChanged (C1A5) mirrors the camera's top display: buttons, exposure, shots left, focus. */
import { decodeOlcField, type OlcFieldValue, OlcStorageState } from './olc-fields.ts';
import { olcFieldSizes } from './olc-sizes.ts';

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
  /** The exposure indicator: stops above (positive) or below the metered exposure. */
  exposureStops?: number;
  focus?: OlcFocus;
}

/** Sizes of all fields for a version of D199; undefined for versions older than the table. */
export function olcSizes(version: number): readonly number[] | undefined {
  return olcFieldSizes.findLast(([from]) => from <= version)?.[1];
}

/**
 * A version whose fields fill the record, for a record whose body has not told its version: any
 * that fits, where all that fit cut it alike.
 */
export function olcVersionFor({
  mask,
  fields,
}: {
  mask: number;
  fields: Uint8Array;
}): number | undefined {
  const bits = Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => mask & (1 << bit));
  const fitting = olcFieldSizes
    .map(([version, sizes]) => ({ version, cut: bits.map((bit) => sizes[bit] ?? 0) }))
    .filter(({ cut }) => cut.reduce((sum, size) => sum + size, 0) === fields.length);
  const alike = new Set(fitting.map(({ cut }) => cut.join(' '))).size === 1;
  return alike ? fitting[0]?.version : undefined;
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

/** All fields of a record, by mask bit; see `splitOlc`. */
export function readOlcFields(
  record: { mask: number; fields: Uint8Array },
  version: number | undefined,
): Map<number, OlcFieldValue> {
  const parts = splitOlc(record, version);
  return new Map([...parts].map(([bit, bytes]) => [bit, decodeOlcField(bit, bytes)]));
}

/** What the fields say that are understood. */
export function readOlc(
  record: { mask: number; fields: Uint8Array },
  version: number | undefined,
): OlcState {
  const state: OlcState = {};
  for (const value of readOlcFields(record, version).values()) {
    switch (value.field) {
      case 'button':
        state.button = value.state & 0xff;
        break;
      case 'shutter':
      case 'aperture':
      case 'iso':
        state[value.field] = value.current;
        break;
      case 'storage':
        if (value.state !== OlcStorageState.Invalid) state.availableShots = value.shotsLeft;
        break;
      case 'selfTimer':
        state.selfTimerSeconds = value.seconds;
        break;
      case 'exposureIndicator':
        state.exposureStops = value.tenths / 10;
        break;
      case 'focus':
        state.focus = focusOf(value.result, value.activity);
    }
  }
  return state;
}

function focusOf(result: number, activity: number): OlcFocus {
  if (result === 1) return 'focused';
  if (result === 2) return 'failed';
  return activity === 0 ? 'none' : 'searching';
}
