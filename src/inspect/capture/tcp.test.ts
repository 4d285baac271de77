import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../base/byte-stream.ts';
import type { Traffic } from '../traffic.ts';
import type { Segment } from './network.ts';
import { TcpReader } from './tcp.ts';

const CLIENT = { address: Uint8Array.of(10, 0, 0, 1), port: 50_000 };
const SERVER = { address: Uint8Array.of(10, 0, 0, 2), port: 15_740 };

interface Sent {
  fromClient: boolean;
  sequence: number;
  acknowledged?: number;
  payload?: Uint8Array;
  size?: number;
  syn?: boolean;
  fin?: boolean;
  rst?: boolean;
}

function segmentOf(sent: Sent, time: number): Segment {
  const [from, to] = sent.fromClient ? [CLIENT, SERVER] : [SERVER, CLIENT];
  const payload = sent.payload ?? new Uint8Array(0);
  return {
    packet: { time, source: from.address, destination: to.address, hops: 64 },
    sourcePort: from.port,
    destinationPort: to.port,
    sequence: sent.sequence >>> 0,
    acknowledged: sent.acknowledged === undefined ? undefined : sent.acknowledged >>> 0,
    ...{ syn: sent.syn ?? false, fin: sent.fin ?? false, rst: sent.rst ?? false },
    payload,
    size: sent.size ?? payload.length,
  };
}

function read(all: readonly Sent[]) {
  const items: Traffic[] = [];
  const reader = new TcpReader((item) => {
    items.push(item.kind === 'bytes' ? { ...item, bytes: item.bytes.slice() } : item);
  });
  all.forEach((sent, time) => void reader.segment(segmentOf(sent, time)));
  reader.end();
  const stream = (fromClient: boolean) =>
    items.filter(
      (item) => (item.kind === 'bytes' || item.kind === 'hole') && item.fromClient === fromClient,
    );
  const bytes = (fromClient: boolean) =>
    concat(stream(fromClient).flatMap((item) => (item.kind === 'bytes' ? [item.bytes] : [])));
  const holes = items.flatMap((item) => (item.kind === 'hole' ? [item.size] : []));
  return { items, stream, bytes, holes };
}

/** A conversation in turns, cut into segments, acknowledged as it goes. */
function conversation(turns: readonly Uint8Array[], cut: number, first: [number, number]): Sent[] {
  const next = { client: first[0], server: first[1] };
  const sent: Sent[] = [
    { fromClient: true, sequence: next.client, syn: true },
    { fromClient: false, sequence: next.server, acknowledged: next.client + 1, syn: true },
  ];
  next.client++;
  next.server++;
  turns.forEach((turn, i) => {
    const fromClient = i % 2 === 0;
    const [own, other] = fromClient
      ? (['client', 'server'] as const)
      : (['server', 'client'] as const);
    for (let at = 0; at < turn.length; at += cut) {
      const payload = turn.subarray(at, at + cut);
      sent.push({ fromClient, sequence: next[own], acknowledged: next[other], payload });
      next[own] += payload.length;
    }
  });
  return sent;
}

const bytesOf = fc.uint8Array({ minLength: 1, maxLength: 200 });
const turnsOf = fc.array(bytesOf, { minLength: 1, maxLength: 8 });
const cutOf = fc.integer({ min: 1, max: 60 });
/** Around the end of the sequence numbers, too. */
const firstOf = fc.constantFrom<[number, number][]>(
  [1, 1],
  [0xffffffb0, 0xfffffff0],
  [77, 0x7fffffff],
);

const whole = (turns: readonly Uint8Array[], fromClient: boolean) =>
  concat(turns.filter((_, i) => (i % 2 === 0) === fromClient));

