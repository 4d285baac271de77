/** Object properties of an MTP player and of Windows, and round trips of made-up ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixture, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { ARRAY, type PtpValue } from './data-types.ts';
import {
  InterdependentPropDesc,
  ObjectPropDesc,
  type ObjectPropElement,
  type ObjectPropForm,
  ObjectPropList,
  textOfUnits,
} from './object-props.ts';

const GOLDEN: [string, ObjectPropDesc, number][] = [
  [
    'storage-id',
    {
      propertyCode: 0xdc01,
      dataType: 0x0006,
      writable: false,
      defaultValue: 0,
      groupCode: 1,
      form: { kind: 'none' },
    },
    0,
  ],
  [
    'object-size',
    {
      propertyCode: 0xdc04,
      dataType: 0x0008,
      writable: false,
      defaultValue: 0n,
      groupCode: 4,
      form: { kind: 'none' },
    },
    0,
  ],
  [
    'object-file-name',
    {
      propertyCode: 0xdc07,
      dataType: 0xffff,
      writable: false,
      defaultValue: '',
      groupCode: 4,
      form: { kind: 'regularExpression', expression: '' },
    },
    0,
  ],
  [
    'date-created',
    {
      propertyCode: 0xdc08,
      dataType: 0xffff,
      writable: true,
      defaultValue: '',
      groupCode: 0x40,
      form: { kind: 'dateTime' },
    },
    1,
  ],
  [
    'non-consumable',
    {
      propertyCode: 0xdc4f,
      dataType: 0x0002,
      writable: true,
      defaultValue: 0,
      groupCode: 0x10,
      form: { kind: 'enumeration', values: [0, 1] },
    },
    0,
  ],
  [
    'audio-bit-rate',
    {
      propertyCode: 0xde9a,
      dataType: 0x0006,
      writable: false,
      defaultValue: 0,
      groupCode: 0x80,
      form: { kind: 'range', minimum: 5000, maximum: 430000, step: 1 },
    },
    0,
  ],
];

const LIST_OF_WINDOWS: ObjectPropElement[] = [
  { objectHandle: 0, propertyCode: 0xdc07, dataType: 0xffff, value: 'KS060306.pdf' },
  { objectHandle: 0, propertyCode: 0xdc03, dataType: 0x0004, value: 0 },
  { objectHandle: 0, propertyCode: 0xdc4f, dataType: 0x0002, value: 1 },
];

const golden = (name: string) => hexFixture(`ptp/object-prop-desc-gigabeat-${name}.hex`);

describe('ObjectPropDesc of a gigabeat', () => {
  it.each(GOLDEN)('%s has every stated value', (name, value) => {
    expect(ObjectPropDesc.decode(golden(name))).toEqual(value);
  });

  it.each(GOLDEN)(
    '%s is written back from its value alone, but for surplus bytes',
    (name, value, surplus) => {
      const bytes = golden(name).subarray(0, golden(name).length - surplus);
      expect(toSpacedHex(ObjectPropDesc.encode(structuredClone(value)))).toBe(toSpacedHex(bytes));
    },
  );

  it.each(GOLDEN)(
    '%s cut anywhere else than before its form is a ProtocolError',
    (_name, value) => {
      const whole = ObjectPropDesc.encode(value);
      const beforeForm = ObjectPropDesc.encode({ ...value, form: { kind: 'none' } }).length - 1;
      for (let size = 0; size < whole.length; size++) {
        const cut = whole.subarray(0, size);
        if (size === beforeForm) {
          expect(ObjectPropDesc.decode(cut)).toEqual({ ...value, form: { kind: 'none' } });
        } else expect(protocolErrorOf(() => ObjectPropDesc.decode(cut)).code).toBe('TRUNCATED');
      }
    },
  );
});

describe('ObjectPropDesc', () => {
  const START = '01 dc 02 40 00 00 00 00 00 01 00 00 00';

  it.each<[string, string, ObjectPropForm]>([
    ['a fixed-length array', '04 10 00', { kind: 'fixedLengthArray', length: 16 }],
    [
      'a regular expression',
      '05 03 2e 00 2a 00 00 00',
      { kind: 'regularExpression', expression: '.*' },
    ],
    ['a byte array', '06 00 10', { kind: 'byteArray', maximumLength: 4096 }],
    ['a long string', 'ff ff ff', { kind: 'longString', maximumLength: 65535 }],
    [
      'a form that MTP does not know',
      '21 01 02',
      { kind: 'unknown', flag: 0x21, bytes: Uint8Array.of(1, 2) },
    ],
  ])('reads and writes %s', (_name, form, expected) => {
    const value = ObjectPropDesc.decode(fromHex(`${START} ${form}`));
    expect(value.form).toEqual(expected);
    expect(toSpacedHex(ObjectPropDesc.encode(value))).toBe(`${START} ${form}`);
  });

  it('with an unknown datatype is a ProtocolError', () => {
    const error = protocolErrorOf(() => ObjectPropDesc.decode(fromHex('01 dc 34 12 00 00')));
    expect(error).toMatchObject({ code: 'INVALID_DATA', offset: 2 });
  });

  it('with a lying count of values is a ProtocolError', () => {
    const lying = fromHex(`${START} 02 ff ff 00 00 00 00`);
    expect(protocolErrorOf(() => ObjectPropDesc.decode(lying)).code).toBe('TRUNCATED');
  });
});

describe('ObjectPropList', () => {
  const bytes = hexFixture('ptp/object-prop-list-windows.hex');

  it('of Windows has every stated value, and is written back from it alone', () => {
    expect(ObjectPropList.decode(bytes)).toEqual(LIST_OF_WINDOWS);
    const written = ObjectPropList.encode(structuredClone(LIST_OF_WINDOWS));
    expect(toSpacedHex(written)).toBe(toSpacedHex(bytes));
  });

  it('cut anywhere is a ProtocolError', () => {
    for (let size = 0; size < bytes.length; size++) {
      expect(protocolErrorOf(() => ObjectPropList.decode(bytes.subarray(0, size))).code).toBe(
        'TRUNCATED',
      );
    }
  });

  it('with a lying count is refused before anything is read', () => {
    const lying = Uint8Array.of(0xff, 0xff, 0xff, 0x7f, ...bytes.subarray(4));
    expect(protocolErrorOf(() => ObjectPropList.decode(lying)).offset).toBe(4);
  });

  it('may be empty, and hold the smallest of elements', () => {
    expect(ObjectPropList.decode(fromHex('00 00 00 00'))).toEqual([]);
    const smallest = '01 00 00 00 01 00 00 00 4f dc 02 00 01';
    expect(ObjectPropList.decode(fromHex(smallest))).toEqual([
      { objectHandle: 1, propertyCode: 0xdc4f, dataType: 2, value: 1 },
    ]);
  });
});

describe('text in arrays of 16-bit units', () => {
  it('ends at the first NUL', () => {
    expect(textOfUnits([0x48, 0x69, 0, 0x78])).toBe('Hi');
    expect(textOfUnits([0x0a, 0, 0x0a])).toBe('\n');
    expect(textOfUnits([])).toBe('');
    expect(textOfUnits([0, 0x78])).toBe('');
  });

  it('may be of any length', () => {
    expect(textOfUnits(new Array<number>(500_000).fill(0x41))).toHaveLength(500_000);
  });

  it('is the value itself where that is no array', () => {
    expect(textOfUnits('text')).toBe('text');
    expect(textOfUnits(7)).toBe('7');
  });
});

describe('round trips', () => {
  const text = fc.string({ maxLength: 20 }).map((any) => any.replaceAll('\0', ''));
  const u8 = fc.integer({ min: 0, max: 0xff });
  const u16 = fc.integer({ min: 0, max: 0xffff });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  const u128 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
  const types: [number, fc.Arbitrary<PtpValue>][] = [
    [0x0002, u8],
    [0x0004, u16],
    [0x0006, u32],
    [0x000a, u128],
    [0x0002 + ARRAY, fc.array(u8)],
    [0x000a + ARRAY, fc.array(u128, { maxLength: 4 })],
    [0xffff, text],
  ];
  const typed = fc.constantFrom(...types);

  const desc = typed.chain(([dataType, value]) => {
    const form = fc.oneof<fc.Arbitrary<ObjectPropForm>[]>(
      fc.constant({ kind: 'none' }),
      fc.constant({ kind: 'dateTime' }),
      fc.record({ kind: fc.constant('range'), minimum: value, maximum: value, step: value }),
      fc.record({ kind: fc.constant('enumeration'), values: fc.array(value, { maxLength: 5 }) }),
      fc.record({ kind: fc.constant('fixedLengthArray'), length: u16 }),
      fc.record({ kind: fc.constant('regularExpression'), expression: text }),
      fc.record({ kind: fc.constant('byteArray'), maximumLength: u16 }),
      fc.record({ kind: fc.constant('longString'), maximumLength: u16 }),
    );
    return fc.record<ObjectPropDesc>({
      propertyCode: u16,
      dataType: fc.constant(dataType),
      writable: fc.boolean(),
      defaultValue: value,
      groupCode: u32,
      form,
    });
  });
  const element = typed.chain(([dataType, value]) =>
    fc.record<ObjectPropElement>({
      objectHandle: u32,
      propertyCode: u16,
      dataType: fc.constant(dataType),
      value,
    }),
  );

  it('every value that is encoded is decoded to itself', () => {
    fc.assert(
      fc.property(desc, fc.array(element, { maxLength: 10 }), (one, list) => {
        expect(ObjectPropDesc.decode(ObjectPropDesc.encode(one))).toEqual(one);
        expect(ObjectPropList.decode(ObjectPropList.encode(list))).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  it('sets of descriptions are decoded to themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.array(desc, { maxLength: 3 }), { maxLength: 3 }), (sets) => {
        expect(InterdependentPropDesc.decode(InterdependentPropDesc.encode(sets))).toEqual(sets);
      }),
    );
  });

  it('any bytes, and any broken dataset, give a value or a ProtocolError', () => {
    const broken = fc
      .tuple(fc.array(element, { maxLength: 5 }), desc, fc.nat(), u8, fc.nat())
      .map(([list, one, at, byte, cut]) => {
        const bytes = Uint8Array.of(...ObjectPropList.encode(list), ...ObjectPropDesc.encode(one));
        bytes[at % bytes.length] = byte;
        return bytes.subarray(0, cut % (bytes.length + 1));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), broken), (bytes) => {
        for (const { decode } of [ObjectPropDesc, ObjectPropList, InterdependentPropDesc]) {
          expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
            outcomeOnAnyBytes(bytes, decode),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });
});
