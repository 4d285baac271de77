/**
 * The background of the scene: a sun going down behind hills and a lake, and the lamps of a village
 * on its shore. All of it is far away, so it goes soft as the lens is opened.
 */
import { lampPainter } from './lamps.ts';
import {
  HALF_WIDTH,
  PER_UNIT,
  type Ridge,
  ridges,
  SAMPLES,
  SHORE,
  SKY_ROWS,
  SUN,
  skyRows,
  smoothed,
} from './terrain.ts';
import type { Colour, Layer, Tile } from './tile.ts';
import { coverage, TILE } from './tile.ts';

export interface LandscapeOptions {
  /** Radius of the blur disc, in heights of the picture. */
  readonly blur: number;
  /** No ripples. */
  readonly calm: boolean;
  /** Seconds; moves the ripples. */
  readonly time: number;
  /** Seconds; a long exposure smooths the water. */
  readonly shutter: number;
}

export function landscape({ blur, calm, time, shutter }: LandscapeOptions): Layer {
  // Hills keep some shape even wide open: a picture of mere fog would show nothing.
  const hillBlur = blur * 0.45;
  const hills = ridges().map((each) => ({
    ...each,
    heights: smoothed(each.heights, Math.round(hillBlur * PER_UNIT)),
  }));
  const ripples = { height: calm ? 0 : 0.004 / (1 + 4 * shutter), phase: time * 900 };
  const sky = skyRows();
  const paintLamps = lampPainter(blur);
  const swell = new Float32Array(TILE * TILE);
  return {
    bounds: [-Infinity, -Infinity, Infinity, Infinity],
    covers: () => true,
    paint(tile) {
      const bottom = tile.y + tile.step * TILE;
      if (bottom > SHORE && !calm) measureRipples(tile, ripples, swell);
      else swell.fill(0);
      paintSky(tile, sky);
      paintSun(tile, Math.max(hillBlur * 0.5, tile.step * 0.6), swell);
      const softness = Math.max(hillBlur, tile.step * 0.6);
      for (const hill of hills) paintHill(tile, hill, softness, swell);
      if (bottom > SHORE - softness) darkenWater(tile, softness, swell);
      paintLamps(tile);
    },
  };
}

/** The height at which a row sees the scene: below the shore, that of its mirror image. */
function seen(y: number): number {
  return y > SHORE ? 2 * SHORE - y : y;
}

/** How far each sample's reflection is shifted, in heights of the picture; 0 above the water. */
function measureRipples(
  tile: Tile,
  { height, phase }: { height: number; phase: number },
  into: Float32Array,
): void {
  for (let row = 0; row < TILE; row++) {
    const depth = tile.y + row * tile.step - SHORE;
    // Ripples look longer and higher the nearer they are to the viewer.
    const amount = depth > 0 ? height * Math.min(1, depth * 14) : 0;
    const along = (depth * 3500) / (1 + 6 * depth);
    for (let column = 0; column < TILE; column++) {
      const x = tile.x + column * tile.step;
      into[row * TILE + column] =
        amount === 0
          ? 0
          : amount * (sine(x * 700 + along * 2 + phase) + sine(along * 3.1 - x * 400 + phase));
    }
  }
}

function paintSky(tile: Tile, rows: Float32Array): void {
  const { red, green, blue, x, y, step } = tile;
  const last = (TILE - 1) * step;
  // Over a small tile the sky is a plane, spanned by its corners; unless a mirror line runs through it.
  if (last < 0.03 && (y > SHORE || y + last < SHORE)) {
    const topLeft = skyLight(rows, x, y);
    const topRight = skyLight(rows, x + last, y);
    const bottomLeft = skyLight(rows, x, y + last);
    const bottomRight = skyLight(rows, x + last, y + last);
    spread(red, topLeft[0], topRight[0], bottomLeft[0], bottomRight[0]);
    spread(green, topLeft[1], topRight[1], bottomLeft[1], bottomRight[1]);
    spread(blue, topLeft[2], topRight[2], bottomLeft[2], bottomRight[2]);
    return;
  }
  for (let index = 0; index < TILE * TILE; index++) {
    const light = skyLight(rows, x + (index & 15) * step, y + (index >> 4) * step);
    red[index] = light[0];
    green[index] = light[1];
    blue[index] = light[2];
  }
}

