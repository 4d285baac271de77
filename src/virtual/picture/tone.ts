/** From linear light to the 8-bit levels of a picture: the sensor's curve, tabulated. */
import { lazily } from './memo.ts';

/** Light that the table covers; what is brighter is white. */
const BRIGHTEST = 4;
const ENTRIES = 16384;
/** Multiplies light (after the gain) into an argument of what {@link toneMapper} returns. */
export const TONE_SCALE = ENTRIES / BRIGHTEST;

/**
 * Levels from 0 to 255. The curve is sRGB's (IEC 61966-2-1) with a shoulder, so that highlights
 * approach white gently, and a foot that makes what gets too little light truly black.
 */
const toneCurve = lazily(() =>
  Float32Array.from({ length: ENTRIES + 1 }, (_, index) => {
    const light = Math.max(0, index / TONE_SCALE - 0.002);
    const bent = light < 0.5 ? light : 0.5 + 0.5 * (1 - Math.exp((0.5 - light) / 0.5));
    const encoded = bent <= 0.0031308 ? 12.92 * bent : 1.055 * bent ** (1 / 2.4) - 0.055;
    return Math.min(255, encoded * 256);
  }),
);

/** Returns a function from light, multiplied with {@link TONE_SCALE}, to levels. */
export function toneMapper(): (light: number) => number {
  const curve = toneCurve();
  return (light) => curve[light > ENTRIES ? ENTRIES : light | 0]!;
}
