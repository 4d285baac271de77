/** The port that network code is written against: TCP in Node, a pipe in memory for tests. */
import type { LinkError } from './errors.ts';

export interface ByteStream {
  /** Who is at the other end, for messages: "192.168.1.20:15740". */
  readonly name: string;
  /** Address of the other end without its port; absent where nobody else can be there. */
  readonly host?: string | undefined;
  /**
   * The next bytes, as they come; `undefined` at the orderly end. The view is valid until the next
   * call of `read`. One read at a time. Rejects with a LinkError when the link breaks.
   */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Keeps what the last `read` gave valid until `until` settles, also beyond the next `read`. Absent
   * where nothing can be kept.
   */
  keep?(until: Promise<unknown>): void;
  /**
   * Sends the parts back to back, in one segment where the transport can; resolves when more may
   * be written. The parts must not change before that.
   */
  write(...parts: Uint8Array[]): Promise<void>;
  /** Ends both directions; never rejects. */
  close(): Promise<void>;
  /** Settles once, when nothing can pass any more: with the reason if it was not orderly. */
  readonly closed: Promise<LinkError | undefined>;
}

/** Cuts a ByteStream into pieces of stated size, without copying where a piece is contiguous. */
export class ByteReader {
  readonly stream: ByteStream;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  /** Keeps what `some` gave last valid until `until` settles; absent where the stream cannot. */
  get keep(): ((until: Promise<unknown>) => void) | undefined {
    return this.stream.keep?.bind(this.stream);
  }

  /**
   * Exactly `size` bytes, valid until the next call; `undefined` if the stream ended before the
   * first of them. An end in the middle is reported by `onCut`, which gets what had come.
   */
  async exactly(size: number, onCut: (got: Uint8Array) => Error): Promise<Uint8Array | undefined> {
    if (this.#chunk.length - this.#at >= size) return this.#take(size);
    let whole: Uint8Array | undefined;
    let have = 0;
    while (have < size) {
      const part = await this.some(size - have);
      if (part === undefined) {
        if (have === 0) return undefined;
        throw onCut((whole ?? new Uint8Array(0)).slice(0, have));
      }
      if (part.length === size) return part;
      whole ??= new Uint8Array(size);
      whole.set(part, have);
      have += part.length;
    }
    return whole;
  }

  /** The next bytes, at most `limit`; `undefined` at the end. Valid until the next call. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#at >= this.#chunk.length) {
      const chunk = await this.stream.read();
      if (chunk === undefined) return undefined;
      this.#chunk = chunk;
      this.#at = 0;
    }
    return this.#take(Math.min(limit, this.#chunk.length - this.#at));
  }

  #take(size: number): Uint8Array {
    const view = this.#chunk.subarray(this.#at, this.#at + size);
    this.#at += size;
    return view;
  }
}

/** Bytes that a pipe holds before its writer has to wait. */
const PIPE_CAPACITY = 1 << 20;

/** Two ends of a pipe in this process: what one writes the other reads. */
export function memoryPipe(nameA = 'memory', nameB = 'memory'): [ByteStream, ByteStream] {
  const toA = new PipeDirection();
  const toB = new PipeDirection();
  return [new PipeEnd(nameA, toA, toB), new PipeEnd(nameB, toB, toA)];
}

class PipeDirection {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  #writers: (() => void)[] = [];

  put(chunk: Uint8Array): Promise<void> {
    if (this.#ended || chunk.length === 0) return Promise.resolve();
    if (this.#reader) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader(chunk);
      return Promise.resolve();
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < PIPE_CAPACITY) return Promise.resolve();
    return new Promise((resolve) => this.#writers.push(resolve));
  }

  take(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#size -= chunk.length;
      if (this.#size < PIPE_CAPACITY) for (const resume of this.#writers.splice(0)) resume();
      return Promise.resolve(chunk);
    }
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  end(): void {
    this.#ended = true;
    for (const resume of this.#writers.splice(0)) resume();
    this.#reader?.(undefined);
    this.#reader = undefined;
  }
}

class PipeEnd implements ByteStream {
  readonly name: string;
  readonly closed: Promise<LinkError | undefined>;
  #incoming: PipeDirection;
  #outgoing: PipeDirection;
  #settle!: (error: LinkError | undefined) => void;

  constructor(name: string, incoming: PipeDirection, outgoing: PipeDirection) {
    this.name = name;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    const chunk = await this.#incoming.take();
    if (chunk === undefined) this.#settle(undefined);
    return chunk;
  }

  async write(...parts: Uint8Array[]): Promise<void> {
    // A copy, because the writer may reuse its memory as soon as the promise resolves; one chunk,
    // so that two writes under way at once do not mix.
    await this.#outgoing.put(concat(parts));
  }

  close(): Promise<void> {
    this.#outgoing.end();
    this.#incoming.end();
    this.#settle(undefined);
    return Promise.resolve();
  }
}

/** One array with the bytes of all parts. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
