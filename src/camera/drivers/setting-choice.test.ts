/** What is said of a value leads back to it, for every table of labels. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonValueLabel,
  EosProperty as Eos,
  PowerShotProperty as Shot,
} from '../../canon/ptp/index.ts';
import { eosLabels } from '../../canon/ptp/values/eos-labels.ts';
import { powerShotLabels } from '../../canon/ptp/values/powershot-labels.ts';
import { chosen } from './setting-choice.ts';

interface Choice {
  label: string;
  number: number;
}

function choicesOf(property: number, values: Iterable<number>): Choice[] {
  const choices: Choice[] = [];
  for (const number of values) {
    const label = canonValueLabel(property, number);
    if (label !== undefined) choices.push({ label, number });
  }
  return choices;
}

const tables = Object.entries({ ...eosLabels, ...powerShotLabels }).map(
  ([property, labels]) =>
    [Number(property), choicesOf(Number(property), Object.keys(labels).map(Number))] as const,
);

const BYTE = Array.from({ length: 0x100 }, (_, value) => value);
/** Codes that are numbers, as cameras list them: thirds and halves of a stop. */
const THIRDS = BYTE.filter((code) => [0, 3, 4, 5].includes(code & 7));
const computed = [
  Eos.Aperture,
  Eos.ShutterSpeed,
  Eos.ISOSpeed,
  Eos.ExpCompensation,
  Eos.WhiteBalanceAdjustA,
  Eos.ColorTemperature,
  Shot.Aperture,
  Shot.ShutterSpeed,
  Shot.ISOSpeed,
  Shot.ExpCompensation,
];

/** Of values that are called alike none can be told by its name. */
function unique(choices: readonly Choice[]): Choice[] {
  return choices.filter(({ label }) => choices.filter((each) => each.label === label).length === 1);
}

describe('a label', () => {
  it('is that of its value in every table', () => {
    expect(tables.length).toBeGreaterThan(60);
    fc.assert(
      fc.property(fc.constantFrom(...tables), fc.nat(), ([property, all], pick) => {
        const choice = all[pick % all.length] as Choice;
        expect(chosen(all, choice.label), `0x${property.toString(16)}`).toEqual(choice);
      }),
      { numRuns: 3000 },
    );
  });

  it.each(computed)('of property 0x%s is that of its code', (property) => {
    const all = unique(choicesOf(property, THIRDS));
    expect(all.length).toBeGreaterThan(20);
    for (const choice of all) expect(chosen(all, choice.label)).toEqual(choice);
  });
});

it('a value that nobody knows is told and chosen by its number', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 }),
      (numbers) => {
        const all = numbers.map((number) => ({ label: `0x${number.toString(16)}`, number }));
        for (const choice of all) {
          expect(chosen(all, choice.label)).toEqual(choice);
          expect(chosen(all, choice.number)).toEqual(choice);
        }
      },
    ),
  );
});
