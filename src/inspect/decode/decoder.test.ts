import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixtureParts } from '../../../test/support/hex-fixture.ts';
import { concat } from '../../base/byte-stream.ts';
import { encodePacket, PacketType } from '../../ptp/index.ts';
import type { Connection, Traffic } from '../traffic.ts';
import { Decoder } from './decoder.ts';
import type { DecodeOptions, Seen, Transaction } from './seen.ts';

function decode(traffic: Iterable<Traffic>, options: DecodeOptions = {}) {
  const seen: Seen[] = [];
  const decoder = new Decoder((item) => seen.push(item), options);
  for (const item of traffic) decoder.push(item);
  decoder.end();
  const transactions = seen.filter((item) => item.kind === 'transaction');
  return { seen, transactions, statistics: decoder.statistics };
}

const connection = (fromStart: boolean, ports = [50_000, 15_740]): Connection => ({
  id: 1,
  client: { address: '192.168.0.54', port: ports[0] ?? 0 },
  server: { address: '192.168.0.46', port: ports[1] ?? 0 },
  fromStart,
});

/** One side's bytes until the other side's begin. */
interface Turn {
  fromClient: boolean;
  bytes: Uint8Array;
}

interface Exchange {
  code: number;
  params: number[];
  direction?: 'in' | 'out';
  data?: Uint8Array;
  response: number;
}

/** By our own encoder, which other tests hold against bytes of real peers. */
function turnsOf(exchanges: readonly Exchange[]): Turn[] {
  return exchanges.flatMap(({ code, params, direction, data, response }, transactionId) => {
    const request = encodePacket(PacketType.OperationRequest, {
      ...{ dataPhaseInfo: direction === 'out' ? 2 : 1, code, transactionId, params },
    });
    const total = BigInt(data?.length ?? 0);
    const half = Math.floor((data?.length ?? 0) / 2);
    const phase = data && [
      encodePacket(PacketType.StartData, { transactionId, total }),
      encodePacket(PacketType.Data, { transactionId, payload: data.subarray(0, half) }),
      encodePacket(PacketType.EndData, { transactionId, payload: data.subarray(half) }),
    ];
    const answer = encodePacket(PacketType.OperationResponse, {
      ...{ code: response, transactionId, params: [] },
    });
    const out = direction === 'out' ? (phase ?? []) : [];
    const back = direction === 'in' ? (phase ?? []) : [];
    return [
      { fromClient: true, bytes: concat([request, ...out]) },
      { fromClient: false, bytes: concat([...back, answer]) },
    ];
  });
}

/** In pieces of the given sizes, round and round. */
function inPieces(at: Connection, turns: readonly Turn[], sizes: readonly number[]): Traffic[] {
  const items: Traffic[] = [];
  for (const { fromClient, bytes } of turns) {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + (sizes[items.length % sizes.length] ?? 1));
      items.push({
        ...{ kind: 'bytes', time: items.length, connection: at },
        fromClient,
        bytes: piece,
      });
      from += piece.length;
    }
  }
  return items;
}

const summary = ({ transactionId, code, params, data, response }: Transaction) => ({
  transactionId,
  code,
  params,
  size: data?.size,
  missing: data?.missing,
  bytes: data?.bytes,
  response: response?.code,
});

/** What has to be seen of each. */
function truthOf(exchanges: readonly Exchange[]) {
  return exchanges.map(({ code, params, data, response }, transactionId) => ({
    ...{ transactionId, code, params, size: data?.length, missing: data && 0, bytes: data },
    response,
  }));
}

const plain: Exchange[] = [
  { code: 0x1001, params: [], direction: 'in', data: fromHex('00010203040506'), response: 0x2001 },
  { code: 0x9110, params: [1, 2], direction: 'out', data: fromHex('aabbccddee'), response: 0x2019 },
  { code: 0x911a, params: [161, 1000, 0], response: 0x2001 },
];
/** Objects that hold PTP/IP, whole and cut. */
const trap = concat(turnsOf([...plain, ...plain]).map(({ bytes }) => bytes));
const exchanges: Exchange[] = [
  ...plain,
  { code: 0x101b, params: [1, 0, 5], direction: 'in', data: trap, response: 0x2001 },
  {
    code: 0x1007,
    params: [0xffffffff],
    direction: 'in',
    data: new Uint8Array(0),
    response: 0x2001,
  },
  { code: 0x100d, params: [], direction: 'out', data: trap.subarray(3), response: 0x2001 },
  ...plain,
];