/** Fills a tile between the values at its four corners. */
function spread(
  samples: Float32Array,
  topLeft: number,
  topRight: number,
  bottomLeft: number,
  bottomRight: number,
): void {
  const unit = 1 / (TILE - 1);
  for (let row = 0; row < TILE; row++) {
    const left = topLeft + (bottomLeft - topLeft) * row * unit;
    const right = topRight + (bottomRight - topRight) * row * unit;
    const rise = (right - left) * unit;
    for (let column = 0; column < TILE; column++)
      samples[row * TILE + column] = left + rise * column;
  }
}

/** The sky and the glow around the sun, at a point or its reflection. */
function skyLight(rows: Float32Array, x: number, y: number): Colour {
  const level = seen(y);
  const row = 3 * Math.min(SKY_ROWS - 1, Math.max(0, Math.floor((level / SHORE) * SKY_ROWS)));
  const square = (x - SUN.x) ** 2 + (level - SUN.y) ** 2;
  const glow = 0.9 / (1 + square * 90) + 0.25 / (1 + square * 9);
  return [rows[row]! + glow * 0.8, rows[row + 1]! + glow * 0.42, rows[row + 2]! + glow * 0.1];
}

function paintSun(tile: Tile, softness: number, swell: Float32Array): void {
  const { red, green, blue, step } = tile;
  const reach = SUN.radius + softness + 0.06;
  const size = TILE * step;
  if (tile.x > SUN.x + reach || tile.x + size < SUN.x - reach) return;
  if (tile.y > 2 * SHORE - SUN.y + reach || tile.y + size < SUN.y - reach) return;
  for (let index = 0; index < TILE * TILE; index++) {
    const dx = tile.x + (index & 15) * step - SUN.x;
    // Ripples mirror the bright sun from farther off than their height.
    const dy = seen(tile.y + (index >> 4) * step) + swell[index]! * 4 - SUN.y;
    const amount = coverage(Math.sqrt(dx * dx + dy * dy) - SUN.radius, softness);
    if (amount === 0) continue;
    red[index] = red[index]! + 9 * amount;
    green[index] = green[index]! + 6.5 * amount;
    blue[index] = blue[index]! + 2.8 * amount;
  }
}

function paintHill(
  tile: Tile,
  { colour, haze, heights, highest }: Ridge,
  softness: number,
  swell: Float32Array,
): void {
  const { red, green, blue, step } = tile;
  const end = tile.y + (TILE - 1) * step;
  const lowest = tile.y < SHORE && end > SHORE ? SHORE : Math.max(seen(tile.y), seen(end));
  // More than ripples can reach.
  const margin = softness + 0.01;
  for (let column = 0; column < TILE; column++) {
    const place = Math.min(
      SAMPLES - 1,
      Math.max(0, (tile.x + column * step + HALF_WIDTH) * PER_UNIT),
    );
    const left = place | 0;
    const top = heights[left]! + (heights[left + 1]! - heights[left]!) * (place - left);
    if (lowest + margin < top) continue;
    for (let row = 0; row < TILE; row++) {
      const index = row * TILE + column;
      const level = seen(tile.y + row * step);
      const amount = coverage(top - level - swell[index]!, softness);
      if (amount === 0) continue;
      const fog = (level - highest) * 5;
      red[index] = red[index]! + (colour[0] + haze[0] * fog - red[index]!) * amount;
      green[index] = green[index]! + (colour[1] + haze[1] * fog - green[index]!) * amount;
      blue[index] = blue[index]! + (colour[2] + haze[2] * fog - blue[index]!) * amount;
    }
  }
}

/** Water swallows some of the light, and ripples tilt towards brighter or darker sky. */
function darkenWater(tile: Tile, softness: number, swell: Float32Array): void {
  for (let index = 0; index < TILE * TILE; index++) {
    const depth = tile.y + (index >> 4) * tile.step - SHORE;
    const factor = (1 - 0.38 * coverage(-depth, softness)) * (1 + swell[index]! * 18);
    tile.red[index] = tile.red[index]! * factor;
    tile.green[index] = tile.green[index]! * factor;
    tile.blue[index] = tile.blue[index]! * factor;
  }
}

const sines = Float32Array.from({ length: 1024 }, (_, index) => Math.sin((index * Math.PI) / 512));

/** A sine with a period of 1024, from a table. */
function sine(angle: number): number {
  return sines[Math.floor(angle) & 1023]!;
}
