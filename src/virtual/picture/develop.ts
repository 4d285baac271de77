/**
 * Turns a scene into a JPEG file. A first look at one sample per 8x8 block finds the parts that are
 * smooth; these are written from that look alone. Only blocks with edges are painted in full, which
 * makes a photograph of 20 megapixels a matter of a fraction of a second.
 */

import type { CameraOptions, Proof } from './camera.ts';
import { createCamera, MCU } from './camera.ts';
import type { Film } from './film.ts';
import { grainOf, noGrain } from './grain.ts';
import type { Plane } from './jpeg-encoder.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import type { Scene } from './scene.ts';

export interface DevelopOptions extends CameraOptions {
  readonly quality: number;
  /** Standard deviation of the grain in 8-bit levels. */
  readonly grain: number;
  /** Any whole number; each strews the grain differently. */
  readonly seed: number;
  /** Remembers from one picture of a series to the next what does not move. */
  readonly film?: Film;
}

/** How far, in levels, a block may be from a curved patch before it is painted in full. */
const TOLERANCE = 1.6;

/** The component of each block of an MCU, and the bits of a random number that choose its grain. */
const COMPONENTS = [0, 0, 0, 0, 1, 2] as const;
const CHANCE = [0, 6, 12, 18, 24, 28] as const;

export function develop(scene: Scene, options: DevelopOptions): Uint8Array {
  return developAndMeasure(scene, options).jpeg;
}

/** How many of the pixels have each of 256 levels, for brightness and for each colour. */
export interface Histogram {
  readonly luma: readonly number[];
  readonly red: readonly number[];
  readonly green: readonly number[];
  readonly blue: readonly number[];
}

export function developAndMeasure(
  scene: Scene,
  options: DevelopOptions,
): { jpeg: Uint8Array; histogram: () => Histogram } {
  const { width, height, quality, seed, bars, film } = options;
  const encoder = new JpegEncoder(width, height, quality);
  const camera = createCamera(scene, options);
  const proof = camera.proof(encoder.columns, encoder.rows);
  const [brightness, colour] = proof;
  const stock = grainOf(options.grain, quality);
  // Coarser grain hides more.
  const tolerance = TOLERANCE + 0.2 * options.grain;
  const samples = new Float32Array(MCU);
  const scratch = new Int16Array(MCU);

  film?.wind(scene.text);

  /** The coefficients of an MCU in detail. */
  function expose(column: number, row: number): Int16Array {
    const number = row * encoder.columns + column;
    const frames = film?.frames(camera.pace(column, row));
    const kept = frames?.get(number);
    if (kept) return kept;
    const into = frames ? new Int16Array(MCU) : scratch;
    camera.expose(column, row, samples);
    for (let block = 0; block < 6; block++)
      encoder.transform(COMPONENTS[block]!, samples, block * 64, into);
    frames?.set(number, into);
    return into;
  }

  for (let row = 0; row < encoder.rows; row++) {
    encoder.startRow();
    // Seeded anew, so that a row does not depend on those above it.
    let random = Math.imul(seed ^ Math.imul(row + 1, 0x9e3779b1), 0x85ebca6b) | 1;
    for (let column = 0; column < encoder.columns; column++) {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      const at = (2 * row + 2) * brightness.stride + 2 * column + 2;
      const colourAt = (row + 1) * colour.stride + column + 1;
      const caption = camera.caption(column, row);
      const grain = caption === 'no' ? stock : noGrain;
      const smooth =
        bars === 0 && caption !== 'letters' && isSmooth(proof, at, colourAt, tolerance);
      const detail = smooth ? undefined : expose(column, row);
      for (let block = 0; block < 6; block++) {
        const component = COMPONENTS[block]!;
        const here = block < 4 ? at + (block >> 1) * brightness.stride + (block & 1) : at;
        const level = brightness.samples[here]! + 128;
        const texture = grain(component, level, random >>> CHANCE[block]!);
        if (detail) encoder.block(component, detail, block * 64, texture);
        else encoder.patch(component, proof[component], block < 4 ? here : colourAt, texture);
      }
    }
  }
  const jpeg = encoder.finish();
  return { jpeg, histogram: () => measure(proof, encoder.columns, encoder.rows) };
}

/** One sample stands for 64 pixels. */
function measure([y, cb, cr]: Proof, columns: number, rows: number): Histogram {
  const counts = () => Array.from({ length: 256 }, () => 0);
  const [luma, red, green, blue] = [counts(), counts(), counts(), counts()] as const;
  const count = (into: number[], level: number) => {
    const at = Math.min(255, Math.max(0, Math.round(level)));
    into[at] = into[at]! + 64;
  };
  for (let row = 0; row < 2 * rows; row++) {
    for (let column = 0; column < 2 * columns; column++) {
      const level = y.samples[(row + 2) * y.stride + column + 2]! + 128;
      const colourAt = ((row >> 1) + 1) * cb.stride + (column >> 1) + 1;
      const [b, r] = [1.772 * cb.samples[colourAt]!, 1.402 * cr.samples[colourAt]!];
      count(luma, level);
      count(red, level + r);
      count(green, level - (0.114 * b + 0.299 * r) / 0.587);
      count(blue, level + b);
    }
  }
  return { luma, red, green, blue };
}

/** Whether the four blocks from `at` on, and their colours, are well drawn as curved patches. */
function isSmooth([y, cb, cr]: Proof, at: number, colourAt: number, tolerance: number): boolean {
  const { samples, stride } = y;
  for (let line = 0; line < 2; line++) {
    if (Math.abs(thirdDifference(samples, at + line * stride, 1)) > tolerance) return false;
    if (Math.abs(thirdDifference(samples, at + line, stride)) > tolerance) return false;
  }
  return isEven(cb, colourAt, tolerance) && isEven(cr, colourAt, tolerance);
}

/** 0 if the sample at `at`, the one before and the two behind it lie on a parabola. */
function thirdDifference(samples: Float32Array, at: number, step: number): number {
  return samples[at + 2 * step]! - samples[at - step]! + 3 * (samples[at]! - samples[at + step]!);
}

/** Colour has one block where brightness has four, so only its curvature can be looked at. */
function isEven({ samples, stride }: Plane, at: number, tolerance: number): boolean {
  const twice = 2 * samples[at]!;
  const across = samples[at - 1]! + samples[at + 1]! - twice;
  const down = samples[at - stride]! + samples[at + stride]! - twice;
  return Math.abs(across) < tolerance && Math.abs(down) < tolerance;
}
