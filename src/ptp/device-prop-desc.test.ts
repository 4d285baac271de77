import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixture, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { ARRAY, type PtpValue } from './data-types.ts';
import { DevicePropDesc, type PropertyForm } from './device-prop-desc.ts';

const GOLDEN: [string, DevicePropDesc][] = [
  [
    'eos-60d-battery-level',
    {
      propertyCode: 0x5001,
      dataType: 0x0002,
      writable: false,
      factoryDefault: 0x32,
      current: 0x32,
      form: { kind: 'enumeration', values: [100, 75, 50, 25, 0], doubleWidth: true },
    },
  ],
  [
    'eos-60d-friendly-name',
    {
      propertyCode: 0xd402,
      dataType: 0xffff,
      writable: false,
      factoryDefault: 'Canon EOS 60D',
      current: 'Canon EOS 60D',
      form: { kind: 'none' },
    },
  ],
  [
    'eos-60d-perceived-device-type',
    {
      propertyCode: 0xd407,
      dataType: 0x0006,
      writable: false,
      factoryDefault: 1,
      current: 1,
      form: { kind: 'none' },
    },
  ],
  [
    'eos-60d-use-device-stage',
    {
      propertyCode: 0xd303,
      dataType: 0x0002,
      writable: false,
      factoryDefault: 1,
      current: 1,
      form: { kind: 'none' },
    },
  ],
  [
    'iriver-t10-friendly-name',
    {
      propertyCode: 0xd402,
      dataType: 0xffff,
      writable: false,
      factoryDefault: 'iriver T10',
      current: 'iriver T10',
      form: { kind: 'none' },
    },
  ],
];

const golden = (name: string) => hexFixture(`ptp/device-prop-desc-${name}.hex`);
const decode = (hex: string) => DevicePropDesc.decode(fromHex(hex));

describe('DevicePropDesc of real devices', () => {
  it.each(GOLDEN)('%s has every stated value', (name, value) => {
    expect(DevicePropDesc.decode(golden(name))).toEqual(value);
  });

  it.each(GOLDEN)('%s is written back from its value alone', (name, value) => {
    // The iRiver sent one byte more than its dataset has.
    const bytes = name.startsWith('iriver') ? golden(name).subarray(0, -1) : golden(name);
    expect(toSpacedHex(DevicePropDesc.encode(structuredClone(value)))).toBe(toSpacedHex(bytes));
  });

  // A form flag that is missing at the end means no form; an 8-bit enumeration cut to less than
  // half has neither width.
  it.each(GOLDEN)('%s cut anywhere else than before the form is a ProtocolError', (name, value) => {
    const whole = DevicePropDesc.encode(value);
    const beforeForm = { ...value, form: { kind: 'none' } };
    const flagAt = name === 'eos-60d-battery-level' ? 7 : whole.length - 1;
    const endOfDefault =
      typeof value.current === 'string' ? 6 + 2 * (value.current.length + 1) : -1;
    for (let size = 0; size < whole.length; size++) {
      const cut = whole.subarray(0, size);
      if (size === flagAt || size === endOfDefault) {
        expect(DevicePropDesc.decode(cut)).toEqual(beforeForm);
      } else if (name === 'eos-60d-battery-level' && size >= 15) {
        // Five values of 8 bit and a tail: nothing tells this from a strict enumeration.
        expect(outcomeOnAnyBytes(cut, DevicePropDesc.decode)).toBe('value');
      } else {
        expect(protocolErrorOf(() => DevicePropDesc.decode(cut)).code).toBe('TRUNCATED');
      }
    }
  });
});

