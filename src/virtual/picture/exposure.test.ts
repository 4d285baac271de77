import { describe, expect, it } from 'vitest';
import {
  balance,
  blurRadii,
  defaultMeteredEv,
  grainLevel,
  shutterFraction,
  shutterLabel,
  stopsOver,
} from './exposure.ts';

const right = { aperture: 4, shutter: 1 / 125, iso: 800, focalLength: 50 };

describe('brightness', () => {
  it('is right at f/4, 1/125 s, ISO 800 by default', () => {
    expect(stopsOver(right)).toBeCloseTo(0, 10);
    expect(defaultMeteredEv).toBeCloseTo(7.97, 2);
  });

  it.each([
    ['twice the time', { shutter: 2 / 125 }, 1],
    ['twice the ISO', { iso: 1600 }, 1],
    ['two stops down', { aperture: 8 }, -2],
    ['another way to the same', { aperture: 2, shutter: 1 / 1000, iso: 1600 }, 0],
    ['compensation, which the settings contain', { exposureCompensation: 1 }, 0],
  ])('changes with %s', (_, change, stops) => {
    expect(stopsOver({ ...right, ...change })).toBeCloseTo(stops, 10);
  });
});

it('makes warmer pictures for higher temperatures', () => {
  const [red, green, blue] = balance(10000);
  expect(red).toBeGreaterThan(green);
  expect(blue).toBeLessThan(green);
  expect(balance()).toEqual([1, 1, 1]);
});

it('has more grain at higher ISO and larger blur discs at wider apertures', () => {
  expect(grainLevel(12800)).toBeGreaterThan(5 * grainLevel(100));
  expect(blurRadii({ ...right, aperture: 4 })).toEqual({ far: 0.0325, near: 0 });
  expect(blurRadii({ ...right, aperture: 22 }).far).toBeLessThan(0.006);
  expect(blurRadii({ ...right, focus: 1 })).toEqual({ far: 0, near: 0.0325 });
});

// Labels as Canon's bodies show them.
it.each([
  [1 / 8000, [1, 8000], '1/8000'],
  [0.008, [1, 125], '1/125'],
  [1 / 60, [1, 60], '1/60'],
  [0.25, [1, 4], '1/4'],
  [0.3, [3, 10], '0.3"'],
  [1, [1, 1], '1"'],
  [1.3, [13, 10], '1.3"'],
  [30, [30, 1], '30"'],
])('labels %d s', (seconds, fraction, label) => {
  expect(shutterFraction(seconds)).toEqual(fraction);
  expect(shutterLabel(seconds)).toBe(label);
});
