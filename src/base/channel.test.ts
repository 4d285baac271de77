import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { settle, watch } from '../../test/support/settle.ts';
import { Broadcast, Channel } from './channel.ts';

async function drain<T>(channel: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of channel) items.push(item);
  return items;
}

describe('Channel', () => {
  it('delivers in the order of pushing, also to a consumer that came first', async () => {
    const channel = new Channel<number>();
    const first = channel.next();
    const second = channel.next();
    channel.push(1);
    channel.push(2);
    channel.push(3);
    expect(await first).toEqual({ value: 1, done: false });
    expect(await second).toEqual({ value: 2, done: false });
    expect(await channel.next()).toEqual({ value: 3, done: false });
  });

  it('loses the oldest items when nobody reads, and counts them', async () => {
    const channel = new Channel<number>({ limit: 3 });
    for (let i = 1; i <= 5; i++) channel.push(i);
    channel.close();
    expect(channel.dropped).toBe(2);
    expect(await drain(channel)).toEqual([3, 4, 5]);
  });

  it('counts nothing as lost while a consumer waits', async () => {
    const channel = new Channel<number>({ limit: 1 });
    for (let i = 1; i <= 5; i++) {
      const next = channel.next();
      channel.push(i);
      expect(await next).toEqual({ value: i, done: false });
    }
    expect(channel.dropped).toBe(0);
  });

  it('delivers items whatever their value', async () => {
    const channel = new Channel<unknown>();
    for (const item of [0, '', false, null, undefined]) channel.push(item);
    channel.close();
    expect(await drain(channel)).toEqual([0, '', false, null, undefined]);
  });

  it('delivers what was queued before the close and then ends', async () => {
    const channel = new Channel<string>();
    channel.push('last');
    channel.close();
    channel.push('too late');
    expect(await drain(channel)).toEqual(['last']);
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  it('ends every waiting consumer when it closes', async () => {
    const channel = new Channel<string>();
    const waiting = [channel.next(), channel.next()];
    channel.close();
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
  });

  it('throws the error of the close after what was queued, once', async () => {
    const channel = new Channel<string>();
    const error = new Error('gone');
    channel.push('last');
    channel.close(error);
    channel.close(new Error('a second close says nothing'));
    expect(await channel.next()).toEqual({ value: 'last', done: false });
    await expect(channel.next()).rejects.toBe(error);
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  it('throws the error of the close to a waiting consumer, once', async () => {
    const channel = new Channel<string>();
    const error = new Error('gone');
    const waiting = watch(channel.next());
    channel.close(error);
    await settle();
    expect(waiting.error).toBe(error);
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  it('drops what is queued and tells its owner when the consumer breaks off', async () => {
    const onReturn = vi.fn();
    const channel = new Channel<number>({ onReturn });
    channel.push(1);
    channel.push(2);
    for await (const item of channel) {
      expect(item).toBe(1);
      break;
    }
    expect(onReturn).toHaveBeenCalledOnce();
    channel.push(3);
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  it('keeps the newest items for any limit and any number of items', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer()),
        fc.integer({ min: 1, max: 20 }),
        async (all, limit) => {
          const channel = new Channel<number>({ limit });
          for (const item of all) channel.push(item);
          channel.close();
          expect(await drain(channel)).toEqual(all.slice(-limit));
          expect(channel.dropped).toBe(Math.max(0, all.length - limit));
        },
      ),
    );
  });
});

describe('Broadcast', () => {
  it('gives every consumer what came after it subscribed', async () => {
    const broadcast = new Broadcast<number>();
    broadcast.push(1);
    const early = broadcast.subscribe();
    broadcast.push(2);
    const late = broadcast.subscribe();
    broadcast.push(3);
    broadcast.close();
    expect(await drain(early)).toEqual([2, 3]);
    expect(await drain(late)).toEqual([3]);
  });

  it('misses nothing between the subscription and the first reading', async () => {
    const broadcast = new Broadcast<number>();
    const iterator = broadcast[Symbol.asyncIterator]();
    broadcast.push(1);
    expect(await iterator.next()).toEqual({ value: 1, done: false });
  });

  it('goes on for the others when one consumer breaks off or reads nothing', async () => {
    const broadcast = new Broadcast<number>();
    const idle = broadcast.subscribe();
    const leaving = broadcast.subscribe();
    const staying = broadcast.subscribe();
    await leaving.return();
    for (let i = 0; i < 2000; i++) {
      broadcast.push(i);
      expect(await staying.next()).toEqual({ value: i, done: false });
    }
    expect(idle.dropped).toBe(2000 - 1024);
    expect(await leaving.next()).toEqual({ value: undefined, done: true });
  });

  it('throws the error of the close to every consumer', async () => {
    const broadcast = new Broadcast<number>();
    const error = new Error('gone');
    const consumers = [watch(drain(broadcast)), watch(drain(broadcast))];
    broadcast.close(error);
    await settle();
    expect(consumers.map((consumer) => consumer.error)).toEqual([error, error]);
  });

  it('ends at once for a consumer that subscribes after the close', async () => {
    const broadcast = new Broadcast<number>();
    broadcast.close();
    broadcast.push(1);
    expect(await drain(broadcast)).toEqual([]);
  });
});