describe('DevicePropDesc', () => {
  it('reads and writes a range', () => {
    // ExposureBiasCompensation, INT16, writable: -3 to +3 stops by a third.
    const hex = '10 50 03 00 01 00 00 4d 01 01 48 f4 b8 0b 4d 01';
    const value: DevicePropDesc = {
      propertyCode: 0x5010,
      dataType: 0x0003,
      writable: true,
      factoryDefault: 0,
      current: 333,
      form: { kind: 'range', minimum: -3000, maximum: 3000, step: 333 },
    };
    expect(decode(hex)).toEqual(value);
    expect(toSpacedHex(DevicePropDesc.encode(value))).toBe(hex);
  });

  it('reads and writes a strict enumeration of 8 bit', () => {
    const hex = '01 50 02 00 00 03 02 02 04 00 00 01 02 03';
    const value: DevicePropDesc = {
      propertyCode: 0x5001,
      dataType: 0x0002,
      writable: false,
      factoryDefault: 3,
      current: 2,
      form: { kind: 'enumeration', values: [0, 1, 2, 3] },
    };
    expect(decode(hex)).toEqual(value);
    expect(toSpacedHex(DevicePropDesc.encode(value))).toBe(hex);
  });

  it('reads and writes an enumeration of strings', () => {
    const hex = '03 50 ff ff 01 00 02 61 00 00 00 02 02 00 02 61 00 00 00 02 62 00 00 00';
    const value: DevicePropDesc = {
      propertyCode: 0x5003,
      dataType: 0xffff,
      writable: true,
      factoryDefault: '',
      current: 'a',
      form: { kind: 'enumeration', values: ['a', 'b'] },
    };
    expect(decode(hex)).toEqual(value);
    expect(toSpacedHex(DevicePropDesc.encode(value))).toBe(hex);
  });

  it('reads and writes arrays and 128 bit', () => {
    const array = '05 d4 02 40 00 00 00 00 00 02 00 00 00 07 08 00';
    expect(decode(array)).toMatchObject({ factoryDefault: [], current: [7, 8] });
    expect(toSpacedHex(DevicePropDesc.encode(decode(array)))).toBe(array);
    const id = '00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff';
    const wide = `01 d3 0a 00 00 ${id} ${id} 00`;
    expect(decode(wide)).toMatchObject({ current: 0xffeeddccbbaa99887766554433221100n });
    expect(toSpacedHex(DevicePropDesc.encode(decode(wide)))).toBe(wide);
  });

  // Nikon and Canon bodies do that.
  it('keeps a current value that is none of the enumeration', () => {
    const desc = decode('04 50 02 00 01 01 09 02 02 00 01 02');
    expect(desc.current).toBe(9);
    expect(desc.form).toEqual({ kind: 'enumeration', values: [1, 2] });
  });

  it('without a form flag has no form', () => {
    expect(decode('01 50 02 00 00 32 32').form).toEqual({ kind: 'none' });
  });

  it('with a form flag that ISO 15740 does not know has no form', () => {
    expect(decode('01 50 02 00 00 32 32 07 01 02 03').form).toEqual({ kind: 'none' });
  });

  it('of a string may end after its default, which is then current too', () => {
    const desc = decode('02 d4 ff ff 01 03 48 00 69 00 00 00');
    expect(desc).toMatchObject({ factoryDefault: 'Hi', current: 'Hi', form: { kind: 'none' } });
  });

  it('of an integer must not end after its default', () => {
    expect(protocolErrorOf(() => decode('01 50 02 00 00 32')).code).toBe('TRUNCATED');
  });

  // HP PhotoSmart 120.
  it('with an enumeration count in the wrong byte order stops at the end', () => {
    const desc = decode('05 50 04 00 01 01 00 02 00 02 00 03 01 00 02 00 03 00');
    expect(desc.form).toEqual({ kind: 'enumeration', values: [1, 2, 3] });
  });

  it('with an enumeration that ends in the middle of a value is a ProtocolError', () => {
    const cut = '05 50 04 00 01 01 00 02 00 02 00 03 01 00 02 00 03';
    expect(protocolErrorOf(() => decode(cut)).code).toBe('TRUNCATED');
  });

  it('with a count that neither byte order explains is a ProtocolError', () => {
    const short = '05 50 04 00 01 01 00 02 00 02 05 00 01 00 02 00';
    expect(protocolErrorOf(() => decode(short)).code).toBe('TRUNCATED');
    const large = '05 50 04 00 01 01 00 02 00 02 00 10 01 00 02 00';
    expect(protocolErrorOf(() => decode(large)).code).toBe('TRUNCATED');
  });

  // The iRiver T10 answers so for 0xD101 and 0xD102.
  it('that is none, because its datatype is unknown, is a ProtocolError', () => {
    const error = protocolErrorOf(() => decode('01 d1 34 12 00 00 00 00'));
    expect(error.code).toBe('INVALID_DATA');
    expect(error.message).toContain('0x1234');
    expect(protocolErrorOf(() => decode('01 d1 00 00 00 00 00 00')).code).toBe('INVALID_DATA');
  });

  it('cannot be written with an unknown datatype', () => {
    const value = { ...decode('01 50 02 00 00 32 32'), dataType: 0x1234 };
    expect(() => DevicePropDesc.encode(value)).toThrow(RangeError);
  });

  it('keeps the sign of an INT8 whose enumeration is written in 16 bit', () => {
    const hex = '10 50 01 00 01 00 ff 02 02 00 ff ff 01 00';
    const desc = decode(hex);
    expect(desc.form).toEqual({ kind: 'enumeration', values: [-1, 1], doubleWidth: true });
    expect(toSpacedHex(DevicePropDesc.encode(desc))).toBe(hex);
  });
});

