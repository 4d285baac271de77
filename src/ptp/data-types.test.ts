import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fromHex, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { dataset, Reader } from '../bytes/index.ts';
import {
  ARRAY,
  DataType,
  dataTypeName,
  integerSize,
  type PtpValue,
  ptpString,
  valueCodec,
} from './data-types.ts';

const Text = dataset('Text', ptpString);

function ofType(type: number) {
  const codec = valueCodec(type);
  if (!codec) return expect.fail(`no codec for ${type.toString(16)}`);
  return dataset<PtpValue>(dataTypeName(type), codec);
}

/** Code, name and size of section 2's table, with one value in bytes. */
const INTEGERS = [
  [0x0001, 'INT8', 1, 'fe', -2],
  [0x0002, 'UINT8', 1, 'fe', 0xfe],
  [0x0003, 'INT16', 2, 'fe ff', -2],
  [0x0004, 'UINT16', 2, 'fe ff', 0xfffe],
  [0x0005, 'INT32', 4, 'fe ff ff ff', -2],
  [0x0006, 'UINT32', 4, 'fe ff ff ff', 0xfffffffe],
  [0x0007, 'INT64', 8, 'fe ff ff ff ff ff ff ff', -2n],
  [0x0008, 'UINT64', 8, 'fe ff ff ff ff ff ff ff', 0xfffffffffffffffen],
  [0x0009, 'INT128', 16, 'fe ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff', -2n],
  [
    0x000a,
    'UINT128',
    16,
    'fe ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff',
    0xfffffffffffffffffffffffffffffffen,
  ],
] as const;

describe('integers', () => {
  it.each(INTEGERS)('%i is %s of %i bytes: %s is %s', (type, name, size, hex, value) => {
    expect(dataTypeName(type)).toBe(name);
    expect(integerSize(type)).toBe(size);
    expect(ofType(type).decode(fromHex(hex))).toBe(value);
    expect(toSpacedHex(ofType(type).encode(value))).toBe(hex);
  });

  it.each([
    [DataType.UINT128, '01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10'],
    [DataType.INT128, '01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10'],
  ])('128 bits have their lowest byte first', (type, hex) => {
    const value = 0x100f0e0d0c0b0a090807060504030201n;
    expect(ofType(type).decode(fromHex(hex))).toBe(value);
    expect(toSpacedHex(ofType(type).encode(value))).toBe(hex);
  });

  it.each([
    [DataType.INT128, '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 80', -(2n ** 127n)],
    [DataType.INT128, 'ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f', 2n ** 127n - 1n],
    [DataType.INT128, '00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff', -(2n ** 64n)],
    [DataType.INT128, '00 00 00 00 00 00 00 80 ff ff ff ff ff ff ff ff', -(2n ** 63n)],
    [DataType.UINT128, '00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00', 2n ** 64n],
    [DataType.INT64, '00 00 00 00 00 00 00 80', -(2n ** 63n)],
  ])('%i: the bytes %s are %i', (type, hex, value) => {
    expect(ofType(type).decode(fromHex(hex))).toBe(value);
    expect(toSpacedHex(ofType(type).encode(value))).toBe(hex);
  });

  it.each([
    [DataType.INT8, 128],
    [DataType.UINT8, -1],
    [DataType.UINT16, 0x10000],
    [DataType.UINT64, 2n ** 64n],
    [DataType.INT128, 2n ** 127n],
    [DataType.INT128, -(2n ** 127n) - 1n],
    [DataType.UINT128, 2n ** 128n],
    [DataType.UINT128, -1n],
  ])('%i cannot hold %i', (type, value) => {
    expect(() => ofType(type).encode(value)).toThrow(RangeError);
  });

  it.each(INTEGERS)('%i (%s) with a byte too few is TRUNCATED', (type, _name, size) => {
    const error = protocolErrorOf(() => ofType(type).decode(new Uint8Array(size - 1)));
    expect(error.code).toBe('TRUNCATED');
  });
});

