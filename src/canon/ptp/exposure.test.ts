import { describe, expect, test } from 'vitest';
import {
  apertureCode,
  apertureLabel,
  apertureOf,
  isoCode,
  isoLabel,
  isoOf,
  shutterCode,
  shutterLabel,
  shutterOf,
} from './exposure.ts';
import { nominalApertures, nominalIsos, nominalShutters } from './exposure-labels.ts';

/** Nominal values are rounded by custom: f/5.6 is 5.657, 1/125 is 1/128, 13" is 12.7. */
const CUSTOM = 0.1;

const keys = (table: ReadonlyMap<number, string>) => [...table.keys()];
const isHalf = (code: number) => (code & 7) === 4;

describe('aperture', () => {
  test.each([
    [0x08, 'f/1'],
    [0x20, 'f/2.8'],
    [0x28, 'f/4'],
    [0x30, 'f/5.6'],
    [0x50, 'f/22'],
    [0x00, 'auto'],
    [0xff, 'auto'],
  ])('code %i is %s', (code, label) => {
    expect(apertureLabel(code)).toBe(label);
  });

  test('labels say what the codes mean, and the way back is exact', () => {
    for (const code of keys(nominalApertures)) {
      const fNumber = apertureOf(code) ?? 0;
      expect(Math.abs(fNumber / Number(nominalApertures.get(code)) - 1)).toBeLessThan(CUSTOM);
      if (!isHalf(code)) expect(apertureCode(fNumber)).toBe(code);
    }
  });
});

describe('shutter', () => {
  test.each([
    [0x10, '30"'],
    [0x38, '1"'],
    [0x40, '0.5"'],
    [0x48, '1/4'],
    [0x70, '1/125'],
    [0x78, '1/250'],
    [0xa0, '1/8000'],
    [0x0c, 'bulb'],
    [0x04, 'bulb'],
    [0x00, 'auto'],
  ])('code %i is %s', (code, label) => {
    expect(shutterLabel(code)).toBe(label);
  });

  test('labels say what the codes mean, and the way back is exact', () => {
    for (const code of keys(nominalShutters)) {
      const label = nominalShutters.get(code) ?? '';
      const nominal = label.startsWith('1/')
        ? 1 / Number(label.slice(2))
        : Number.parseFloat(label);
      const seconds = shutterOf(code) ?? 0;
      expect(Math.abs(seconds / nominal - 1), label).toBeLessThan(0.2);
      if (!isHalf(code)) expect(shutterCode(seconds)).toBe(code);
    }
    expect(shutterOf(0x0c)).toBeUndefined();
    expect(shutterOf(0x38)).toBe(1);
  });
});

describe('ISO', () => {
  test.each([
    [0x48, 'ISO 100'],
    [0x60, 'ISO 800'],
    [0x93, 'ISO 64000'],
    [0x98, 'ISO 102400'],
    [0x00, 'auto'],
    [0x01, 'auto'],
  ])('code %i is %s', (code, label) => {
    expect(isoLabel(code)).toBe(label);
  });

  test('the way back is exact', () => {
    for (const code of keys(nominalIsos)) expect(isoCode(isoOf(code) ?? 0)).toBe(code);
  });
});
