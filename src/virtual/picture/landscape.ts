/**
 * The background of the scene: a sun going down behind hills and a lake, and the lamps of a village
 * on its shore. All of it is far away, so it goes soft as the lens is opened.
 */
import { generator } from './grain.ts';
import type { Colour, Layer, Tile } from './tile.ts';
import { coverage, TILE } from './tile.ts';

/** Height of the shore line; everything below is water and mirrors what is above. */
const SHORE = 0.7;
const SUN = { x: -0.04, y: 0.53, radius: 0.05 };

/** Sky colours from the zenith to the horizon. */
const skyStops: readonly (readonly [number, Colour])[] = [
  [0, [0.05, 0.1, 0.24]],
  [0.22, [0.13, 0.17, 0.32]],
  [0.4, [0.42, 0.28, 0.33]],
  [0.54, [0.85, 0.44, 0.24]],
  [0.7, [1, 0.58, 0.26]],
];

/** The stops mixed for each of so many rows from the zenith to the shore: red, green, blue. */
const SKY_ROWS = 2048;
const skyRows = Float32Array.from({ length: 3 * SKY_ROWS }, (_, index) => {
  const y = (Math.floor(index / 3) / SKY_ROWS) * SHORE;
  const below = Math.max(
    1,
    skyStops.findIndex(([height]) => height >= y),
  );
  const [from, upper] = skyStops[below - 1]!;
  const [to, lower] = skyStops[below]!;
  const channel = index % 3;
  return upper[channel]! + ((lower[channel]! - upper[channel]!) * (y - from)) / (to - from);
});

interface Ridge {
  readonly colour: Colour;
  /** Light added towards the foot of the hill by the haze. */
  readonly haze: Colour;
  readonly heights: Float32Array;
  readonly highest: number;
}

/** Ridges are tabulated over this width on both sides of the middle. */
const HALF_WIDTH = 1.3;
const SAMPLES = 6144;
const PER_UNIT = SAMPLES / (2 * HALF_WIDTH);

const ridges: readonly Ridge[] = [
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
];

interface Lamp {
  readonly x: number;
  readonly y: number;
  readonly colour: Colour;
}

const lampColours: readonly Colour[] = [
  [1, 0.62, 0.22],
  [1, 0.75, 0.4],
  [1, 0.85, 0.62],
  [0.35, 0.85, 0.75],
  [1, 0.25, 0.16],
];

const lamps: readonly Lamp[] = makeLamps();

export interface LandscapeOptions {
  /** Radius of the blur disc, in heights of the picture. */
  readonly blur: number;
  /** Seconds; moves the ripples. */
  readonly time: number;
  /** Seconds; a long exposure smooths the water. */
  readonly shutter: number;
}

