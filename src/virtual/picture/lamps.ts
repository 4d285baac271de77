/** The lamps of a village on the shore. They are far away: the wider the lens is opened, the larger their discs. */
import { generator } from './random.ts';
import { SHORE } from './terrain.ts';
import type { Colour, Tile } from './tile.ts';
import { coverage, TILE } from './tile.ts';

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

function makeLamps(): Lamp[] {
  const random = generator(7);
  return Array.from({ length: 22 }, (_, index) => ({
    x: -0.92 + index * 0.0875 + (random() - 0.5) * 0.06,
    y: SHORE - 0.012 - random() ** 2 * 0.09,
    colour: lampColours[Math.floor(random() * lampColours.length)] ?? [1, 1, 1],
  }));
}

/** Paints the lamps and their images in the water as seen with blur discs of a radius. */
export function lampPainter(blur: number): (tile: Tile) => void {
  const discs = makeLamps().flatMap((lamp) => [disc(lamp, blur, 1), disc(lamp, blur, -1)]);
  return (tile) => {
    const size = tile.step * TILE;
    for (const each of discs) {
      const { x, y, reach, stretch } = each;
      if (tile.x > x + reach || tile.x + size < x - reach) continue;
      if (tile.y > y + reach * stretch || tile.y + size < y - reach * stretch) continue;
      paintDisc(tile, each);
    }
  };
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
    // With the soft edge that paintDisc gives it.
    reach: radius * (side === 1 ? 1.07 : 1.37),
    stretch: side === 1 ? 1 : 2.4,
    strength,
  };
}

function paintDisc(tile: Tile, { x, y, colour, radius, reach, stretch, strength }: Disc): void {
  const softness = Math.max(radius * (stretch === 1 ? 0.06 : 0.36), tile.step * 0.6);
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
