/**
 * The things in front: a pinwheel that turns, for motion blur, and a clock that shows the camera's
 * time. Both stand at the same distance; `blur` is that of their edges where the lens is focused on
 * something else, in heights of the picture.
 */

import type { Colour, Layer, Tile } from './tile.ts';
import { blend, coverage, striped, TILE } from './tile.ts';

const TURN = 2 * Math.PI;
/** Turns per second: fast enough to smear at 1/60, slow enough for live view to follow. */
const PINWHEEL_SPEED = 0.35;
const petals: readonly Colour[] = [
  [0.72, 0.035, 0.04],
  [0.86, 0.47, 0.03],
  [0.03, 0.22, 0.5],
];
const wood: Colour = [0.028, 0.02, 0.016];
const brass: Colour = [0.11, 0.07, 0.028];
const dial: Colour = [0.78, 0.7, 0.52];
const ink: Colour = [0.012, 0.012, 0.016];
const vermilion: Colour = [0.7, 0.04, 0.02];

export interface Placement {
  readonly x: number;
  readonly y: number;
  /** Of the whole thing, in heights of the picture. */
  readonly radius: number;
}

export interface Motion {
  /** Seconds since midnight at the start of the exposure. */
  readonly time: number;
  /** Seconds. */
  readonly shutter: number;
}

/** A stick from the middle of a thing down to the ground. */
export function stick({ x, y }: Placement, width: number, blur: number): Layer {
  return {
    bounds: [x - width - blur, y, x + width + blur, 2],
    paint(tile) {
      const softness = Math.max(tile.step * 0.6, blur);
      for (let index = 0; index < TILE * TILE; index++) {
        if (tile.y + (index >> 4) * tile.step < y) continue;
        const across = tile.x + (index & 15) * tile.step - x;
        const amount = coverage(Math.abs(across) - width / 2, softness);
        if (amount > 0) blend(tile, index, across < -width * 0.2 ? brass : wood, amount);
      }
    },
  };
}

export function pinwheel(
  { x, y, radius }: Placement,
  { time, shutter }: Motion,
  blur: number,
): Layer {
  const start = TURN * ((time * PINWHEEL_SPEED) % 1);
  const sweep = TURN * PINWHEEL_SPEED * shutter;
  const period = TURN / 2;
  const spacing = TURN / 6;
  return {
    bounds: [x - radius, y - radius, x + radius, y + radius],
    pace: (tile) => (nearest(tile, x, y) < radius ? 'moving' : 'still'),
    paint(tile) {
      for (let index = 0; index < TILE * TILE; index++) {
        const dx = tile.x + (index & 15) * tile.step - x;
        const dy = tile.y + (index >> 4) * tile.step - y;
        const distance = Math.sqrt(dx * dx + dy * dy);
        const share = distance / radius;
        if (share >= 1) continue;
        // A petal begins at a bent line and grows narrow towards its tip.
        const width = spacing * 0.96 * Math.sqrt(1 - share * share * share);
        const pixel = Math.max(tile.step, 1.5 * blur) / (distance + tile.step * 0.2);
        const to = Math.atan2(dy, dx) - start - share * 0.7 + TURN + pixel * 0.5;
        // The window over which the turning petals are averaged: what passes this point during the exposure.
        const from = to - sweep - pixel;
        const fold = striped(from, to, spacing, width * 0.42);
        const shade = 1 - 0.45 * fold;
        let free = 1;
        let red = 0;
        let green = 0;
        let blue = 0;
        const last = Math.floor(to / spacing);
        // Most windows lie within the reach of one petal, long exposures under all three colours.
        const first = Math.max(Math.floor(from / spacing), last - 2);
        for (let number = first; number <= last; number++) {
          const amount =
            first === last
              ? striped(from, to, spacing, width)
              : striped(from - number * spacing, to - number * spacing, period, width);
          const colour = petals[(number + 9999) % 3]!;
          free -= amount;
          red += colour[0] * amount;
          green += colour[1] * amount;
          blue += colour[2] * amount;
        }
        tile.red[index] = tile.red[index]! * free + red * shade;
        tile.green[index] = tile.green[index]! * free + green * shade;
        tile.blue[index] = tile.blue[index]! * free + blue * shade;
        const hub = coverage(distance - radius * 0.09, Math.max(tile.step * 0.6, blur));
        if (hub > 0) blend(tile, index, dial, hub);
      }
    },
  };
}

