/** The lens on the body: what it is focused on, and its focal length. */
import { HotshoeError } from '../../base/errors.ts';
import { lensSpecification } from '../picture/exif.ts';

/** How far one step of each size moves it, of the way from the things in front to the landscape. */
const STEPS: Readonly<Record<number, number>> = { 1: 0.01, 2: 0.05, 3: 0.2 };
const NEAREST = -0.5;
const INFINITY = 1;
const IN_FRONT = 0;

export class EosLens {
  /** See `Exposure.focus`. */
  focus = IN_FRONT;
  focalLength: number;
  #base: number;

  /** `base` is the focal length that it is at to begin with, and for which the scene was made. */
  constructor(base: number) {
    this.#base = base;
    this.focalLength = base;
  }

  get magnification(): number {
    return this.focalLength / this.#base;
  }

  /** A parameter of DriveLens; false where there is no such step. */
  drive(step: number): boolean {
    const size = STEPS[step & 0x7fff];
    if (size === undefined) return false;
    const to = this.focus + ((step & 0x8000) !== 0 ? size : -size);
    this.focus = Math.min(INFINITY, Math.max(NEAREST, to));
    return true;
  }

  /** Autofocus finds the things in front, or at a place in the picture what is there. */
  autofocus(place?: { x: number; y: number }): void {
    // The pinwheel and the clock fill the lower two thirds; above them are hills and sky.
    this.focus = place && place.y < 0.15 ? INFINITY : IN_FRONT;
  }

  /** Turns the zoom ring of a lens of this name. */
  zoom(millimetres: number, name: string): void {
    const [shortest = 0, , longest = 0] = lensSpecification(name) ?? [];
    if (longest <= shortest) {
      throw new HotshoeError('USAGE', `${name || 'the lens'} has no zoom`);
    }
    if (!(millimetres >= shortest && millimetres <= longest)) {
      throw new HotshoeError('USAGE', `${name} has no ${millimetres} mm`, {
        hint: `It zooms from ${shortest} to ${longest} mm.`,
      });
    }
    this.focalLength = millimetres;
  }
}
