/** Puts the scene together: what stands where, at a moment, through a lens. */
import { caption } from './caption.ts';
import type { Exposure } from './exposure.ts';
import { blurRadius } from './exposure.ts';
import { clock, pinwheel, stick } from './foreground.ts';
import { landscape } from './landscape.ts';
import type { Colour, Layer, Pace, Tile } from './tile.ts';
import { TILE, touches } from './tile.ts';

export interface SceneOptions {
  /** Width / height of the upright picture. */
  readonly aspect: number;
  readonly exposure: Exposure;
  /** Seconds since midnight at which the shutter opens. */
  readonly time: number;
  /** How much the sensor will multiply red, green and blue with. */
  readonly gain: Colour;
  /** Leaves out the ripples of the lake, so that only things in the foreground move. */
  readonly calm: boolean;
  /** Lines for the lower edge, each with a left and a right part. */
  readonly text: readonly (readonly [string, string])[];
}

export interface Scene {
  readonly aspect: number;
  /** Fills the tile with light. */
  paint(tile: Tile): void;
  /** The caption needs no grain, and has details which a coarse look can miss. */
  inCaption(tile: Tile): 'no' | 'blank' | 'letters';
  /** The fastest pace of anything in the tile. */
  pace(tile: Tile): Pace;
  /** Stands for everything in the scene whose pace is 'text'. */
  readonly text: string;
}

export function createScene({ aspect, exposure, time, gain, calm, text }: SceneOptions): Scene {
  // In a narrow or upright picture the things in front have to move together.
  const scale = Math.min(1, aspect / 1.3);
  const wheel = { x: -0.28 * aspect, y: 0.45, radius: 0.19 * scale };
  const dial = { x: 0.29 * aspect, y: 0.37, radius: 0.2 * scale };
  const motion = { time, shutter: exposure.shutter };
  const strip = caption(text, aspect, gain);
  const layers: readonly Layer[] = [
    landscape({ blur: blurRadius(exposure), calm, ...motion }),
    stick(wheel, 0.013 * scale),
    pinwheel(wheel, motion),
    stick(dial, 0.03 * scale),
    clock(dial, motion),
    strip,
  ];
  return {
    aspect,
    paint(tile) {
      let first = layers.length - 1;
      while (first > 0 && !layers[first]?.covers?.(tile)) first--;
      for (let index = first; index < layers.length; index++) {
        const layer = layers[index]!;
        if (touches(layer, tile)) layer.paint(tile);
      }
    },
    inCaption(tile) {
      const size = tile.step * TILE;
      const top = strip.bounds[1];
      if (tile.y + size <= top) return 'no';
      if (strip.written(tile.x, tile.y, tile.x + size, tile.y + size)) return 'letters';
      return tile.y > top ? 'blank' : 'no';
    },
    pace(tile) {
      let fastest: Pace = 'still';
      for (const layer of layers) {
        const pace = (touches(layer, tile) && layer.pace?.(tile)) || 'still';
        if (pace === 'moving') return pace;
        if (pace === 'text') fastest = pace;
      }
      return fastest;
    },
    text: text.flat().join('\n'),
  };
}
