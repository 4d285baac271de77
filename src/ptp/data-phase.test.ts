import { describe, expect, it } from 'vitest';
import { fromHex } from '../../test/support/hex-fixture.ts';
import { protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { Collector } from './data-phase.ts';

describe('Collector', () => {
  it('keeps what it was given, though the chunks are reused', () => {
    const collector = new Collector();
    const chunk = fromHex('01 02');
    collector.write(chunk);
    chunk.set([3, 4]);
    collector.write(chunk);
    expect(collector.bytes()).toEqual(fromHex('01 02 03 04'));
    expect(new Collector().bytes()).toHaveLength(0);
  });

  it('holds 64 MiB and refuses what is beyond: large data wants a sink', () => {
    const collector = new Collector();
    const chunk = new Uint8Array(8 << 20);
    for (let i = 0; i < 8; i++) collector.write(chunk);
    expect(protocolErrorOf(() => collector.write(chunk.subarray(0, 1))).code).toBe('INVALID_DATA');
  });
});
