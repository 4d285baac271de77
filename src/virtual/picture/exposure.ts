/** What an exposure does to a picture, in numbers: brightness, colour balance, grain and blur. */

export interface Exposure {
  /** f-number, such as 5.6. */
  readonly aperture: number;
  /** Seconds. */
  readonly shutter: number;
  readonly iso: number;
  /**
   * EV. Recorded and shown only: aperture, shutter and ISO decide how bright the picture is, and
   * whoever chose them has taken the compensation into account already.
   */
  readonly exposureCompensation?: number;
  /** Millimetres. */
  readonly focalLength: number;
  /**
   * What the lens is focused on: 0, the default, the things in front, 1 the landscape; below 0 what is
   * nearer than both.
   */
  readonly focus?: number;
  /** Kelvin. Left out, the camera's automatic balance is meant. */
  readonly whiteBalance?: number;
}

/** The scene's brightness unless the caller says otherwise, as EV at ISO 100: f/4, 1/125 s, ISO 800. */
export const defaultMeteredEv = Math.log2((4 * 4 * 125) / 8);

/** The light in which the scene was painted; a picture balanced for it is neutral. */
const SCENE_KELVIN = 5200;

/** How many stops more light than the scene needs: 0 is right, 1 is twice as bright. */
export function stopsOver(exposure: Exposure, meteredEv = defaultMeteredEv): number {
  return (
    meteredEv -
    Math.log2((exposure.aperture * exposure.aperture) / exposure.shutter) +
    Math.log2(exposure.iso / 100)
  );
}

/** Factors for red, green and blue: a higher setting in kelvin makes a warmer picture. */
export function balance(kelvin = SCENE_KELVIN): readonly [number, number, number] {
  const warmer = Math.min(15000, Math.max(1500, kelvin)) / SCENE_KELVIN;
  return [warmer ** 0.5, 1, warmer ** -0.7];
}

/**
 * Standard deviation of the grain, in 8-bit levels. Photon noise alone would grow with the square
 * root of the ISO; cameras reduce noise, and more so at high settings.
 */
export function grainLevel(iso: number): number {
  return Math.min(40, (Math.max(25, iso) / 100) ** 0.52);
}

/**
 * Radii of the blur discs of what is far away and of the things in front, as fractions of the
 * picture's height. Optics say focal length / f-number; the focal length is damped so that
 * compact cameras, with their few millimetres, still show an effect.
 */
export function blurRadii({ focalLength, aperture, focus = 0 }: Exposure): {
  far: number;
  near: number;
} {
  const reach = Math.min(1.6, Math.max(0.6, Math.sqrt(focalLength / 50)));
  const whole = Math.min(0.12, (0.13 * reach) / aperture);
  return { far: whole * Math.abs(1 - focus), near: whole * Math.abs(focus) };
}

/**
 * The exposure time as a fraction, rounded as cameras label it: 1/125, 3/10, 13/10, 30/1. Times
 * from 0.3 s up are counted in tenths.
 */
export function shutterFraction(seconds: number): readonly [number, number] {
  if (seconds < 0.28) return [1, Math.round(1 / seconds)];
  const tenths = Math.round(seconds * 10);
  return tenths % 10 === 0 ? [tenths / 10, 1] : [tenths, 10];
}

/** The shutter speed as photographers write it: `1/125`, `0.3"`, `30"`. */
export function shutterLabel(seconds: number): string {
  const [numerator, denominator] = shutterFraction(seconds);
  return numerator === 1 && denominator > 1 ? `1/${denominator}` : `${numerator / denominator}"`;
}
