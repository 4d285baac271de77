/** What `inspect` does with the bytes of data phases while they pass: a hash, a dump, files. */
import { createHash } from 'node:crypto';
import type { DataWatcher, DecodeOptions, Seen, Told, Transaction } from '../inspect/index.ts';
import type { Extracted, Extractor } from '../node/extractor.ts';

/** Bytes of a data phase that are shown. */
const DUMP_LIMIT = 4096;

export interface DataSeen {
  sha256?: string | undefined;
  /** The first bytes. */
  head?: Uint8Array | undefined;
}

export interface DataOptions {
  hash: boolean;
  dump: boolean;
  extractor: Extractor | undefined;
}

export class InspectData {
  readonly decodeOptions: DecodeOptions;
  #options: DataOptions;
  #seen = new WeakMap<Transaction, DataSeen>();

  constructor(options: DataOptions) {
    this.#options = options;
    this.decodeOptions = { watch: (transaction) => this.#watch(transaction) };
  }

  /** What is known of the data of `seen`; its hash is of what the capture has. */
  of(seen: Seen): DataSeen | undefined {
    return seen.kind === 'transaction' ? this.#seen.get(seen) : undefined;
  }

  learn(told: Told): void {
    this.#options.extractor?.learn(told);
  }

  async finish(): Promise<Extracted[]> {
    return (await this.#options.extractor?.finish()) ?? [];
  }

  #watch(transaction: Transaction): DataWatcher | undefined {
    const { hash, dump, extractor } = this.#options;
    const piece = extractor?.watch(transaction);
    if (!hash && !dump) return piece;
    const sum = hash ? createHash('sha256') : undefined;
    let head = new Uint8Array(0);
    const data: DataSeen = {
      get sha256() {
        return sum?.copy().digest('hex');
      },
      get head() {
        return head;
      },
    };
    this.#seen.set(transaction, data);
    return {
      bytes(bytes) {
        sum?.update(bytes);
        if (dump && head.length < DUMP_LIMIT) head = joined(head, bytes);
        piece?.bytes(bytes);
      },
      missing: (size) => piece?.missing?.(size),
    };
  }
}

function joined(head: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const more = bytes.subarray(0, DUMP_LIMIT - head.length);
  const whole = new Uint8Array(head.length + more.length);
  whole.set(head);
  whole.set(more, head.length);
  return whole;
}
