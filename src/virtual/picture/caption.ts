/**
 * The strip of text along the lower edge. It lies over the picture as a printed margin would, so
 * that it can be read whatever the exposure.
 */
import { ADVANCE, drawText, GLYPH_HEIGHT } from './font.ts';
import type { Colour, Layer } from './tile.ts';
import { TILE } from './tile.ts';

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
  const dots = new Uint8Array(width * height);
  rows.forEach(([left, right], index) => {
    drawText(dots, width, MARGIN, MARGIN + index * LINE, left);
    drawText(dots, width, width - MARGIN - right.length * ADVANCE, MARGIN + index * LINE, right);
  });
  const top = 1 - height * dot;
  const left = (-width * dot) / 2;
  return {
    bounds: [-Infinity, top, Infinity, Infinity],
    covers: (tile) => tile.y > top,
    pace: () => 'text',
    written(fromX, fromY, toX, toY) {
      const firstColumn = Math.max(0, Math.floor((fromX - left) / dot) - 1);
      const lastColumn = Math.min(width - 1, Math.floor((toX - left) / dot) + 1);
      const firstRow = Math.max(0, Math.floor((fromY - top) / dot) - 1);
      const lastRow = Math.min(height - 1, Math.floor((toY - top) / dot) + 1);
      for (let row = firstRow; row <= lastRow; row++)
        for (let column = firstColumn; column <= lastColumn; column++)
          if (dots[row * width + column]) return true;
      return false;
    },
    paint(tile) {
      const { red, green, blue, step } = tile;
      // Dots are read with interpolation and cut at one half: letters get round corners, not stairs.
      const sharpness = Math.max(1.1, (1.4 * dot) / step);
      for (let j = 0; j < TILE; j++) {
        const y = (tile.y + j * step - top) / dot;
        if (y < 0) continue;
        const row = Math.floor(y - 0.5);
        const down = y - 0.5 - row;
        const upper = row < 0 || row >= height ? -1 : row * width;
        const lower = row + 1 >= height ? -1 : (row + 1) * width;
        for (let i = 0; i < TILE; i++) {
          const x = (tile.x + i * step - left) / dot - 0.5;
          const column = Math.floor(x);
          const across = x - column;
          let ink = 0;
          if (column >= 0 && column < width - 1) {
            const above =
              upper < 0
                ? 0
                : dots[upper + column]! * (1 - across) + dots[upper + column + 1]! * across;
            const below =
              lower < 0
                ? 0
                : dots[lower + column]! * (1 - across) + dots[lower + column + 1]! * across;
            ink = (above * (1 - down) + below * down - 0.46) * sharpness + 0.5;
            ink = ink < 0 ? 0 : ink > 1 ? 1 : ink;
          }
          const index = j * TILE + i;
          red[index] = paper[0] + (letters[0] - paper[0]) * ink;
          green[index] = paper[1] + (letters[1] - paper[1]) * ink;
          blue[index] = paper[2] + (letters[2] - paper[2]) * ink;
        }
      }
    },
  };
}