export function landscape({ blur, time, shutter }: LandscapeOptions): Layer {
  // Hills keep some shape even wide open: a picture of mere fog would show nothing.
  const hillBlur = blur * 0.45;
  const hills = ridges.map((each) => ({
    ...each,
    heights: smoothed(each.heights, Math.round(hillBlur * PER_UNIT)),
  }));
  const ripples = { height: 0.005 / (1 + 4 * shutter), phase: time * 900 };
  const discs = lamps.flatMap((lamp) => [disc(lamp, blur, 1), disc(lamp, blur, -1)]);
  const swell = new Float32Array(TILE * TILE);
  return {
    bounds: [-Infinity, -Infinity, Infinity, Infinity],
    covers: () => true,
    paint(tile) {
      const size = tile.step * TILE;
      const wet = tile.y + size > SHORE;
      if (wet) measureRipples(tile, ripples, swell);
      else swell.fill(0);
      paintSky(tile);
      paintSun(tile, Math.max(hillBlur * 0.5, tile.step * 0.6), swell);
      const softness = Math.max(hillBlur, tile.step * 0.6);
      for (const hill of hills) paintHill(tile, hill, softness, swell);
      if (wet) darkenWater(tile, softness, swell);
      for (const light of discs) {
        const { x, y, reach, stretch } = light;
        if (
          tile.x < x + reach &&
          tile.x + size > x - reach &&
          tile.y < y + reach * stretch &&
          tile.y + size > y - reach * stretch
        )
          paintDisc(tile, light);
      }
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

function paintSky(tile: Tile): void {
  const { red, green, blue, x, y, step } = tile;
  const last = (TILE - 1) * step;
  // Over a small tile the sky is a plane, spanned by its corners; unless a mirror line runs through it.
  const plane = last < 0.03 && (y > SHORE || y + last < SHORE);
  if (!plane) {
    for (let index = 0; index < TILE * TILE; index++) {
      const light = skyLight(x + (index & 15) * step, y + (index >> 4) * step);
      red[index] = light[0];
      green[index] = light[1];
      blue[index] = light[2];
    }
    return;
  }
  spread(
    red,
    skyLight(x, y)[0],
    skyLight(x + last, y)[0],
    skyLight(x, y + last)[0],
    skyLight(x + last, y + last)[0],
  );
  spread(
    green,
    skyLight(x, y)[1],
    skyLight(x + last, y)[1],
    skyLight(x, y + last)[1],
    skyLight(x + last, y + last)[1],
  );
  spread(
    blue,
    skyLight(x, y)[2],
    skyLight(x + last, y)[2],
    skyLight(x, y + last)[2],
    skyLight(x + last, y + last)[2],
  );
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

const skyScratch: [number, number, number] = [0, 0, 0];

/** The sky and the glow around the sun, at a point or its reflection. The result is overwritten by the next call. */
function skyLight(x: number, y: number): Colour {
  const level = seen(y);
  const row = 3 * Math.min(SKY_ROWS - 1, Math.max(0, Math.floor((level / SHORE) * SKY_ROWS)));
  const square = (x - SUN.x) ** 2 + (level - SUN.y) ** 2;
  const glow = 0.9 / (1 + square * 90) + 0.25 / (1 + square * 9);
  skyScratch[0] = skyRows[row]! + glow * 0.8;
  skyScratch[1] = skyRows[row + 1]! + glow * 0.42;
  skyScratch[2] = skyRows[row + 2]! + glow * 0.1;
  return skyScratch;
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
  const nearest = Math.max(seen(tile.y), seen(tile.y + (TILE - 1) * step));
  if (nearest + softness + 0.01 < highest && tile.y < SHORE === tile.y + TILE * step < SHORE)
    return;
  for (let column = 0; column < TILE; column++) {
    const place = Math.min(
      SAMPLES - 1,
      Math.max(0, (tile.x + column * step + HALF_WIDTH) * PER_UNIT),
    );
    const left = place | 0;
    const top = heights[left]! + (heights[left + 1]! - heights[left]!) * (place - left);
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

interface Disc extends Lamp {
  readonly radius: number;
  readonly reach: number;
  /** Reflections are drawn out downwards. */
  readonly stretch: number;
  readonly strength: number;
}

/** A lamp out of focus, or for `side` -1 its image in the water. */
function disc({ x, y, colour }: Lamp, blur: number, side: 1 | -1): Disc {
  const radius = Math.max(0.0035, blur);
  // The same light over a larger disc: it must pale, though less than it would in earnest.
  const strength = Math.min(9, 0.026 / radius) * (side === 1 ? 1 : 0.28);
  return {
    x,
    y: side === 1 ? y : 2 * SHORE - y + 0.02,
    colour,
    radius,
    reach: radius * 1.12,
    stretch: side === 1 ? 1 : 2.4,
    strength,
  };
}

function paintDisc(tile: Tile, { x, y, colour, radius, reach, stretch, strength }: Disc): void {
  const softness = Math.max(radius * 0.06, tile.step * 0.6) * (stretch === 1 ? 1 : 4);
  for (let row = 0; row < TILE; row++) {
    const dy = (tile.y + row * tile.step - y) / stretch;
    if (dy > reach + softness || dy < -reach - softness) continue;
    for (let column = 0; column < TILE; column++) {
      const dx = tile.x + column * tile.step - x;
      const distance = Math.sqrt(dx * dx + dy * dy);
      const inside = coverage(distance - radius, softness);
      if (inside === 0) continue;
      // Real blur discs have a slightly brighter rim.
      const rim = distance / radius;
      const light = inside * strength * (0.8 + 0.3 * rim * rim);
      const index = row * TILE + column;
      tile.red[index] = tile.red[index]! + colour[0] * light;
      tile.green[index] = tile.green[index]! + colour[1] * light;
      tile.blue[index] = tile.blue[index]! + colour[2] * light;
    }
  }
}

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
function smoothed(heights: Float32Array, radius: number): Float32Array {
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

function makeLamps(): Lamp[] {
  const random = generator(7);
  return Array.from({ length: 22 }, (_, index) => ({
    x: -0.92 + index * 0.0875 + (random() - 0.5) * 0.06,
    y: SHORE - 0.012 - random() ** 2 * 0.09,
    colour: lampColours[Math.floor(random() * lampColours.length)] ?? [1, 1, 1],
  }));
}

const sines = Float32Array.from({ length: 1024 }, (_, index) => Math.sin((index * Math.PI) / 512));

/** A sine with a period of 1024, from a table. */
function sine(angle: number): number {
  return sines[Math.floor(angle) & 1023]!;
}
