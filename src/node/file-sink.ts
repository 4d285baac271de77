/** Bytes on their way into a file: written while the next ones, and the next request, are under way. */
import { writevSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as socketsServed } from 'node:timers/promises';
import { ignore } from '../base/time.ts';
import type { DataSink, KeepChunk } from '../ptp/index.ts';
import { fileError } from './file-error.ts';

/** Chunks that may wait while others are being written; the ring of a socket must hold twice that. */
const WAITING = 3;
/**
 * A disk that keeps up takes a batch in a millisecond or two, and writing in this thread is a third
 * faster than in another (docs/performance.md). One that needs longer than this is left to another
 * thread, so that nothing here stands still.
 */
const SLOW_MS = 20;

/** Chunks that are written with one call. */
interface Batch {
  chunks: Uint8Array[];
  /** Settles when nobody needs the chunks any more; never rejects. */
  done: Promise<void>;
  settle: () => void;
}

/** Writes strictly in order: what is in the file at any moment is the beginning of the whole. */
export class FileSink implements DataSink {
  #file: FileHandle;
  #path: string;
  #at: number;
  #onProgress: ((bytes: number) => void) | undefined;
  #next: Batch | undefined;
  #writing: Promise<void> | undefined;
  #slow = false;
  #slowMs: number;
  #error: unknown;

  /** Begins at the byte `from`. */
  constructor(
    file: FileHandle,
    path: string,
    from: number,
    onProgress?: ((bytes: number) => void) | undefined,
    slowMs = SLOW_MS,
  ) {
    this.#file = file;
    this.#path = path;
    this.#at = from;
    this.#onProgress = onProgress;
    this.#slowMs = slowMs;
  }

  /** Throws what went wrong with an earlier chunk. */
  write(chunk: Uint8Array, keep?: KeepChunk): void | Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#next ??= makeBatch();
    const { chunks, done } = this.#next;
    chunks.push(chunk);
    this.#writing ??= this.#writeBatches();
    if (!keep) return done.then(() => this.#check());
    keep(done);
    return chunks.length < WAITING ? undefined : done;
  }

  /** Everything is in the file; throws what went wrong. */
  async end(): Promise<void> {
    await this.settled();
    this.#check();
  }

  /** Nothing is being written any more: the file may be closed. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeBatches(): Promise<void> {
    for (let batch = this.#next; batch; batch = this.#next) {
      try {
        // The next request goes out first, and more chunks come to be written with this one.
        await socketsServed();
        this.#next = undefined;
        if (this.#error === undefined) await this.#write(batch.chunks);
      } catch (error) {
        this.#error = fileError(error, 'write', this.#path);
      }
      batch.settle();
    }
    this.#writing = undefined;
  }

  async #write(chunks: Uint8Array[]): Promise<void> {
    let left = chunks;
    while (left.length > 0) {
      const from = performance.now();
      const size = this.#slow
        ? (await this.#file.writev(left, this.#at)).bytesWritten
        : writevSync(this.#file.fd, left, this.#at);
      this.#slow = performance.now() - from > this.#slowMs;
      this.#at += size;
      left = behind(left, size);
    }
    this.#onProgress?.(this.#at);
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error;
  }
}

function makeBatch(): Batch {
  let settle: () => void = ignore;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { chunks: [], done, settle };
}

/** What is left when the first `size` bytes are taken away. */
function behind(chunks: Uint8Array[], size: number): Uint8Array[] {
  let skip = size;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
}