describe('round trips', () => {
  const text = fc.string({ maxLength: 20 }).map((any) => any.replaceAll('\0', ''));
  const integers: [number, number, boolean][] = [
    [1, 1, true],
    [2, 1, false],
    [3, 2, true],
    [4, 2, false],
    [5, 4, true],
    [6, 4, false],
    [7, 8, true],
    [8, 8, false],
    [9, 16, true],
    [10, 16, false],
  ];
  const values = integers.map(([type, size, signed]): [number, fc.Arbitrary<PtpValue>] => {
    const bits = BigInt(8 * size);
    const min = signed ? -(2n ** (bits - 1n)) : 0n;
    const any = fc.bigInt({ min, max: min + 2n ** bits - 1n });
    return [type, size <= 4 ? any.map(Number) : any];
  });
  const types: [number, fc.Arbitrary<PtpValue>][] = [
    ...values,
    ...values.map(([type, value]): [number, fc.Arbitrary<PtpValue>] => [
      type + ARRAY,
      fc.array(value as fc.Arbitrary<number>, { maxLength: 5 }),
    ]),
    [0xffff, text],
  ];

  const desc = fc.constantFrom(...types).chain(([dataType, value]) => {
    const form: fc.Arbitrary<PropertyForm> = fc.oneof(
      fc.constant<PropertyForm>({ kind: 'none' }),
      fc
        .tuple(value, value, value)
        .map(([minimum, maximum, step]) => ({ kind: 'range', minimum, maximum, step }) as const),
      fc
        .array(value, { maxLength: 40 })
        .map((all) => ({ kind: 'enumeration', values: all }) as const),
    );
    return fc.record<DevicePropDesc>({
      propertyCode: fc.integer({ min: 0, max: 0xffff }),
      dataType: fc.constant(dataType),
      writable: fc.boolean(),
      factoryDefault: value,
      current: value,
      form,
    });
  });

  it('every description that is encoded is decoded to itself', () => {
    fc.assert(
      fc.property(desc, (value) => {
        expect(DevicePropDesc.decode(DevicePropDesc.encode(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('a description cut or broken anywhere gives a value or a ProtocolError', () => {
    fc.assert(
      fc.property(desc, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (value, cut, at, byte) => {
        const bytes = DevicePropDesc.encode(value);
        bytes[at % bytes.length] = byte;
        const broken = bytes.subarray(0, cut % (bytes.length + 1));
        expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
          outcomeOnAnyBytes(broken, DevicePropDesc.decode),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('any bytes give a value or a ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
          outcomeOnAnyBytes(bytes, DevicePropDesc.decode),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('the largest count is refused or read to the end at once', () => {
    const from = performance.now();
    const hex = '05 50 02 00 01 01 02 02 ff ff';
    const large = Uint8Array.of(...fromHex(hex), ...new Uint8Array(60_000));
    expect(protocolErrorOf(() => DevicePropDesc.decode(large)).code).toBe('TRUNCATED');
    expect(performance.now() - from).toBeLessThan(2000);
  });
});
