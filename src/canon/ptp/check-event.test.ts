import { expect, test } from 'vitest';
import { fromHex, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import { protocolErrorOf } from '../../../test/support/protocol-errors.ts';
import { CheckedEvent } from './check-event.ts';

test('an event container, as ISO 15740 lays it out for the interrupt pipe', () => {
  // length 16, event, ObjectAdded, transaction 7, handle 0x01900041
  const bytes = fromHex('10 00 00 00 04 00 02 40 07 00 00 00 41 00 90 01');
  const event = { code: 0x4002, transactionId: 7, params: [0x01900041] };
  expect(CheckedEvent.decode(bytes)).toEqual(event);
  expect(toSpacedHex(CheckedEvent.encode(event))).toBe(toSpacedHex(bytes));
});

test('no data and zeros are no event', () => {
  expect(CheckedEvent.decode(new Uint8Array(0))).toBeUndefined();
  expect(CheckedEvent.decode(new Uint8Array(16))).toBeUndefined();
  expect(CheckedEvent.encode(undefined)).toHaveLength(0);
});

test.each([
  ['a length that is not there', 'ff 00 00 00 04 00 02 40 07 00 00 00'],
  ['a length that holds no head', '04 00 00 00 04 00 02 40 07 00 00 00'],
  ['a response', '0c 00 00 00 03 00 01 20 07 00 00 00'],
])('%s is no event', (_what, bytes) => {
  expect(protocolErrorOf(() => CheckedEvent.decode(fromHex(bytes))).code).toBe('INVALID_DATA');
});
