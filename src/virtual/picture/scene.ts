/** Puts the scene together: what stands where, at a moment, through a lens. */
import { caption } from './caption.ts';
import type { Exposure } from './exposure.ts';
import { blurRadii } from './exposure.ts';
import { clock, pinwheel, stick } from './foreground.ts';
import { landscape } from './landscape.ts';
import type { Colour, Layer, Pace, Tile } from './tile.ts';
import { TILE, touches } from './tile.ts';

export interface SceneOptions {
  /** Width / height of the upright picture. */
  readonly aspect: number;
  readonly exposure: Exposure;
  /** How large everything is but the caption; default 1. */
  readonly magnification?: number;
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

export function createScene(options: SceneOptions): Scene {
  const { aspect, exposure, time, gain, calm, text, magnification = 1 } = options;
  // In a narrow or upright picture the things in front have to move together.
  const scale = Math.min(1, aspect / 1.3);
  const wheel = { x: -0.28 * aspect, y: 0.45, radius: 0.19 * scale };
  const dial = { x: 0.29 * aspect, y: 0.37, radius: 0.2 * scale };
  const motion = { time, shutter: exposure.shutter };
  const strip = caption(text, aspect, gain);
  const { far, near } = blurRadii(exposure);
  const layers: readonly Layer[] = [
    landscape({ blur: far, calm, ...motion }),
    stick(wheel, 0.013 * scale, near),
    pinwheel(wheel, motion, near),
    stick(dial, 0.03 * scale, near),
    clock(dial, motion, near),
  ];

  /** Points the tile at the world, which the lens shows larger around the middle of the picture. */
  function through<T>(tile: Tile, work: () => T): T {
    const { x, y, step } = tile;
    tile.x = x / magnification;
    tile.y = 0.5 + (y - 0.5) / magnification;
    tile.step = step / magnification;
    const result = work();
    Object.assign(tile, { x, y, step });
    return result;
  }

  return {
    aspect,
    paint(tile) {
      if (strip.covers?.(tile)) {
        strip.paint(tile);
        return;
      }
      through(tile, () => {
        let first = layers.length - 1;
        while (first > 0 && !layers[first]?.covers?.(tile)) first--;
        for (let index = first; index < layers.length; index++) {
          const layer = layers[index]!;
          if (touches(layer, tile)) layer.paint(tile);
        }
      });
      if (touches(strip, tile)) strip.paint(tile);
    },
    inCaption(tile) {
      const size = tile.step * TILE;
      const top = strip.bounds[1];
      if (tile.y + size <= top) return 'no';
      if (strip.written(tile.x, tile.y, tile.x + size, tile.y + size)) return 'letters';
      return tile.y > top ? 'blank' : 'no';
    },
    pace(tile) {
      const paceOf = (layer: Layer) => (touches(layer, tile) && layer.pace?.(tile)) || 'still';
      const paces = [...through(tile, () => layers.map(paceOf)), paceOf(strip)];
      if (paces.includes('moving')) return 'moving';
      return paces.includes('text') ? 'text' : 'still';
    },
    text: text.flat().join('\n'),
  };
}
