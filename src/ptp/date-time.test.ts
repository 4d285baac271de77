import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDateTime, type PtpDateTime, parseDateTime } from './date-time.ts';

/** 8 November 2003, 09:23:40, with what a row says otherwise. */
const at = (other: Partial<PtpDateTime> = {}): PtpDateTime => ({
  year: 2003,
  month: 11,
  day: 8,
  hour: 9,
  minute: 23,
  second: 40,
  milliseconds: 0,
  zone: undefined,
  ...other,
});

describe('parseDateTime', () => {
  it.each([
    ['20031108T092340', at()],
    [
      '20120201T122657.0',
      {
        year: 2012,
        month: 2,
        day: 1,
        hour: 12,
        minute: 26,
        second: 57,
        milliseconds: 0,
        zone: undefined,
      },
    ],
    ['20031108T092340Z', at({ zone: 0 })],
    ['20031108T092340.0Z', at({ zone: 0 })],
    ['20031108T092340+0900', at({ zone: 540 })],
    ['20031108T092340.5-0330', at({ milliseconds: 500, zone: -210 })],
    ['20031108T092340+09', at({ zone: 540 })],
    ['20031108T092340+09:30', at({ zone: 570 })],
    ['20031108T092340-00:30', at({ zone: -30 })],
    ['20031108T092340+0000', at({ zone: 0 })],
    ['20031108T092360', at({ second: 60 })],
  ])('reads %s', (text, expected) => {
    expect(parseDateTime(text)).toEqual(expected);
  });

  it.each([
    ['.1', 100],
    ['.25', 250],
    ['.057', 57],
    ['.0579', 57],
    ['.999999999', 999],
  ])('reads a fraction of any number of digits: %s is %i ms', (fraction, milliseconds) => {
    expect(parseDateTime(`20031108T092340${fraction}`)).toEqual(at({ milliseconds }));
  });

  it('reads every thousandth of a second exactly', () => {
    for (let milliseconds = 0; milliseconds < 1000; milliseconds++) {
      const text = `20031108T092340.${String(milliseconds).padStart(3, '0')}`;
      expect(parseDateTime(text)).toEqual(at({ milliseconds }));
    }
  });

  it.each([
    ['', 'empty'],
    ['00000000T000000.0', 'zeros'],
    ['19700101T000000', 'the epoch'],
    ['19700101T000000.0', 'the epoch'],
    ['20031308T092340', 'a 13th month'],
    ['20030008T092340', 'month zero'],
    ['20031100T092340', 'day zero'],
    ['20031132T092340', 'a 32nd day'],
    ['20031108T242340', 'hour 24'],
    ['20031108T096040', 'minute 60'],
    ['20031108T092361', 'second 61'],
    ['20031108', 'too short'],
    ['20031108T09234', 'too short'],
    ['20031108 092340', 'no T'],
    ['2003x108T092340', 'not digits'],
    ['Unknown', 'not digits'],
    ['2003-11-08T09:23:40', 'another form'],
  ])('takes %j for no date: %s', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  it('throws for no text at all', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[0-9]{8}T[0-9]{6}[.Z+:0-9-]{0,8}$/),
    );
    fc.assert(
      fc.property(text, (any) => {
        const date = parseDateTime(any);
        if (date) expect(date.month).toBeGreaterThanOrEqual(1);
        else expect(date).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatDateTime', () => {
  it('writes tenths and no zone, as Canon bodies do', () => {
    expect(formatDateTime(at())).toBe('20031108T092340.0');
    expect(formatDateTime(at({ milliseconds: 999 }))).toBe('20031108T092340.9');
    expect(formatDateTime(at({ zone: 540 }))).toBe('20031108T092340.0');
    expect(formatDateTime({ year: 2012, month: 2, day: 1, hour: 12, minute: 26, second: 57 })).toBe(
      '20120201T122657.0',
    );
  });

  it('writes what parseDateTime reads', () => {
    const date = fc.record({
      year: fc.integer({ min: 1971, max: 9999 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      second: fc.integer({ min: 0, max: 59 }),
      milliseconds: fc.integer({ min: 0, max: 9 }).map((tenths) => 100 * tenths),
      zone: fc.constant(undefined),
    });
    fc.assert(
      fc.property(date, (value) => {
        expect(parseDateTime(formatDateTime(value))).toEqual(value);
      }),
    );
  });
});
