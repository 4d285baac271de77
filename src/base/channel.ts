/**
 * A bounded queue between a producer and one consumer that iterates. When it is full the oldest
 * item gives way and `dropped` counts it: an event nobody reads must not stop the link.
 */
export class Channel<T> implements AsyncIterableIterator<T> {
  dropped = 0;
  #items: T[] = [];
  #limit: number;
  #closed = false;
  #error: unknown;
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #onReturn: (() => void) | undefined;

  constructor(options: { limit?: number; onReturn?: () => void } = {}) {
    this.#limit = options.limit ?? 1024;
    this.#onReturn = options.onReturn;
  }

  push(item: T): void {
    if (this.#closed) return;
    const waiter = this.#waiting.shift();
    if (waiter) {
      waiter.resolve({ value: item, done: false });
      return;
    }
    if (this.#items.length >= this.#limit) {
      this.#items.shift();
      this.dropped++;
    }
    this.#items.push(item);
  }

  /** Items already queued are still delivered; then iteration ends, or throws `error`. */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) this.#error = error;
    for (const waiter of waiting) {
      if (error === undefined) waiter.resolve({ value: undefined, done: true });
      else waiter.reject(error);
    }
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ value: this.#items.shift() as T, done: false });
    }
    if (this.#closed) {
      const error = this.#error;
      this.#error = undefined;
      return error === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.close();
    this.#onReturn?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** One producer, any number of consumers; each consumer sees what came after it subscribed. */
export class Broadcast<T> implements AsyncIterable<T> {
  #channels = new Set<Channel<T>>();
  #closed = false;

  push(item: T): void {
    for (const channel of this.#channels) channel.push(item);
  }

  close(error?: unknown): void {
    this.#closed = true;
    for (const channel of this.#channels) channel.close(error);
    this.#channels.clear();
  }

  /** Subscribes at once, so that nothing is missed between this call and the first `next`. */
  subscribe(): Channel<T> {
    const channel: Channel<T> = new Channel({ onReturn: () => this.#channels.delete(channel) });
    if (this.#closed) channel.close();
    else this.#channels.add(channel);
    return channel;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.subscribe();
  }
}
