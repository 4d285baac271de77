/** The sensor: looks at a part of the scene and reads out levels of Y, Cb and Cr, 4:2:0. */
import type { Plane } from './jpeg-encoder.ts';
import type { Scene } from './scene.ts';
import type { Colour } from './tile.ts';
import { createTile, TILE } from './tile.ts';
import { tone, TONE_SCALE } from './tone.ts';

/** As EXIF counts it: the top of the scene is the file's top (1), bottom (3), right (6) or left (8). */
export type Orientation = 1 | 3 | 6 | 8;

export interface CameraOptions {
  /** Of the file, in pixels. */
  readonly width: number;
  readonly height: number;
  /** How the camera was held. The file's rows run along the sensor, so the scene may lie on its side. */
  readonly orientation: Orientation;
  /** What the scene's red, green and blue are multiplied with. */
  readonly gain: Colour;
  /** Rows left black at the top and at the bottom. */
  readonly bars: number;
}

/** Levels from -128 to 127: four 8x8 blocks of Y as JPEG orders them, then one of each colour. */
export interface Samples {
  readonly y: Float32Array;
  readonly cb: Float32Array;
  readonly cr: Float32Array;
}

/**
 * The picture with one sample for each 8x8 block. Around it lie two more rows and columns of Y and
 * one of Cb and Cr, which have half as many samples.
 */
export interface Proof {
  readonly y: Plane;
  readonly cb: Plane;
  readonly cr: Plane;
}

export function createSamples(): Samples {
  return { y: new Float32Array(256), cb: new Float32Array(64), cr: new Float32Array(64) };
}

export interface Camera {
  /** Reads the 16x16 pixels of an MCU. */
  expose(column: number, row: number, into: Samples): void;
  /** A first look at the whole picture, of `columns` by `rows` MCUs. */
  proof(columns: number, rows: number): Proof;
  /** What {@link Scene.inCaption} says of an MCU. */
  caption(column: number, row: number): ReturnType<Scene['inCaption']>;
}

export function createCamera(scene: Scene, options: CameraOptions): Camera {
  const { width, height, orientation, gain, bars } = options;
  const tile = createTile();
  const scratch = createSamples();
  const order = readingOrder(orientation);
  const across = width;
  const down = height - 2 * bars;
  const upright =
    orientation < 5 ? { width: across, height: down } : { width: down, height: across };
  const scale = gain.map((factor) => factor * TONE_SCALE);
  const [redScale = 1, greenScale = 1, blueScale = 1] = scale;

  /** Points the tile at 16x16 samples of the file, each `step` pixels wide, from pixel (left, top) on. */
  function aim(left: number, top: number, step: number): void {
    const size = TILE * step;
    const y = top - bars;
    const u =
      orientation === 1
        ? left
        : orientation === 3
          ? across - left - size
          : orientation === 6
            ? down - y - size
            : y;
    const v =
      orientation === 1
        ? y
        : orientation === 3
          ? down - y - size
          : orientation === 6
            ? left
            : across - left - size;
    tile.step = step / upright.height;
    tile.x = (u + step / 2 - upright.width / 2) / upright.height;
    tile.y = (v + step / 2) / upright.height;
  }

  /** The levels of sample `at`, as the three colours in `levels`. */
  const level = (light: number): number => toneCurve[light > 16384 ? 16384 : light | 0]!;

  return {
    expose(column, row, into) {
      aim(column * 16, row * 16, 1);
      read(into);
      if (bars > 0) blacken(row * 16, into);
    },
    proof(columns, rows) {
      const stride = Math.ceil((2 * columns + 4) / TILE) * TILE;
      const count = stride * Math.ceil((2 * rows + 4) / TILE) * TILE;
      const y = { samples: new Float32Array(count), stride };
      const cb = { samples: new Float32Array(count / 4), stride: stride / 2 };
      const cr = { samples: new Float32Array(count / 4), stride: stride / 2 };
      for (let top = 0; top * stride < count; top += TILE) {
        for (let left = 0; left < stride; left += TILE) {
          aim((left - 2) * 8, (top - 2) * 8, 8);
          read(scratch);
          for (let j = 0; j < TILE; j++)
            for (let i = 0; i < TILE; i++)
              y.samples[(top + j) * stride + left + i] = scratch.y[blockOrder(i, j)]!;
          for (let j = 0; j < TILE / 2; j++) {
            const to = (top / 2 + j) * cb.stride + left / 2;
            cb.samples.set(scratch.cb.subarray(j * 8, j * 8 + 8), to);
            cr.samples.set(scratch.cr.subarray(j * 8, j * 8 + 8), to);
          }
        }
      }
      return { y, cb, cr };
    },
    caption(column, row) {
      aim(column * 16, row * 16, 1);
      return scene.inCaption(tile);
    },
  };

  function blacken(top: number, { y, cb, cr }: Samples): void {
    for (let j = 0; j < 16; j++) {
      if (top + j >= bars && top + j < height - bars) continue;
      for (const block of [0, 64])
        y.fill(
          -128,
          ((j & 8) << 4) | block | ((j & 7) << 3),
          (((j & 8) << 4) | block | ((j & 7) << 3)) + 8,
        );
      cb.fill(0, (j >> 1) << 3, ((j >> 1) << 3) + 8);
      cr.fill(0, (j >> 1) << 3, ((j >> 1) << 3) + 8);
    }
  }
}

/** Where the four blocks of an MCU, one after the other, have the sample in column i and row j. */
function blockOrder(i: number, j: number): number {
  return ((j & 8) << 4) | ((i & 8) << 3) | ((j & 7) << 3) | (i & 7);
}

/** For each sample of a tile in the file's order, its index in the upright tile. */
function readingOrder(orientation: Orientation): Uint8Array {
  return Uint8Array.from({ length: TILE * TILE }, (_, index) => {
    const i = index & 15;
    const j = index >> 4;
    if (orientation === 1) return index;
    if (orientation === 3) return 255 - index;
    return orientation === 6 ? i * TILE + 15 - j : (15 - i) * TILE + j;
  });
}
