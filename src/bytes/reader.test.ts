import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../test/support/hex-fixture.ts';
import { protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { Reader } from './reader.ts';

const COUNTED = fromHex('01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10');

const INTEGERS = [
  ['u8', 1, 0x01],
  ['i8', 1, 0x01],
  ['u16', 2, 0x0201],
  ['i16', 2, 0x0201],
  ['u32', 4, 0x04030201],
  ['i32', 4, 0x04030201],
  ['u64', 8, 0x0807060504030201n],
  ['i64', 8, 0x0807060504030201n],
] as const;

const ALL_ONES = [
  ['u8', 0xff],
  ['i8', -1],
  ['u16', 0xffff],
  ['i16', -1],
  ['u32', 0xffffffff],
  ['i32', -1],
  ['u64', 0xffffffffffffffffn],
  ['i64', -1n],
] as const;

describe('Reader', () => {
  it.each(INTEGERS)('reads %s as little-endian of %i bytes', (method, size, value) => {
    const reader = new Reader(COUNTED);
    expect(reader[method]()).toBe(value);
    expect(reader.offset).toBe(size);
    expect(reader.remaining).toBe(16 - size);
  });

  it.each(ALL_ONES)('reads %s with its sign', (method, value) => {
    expect(new Reader(fromHex('ff ff ff ff ff ff ff ff'))[method]()).toBe(value);
  });

  it.each(INTEGERS)('throws TRUNCATED for %s with one byte too few, and stays', (method, size) => {
    const reader = new Reader(COUNTED.subarray(0, size - 1), 'Dataset');
    const error = protocolErrorOf(() => reader[method]());
    expect(error.code).toBe('TRUNCATED');
    expect(error.offset).toBe(0);
    expect(error.message).toContain('Dataset ends too early');
    expect(reader.offset).toBe(0);
    expect(reader.remaining).toBe(size - 1);
  });

  it('keeps to its view of a larger buffer', () => {
    const reader = new Reader(COUNTED.subarray(4, 8));
    expect(reader.u32()).toBe(0x08070605);
    expect(protocolErrorOf(() => reader.u8()).code).toBe('TRUNCATED');
  });

  it('takes views, not copies', () => {
    const reader = new Reader(COUNTED);
    reader.u16();
    const taken = reader.take(3);
    expect([...taken]).toEqual([3, 4, 5]);
    expect(taken.buffer).toBe(COUNTED.buffer);
    expect([...reader.rest()]).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(reader.rest()).toHaveLength(0);
  });

  it.each([17, -1, 2 ** 31, 2 ** 32, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses to take %d bytes of 16',
    (size) => {
      const reader = new Reader(COUNTED);
      expect(protocolErrorOf(() => reader.take(size)).code).toBe('TRUNCATED');
      expect(reader.offset).toBe(0);
    },
  );

  it('checks an announced count against what is left', () => {
    const reader = new Reader(COUNTED, 'Dataset');
    reader.u32();
    reader.expect(6, 2, 'codes');
    reader.expect(0, 4, 'handles');
    const error = protocolErrorOf(() => reader.expect(7, 2, 'codes'));
    expect(error.code).toBe('TRUNCATED');
    expect(error.message).toContain('Dataset: 7 codes announced, 12 bytes left');
    expect(protocolErrorOf(() => reader.expect(0xffffffff, 16, 'values')).code).toBe('TRUNCATED');
  });

  it('moves within its bytes, the end included, and not beyond', () => {
    const reader = new Reader(COUNTED);
    reader.seek(14);
    expect(reader.u16()).toBe(0x100f);
    reader.seek(16);
    expect(reader.remaining).toBe(0);
    reader.seek(0);
    expect(protocolErrorOf(() => reader.seek(17)).code).toBe('TRUNCATED');
    expect(protocolErrorOf(() => reader.seek(-1)).code).toBe('TRUNCATED');
    expect(reader.offset).toBe(0);
  });

  it('makes an INVALID_DATA error that tells where, with the bytes around', () => {
    const reader = new Reader(COUNTED, 'Dataset');
    reader.u16();
    const error = reader.invalid('nonsense');
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'INVALID_DATA', offset: 2 });
    expect(error.message).toBe('Dataset: nonsense (at offset 2 of 16 bytes)');
    expect(error.dump).toBe(
      '0000  01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10  |................|',
    );
    expect(reader.invalid('nonsense', 9).offset).toBe(9);
  });

  it('shows at most 128 bytes of a large input, those around the fault', () => {
    const reader = new Reader(new Uint8Array(100_000), 'Dataset');
    reader.seek(50_000);
    const lines = reader.invalid('nonsense').dump.split('\n');
    expect(lines).toHaveLength(8);
    expect(lines[0]).toMatch(/^c310 {2}00 00/);
  });

  it('never reads beyond its bytes, whatever is asked in whatever order', () => {
    const step = fc.constantFrom('u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.array(step), (bytes, steps) => {
        const reader = new Reader(bytes);
        const sizes = Object.fromEntries(INTEGERS.map(([method, size]) => [method, size]));
        for (const method of steps) {
          const before = reader.offset;
          const size = sizes[method] ?? 0;
          if (before + size <= bytes.length) {
            reader[method]();
            expect(reader.offset).toBe(before + size);
          } else {
            expect(protocolErrorOf(() => reader[method]()).offset).toBe(before);
            expect(reader.offset).toBe(before);
          }
        }
      }),
    );
  });
});
