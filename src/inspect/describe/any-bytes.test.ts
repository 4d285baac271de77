/** Whatever a capture holds: descriptions never throw, and are plain JSON. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hexFixture } from '../../../test/support/hex-fixture.ts';
import { canonNames, EosOperation } from '../../canon/ptp/index.ts';
import { DataType, DevicePropDesc, Operation } from '../../ptp/index.ts';
import { describeData, describeEvent, describeParams, describeResponse } from './index.ts';

const names = canonNames;
const operations = [...Object.keys(names.operations).map(Number), 0x9999, 0x9fff];
const events = [...Object.keys(names.events).map(Number), 0xc0ff];
const u32 = fc.nat({ max: 0xffffffff });
const params = fc.array(u32, { maxLength: 5 });
const property = fc.constantFrom(...Object.keys(names.properties).map(Number), 0xd2ff);

function check(operation: number, given: number[], bytes: Uint8Array, answer?: number[]): void {
  const seen = { operation, params: given, direction: 'in', bytes, names, answer } as const;
  const description = describeData(seen);
  if (!description) return;
  const { what, summary, lines, json, unknown } = description;
  expect([what, summary, ...lines, ...unknown].every((text) => typeof text === 'string')).toBe(
    true,
  );
  if (json !== undefined) expect(JSON.parse(JSON.stringify(json))).not.toBeUndefined();
}

it('data of every operation', () => {
  const small = fc.oneof(fc.nat({ max: 20 }), u32);
  fc.assert(
    fc.property(
      fc.constantFrom(...operations),
      fc.array(small, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 120 }),
      fc.option(fc.array(small, { maxLength: 5 }), { nil: undefined }),
      check,
    ),
    { numRuns: 3000 },
  );
});

it('the first dump of an EOS 60D with some bytes changed', () => {
  const dump = hexFixture('canon/eos60d-getevent-initial.hex');
  const change = fc.tuple(fc.nat({ max: dump.length - 1 }), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
      const bytes = dump.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      check(EosOperation.GetEvent, [], bytes);
    }),
    { numRuns: 100 },
  );
});

it('descriptions of any property with any value', () => {
  fc.assert(
    fc.property(property, u32, (propertyCode, value) => {
      const bytes = DevicePropDesc.encode({
        ...{ propertyCode, dataType: DataType.UINT32, writable: true, factoryDefault: value },
        ...{ current: value, form: { kind: 'enumeration', values: [0, value] } },
      });
      check(Operation.GetDevicePropDesc, [propertyCode], bytes);
    }),
  );
});

it('parameters of every operation and event', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...operations),
      fc.constantFrom(...events),
      params,
      params,
      (operation, event, request, answer) => {
        for (const told of [
          describeParams(operation, request, names),
          describeResponse(operation, request, answer, names),
          describeEvent(event, request, names).params,
        ]) {
          expect(told.every(({ text, value }) => text !== '' && Number.isInteger(value))).toBe(
            true,
          );
        }
      },
    ),
    { numRuns: 2000 },
  );
});
