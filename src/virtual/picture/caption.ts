/**
 * The strip of text along the lower edge. It lies over the picture as a printed margin would, so
 * that it can be read whatever the exposure.
 */
import { ADVANCE, drawText, GLYPH_HEIGHT } from './font.ts';
import type { Colour, Layer } from './tile.ts';
import { blend, TILE } from './tile.ts';

/** A font dot in heights of the picture, unless a long line asks for a smaller one. */
const DOT = 0.0036;
const LINE = GLYPH_HEIGHT + 3;
const MARGIN = 4;

export interface Caption extends Layer {
  /** Whether letters may lie between these scene coordinates. */
  written(left: number, top: number, right: number, bottom: number): boolean;
}

/**
 * `gain` is what the exposure will multiply the scene's light with: the caption takes it back.
 * Each line has a left and a right part; a picture that is higher than wide gets them one
 * below the other.
 */
export function caption(
  lines: readonly (readonly [string, string])[],
  aspect: number,
  gain: Colour,
): Caption {
  const under = ([red, green, blue]: Colour): Colour => [
    red / gain[0],
    green / gain[1],
    blue / gain[2],
  ];
  const paper = under([0.004, 0.005, 0.007]);
  const letters = under([0.9, 0.86, 0.74]);
  const rows =
    aspect < 1
      ? lines.flatMap(
          ([left, right]) =>
            [
              [left, ''],
              [right, ''],
            ] as const,
        )
      : lines;
  const longest = Math.max(
    ...rows.map(
      ([left, right]) => (left.length + right.length + (left && right ? 2 : 0)) * ADVANCE,
    ),
  );
  const dot = Math.min(DOT, aspect / (longest + 2 * MARGIN));
  const width = Math.floor(aspect / dot);
  const height = rows.length * LINE + MARGIN;
  const dots = new Uint8Array(width * (height + 1));
  rows.forEach(([left, right], index) => {
    drawText(dots, width, MARGIN, MARGIN + index * LINE, left);
    drawText(dots, width, width - MARGIN - right.length * ADVANCE, MARGIN + index * LINE, right);
  });
  const top = 1 - height * dot;
  const left = (-width * dot) / 2;
  const at = (column: number, row: number): number =>
    column < 0 || column >= width || row < 0 ? 0 : (dots[row * width + column] ?? 0);
  return {
    bounds: [-Infinity, top, Infinity, Infinity],
    covers: (tile) => tile.y > top,
    written(fromX, fromY, toX, toY) {
      for (let row = Math.floor((fromY - top) / dot) - 1; row <= (toY - top) / dot + 1; row++)
        for (
          let column = Math.floor((fromX - left) / dot) - 1;
          column <= (toX - left) / dot + 1;
          column++
        )
          if (at(column, row)) return true;
      return false;
    },
    paint(tile) {
      // The dots are read with interpolation and cut at one half: letters get round corners, not stairs.
      const sharpness = dot / tile.step;
      const smear = Math.min(1, 0.6 * sharpness);
      for (let index = 0; index < TILE * TILE; index++) {
        const y = (tile.y + (index >> 4) * tile.step - top) / dot;
        if (y < 0) continue;
        const x = (tile.x + (index & 15) * tile.step - left) / dot;
        const column = Math.floor(x - 0.5);
        const row = Math.floor(y - 0.5);
        const right = x - 0.5 - column;
        const down = y - 0.5 - row;
        const upper = at(column, row) * (1 - right) + at(column + 1, row) * right;
        const lower = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
        const value = upper * (1 - down) + lower * down;
        const amount =
          smear < 1 && sharpness < 1
            ? value
            : Math.min(1, Math.max(0, (value - 0.46) * sharpness * 1.4 + 0.5));
        blend(tile, index, paper, 1);
        if (amount > 0) blend(tile, index, letters, amount);
      }
    },
  };
}
