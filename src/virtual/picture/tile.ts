/**
 * The canvas of the scene's painters: 16x16 samples of linear light. Scene coordinates count in
 * heights of the upright picture: y runs from 0 at the top to 1 at the bottom, x is 0 in the middle.
 */
export const TILE = 16;

export interface Tile {
  /** Linear light, row by row, where 0.18 is a middle grey at the right exposure. */
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  /** Scene coordinates of the centre of the first sample, and the distance between samples. */
  x: number;
  y: number;
  step: number;
}

/** A part of the scene that is painted over what lies behind it. */
export interface Layer {
  /** Where it paints: left, top, right, bottom in scene coordinates. */
  readonly bounds: readonly [number, number, number, number];
  paint(tile: Tile): void;
  /** Whether nothing behind it can be seen in the tile, so that painting can start here. */
  covers?(tile: Tile): boolean;
  /** How soon what it paints in the tile may look different, all but time and text being equal. */
  pace?(tile: Tile): Pace;
}

/** Always the same; the same while the caption is, and its clock with it; never the same. */
export type Pace = 'still' | 'text' | 'moving';

export type Colour = readonly [number, number, number];

export function createTile(): Tile {
  const samples = (): Float32Array => new Float32Array(TILE * TILE);
  return { red: samples(), green: samples(), blue: samples(), x: 0, y: 0, step: 0 };
}

export function touches(layer: Layer, tile: Tile): boolean {
  const [left, top, right, bottom] = layer.bounds;
  const size = tile.step * TILE;
  return tile.x < right && tile.x + size > left && tile.y < bottom && tile.y + size > top;
}

/**
 * How much of a sample lies inside an edge: `distance` is from the edge (negative inside), and the
 * edge is `softness` wide to each side. Sampling finer than that shows no steps.
 */
export function coverage(distance: number, softness: number): number {
  if (distance >= softness) return 0;
  if (distance <= -softness) return 1;
  const part = 0.5 - distance / (2 * softness);
  return part * part * (3 - 2 * part);
}

/** Mixes `colour` into sample `index`. */
export function blend(tile: Tile, index: number, [red, green, blue]: Colour, amount: number): void {
  tile.red[index] = tile.red[index]! + (red - tile.red[index]!) * amount;
  tile.green[index] = tile.green[index]! + (green - tile.green[index]!) * amount;
  tile.blue[index] = tile.blue[index]! + (blue - tile.blue[index]!) * amount;
}

/**
 * The share of the window from `from` to `to` that is covered by stripes: each begins at a multiple
 * of `period` and is `width` wide. For things that turn, this is their motion blur.
 */
export function striped(from: number, to: number, period: number, width: number): number {
  return (covered(to, period, width) - covered(from, period, width)) / (to - from);
}

function covered(end: number, period: number, width: number): number {
  const turns = Math.floor(end / period);
  const rest = end - turns * period;
  return turns * width + (rest < width ? rest : width);
}
