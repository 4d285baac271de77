import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../test/support/hex-fixture.ts';
import { concat } from '../../base/byte-stream.ts';
import { ContainerType, encodeBlock, encodeDataHead } from '../../ptp/transport/usb-containers.ts';
import type { UsbTransfer } from '../traffic.ts';
import { Decoder } from './decoder.ts';
import type { Seen } from './seen.ts';

const place = { bus: 1, device: 4 };
/** wMaxPacketSize. */
const PACKET = 512;

interface Exchange {
  code: number;
  params: number[];
  direction?: 'in' | 'out';
  data?: Uint8Array;
  response: number;
}

type Bulk = Pick<UsbTransfer, 'direction' | 'bytes'>;

/** `read`: bytes of each read or write of the host, a multiple of the packet. */
function bulkOf(exchanges: readonly Exchange[], read: number): Bulk[] {
  return exchanges.flatMap(({ code, params, direction, data, response }, transactionId): Bulk[] => {
    const phase: Bulk[] = [];
    if (data && direction) {
      const container = concat([encodeDataHead(code, transactionId, data.length), data]);
      for (let at = 0; at < container.length; at += read) {
        phase.push({ direction, bytes: container.subarray(at, at + read) });
      }
    }
    return [
      { direction: 'out', bytes: encodeBlock(ContainerType.Command, code, transactionId, params) },
      ...phase,
      { direction: 'in', bytes: encodeBlock(ContainerType.Response, response, transactionId, []) },
    ];
  });
}

function decode(bulk: readonly Bulk[], snapped = Number.POSITIVE_INFINITY) {
  const seen: Seen[] = [];
  const decoder = new Decoder((item) => seen.push(item), { keep: () => 1e6 });
  bulk.forEach(({ direction, bytes }, time) => {
    decoder.push({
      ...{ kind: 'usb', time, asked: time, place, type: 'bulk', direction, status: 0 },
      ...{ endpoint: direction === 'in' ? 1 : 2, setup: undefined },
      ...{ size: bytes.length, bytes: bytes.subarray(0, snapped) },
    });
  });
  decoder.end();
  const transactions = seen
    .filter((item) => item.kind === 'transaction')
    .map(({ transactionId, code, params, data, response }) => ({
      ...{ transactionId, code, params, size: data?.size, missing: data?.missing },
      ...{ bytes: data?.bytes, response: response?.code },
    }));
  return { transactions, statistics: decoder.statistics };
}

const truthOf = (exchanges: readonly Exchange[]) =>
  exchanges.map(({ code, params, data, response }, transactionId) => ({
    ...{ transactionId, code, params, size: data?.length, missing: data && 0, bytes: data },
    response,
  }));

/** A response of transaction 3, as the payload of transaction 3, where it fills a transfer. */
const trap = concat([
  new Uint8Array(PACKET - 12),
  encodeBlock(ContainerType.Response, 0x2001, 3, []),
]);
const exchanges: Exchange[] = [
  { code: 0x1001, params: [], direction: 'in', data: fromHex('0001020304'), response: 0x2001 },
  { code: 0x9110, params: [], direction: 'out', data: new Uint8Array(1500), response: 0x2019 },
  { code: 0x911a, params: [1, 2, 3], response: 0x2001 },
  {
    code: 0x9107,
    params: [7, 0, 9],
    direction: 'in',
    data: concat([trap, trap]),
    response: 0x2001,
  },
  { code: 0x1009, params: [7], direction: 'in', data: new Uint8Array(0), response: 0x2002 },
  { code: 0x100d, params: [], direction: 'out', data: concat([trap, trap]), response: 0x2001 },
  { code: 0x1001, params: [], direction: 'in', data: fromHex('00'), response: 0x2001 },
];
const reads = fc.integer({ min: 1, max: 8 }).map((packets) => packets * PACKET);

describe('PTP over USB', () => {
  it('is the same however the host reads it', () => {
    fc.assert(
      fc.property(reads, (read) => {
        expect(decode(bulkOf(exchanges, read)).transactions).toEqual(truthOf(exchanges));
      }),
    );
  });

  it('is read from any transfer on, and nothing is invented', () => {
    fc.assert(
      fc.property(reads, fc.nat({ max: 30 }), (read, skip) => {
        const bulk = bulkOf(exchanges, read);
        const { transactions } = decode(bulk.slice(skip));
        for (const found of transactions) expect(truthOf(exchanges)).toContainEqual(found);
        const commands = bulk.slice(skip).filter(({ direction, bytes }) => {
          return direction === 'out' && bytes[4] === 1 && bytes.length < 40;
        });
        expect(transactions.length).toBe(commands.length);
      }),
    );
  });

  it('counts what a capture of short frames has not', () => {
    const { transactions } = decode(bulkOf(exchanges, 4 * PACKET), 64);
    expect(transactions.map(({ size, missing }) => [size, missing])).toEqual([
      [5, 0],
      [1500, 1512 - 64],
      [undefined, undefined],
      [1024, 1036 - 64],
      [0, 0],
      [1024, 1036 - 64],
      [1, 0],
    ]);
  });

  it('is not seen in what another device says', () => {
    // The beginning of a mass storage command, and its answer.
    const bulk: Bulk[] = [
      { direction: 'out', bytes: concat([fromHex('55534243 01000000'), new Uint8Array(23)]) },
      { direction: 'in', bytes: fromHex('55534253 01000000 00000000 00') },
    ];
    const { transactions, statistics } = decode(bulk);
    expect(transactions).toEqual([]);
    expect(statistics.unrelated).toMatchObject({ devices: 1, bytes: 31 + 13 });
  });
});
