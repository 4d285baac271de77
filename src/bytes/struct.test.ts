import fc from 'fast-check';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { fromHex, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import {
  array,
  bytes,
  type Codec,
  dataset,
  type Infer,
  i32,
  type Struct,
  struct,
  tail,
  u8,
  u16,
  u32,
  u64,
} from './index.ts';

const Sample = struct('Sample', {
  kind: u8,
  code: u16,
  size: u32,
  offset: i32,
  total: u64,
  guid: bytes(4),
  codes: array(u16, u16, 2),
});
type Sample = Infer<typeof Sample>;

const SAMPLE_BYTES = fromHex(
  [
    '01', // kind
    '03 02', // code
    '07 06 05 04', // size
    'ff ff ff ff', // offset
    '08 07 06 05 04 03 02 01', // total
    'de ad be ef', // guid
    '02 00 0a 00 0b 00', // codes
  ].join(' '),
);

const SAMPLE: Sample = {
  kind: 1,
  code: 0x0203,
  size: 0x04050607,
  offset: -1,
  total: 0x0102030405060708n,
  guid: Uint8Array.of(0xde, 0xad, 0xbe, 0xef),
  codes: [10, 11],
};

describe('struct', () => {
  it('reads its fields in the order of the declaration, without padding', () => {
    expect(Sample.decode(SAMPLE_BYTES)).toEqual(SAMPLE);
    expect(Object.keys(Sample.decode(SAMPLE_BYTES))).toEqual(Object.keys(SAMPLE));
  });

  it('writes the same bytes from the value', () => {
    expect(toSpacedHex(Sample.encode(SAMPLE))).toBe(toSpacedHex(SAMPLE_BYTES));
  });

  it('infers the type of the value from the declaration', () => {
    expectTypeOf<Sample>().toEqualTypeOf<{
      kind: number;
      code: number;
      size: number;
      offset: number;
      total: bigint;
      guid: Uint8Array;
      codes: number[];
    }>();
    expectTypeOf(Sample.decode).returns.toEqualTypeOf<Sample>();
    expectTypeOf(Sample.encode).parameter(0).toEqualTypeOf<Sample>();
    expectTypeOf<Infer<Codec<'a' | 'b'>>>().toEqualTypeOf<'a' | 'b'>();
    // @ts-expect-error a field is missing
    expect(() => Sample.encode({ kind: 1 })).toThrow();
  });

  it('ignores surplus bytes behind the last field', () => {
    const surplus = Uint8Array.of(...SAMPLE_BYTES, 0, 0, 9);
    expect(Sample.decode(surplus)).toEqual(SAMPLE);
  });

  it('throws TRUNCATED with its name for every cut', () => {
    for (let size = 0; size < SAMPLE_BYTES.length; size++) {
      const error = protocolErrorOf(() => Sample.decode(SAMPLE_BYTES.subarray(0, size)));
      expect(error.code).toBe('TRUNCATED');
      expect(error.message).toContain('Sample');
    }
  });

  it('nests', () => {
    const Inner = struct('Inner', { code: u16 });
    const Outer = struct('Outer', { first: Inner, all: array(u8, Inner, 2), last: u8 });
    const value = { first: { code: 1 }, all: [{ code: 2 }, { code: 3 }], last: 4 };
    expect(toSpacedHex(Outer.encode(value))).toBe('01 00 02 02 00 03 00 04');
    expect(Outer.decode(fromHex('01 00 02 02 00 03 00 04'))).toEqual(value);
    expectTypeOf<Infer<typeof Outer>>().toEqualTypeOf<{
      first: { code: number };
      all: { code: number }[];
      last: number;
    }>();
  });

  it('keeps no view of the input in a value', () => {
    const input = SAMPLE_BYTES.slice();
    const value = Sample.decode(input);
    input.fill(0);
    expect(value).toEqual(SAMPLE);
  });

  it('throws a RangeError for a value that does not fit its field', () => {
    expect(() => Sample.encode({ ...SAMPLE, code: 0x10000 })).toThrow(RangeError);
    expect(() => Sample.encode({ ...SAMPLE, guid: new Uint8Array(5) })).toThrow(RangeError);
    expect(() => Sample.encode({ ...SAMPLE, codes: new Array(0x10000).fill(0) })).toThrow(
      RangeError,
    );
  });
});

describe('array', () => {
  const element = () => {
    const codec = { read: vi.fn(u16.read), write: u16.write };
    return { codec, reads: codec.read };
  };

  it('of no elements is its count alone', () => {
    const Codes = dataset('Codes', array(u32, u16, 2));
    expect(toSpacedHex(Codes.encode([]))).toBe('00 00 00 00');
    expect(Codes.decode(fromHex('00 00 00 00'))).toEqual([]);
  });

  it.each(['ff ff ff ff', '00 00 00 80', '03 00 00 00', '01 00 00 01'])(
    'with the lying count %s throws before it reads or allocates anything for it',
    (count) => {
      const { codec, reads } = element();
      const Codes = dataset('Codes', array(u32, codec, 2));
      const error = protocolErrorOf(() => Codes.decode(fromHex(`${count} 01 00 02 00`)));
      expect(error.code).toBe('TRUNCATED');
      expect(error.offset).toBe(4);
      expect(reads).not.toHaveBeenCalled();
    },
  );

  it('with an honest count is read whole', () => {
    const { codec, reads } = element();
    const Codes = dataset('Codes', array(u32, codec, 2));
    expect(Codes.decode(fromHex('02 00 00 00 01 00 02 00'))).toEqual([1, 2]);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('throws for elements that are larger than the smallest and do not fit', () => {
    const Lists = dataset('Lists', array(u8, array(u8, u16, 2), 1));
    expect(Lists.decode(fromHex('02 00 01 05 00'))).toEqual([[], [5]]);
    expect(protocolErrorOf(() => Lists.decode(fromHex('02 01 05 00'))).code).toBe('TRUNCATED');
  });
});

describe('tail', () => {
  const Late: Struct<{ code: number; late: number }> = struct('Late', {
    code: u16,
    late: tail(u16, 7),
  });

  it('reads as its fallback where the dataset ends before it', () => {
    expect(Late.decode(fromHex('01 00'))).toEqual({ code: 1, late: 7 });
    expect(Late.decode(fromHex('01 00 02 00'))).toEqual({ code: 1, late: 2 });
  });

  it('throws where the dataset ends inside it', () => {
    expect(protocolErrorOf(() => Late.decode(fromHex('01 00 02'))).code).toBe('TRUNCATED');
  });

  it('is always written', () => {
    expect(toSpacedHex(Late.encode({ code: 1, late: 7 }))).toBe('01 00 07 00');
  });
});

describe('round trips', () => {
  const sample = fc.record<Sample>({
    kind: fc.integer({ min: 0, max: 0xff }),
    code: fc.integer({ min: 0, max: 0xffff }),
    size: fc.integer({ min: 0, max: 0xffffffff }),
    offset: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    total: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
    guid: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    codes: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }),
  });

  it('every value that is encoded is decoded to itself', () => {
    fc.assert(
      fc.property(sample, (value) => {
        expect(Sample.decode(Sample.encode(value))).toEqual(value);
      }),
    );
  });

  it('any bytes give a value or a ProtocolError, and a value gives those bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        if (outcomeOnAnyBytes(input, Sample.decode) !== 'value') return;
        const encoded = Sample.encode(Sample.decode(input));
        expect(encoded).toEqual(input.slice(0, encoded.length));
      }),
    );
  });
});
