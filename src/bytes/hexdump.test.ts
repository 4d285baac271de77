import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex16, hex32, hexdump, parseHex, toHex } from './hexdump.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('hexdump', () => {
  it('shows offset, bytes and text, sixteen bytes a line', () => {
    expect(hexdump(ascii('Hotshoe talks to cameras'))).toBe(
      [
        '0000  48 6f 74 73 68 6f 65 20 74 61 6c 6b 73 20 74 6f  |Hotshoe talks to|',
        '0010  20 63 61 6d 65 72 61 73                          | cameras|',
      ].join('\n'),
    );
  });

  it('shows a dot for whatever is not printable ASCII', () => {
    expect(hexdump(Uint8Array.of(0x00, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff))).toMatch(
      /\|\.\. ~\.\.\.\|$/,
    );
  });

  it('is empty for no bytes', () => {
    expect(hexdump(new Uint8Array(0))).toBe('');
  });

  it('counts from the base that is given', () => {
    expect(hexdump(new Uint8Array(17), { base: 0x1fff0 })).toMatch(/^1fff0 {2}.*\n20000 {2}/);
  });

  it('says how much a limit leaves out', () => {
    const dump = hexdump(new Uint8Array(100), { limit: 16 });
    expect(dump.split('\n')).toEqual([
      '0000  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|',
      '… 84 more bytes',
    ]);
    expect(hexdump(new Uint8Array(16), { limit: 16 })).not.toContain('more');
    expect(hexdump(new Uint8Array(16), { limit: 100 })).not.toContain('more');
  });
});

describe('parseHex', () => {
  it.each([
    ['0a ff', [0x0a, 0xff]],
    ['0aff', [0x0a, 0xff]],
    ['0A\n FF\t', [0x0a, 0xff]],
    ['', []],
  ])('reads %j', (text, expected) => {
    expect([...(parseHex(text) ?? [-1])]).toEqual(expected);
  });

  it.each(['0', '0x0a', 'zz', '0a f', '-1', 'a,b', '１２'])('does not read %j', (text) => {
    expect(parseHex(text)).toBeUndefined();
  });

  it('reads what toHex writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });
});

it('codes are written with as many digits as they have on the wire', () => {
  expect(hex16(0x1001)).toBe('0x1001');
  expect(hex16(1)).toBe('0x0001');
  expect(hex32(0x91900012)).toBe('0x91900012');
  expect(hex32(0)).toBe('0x00000000');
});
