/**
 * Film grain as a stock of pre-encoded blocks: noise is drawn in the frequency domain, quantised
 * and Huffman-coded once, then strewn over the whole picture by chance.
 */

import type { Component, Texture } from './jpeg-encoder.ts';
import { quantisation, texture, zigzag } from './jpeg-encoder.ts';
import { Recent } from './memo.ts';
import { generator } from './random.ts';

/** The grain for a block of some brightness (0 to 255); any whole number picks one of several. */
export type Grain = (component: Component, brightness: number, pick: number) => Texture;

/** Blocks to choose from, as a power of two. With fewer of them the eye begins to see repetition. */
const LUMINANCE_BLOCKS = 64;
const CHROMINANCE_BLOCKS = 16;

/** Amplitudes, relative to the middle tones. Clipped highlights hold no grain at all. */
const AMPLITUDES = [0, 0.4, 0.7, 1, 1.25];

const stock = new Recent<Grain>(8);

/** Grain of standard deviation `level` (8-bit levels) for files of `quality`. */
export function grainOf(level: number, quality: number): Grain {
  return stock.get(`${level.toFixed(3)}@${quality}`, () => makeGrain(level, quality));
}

const none = ([0, 1, 2] as const).map((component) => texture(new Int16Array(64), component));

export const noGrain: Grain = (component) => none[component]!;

function makeGrain(level: number, quality: number): Grain {
  const random = generator(0x5eed);
  const draw = (component: Component, count: number, deviation: number, corner: number) => {
    const steps = quantisation(quality, component);
    return AMPLITUDES.map((amplitude) =>
      Array.from({ length: amplitude === 0 ? 1 : count }, () =>
        texture(noise(random, steps, amplitude * deviation, corner), component),
      ),
    );
  };
  const luminance = draw(0, LUMINANCE_BLOCKS, level, 5);
  const chrominance = draw(1, CHROMINANCE_BLOCKS, level * 0.55, 2.5);
  const amplitudeOf = Uint8Array.from({ length: 256 }, (_, brightness) => amplitudeFor(brightness));
  return (component, brightness, pick) => {
    const amplitude = amplitudeOf[brightness < 0 ? 0 : brightness > 255 ? 255 : brightness | 0]!;
    const blocks = (component === 0 ? luminance : chrominance)[amplitude]!;
    return blocks[pick & (blocks.length - 1)]!;
  };
}

/** An index in {@link AMPLITUDES}. */
function amplitudeFor(brightness: number): number {
  if (brightness >= 253) return 0;
  if (brightness >= 235) return 1;
  if (brightness >= 190) return 2;
  return brightness >= 90 || brightness < 12 ? 3 : 4;
}

/**
 * Normally distributed coefficients in zigzag order, in quantisation steps. Frequencies (0 to 7 in
 * each direction) above `corner` are damped, as noise reduction does, which leaves soft clumps.
 */
function noise(
  random: () => number,
  steps: number[],
  deviation: number,
  corner: number,
): Int16Array {
  return Int16Array.from(zigzag, (position) => {
    const frequency = Math.hypot(position >> 3, position & 7) / corner;
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round((normal * deviation) / (1 + frequency * frequency) / (steps[position] ?? 1));
  });
}
