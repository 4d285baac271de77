import type { Channel } from '../../base/channel.ts';
import { ignore } from '../../base/time.ts';

/**
 * What comes through `channel` once `ready` has resolved; `stop` is called at the end. Not a
 * generator, which would wait for an item before it ends.
 */
export function listening<T>(
  channel: Channel<T>,
  ready: Promise<unknown>,
  stop: () => void,
): AsyncIterableIterator<T> {
  // Told by `next`.
  ready.catch(ignore);
  return {
    next: () => ready.then(() => channel.next()),
    return() {
      stop();
      return channel.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