describe('arrays', () => {
  it.each(INTEGERS)('0x4000 + %i is an array of %s', (type, name, size, hex, value) => {
    const codec = ofType(type + 0x4000);
    expect(dataTypeName(type + 0x4000)).toBe(`A${name}`);
    expect(integerSize(type + 0x4000)).toBeUndefined();
    expect(codec.decode(fromHex(`02 00 00 00 ${hex} ${hex}`))).toEqual([value, value]);
    expect(toSpacedHex(codec.encode([value, value]))).toBe(`02 00 00 00 ${hex} ${hex}`);
    expect(codec.decode(fromHex('00 00 00 00'))).toEqual([]);
    expect(toSpacedHex(codec.encode([]))).toBe('00 00 00 00');
    const short = new Uint8Array(4 + 2 * size - 1);
    short[0] = 2;
    expect(protocolErrorOf(() => codec.decode(short)).code).toBe('TRUNCATED');
  });

  it('a count of 2^32 - 1 is refused before any element is read', () => {
    for (const [type] of INTEGERS) {
      const reader = new Reader(fromHex('ff ff ff ff 00 00 00 00'));
      const reads = vi.spyOn(reader, 'take');
      expect(protocolErrorOf(() => valueCodec(type + ARRAY)?.read(reader)).offset).toBe(4);
      expect(reader.offset).toBe(4);
      expect(reads).not.toHaveBeenCalled();
    }
  });
});

describe('types that are none', () => {
  it.each([0x0000, 0x000b, 0x4000, 0x400b, 0x8001, 0xbfff, 0xfffe])('%i has no codec', (type) => {
    expect(valueCodec(type)).toBeUndefined();
    expect(integerSize(type)).toBeUndefined();
  });

  it('have a name to be printed all the same', () => {
    expect(dataTypeName(0x0000)).toBe('UNDEF');
    expect(dataTypeName(0xffff)).toBe('STR');
    expect(dataTypeName(0x000b)).toBe('0x000b');
    expect(dataTypeName(0x4000)).toBe('0x4000');
    expect(dataTypeName(0xfffe)).toBe('0xfffe');
  });
});