describe('PTP/IP', () => {
  it('is the same however TCP cuts it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
        (sizes) => {
          const init = encodePacket(PacketType.InitCommandRequest, {
            ...{ guid: new Uint8Array(16), name: 'x', version: 0x10000 },
          });
          const turns = [{ fromClient: true, bytes: init }, ...turnsOf(exchanges)];
          const [first, ...rest] = turns;
          const at = connection(true);
          const items = [
            ...inPieces(at, first ? [first] : [], [100]),
            ...inPieces(at, rest, sizes),
          ];
          const keep = () => 1e6;
          const { seen, transactions } = decode(items, { keep });
          expect(transactions.map(summary)).toEqual(truthOf(exchanges));
          expect(seen.filter(({ kind }) => kind === 'unread')).toEqual([]);
        },
      ),
    );
  });

  it('is read from the first packet that makes sense, and never from payload', () => {
    const turns = turnsOf(exchanges);
    const whole = concat(turns.map(({ bytes }) => bytes)).length;
    fc.assert(
      fc.property(fc.nat({ max: whole - 1 }), fc.integer({ min: 1, max: 90 }), (cut, size) => {
        let left = cut;
        const kept: Turn[] = [];
        for (const turn of turns) {
          const bytes = turn.bytes.subarray(left);
          left = Math.max(0, left - turn.bytes.length);
          if (bytes.length > 0) kept.push({ ...turn, bytes });
        }
        const items = inPieces(connection(false), kept, [size]);
        // A request is found where its first piece holds it.
        const { transactions } = decode(items, { keep: () => 1e6 });
        const truth = truthOf(exchanges);
        for (const found of transactions.map(summary)) {
          expect(truth).toContainEqual(found);
        }
        if (size >= 40) {
          // All whole exchanges behind the cut, but for one whose request stands behind payload.
          let at = 0;
          const ends = truth.map((_, i) => {
            const begin = at;
            at += (turns[2 * i]?.bytes.length ?? 0) + (turns[2 * i + 1]?.bytes.length ?? 0);
            return begin;
          });
          const due = ends.filter((begin) => begin > cut).length;
          expect(transactions.length).toBeGreaterThanOrEqual(due - 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells holes in bytes, and invents nothing behind them', () => {
    const turns = turnsOf(exchanges);
    fc.assert(
      fc.property(
        fc.nat({ max: turns.length - 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 40, max: 90 }),
        (which, from, length, size) => {
          const turn = turns[which] as Turn;
          const start = from % turn.bytes.length;
          const end = Math.min(turn.bytes.length, start + length);
          const at = connection(true);
          const init = encodePacket(PacketType.InitCommandRequest, {
            ...{ guid: new Uint8Array(16), name: 'x', version: 0x10000 },
          });
          const items: Traffic[] = [
            ...inPieces(at, [{ fromClient: true, bytes: init }], [100]),
            ...inPieces(at, turns.slice(0, which), [size]),
            ...inPieces(at, [{ ...turn, bytes: turn.bytes.subarray(0, start) }], [size]),
            {
              ...{ kind: 'hole', time: 1, connection: at, fromClient: turn.fromClient },
              size: end - start,
            },
            ...inPieces(at, [{ ...turn, bytes: turn.bytes.subarray(end) }], [size]),
            ...inPieces(at, turns.slice(which + 1), [size]),
          ];
          const { seen, transactions } = decode(items, { keep: () => 1e6 });
          const holes = seen.filter((item) => item.kind === 'unread' && item.why === 'hole');
          expect(holes).toMatchObject([{ size: end - start }]);
          const truth = truthOf(exchanges);
          for (const found of transactions) {
            const one = truth[found.transactionId];
            if (found.code !== undefined) expect(found.code).toBe(one?.code);
            if (found.response) expect(found.response.code).toBe(one?.response);
            if (found.data?.bytes && found.data.announced !== undefined) {
              expect(found.data.bytes).toEqual(one?.bytes);
            }
          }
          // One exchange is hurt; at most its neighbours' halves too.
          const sound = transactions.filter((found) => {
            try {
              expect(truth).toContainEqual(summary(found));
              return true;
            } catch {
              return false;
            }
          });
          expect(sound.length).toBeGreaterThanOrEqual(truth.length - 2);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a real EOS R, without its beginning', () => {
    const at = connection(false, [1113, 15_740]);
    const { transactions } = decode(
      hexFixtureParts('ptpip/idle-eos-r.hex').map((bytes) => ({
        // Requests are of type 6.
        ...{ kind: 'bytes', time: 0, connection: at, fromClient: bytes[4] === 6, bytes },
      })),
    );
    expect(
      transactions.map(({ code, params, data, response }) => [
        ...[code, params, data?.size, response?.code],
      ]),
    ).toEqual([
      [0x911a, [0x161, 0x1000, 0], undefined, 0x2001],
      [0x9116, [], 20, 0x2001],
    ]);
  });
});
