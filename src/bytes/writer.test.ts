import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSpacedHex } from '../../test/support/hex-fixture.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const RANGES = [
  ['u8', 0, 0xff],
  ['i8', -0x80, 0x7f],
  ['u16', 0, 0xffff],
  ['i16', -0x8000, 0x7fff],
  ['u32', 0, 0xffffffff],
  ['i32', -0x80000000, 0x7fffffff],
] as const;

const BIG_RANGES = [
  ['u64', 0n, 0xffffffffffffffffn],
  ['i64', -0x8000000000000000n, 0x7fffffffffffffffn],
] as const;

describe('Writer', () => {
  it('writes every integer little-endian, without padding', () => {
    const writer = new Writer();
    writer.u8(0x01).u16(0x0302).u32(0x07060504).u64(0x0f0e0d0c0b0a0908n);
    writer.i8(-1).i16(-2).i32(-3).i64(-4n);
    expect(writer.length).toBe(30);
    expect(toSpacedHex(writer.finish())).toBe(
      '01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ff fe ff fd ff ff ff fc ff ff ff ff ff ff ff',
    );
  });

  it('appends bytes and zeros', () => {
    const writer = new Writer().put(Uint8Array.of(1, 2)).zeros(3).put(Uint8Array.of(4));
    expect(toSpacedHex(writer.finish())).toBe('01 02 00 00 00 04');
  });

  it('is empty when nothing was written', () => {
    expect(new Writer().finish()).toHaveLength(0);
    expect(new Writer(0).finish()).toHaveLength(0);
  });

  it.each(['u8', 'i8', 'u16', 'i16', 'u32', 'i32'] as const)(
    'grows when a %s does not fit',
    (method) => {
      for (let capacity = 0; capacity < 9; capacity++) {
        const writer = new Writer(capacity);
        for (let value = 1; value <= 40; value++) writer[method](value);
        const reader = new Reader(writer.finish());
        for (let value = 1; value <= 40; value++) expect(reader[method]()).toBe(value);
        expect(reader.remaining).toBe(0);
      }
    },
  );

  it.each(['u64', 'i64'] as const)('grows when a %s does not fit', (method) => {
    for (let capacity = 0; capacity < 9; capacity++) {
      const writer = new Writer(capacity);
      for (let value = 1n; value <= 20n; value++) writer[method](value);
      const reader = new Reader(writer.finish());
      for (let value = 1n; value <= 20n; value++) expect(reader[method]()).toBe(value);
    }
  });

  it('grows when bytes or zeros do not fit', () => {
    const large = new Uint8Array(1000).fill(7);
    const written = new Writer(4).u8(1).put(large).zeros(1000).u8(2).finish();
    expect(written).toHaveLength(2002);
    expect(written.subarray(1, 1001)).toEqual(large);
    expect(written.subarray(1001)).toEqual(Uint8Array.of(...new Uint8Array(1000), 2));
  });

  it.each(RANGES)('takes a %s from %d to %d and nothing else', (method, min, max) => {
    const writer = new Writer().u8(0xaa);
    const wrong = [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
    for (const value of wrong) expect(() => writer[method](value)).toThrow(RangeError);
    // Refused values leave nothing behind.
    expect(writer.length).toBe(1);
    writer[method](min)[method](max);
    const reader = new Reader(writer.finish());
    expect([reader.u8(), reader[method](), reader[method]()]).toEqual([0xaa, min, max]);
  });

  it.each(BIG_RANGES)('takes a %s from %d to %d and nothing else', (method, min, max) => {
    const writer = new Writer().u8(0xaa);
    for (const value of [min - 1n, max + 1n]) {
      expect(() => writer[method](value)).toThrow(RangeError);
    }
    expect(writer.length).toBe(1);
    writer[method](min)[method](max);
    const reader = new Reader(writer.finish());
    expect([reader.u8(), reader[method](), reader[method]()]).toEqual([0xaa, min, max]);
  });

  it('overwrites a length that is known only at the end', () => {
    const writer = new Writer().u32(0).u8(5);
    writer.patchU32(0, writer.length);
    expect(toSpacedHex(writer.finish())).toBe('05 00 00 00 05');
    writer.patchU32(1, 0xffffffff);
    expect(toSpacedHex(writer.finish())).toBe('05 ff ff ff ff');
  });

  it('refuses to overwrite what was not written, and values out of range', () => {
    const writer = new Writer().u32(0).u8(5);
    for (const offset of [2, 5, 60, -1]) {
      expect(() => writer.patchU32(offset, 1)).toThrow(RangeError);
    }
    expect(() => writer.patchU32(0, -1)).toThrow(RangeError);
    expect(toSpacedHex(writer.finish())).toBe('00 00 00 00 05');
  });

  it('gives back through the Reader what was written, in any order', () => {
    const number = (min: number, max: number) => fc.integer({ min, max });
    const written = fc.oneof(
      ...RANGES.map(([method, min, max]) => fc.tuple(fc.constant(method), number(min, max))),
      ...BIG_RANGES.map(([method, min, max]) =>
        fc.tuple(fc.constant(method), fc.bigInt({ min, max })),
      ),
    );
    fc.assert(
      fc.property(fc.array(written), number(0, 100), (values, capacity) => {
        const writer = new Writer(capacity);
        for (const [method, value] of values) writer[method](value as never);
        const reader = new Reader(writer.finish());
        for (const [method, value] of values) expect(reader[method]()).toBe(value);
        expect(reader.remaining).toBe(0);
      }),
    );
  });
});
