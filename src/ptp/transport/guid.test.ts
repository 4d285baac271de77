import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import { formatGuid, makeGuid, parseGuid } from './guid.ts';

// The first vector is that of grphoto2's tests, the others come from captures: EOS Utility, EOS R.
const VECTORS = [
  ['01234567-FEED-DEAD-BEEF-001122334455', '67 45 23 01 ed fe ad de be ef 00 11 22 33 44 55'],
  ['5C946DAE-FA56-44FB-82E5-0B5B15E4FD05', 'ae 6d 94 5c 56 fa fb 44 82 e5 0b 5b 15 e4 fd 05'],
  ['00000000-0000-0000-0001-58D50A13A80B', '00 00 00 00 00 00 00 00 00 01 58 d5 0a 13 a8 0b'],
] as const;

describe('GUIDs', () => {
  it.each(VECTORS)('%s is the text of %s', (text, wire) => {
    expect(formatGuid(fromHex(wire))).toBe(text);
    expect(toSpacedHex(parseGuid(text) ?? new Uint8Array(0))).toBe(wire);
  });

  it('are read with the prefix of a UDN, in lower case and without dashes', () => {
    const wire = fromHex(VECTORS[0][1]);
    expect(parseGuid(`uuid:${VECTORS[0][0].toLowerCase()}`)).toEqual(wire);
    expect(parseGuid(VECTORS[0][0].replaceAll('-', ''))).toEqual(wire);
  });

  it.each([
    '',
    'uuid:',
    '01234567-FEED-DEAD-BEEF-00112233445',
    '0123456g-FEED-DEAD-BEEF-001122334455',
  ])('are not read from %j', (text) => {
    expect(parseGuid(text)).toBeUndefined();
  });

  it('survive the way through text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (wire) => {
        expect(parseGuid(formatGuid(wire))).toEqual(wire);
      }),
    );
  });

  it('of this computer end in a locally administered unicast MAC address', () => {
    expect(formatGuid(makeGuid(fromHex('00 11 22 33 44 55')))).toBe(
      '00000000-0000-0000-0001-021122334455',
    );
    expect(formatGuid(makeGuid(fromHex('ff ff ff ff ff ff')))).toBe(
      '00000000-0000-0000-0001-FEFFFFFFFFFF',
    );
    expect(makeGuid(fromHex('00 11 22 33 44 55'))).toHaveLength(16);
  });
});
