import { expect, test } from 'vitest';
import { apertureOf, isoOf, shutterOf } from '../../canon/ptp/index.ts';
import { eosR6 } from '../models/eos-r6.ts';
import { stopsOver } from '../picture/exposure.ts';
import { meter } from './exposure.ts';

const settings = { aperture: 0x30, shutter: 0x70, iso: 0x58, compensation: 0 };
const dial = (label: string) => {
  const position = eosR6.dial.find((each) => each.label === label);
  if (!position) throw new Error(label);
  return position;
};
const over = (metered: ReturnType<typeof meter>) =>
  stopsOver({
    aperture: apertureOf(metered.aperture) ?? 0,
    shutter: shutterOf(metered.shutter) ?? 0,
    iso: isoOf(metered.iso) ?? 0,
    focalLength: 50,
  });

test('in M nothing is chosen', () => {
  expect(meter(eosR6, dial('M'), settings)).toEqual({ ...settings, seconds: 1 / 125 });
  const bulb = meter(eosR6, dial('M'), { ...settings, shutter: 0x0c });
  expect(bulb).toMatchObject({ shutter: 0x0c, seconds: undefined });
});

test.each(['P', 'A+', 'Av', 'Tv'])('in %s the rest is chosen to fit the scene', (label) => {
  const metered = meter(eosR6, dial(label), { ...settings, shutter: 0x60 });
  expect(Math.abs(over(metered))).toBeLessThan(0.4);
});

test('what the photographer has set stays', () => {
  expect(meter(eosR6, dial('Av'), settings).aperture).toBe(settings.aperture);
  expect(meter(eosR6, dial('Tv'), settings).shutter).toBe(settings.shutter);
  expect(meter(eosR6, dial('P'), settings).iso).toBe(settings.iso);
});

test('automatic ISO in M fits the scene, with compensation', () => {
  const auto = meter(eosR6, dial('M'), { ...settings, iso: 0, compensation: 0x08 });
  expect(auto).toMatchObject({ aperture: settings.aperture, shutter: settings.shutter });
  expect(over(auto)).toBeCloseTo(1, 0);
});

test('limits of the lens are kept', () => {
  expect(meter(eosR6, dial('Tv'), { ...settings, shutter: 0xa0, iso: 0x48 }).aperture).toBe(0x28);
  expect(meter(eosR6, dial('Tv'), { ...settings, shutter: 0x10, iso: 0x98 }).aperture).toBe(0x50);
});
