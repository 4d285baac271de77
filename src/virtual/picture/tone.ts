/** From linear light to the 8-bit levels of a picture: the sensor's curve, tabulated. */

/** Light that the table covers; what is brighter is white. */
const BRIGHTEST = 4;
const ENTRIES = 16384;
/** Multiplies light (after the gain) into a argument of {@link tone}. */
export const TONE_SCALE = ENTRIES / BRIGHTEST;

/**
 * Levels from 0 to 255. The curve is sRGB's (IEC 61966-2-1) with a shoulder, so that highlights
 * approach white gently, and a foot that makes what gets too little light truly black.
 */
const toneCurve: Float32Array = Float32Array.from({ length: ENTRIES + 1 }, (_, index) => {
  const light = Math.max(0, index / TONE_SCALE - 0.002);
  const bent = light < 0.5 ? light : 0.5 + 0.5 * (1 - Math.exp((0.5 - light) / 0.5));
  const encoded = bent <= 0.0031308 ? 12.92 * bent : 1.055 * bent ** (1 / 2.4) - 0.055;
  return Math.min(255, encoded * 256);
});

/** The level of light that was multiplied with {@link TONE_SCALE}. */
export function tone(light: number): number {
  return toneCurve[light > ENTRIES ? ENTRIES : light | 0]!;
}