describe('strings', () => {
  it('are a count of units with the terminator, then UTF-16LE', () => {
    expect(Text.decode(fromHex('03 48 00 69 00 00 00'))).toBe('Hi');
    expect(toSpacedHex(Text.encode('Hi'))).toBe('03 48 00 69 00 00 00');
    expect(ofType(0xffff).decode(fromHex('03 48 00 69 00 00 00'))).toBe('Hi');
  });

  it('are one zero byte when empty', () => {
    expect(Text.decode(fromHex('00'))).toBe('');
    expect(toSpacedHex(Text.encode(''))).toBe('00');
  });

  it('take two units for a character outside the BMP', () => {
    expect(toSpacedHex(Text.encode('📷'))).toBe('03 3d d8 f7 dc 00 00');
    expect(Text.decode(fromHex('03 3d d8 f7 dc 00 00'))).toBe('📷');
  });

  // Dates of the gigabeat: count 15, fifteen characters, no terminator.
  it('may lack the terminator', () => {
    const hex = `0f ${toSpacedHex(new TextEncoder().encode('20031108T092340'))}`.replaceAll(
      / (..)/g,
      ' $1 00',
    );
    const reader = new Reader(fromHex(`${hex} aa`));
    expect(ptpString.read(reader)).toBe('20031108T092340');
    expect(reader.u8()).toBe(0xaa);
  });

  // Default values of an iRiver player.
  it('may be a terminator and nothing else', () => {
    const reader = new Reader(fromHex('01 00 00 aa'));
    expect(ptpString.read(reader)).toBe('');
    expect(reader.u8()).toBe(0xaa);
  });

  it('end at the first NUL, and all counted units are consumed', () => {
    const several = new Reader(fromHex('05 48 00 69 00 00 00 00 00 00 00 aa'));
    expect(ptpString.read(several)).toBe('Hi');
    expect(several.u8()).toBe(0xaa);
    const textBehind = new Reader(fromHex('05 48 00 69 00 00 00 78 00 79 00 aa'));
    expect(ptpString.read(textBehind)).toBe('Hi');
    expect(textBehind.u8()).toBe(0xaa);
  });

  it('keep lone surrogates and control characters', () => {
    expect(Text.decode(fromHex('03 00 d8 41 00 00 00'))).toBe('\ud800A');
    expect(Text.decode(fromHex('03 41 00 00 dc 00 00'))).toBe('A\udc00');
    expect(toSpacedHex(Text.encode('\ud800A'))).toBe('03 00 d8 41 00 00 00');
    // Serial numbers of Fuji cameras hold U+0001.
    expect(Text.decode(fromHex('03 41 00 01 00 00 00'))).toBe('A\u0001');
  });

  it('with a count that runs beyond the end are TRUNCATED, and nothing is read for it', () => {
    const reader = new Reader(fromHex('ff 48 00 69 00'));
    const error = protocolErrorOf(() => ptpString.read(reader));
    expect(error.code).toBe('TRUNCATED');
    expect(error.message).toContain('255 characters announced, 4 bytes left');
    expect(reader.offset).toBe(1);
    expect(protocolErrorOf(() => Text.decode(fromHex('03 48 00 69 00 00'))).code).toBe('TRUNCATED');
    expect(protocolErrorOf(() => Text.decode(fromHex(''))).code).toBe('TRUNCATED');
  });

  it('hold 254 characters and not one more', () => {
    const longest = 'x'.repeat(254);
    const encoded = Text.encode(longest);
    expect(encoded).toHaveLength(1 + 2 * 255);
    expect(encoded[0]).toBe(255);
    expect(Text.decode(encoded)).toBe(longest);
    expect(() => Text.encode('x'.repeat(255))).toThrow(RangeError);
    // Characters outside the BMP count twice.
    expect(() => Text.encode('📷'.repeat(128))).toThrow(RangeError);
  });

  it('are read to 255 units, where a device fills them all', () => {
    const full = new Uint8Array(1 + 2 * 255).fill(0x41);
    full[0] = 255;
    expect(Text.decode(full)).toBe('\u4141'.repeat(255));
  });

  it('cannot be written with a NUL inside', () => {
    expect(() => Text.encode('a\0b')).toThrow(RangeError);
  });
});

describe('round trips', () => {
  it('every string of 16-bit units is decoded to itself', () => {
    const unit = fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 254 }), (units) => {
        const text = units.join('');
        expect(Text.decode(Text.encode(text))).toBe(text);
      }),
    );
  });

  it('every integer of every type is decoded to itself, and so is an array of them', () => {
    for (const [type, name, size] of INTEGERS) {
      const signed = name.startsWith('INT');
      const bits = BigInt(8 * size);
      const min = signed ? -(2n ** (bits - 1n)) : 0n;
      const max = signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
      const value: fc.Arbitrary<number | bigint> =
        size <= 4 ? fc.bigInt({ min, max }).map(Number) : fc.bigInt({ min, max });
      fc.assert(
        fc.property(fc.array(value, { maxLength: 40 }), (values) => {
          const codec = ofType(type + ARRAY);
          const encoded = codec.encode(values);
          expect(encoded).toHaveLength(4 + size * values.length);
          expect(codec.decode(encoded)).toEqual(values);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('any bytes read as any type give a value or a ProtocolError', () => {
    const types = [...INTEGERS.flatMap(([type]) => [type, type + ARRAY]), DataType.STR];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
        expect(['value', 'TRUNCATED']).toContain(outcomeOnAnyBytes(bytes, ofType(type).decode));
      }),
      { numRuns: 1000 },
    );
  });
});
