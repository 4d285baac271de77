/** By what an EOS 60D has sent. */
import { expect, it } from 'vitest';
import { fromHex as hex, hexFixture } from '../../test/support/hex-fixture.ts';
import { decodeEvents } from '../canon/ptp/index.ts';
import { EventShare } from './event-share.ts';

const dump = hexFixture('canon/eos60d-getevent-initial.hex');
const change = hexFixture('canon/eos60d-getevent-after-capturedest-4.hex');
const NO_MORE = '0800000000000000';

it('gives a client that comes later the same dump, without asking the camera', () => {
  const share = new EventShare();
  expect(share.put(dump).error).toBeUndefined();
  const told = decodeEvents(share.join().take());
  const stated = decodeEvents(dump).filter(
    ({ kind }) => kind === 'propValue' || kind === 'availList',
  );
  expect(stated.length).toBeGreaterThan(50);
  // It tells some of them twice; the last counts.
  const newest = new Map(
    stated.map((event) => [event.kind + ('property' in event ? event.property : ''), event]),
  );
  expect(told).toEqual([...newest.values()]);
});

it('gives each client each event once', () => {
  const share = new EventShare();
  share.put(dump);
  const [a, b] = [share.join(), share.join()];
  a.take();
  b.take();
  share.put(change);
  expect(a.take()).toEqual(change);
  expect(a.take()).toEqual(hex(NO_MORE));
  expect(b.take()).toEqual(change);
});

it('tells a new client the newest value of a property, once', () => {
  const share = new EventShare();
  share.put(dump);
  share.put(change);
  const [changed] = decodeEvents(change);
  if (changed?.kind !== 'propValue') throw new Error('another fixture');
  const told = decodeEvents(share.join().take()).filter(
    (event) => event.kind === 'propValue' && event.property === changed.property,
  );
  expect(told).toEqual([changed]);
});

it('keeps what came before a fault, which the camera does not tell again', () => {
  const share = new EventShare();
  const queue = share.join();
  const { count, error } = share.put(change.subarray(0, change.length - 4));
  expect(count).toBe(decodeEvents(change).length);
  expect(error).toMatchObject({ code: 'TRUNCATED' });
  expect(decodeEvents(queue.take())).toEqual(decodeEvents(change));
});

it('does not grow for a client that never asks: it is told how things are', () => {
  const share = new EventShare();
  share.put(dump);
  const queue = share.join();
  for (let i = 0; i < 700; i++) share.put(dump);
  const told = queue.take();
  expect(told.length).toBeLessThan(6 << 20);
  expect(decodeEvents(told).length).toBeGreaterThan(50);
});

it('tells of a picture that waits only one who is alone', () => {
  // RequestObjectTransfer64LFN, the record of libgphoto2's ptp-pack.c with its head.
  const record = `25000000 b8c10000 40c03214 08b10000 00000000 d41ca602 00000000 00c03214
    06000000 00 08000000 00000000`;
  const share = new EventShare();
  share.put(hex(record));
  const first = share.join();
  const waiting = first.take();
  expect(decodeEvents(waiting)).toHaveLength(1);
  expect(share.join().take()).toEqual(hex(NO_MORE));
  first.end();
});
