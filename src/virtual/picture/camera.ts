/** The sensor: looks at a part of the scene and reads out levels of Y, Cb and Cr, 4:2:0. */
import type { Plane } from './jpeg-encoder.ts';
import type { Scene } from './scene.ts';
import type { Colour, Pace } from './tile.ts';
import { createTile, TILE } from './tile.ts';
import { TONE_SCALE, toneMapper } from './tone.ts';

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
  readonly zoom?: Zoom;
}

/** Shows a part of the picture enlarged. */
export interface Zoom {
  /** 1 is the whole picture. */
  readonly factor: number;
  /** The part's corner in the file, as fractions of the whole width and height. */
  readonly left: number;
  readonly top: number;
}

/** Numbers in an MCU of 16x16 pixels: four 8x8 blocks of Y as JPEG orders them, one of Cb, one of Cr. */
export const MCU = 6 * 64;
const CB = 4 * 64;
const CR = 5 * 64;

/**
 * The picture with one sample for each 8x8 block, as planes of Y, Cb and Cr. Around it lie two more
 * rows and columns of Y and one of Cb and Cr, which have half as many.
 */
export type Proof = readonly [Plane, Plane, Plane];

export interface Camera {
  /** Reads an MCU, as {@link MCU} levels from -128 to 127. */
  expose(column: number, row: number, into: Float32Array): void;
  /** A first look at the whole picture, of `columns` by `rows` MCUs. */
  proof(columns: number, rows: number): Proof;
  /** What {@link Scene.inCaption} says of an MCU. */
  caption(column: number, row: number): ReturnType<Scene['inCaption']>;
  /** What {@link Scene.pace} says of an MCU. */
  pace(column: number, row: number): Pace;
}

export function createCamera(scene: Scene, options: CameraOptions): Camera {
  const { height, orientation, gain, bars, zoom = { factor: 1, left: 0, top: 0 } } = options;
  const tile = createTile();
  const { red: reds, green: greens, blue: blues } = tile;
  const tone = toneMapper();
  const order = readingOrder(orientation);
  // Of the whole picture, were it shown as large as the part in view.
  const width = options.width * zoom.factor;
  const rows = (height - 2 * bars) * zoom.factor;
  const uprightWidth = orientation < 5 ? width : rows;
  const uprightHeight = orientation < 5 ? rows : width;
  const redScale = gain[0] * TONE_SCALE;
  const greenScale = gain[1] * TONE_SCALE;
  const blueScale = gain[2] * TONE_SCALE;

  /** Points the tile at 16x16 samples of the file, each `step` pixels wide, from pixel (left, top) on. */
  function aim(left: number, top: number, step: number): void {
    const size = TILE * step;
    const x = left + zoom.left * width;
    const y = top - bars + zoom.top * rows;
    const u = { 1: x, 3: width - x - size, 6: rows - y - size, 8: y }[orientation];
    const v = { 1: y, 3: rows - y - size, 6: x, 8: width - x - size }[orientation];
    tile.step = step / uprightHeight;
    tile.x = (u + step / 2 - uprightWidth / 2) / uprightHeight;
    tile.y = (v + step / 2) / uprightHeight;
  }

  /** Paints what the tile points at, and reads it in the file's order. */
  function read(into: Float32Array): void {
    scene.paint(tile);
    for (let quad = 0; quad < 64; quad++) {
      const i = (quad & 7) << 1;
      const j = (quad >> 3) << 1;
      let cb = 0;
      let cr = 0;
      for (let corner = 0; corner < 4; corner++) {
        const column = i | (corner & 1);
        const row = j | (corner >> 1);
        const at = order[(row << 4) | column]!;
        const red = tone(reds[at]! * redScale);
        const green = tone(greens[at]! * greenScale);
        const blue = tone(blues[at]! * blueScale);
        const luminance = 0.299 * red + 0.587 * green + 0.114 * blue;
        into[blockOrder(column, row)] = luminance - 128;
        cb += blue - luminance;
        cr += red - luminance;
      }
      // One colour sample stands for 2x2 pixels.
      into[CB + quad] = cb * (0.25 / 1.772);
      into[CR + quad] = cr * (0.25 / 1.402);
    }
  }

  function blacken(top: number, mcu: Float32Array): void {
    for (let j = 0; j < TILE; j++) {
      if (top + j >= bars && top + j < height - bars) continue;
      for (let i = 0; i < TILE; i++) mcu[blockOrder(i, j)] = -128;
      const at = (j >> 1) << 3;
      mcu.fill(0, CB + at, CB + at + 8);
      mcu.fill(0, CR + at, CR + at + 8);
    }
  }

  return {
    expose(column, row, into) {
      aim(column * TILE, row * TILE, 1);
      read(into);
      if (bars > 0) blacken(row * TILE, into);
    },
    proof(mcuColumns, mcuRows) {
      const part = new Float32Array(MCU);
      const stride = Math.ceil((2 * mcuColumns + 4) / TILE) * TILE;
      const count = stride * Math.ceil((2 * mcuRows + 4) / TILE) * TILE;
      const y = { samples: new Float32Array(count), stride };
      const cb = { samples: new Float32Array(count / 4), stride: stride / 2 };
      const cr = { samples: new Float32Array(count / 4), stride: stride / 2 };
      for (let top = 0; top * stride < count; top += TILE) {
        for (let left = 0; left < stride; left += TILE) {
          aim((left - 2) * 8, (top - 2) * 8, 8);
          read(part);
          for (let j = 0; j < TILE; j++)
            for (let i = 0; i < TILE; i++)
              y.samples[(top + j) * stride + left + i] = part[blockOrder(i, j)]!;
          for (let j = 0; j < 8; j++) {
            const to = (top / 2 + j) * cb.stride + left / 2;
            cb.samples.set(part.subarray(CB + j * 8, CB + j * 8 + 8), to);
            cr.samples.set(part.subarray(CR + j * 8, CR + j * 8 + 8), to);
          }
        }
      }
      return [y, cb, cr];
    },
    caption(column, row) {
      aim(column * TILE, row * TILE, 1);
      return scene.inCaption(tile);
    },
    pace(column, row) {
      aim(column * TILE, row * TILE, 1);
      return scene.pace(tile);
    },
  };
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
