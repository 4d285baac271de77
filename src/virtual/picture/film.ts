/**
 * Remembers, from one picture of a series to the next, what does not move: coefficients of MCUs, by
 * their number in the picture. Good for one scene at one size, quality and exposure, at any time.
 */
import type { Pace } from './tile.ts';

export class Film {
  private readonly still = new Map<number, Int16Array>();
  private readonly written = new Map<number, Int16Array>();
  private text = '';

  /** Prepares for the next picture, whose caption is `text`. */
  wind(text: string): void {
    if (text !== this.text) this.written.clear();
    this.text = text;
  }

  /** What is remembered of things of some pace, to be read and added to. */
  frames(pace: Pace): Map<number, Int16Array> | undefined {
    if (pace === 'still') return this.still;
    return pace === 'text' ? this.written : undefined;
  }
}