describe('TCP', () => {
  it('is put together, whatever came twice, overlapping, or out of order', () => {
    fc.assert(
      fc.property(
        turnsOf,
        cutOf,
        firstOf,
        fc.array(fc.nat(), { maxLength: 30 }),
        (turns, cut, first, dice) => {
          const sent = conversation(turns, cut, first);
          const mixed: Sent[] = [];
          sent.forEach((one, i) => {
            const die = dice[i % Math.max(1, dice.length)] ?? 0;
            const before = mixed.at(-1);
            // Swapped with its neighbour of the same direction, sent again, or joined with it.
            if (
              die % 5 === 1 &&
              before?.payload &&
              one.payload &&
              before.fromClient === one.fromClient
            ) {
              mixed.splice(-1, 1, one, before);
            } else {
              mixed.push(one);
            }
            if (die % 5 === 2) mixed.push(one);
            if (
              die % 5 === 3 &&
              before?.payload &&
              one.payload &&
              before.fromClient === one.fromClient
            ) {
              mixed.push({ ...before, payload: concat([before.payload, one.payload]) });
            }
          });
          const { bytes, holes } = read(mixed);
          expect(holes).toEqual([]);
          expect(bytes(true)).toEqual(whole(turns, true));
          expect(bytes(false)).toEqual(whole(turns, false));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('tells what is missing in bytes, at its place', () => {
    fc.assert(
      fc.property(
        turnsOf,
        cutOf,
        firstOf,
        fc.array(fc.nat(), { maxLength: 6 }),
        (turns, cut, first, drops) => {
          const sent = conversation(turns, cut, first);
          const dropped = new Set(drops.map((drop) => 2 + (drop % Math.max(1, sent.length - 2))));
          const { stream } = read(sent.filter((_, i) => !dropped.has(i)));
          for (const fromClient of [true, false]) {
            const wanted = whole(turns, fromClient);
            let at = 0;
            for (const item of stream(fromClient)) {
              if (item.kind === 'hole') at += item.size ?? 0;
              else if (item.kind === 'bytes') {
                expect(item.bytes).toEqual(wanted.subarray(at, at + item.bytes.length));
                at += item.bytes.length;
              }
            }
            // What is missing at the end nobody can know.
            expect(at).toBeLessThanOrEqual(wanted.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('begins in the middle with the first segment that is there', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const { items, bytes } = read([
      { fromClient: false, sequence: 900, acknowledged: 50, payload },
      { fromClient: true, sequence: 50, acknowledged: 903, payload },
      // A probe whether the other side is still there: one byte from before.
      { fromClient: true, sequence: 52, acknowledged: 903, payload: Uint8Array.of(0) },
    ]);
    expect([bytes(true), bytes(false)]).toEqual([payload, payload]);
    expect(items[0]).toMatchObject({ connection: { fromStart: false, client: { port: 50_000 } } });
    expect(items.at(-1)).toMatchObject({ kind: 'close', how: 'unseen' });
  });

  it('tells bytes that were cut when they were captured', () => {
    const { stream } = read([
      { fromClient: true, sequence: 1, acknowledged: 1, payload: Uint8Array.of(1, 2), size: 10 },
      { fromClient: true, sequence: 11, acknowledged: 1, payload: Uint8Array.of(3) },
    ]);
    expect(stream(true)).toMatchObject([
      { kind: 'bytes' },
      { kind: 'hole', size: 8 },
      { kind: 'bytes' },
    ]);
  });

  it('ends in order, by reset, or with the capture; a port may be used again', () => {
    const opening: Sent[] = [
      { fromClient: true, sequence: 0, syn: true },
      { fromClient: false, sequence: 0, acknowledged: 1, syn: true },
    ];
    const orderly: Sent[] = [
      { fromClient: true, sequence: 1, acknowledged: 1, fin: true },
      { fromClient: false, sequence: 1, acknowledged: 2, fin: true },
    ];
    const again: Sent[] = [
      { fromClient: true, sequence: 5000, syn: true },
      { fromClient: false, sequence: 6000, acknowledged: 5001, syn: true },
      { fromClient: true, sequence: 5001, acknowledged: 6001, rst: true },
    ];
    const { items } = read([...opening, ...orderly, ...again, ...opening]);
    const told = items.map((item) => (item.kind === 'close' ? item.how : item.kind));
    expect(told).toEqual(['open', 'orderly', 'open', 'reset', 'open', 'unseen']);
    const ids = items.map((item) => ('connection' in item ? item.connection.id : 0));
    expect(ids).toEqual([1, 1, 2, 2, 3, 3]);
  });

  const OPENING: Sent[] = [
    { fromClient: true, sequence: 0, syn: true },
    { fromClient: false, sequence: 0, acknowledged: 1, syn: true },
  ];
  const kinds = (items: readonly Traffic[]) =>
    items.map((item) => (item.kind === 'close' ? item.how : item.kind));

  it('makes no connection of what comes after the end: the last ACK, a FIN again, data again', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const { items } = read([
      ...OPENING,
      { fromClient: true, sequence: 1, acknowledged: 1, payload },
      { fromClient: true, sequence: 4, acknowledged: 1, fin: true },
      { fromClient: false, sequence: 1, acknowledged: 5, fin: true },
      { fromClient: true, sequence: 5, acknowledged: 2 },
      { fromClient: true, sequence: 1, acknowledged: 1, payload },
      { fromClient: false, sequence: 1, acknowledged: 5, fin: true },
    ]);
    expect(kinds(items)).toEqual(['open', 'bytes', 'orderly']);
  });

  it('takes a port that is used again, without its SYN, for another connection', () => {
    const { items } = read([
      ...OPENING,
      { fromClient: true, sequence: 1, acknowledged: 1, fin: true },
      { fromClient: false, sequence: 1, acknowledged: 2, fin: true },
      { fromClient: true, sequence: 9000, acknowledged: 700, payload: Uint8Array.of(1) },
    ]);
    expect(kinds(items)).toEqual(['open', 'orderly', 'bytes', 'unseen']);
  });

  it('takes a SYN that comes again late for the same connection', () => {
    const { items } = read([
      ...OPENING,
      { fromClient: true, sequence: 1, acknowledged: 1, payload: Uint8Array.of(1) },
      { fromClient: true, sequence: 0, syn: true },
      { fromClient: true, sequence: 2, acknowledged: 1, payload: Uint8Array.of(2) },
    ]);
    expect(kinds(items)).toEqual(['open', 'bytes', 'bytes', 'unseen']);
  });

  it('tells the last bytes as missing where only what ends or acknowledges them is there', () => {
    const last = { fromClient: true, sequence: 101, acknowledged: 1, fin: true };
    const ended = read([
      ...OPENING,
      last,
      { fromClient: false, sequence: 1, acknowledged: 102, fin: true },
    ]);
    expect([kinds(ended.items), ended.holes]).toEqual([['open', 'hole', 'orderly'], [100]]);
    const acknowledged = read([...OPENING, { fromClient: false, sequence: 1, acknowledged: 51 }]);
    expect([kinds(acknowledged.items), acknowledged.holes]).toEqual([
      ['open', 'hole', 'unseen'],
      [50],
    ]);
  });

  it('finds no bytes in what keeps a connection alive', () => {
    const payload = Uint8Array.of(7);
    const { items, bytes, holes } = read([
      ...OPENING,
      { fromClient: true, sequence: 1, acknowledged: 1, payload },
      // With the last byte again, or none.
      { fromClient: true, sequence: 1, acknowledged: 1, payload: Uint8Array.of(0) },
      { fromClient: true, sequence: 1, acknowledged: 1 },
      { fromClient: false, sequence: 1, acknowledged: 2 },
    ]);
    expect([kinds(items), holes]).toEqual([['open', 'bytes', 'unseen'], []]);
    expect(bytes(true)).toEqual(payload);
  });

  it('holds back so much and no more', () => {
    const payload = new Uint8Array(60_000);
    const segments: Sent[] = Array.from({ length: 200 }, (_, i) => ({
      ...{ fromClient: true, sequence: 1000 + i * payload.length, acknowledged: 1, payload },
    }));
    const items: Traffic[] = [];
    const reader = new TcpReader((item) => items.push(item));
    reader.segment(segmentOf({ fromClient: true, sequence: 0, syn: true }, 0));
    // The first thousand bytes never come.
    segments.forEach((sent, i) => void reader.segment(segmentOf(sent, i)));
    expect(items.filter(({ kind }) => kind === 'hole')).toMatchObject([{ size: 999 }]);
    expect(items.filter(({ kind }) => kind === 'bytes').length).toBe(200);
  });
});
