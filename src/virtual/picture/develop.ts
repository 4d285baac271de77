/**
 * Turns a scene into a JPEG file. A first look at one sample per 8x8 block finds the parts that are
 * smooth; these are written from that look alone. Only blocks with edges are painted in full, which
 * makes a photograph of 20 megapixels a matter of a fraction of a second.
 */

import type { CameraOptions, Proof } from './camera.ts';
import { createCamera } from './camera.ts';
import type { Grain } from './grain.ts';
import { grainOf, noGrain } from './grain.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import type { Plane } from './jpeg-encoder.ts';
import type { Scene } from './scene.ts';

export interface DevelopOptions extends CameraOptions {
  readonly quality: number;
  /** Standard deviation of the grain in 8-bit levels. */
  readonly grain: number;
  /** Any whole number; each strews the grain differently. */
  readonly seed: number;
}

/** How far, in levels, a block may be from a plain slope before it is painted in full. */
const TOLERANCE = 1.6;

export function develop(scene: Scene, options: DevelopOptions): Uint8Array {
  const { width, height, quality, seed, bars } = options;
  const encoder = new JpegEncoder(width, height, quality);
  const camera = createCamera(scene, options);
  const proof = camera.proof(encoder.columns, encoder.rows);
  const stock = grainOf(options.grain, quality);
  const samples = createSamples();
  // Coarser grain hides more.
  const tolerance = TOLERANCE + 0.2 * options.grain;
  for (let row = 0; row < encoder.rows; row++) {
    encoder.startRow();
    // Seeded anew, so that a row does not depend on those above it.
    let random = Math.imul(seed ^ Math.imul(row + 1, 0x9e3779b1), 0x85ebca6b) | 1;
    for (let column = 0; column < encoder.columns; column++) {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      const at = (2 * row + 2) * proof.y.stride + 2 * column + 2;
      const colourAt = (row + 1) * proof.cb.stride + column + 1;
      const caption = camera.caption(column, row);
      const grain = caption === 'blank' || caption === 'letters' ? noGrain : stock;
      const smooth =
        bars === 0 && caption !== 'letters' && isSmooth(proof, at, colourAt, tolerance);
      if (!smooth) camera.expose(column, row, samples);
      for (let block = 0; block < 4; block++) {
        const here = at + (block >> 1) * proof.y.stride + (block & 1);
        const texture = grain.luminance(proof.y.samples[here]! + 128, random >>> (block * 6));
        if (smooth) encoder.patch(0, proof.y, here, texture);
        else encoder.block(0, samples.y, block * 64, texture);
      }
      const brightness = proof.y.samples[at]! + 128;
      const [blue, red] = [
        grain.chrominance(brightness, random >>> 24),
        grain.chrominance(brightness, random >>> 28),
      ];
      if (smooth) encoder.patch(1, proof.cb, colourAt, blue);
      else encoder.block(1, samples.cb, 0, blue);
      if (smooth) encoder.patch(2, proof.cr, colourAt, red);
      else encoder.block(2, samples.cr, 0, red);
    }
  }
  return encoder.finish();
}

/** Whether the four blocks whose first is `at`, and their colours, are well drawn as curved patches. */
function isSmooth({ y, cb, cr }: Proof, at: number, colourAt: number, tolerance: number): boolean {
  const { samples, stride } = y;
  for (let line = 0; line < 2; line++) {
    if (Math.abs(thirdDifference(samples, at + line * stride, 1)) > tolerance) return false;
    if (Math.abs(thirdDifference(samples, at + line, stride)) > tolerance) return false;
  }
  return isEven(cb, colourAt, tolerance) && isEven(cr, colourAt, tolerance);
}

/** 0 if the samples before, at, after and after that lie on a parabola. */
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
