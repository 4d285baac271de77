import { describe, expect, it } from 'vitest';
import { parseDuration, parsePort, parseU32 } from './parse.ts';

describe('a duration', () => {
  it.each([
    ['3.8s', 3800],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
    [' 1s ', 1000],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '3', 's', '-1s', '1 s', '1.s', '1d', '1e3s', 'Infinitys'])('is not %j', (text) => {
    expect(() => parseDuration(text)).toThrow('A duration has a unit');
  });
});

describe('a 32-bit number', () => {
  it.each([
    ['0', 0],
    ['10', 10],
    ['0x0a', 10],
    ['0XFFFFFFFF', 0xffffffff],
    ['0b101', 5],
    ['0o17', 15],
    ['-1', 0xffffffff],
    ['-2147483648', 0x80000000],
    ['4294967295', 0xffffffff],
  ])('%s is %i', (text, value) => {
    expect(parseU32(text)).toBe(value);
  });

  it.each(['', 'x', '1.5', '0x', '0xg', '4294967296', '-2147483649', '1e3', '0x1ffffffff', '1 '])(
    'is not %j',
    (text) => {
      expect(parseU32(text)).toBeUndefined();
    },
  );
});

describe('a port', () => {
  it.each(['0', '1', '15740', '65535'])('may be %s', (text) => {
    expect(parsePort(text)).toBe(Number(text));
  });

  it.each(['', '-1', '65536', '0x10', '1.5', 'http'])('is not %j', (text) => {
    expect(() => parsePort(text)).toThrow('from 0 to 65535');
  });
});
