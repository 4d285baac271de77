/** The shape and the colours of the landscape, as tables. */

import { lazily } from './memo.ts';
import { generator } from './random.ts';
import type { Colour } from './tile.ts';

/** Height of the shore line; everything below is water and mirrors what is above. */
export const SHORE = 0.7;
export const SUN = { x: -0.04, y: 0.53, radius: 0.05 };

/** Sky colours from the zenith to the horizon. */
const skyStops: readonly (readonly [number, Colour])[] = [
  [0, [0.05, 0.1, 0.24]],
  [0.22, [0.13, 0.17, 0.32]],
  [0.4, [0.42, 0.28, 0.33]],
  [0.54, [0.85, 0.44, 0.24]],
  [0.7, [1, 0.58, 0.26]],
];

/** The stops mixed for each of so many rows from the zenith to the shore: red, green, blue. */
export const SKY_ROWS = 1024;
export const skyRows = lazily(() =>
  Float32Array.from({ length: 3 * SKY_ROWS }, (_, index) => {
    const at = (Math.floor(index / 3) / SKY_ROWS) * SHORE;
    // The mean of a few places nearby, because the eye sees every bend in a gradient.
    const nearby = [-0.08, -0.048, -0.016, 0.016, 0.048, 0.08].map((off) =>
      skyChannel(at + off, index % 3),
    );
    return nearby.reduce((sum, value) => sum + value) / nearby.length;
  }),
);

function skyChannel(place: number, channel: number): number {
  const y = Math.min(SHORE, Math.max(0, place));
  const below = Math.max(
    1,
    skyStops.findIndex(([height]) => height >= y),
  );
  const [from, upper] = skyStops[below - 1]!;
  const [to, lower] = skyStops[below]!;
  return upper[channel]! + ((lower[channel]! - upper[channel]!) * (y - from)) / (to - from);
}

/** The outline of a chain of hills. */
export interface Ridge {
  readonly colour: Colour;
  /** Light added towards the foot of the hill by the haze. */
  readonly haze: Colour;
  /** y of the outline, {@link PER_UNIT} for each unit of x, from -{@link HALF_WIDTH} on. */
  readonly heights: Float32Array;
  /** The least of them. */
  readonly highest: number;
}

/** Ridges are tabulated over this width on both sides of the middle. */
export const HALF_WIDTH = 1.3;
export const SAMPLES = 6144;
export const PER_UNIT = SAMPLES / (2 * HALF_WIDTH);

/** From the farthest to the nearest. */
export const ridges = lazily((): readonly Ridge[] => [
  ridge(
    [0.34, 0.2, 0.24],
    [0.5, 0.27, 0.18],
    (x) => 0.575 - wave(x, 2.1, 0.4, 0.045) - wave(x, 5.3, 2.0, 0.02) - wave(x, 13, 1, 0.006),
  ),
  ridge(
    [0.13, 0.085, 0.13],
    [0.3, 0.15, 0.12],
    (x) => 0.635 - wave(x, 3.3, 3.9, 0.035) - wave(x, 8.1, 1.1, 0.013) - wave(x, 29, 0, 0.003),
  ),
  ridge(
    [0.022, 0.024, 0.035],
    [0.05, 0.035, 0.035],
    (x) =>
      0.688 -
      Math.max(0, Math.abs(x + 0.04) - 0.3) * 0.16 -
      wave(x, 4.7, 0.8, 0.008) -
      firs(x, 52, 0.018),
  ),
]);

function ridge(colour: Colour, haze: Colour, height: (x: number) => number): Ridge {
  const heights = Float32Array.from({ length: SAMPLES + 1 }, (_, index) =>
    height(index / PER_UNIT - HALF_WIDTH),
  );
  return { colour, haze, heights, highest: heights.reduce((a, b) => Math.min(a, b)) };
}

function wave(x: number, frequency: number, phase: number, amount: number): number {
  return Math.sin(x * frequency + phase) * amount;
}

/** A row of pointed trees of uneven height. */
function firs(x: number, perUnit: number, height: number): number {
  const place = x * perUnit;
  const tree = Math.floor(place);
  const size = generator(tree + 1000)();
  const fromTrunk = Math.abs(place - tree - 0.5) * 2;
  return size < 0.25 ? 0 : Math.max(0, 1 - fromTrunk / (0.5 + 0.5 * size)) * height * size;
}

/** The mean over `radius` samples to each side. */
export function smoothed(heights: Float32Array, radius: number): Float32Array {
  if (radius < 1) return heights;
  const at = (index: number): number => heights[Math.min(SAMPLES, Math.max(0, index))] ?? 0;
  let sum = 0;
  for (let index = -radius; index <= radius; index++) sum += at(index);
  return heights.map((_, index) => {
    const mean = sum / (2 * radius + 1);
    sum += at(index + radius + 1) - at(index - radius);
    return mean;
  });
}
