/** Memory for transfers that come one after another, so that none of it is made anew for each. */
import type { InSink } from '../usb/in-pipe.ts';

/** What is kept for later. */
const KEPT_BUFFERS = 4;
/** Less is not worth keeping. */
const SMALLEST_KEPT = 64 << 10;
/** To begin with; a transfer that gets more grows. */
const FIRST_SIZE = 1 << 20;

export interface PooledSink extends InSink {
  /** What was written. */
  bytes(): Uint8Array;
  /** Gives the memory back; `bytes` are not to be used any more. */
  release(): void;
}

export class BufferPool {
  #free: Uint8Array[] = [];

  /** Takes memory only when something comes. */
  sink(length: number): PooledSink {
    let buffer = new Uint8Array(0);
    let size = 0;
    return {
      length,
      write: (chunk) => {
        if (size + chunk.length > buffer.length) {
          const grown = this.#take(
            Math.max(size + chunk.length, Math.min(length, Math.max(FIRST_SIZE, 2 * size))),
          );
          grown.set(buffer.subarray(0, size));
          this.#give(buffer);
          buffer = grown;
        }
        buffer.set(chunk, size);
        size += chunk.length;
      },
      bytes: () => buffer.subarray(0, size),
      release: () => this.#give(buffer),
    };
  }

  #take(size: number): Uint8Array<ArrayBuffer> {
    const at = this.#free.findIndex((buffer) => buffer.length >= size);
    const found = at < 0 ? undefined : this.#free.splice(at, 1)[0];
    return (found as Uint8Array<ArrayBuffer> | undefined) ?? new Uint8Array(size);
  }

  #give(buffer: Uint8Array): void {
    if (buffer.length >= SMALLEST_KEPT && this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }
}