export function clock({ x, y, radius }: Placement, { time, shutter }: Motion, blur: number): Layer {
  const face = radius * 0.9;
  // As on railway stations, the minute hand goes on once a minute.
  const minutes = Math.floor(time / 60);
  const hour = hand(TURN * ((minutes / 720) % 1), face * 0.52, face * 0.035);
  const minute = hand(TURN * ((minutes / 60) % 1), face * 0.8, face * 0.024);
  const second = TURN * ((time / 60) % 1);
  const sweep = (TURN * shutter) / 60;
  return {
    bounds: [x - radius - blur, y - radius - blur, x + radius + blur, y + radius + blur],
    covers: (tile) => farthest(tile, x, y) < radius - Math.max(tile.step, blur),
    pace(tile) {
      if (nearest(tile, x, y) > face * 0.92) return 'still';
      const half = (tile.step * TILE) / 2;
      const dx = tile.x + half - x;
      const dy = tile.y + half - y;
      const aside = Math.abs(dx * Math.cos(second) + dy * Math.sin(second));
      return aside < 1.5 * half + face * (0.036 + sweep) ? 'moving' : 'text';
    },
    paint(tile) {
      const softness = Math.max(tile.step * 0.6, blur);
      for (let index = 0; index < TILE * TILE; index++) {
        const dx = tile.x + (index & 15) * tile.step - x;
        const dy = tile.y + (index >> 4) * tile.step - y;
        const distance = Math.sqrt(dx * dx + dy * dy);
        const body = coverage(distance - radius, softness);
        if (body === 0) continue;
        const glass = coverage(distance - face, softness);
        if (glass < 1) blend(tile, index, brass, body);
        if (glass === 0) continue;
        blend(tile, index, dial, glass);
        if (distance > face * 0.78) {
          const mark = marks(dx, dy, distance, face, softness);
          if (mark > 0) blend(tile, index, ink, mark * glass);
        }
        const black = Math.max(
          hour(dx, dy, softness),
          minute(dx, dy, softness),
          coverage(distance - face * 0.06, softness),
        );
        if (black > 0) blend(tile, index, ink, black);
        if (distance < face * 0.9) {
          // Clockwise from the top, as the hand goes.
          const angle = Math.atan2(dx, -dy) + TURN - second;
          const width = (face * 0.022) / (distance + softness);
          const pixel = Math.max(tile.step, 1.5 * blur) / (distance + softness);
          const passing = striped(
            angle + width / 2 - sweep - pixel / 2,
            angle + width / 2 + pixel / 2,
            TURN,
            width,
          );
          if (passing > 0) blend(tile, index, vermilion, Math.min(1, passing));
          const cap = coverage(distance - face * 0.035, softness);
          if (cap > 0) blend(tile, index, vermilion, cap);
        }
      }
    },
  };
}

/** Twelve strokes near the rim, each fourth of them a longer and wider one. */
function marks(dx: number, dy: number, distance: number, face: number, softness: number): number {
  const twelfths = (Math.atan2(dx, -dy) / TURN) * 12;
  const nearest = Math.round(twelfths);
  const quarter = nearest % 3 === 0;
  if (distance < face * (quarter ? 0.78 : 0.84)) return 0;
  const aside = Math.abs(twelfths - nearest) * (TURN / 12) * distance;
  const inner = face * (quarter ? 0.78 : 0.84) + softness;
  return Math.min(
    coverage(aside - face * (quarter ? 0.028 : 0.016), softness),
    coverage(inner - distance, softness),
    coverage(distance - face * 0.94, softness),
  );
}

/** The distances from a point to the corner of the tile that is farthest, and to its nearest part. */
function farthest({ x, y, step }: Tile, toX: number, toY: number): number {
  const half = (step * TILE) / 2;
  return Math.hypot(Math.abs(x + half - toX) + half, Math.abs(y + half - toY) + half);
}
function nearest({ x, y, step }: Tile, toX: number, toY: number): number {
  const half = (step * TILE) / 2;
  return Math.hypot(
    Math.max(0, Math.abs(x + half - toX) - half),
    Math.max(0, Math.abs(y + half - toY) - half),
  );
}

/** The coverage of a hand with round ends that points to `angle`, clockwise from the top. */
function hand(
  angle: number,
  length: number,
  halfWidth: number,
): (dx: number, dy: number, softness: number) => number {
  const east = Math.sin(angle);
  const south = -Math.cos(angle);
  return (dx, dy, softness) => {
    const along = Math.min(length, Math.max(-length * 0.18, dx * east + dy * south));
    const aside = Math.sqrt((dx - along * east) ** 2 + (dy - along * south) ** 2);
    return coverage(aside - halfWidth, softness);
  };
}
