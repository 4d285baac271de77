/** Transactions, put together from the pieces that a link's decoder finds. */
import { concat } from '../../base/byte-stream.ts';
import { namesFor } from '../../canon/ptp/index.ts';
import { DeviceInfo, Operation } from '../../ptp/index.ts';
import { carriesObject } from '../describe/index.ts';
import type { Time } from '../traffic.ts';
import type { DataWatcher, DecodeOptions, Link, Seen, Transaction } from './seen.ts';

const KEEP = 8 << 20;

/** Of one link, which has one transaction at a time. */
export class Ledger {
  readonly link: Link;
  current: Transaction | undefined;
  #emit: (seen: Seen) => void;
  #options: DecodeOptions;
  #kept: Uint8Array[] | undefined;
  #keep = 0;
  #watcher: DataWatcher | undefined;

  constructor(link: Link, options: DecodeOptions, emit: (seen: Seen) => void) {
    this.link = link;
    this.#options = options;
    this.#emit = emit;
  }

  request(time: Time, code: number, transactionId: number, params: readonly number[]): void {
    this.end();
    this.#begin({ time, asked: time, code, transactionId, params });
  }

  /** The data phase of a transaction begins. One whose request was not seen begins with it. */
  data(
    time: Time,
    transactionId: number,
    direction: 'in' | 'out',
    announced: number | undefined,
  ): void {
    const transaction = this.#of(time, transactionId);
    if (transaction.data) return;
    transaction.data = { direction, announced, size: 0, missing: 0, bytes: undefined };
    this.#keep = this.#options.keep?.(transaction) ?? defaultKeep(transaction);
    this.#kept = (announced ?? 0) > this.#keep ? undefined : [];
    this.#watcher = this.#options.watch?.(transaction);
  }

  bytes(time: Time, bytes: Uint8Array): void {
    const { current } = this;
    if (!current?.data || bytes.length === 0) return;
    current.time = time;
    current.data.size += bytes.length;
    if (current.data.size > this.#keep) this.#kept = undefined;
    this.#kept?.push(bytes.slice());
    this.#watcher?.bytes(bytes);
  }

  /** Bytes of the data phase that the capture has not. */
  missing(size: number): void {
    const data = this.current?.data;
    if (!data || size === 0) return;
    data.size += size;
    data.missing += size;
    this.#kept = undefined;
    this.#watcher?.missing?.(size);
  }

  /** Something of the data phase may be missing, and nobody knows how much. */
  broken(): void {
    this.#kept = undefined;
  }

  response(time: Time, code: number, transactionId: number, params: readonly number[]): void {
    const transaction = this.#of(time, transactionId);
    transaction.time = time;
    transaction.answered = time;
    transaction.response = { code, params };
    this.end();
  }

  /** What is under way ends here, answered or not. */
  end(): void {
    const { current } = this;
    if (!current) return;
    this.current = undefined;
    const { data, response } = current;
    const whole = data?.missing === 0 && (response !== undefined || data.size === data.announced);
    if (whole && this.#kept) data.bytes = concat(this.#kept);
    this.#kept = undefined;
    this.#watcher = undefined;
    this.#learn(current);
    this.#emit(current);
  }

  /** What is under way was none. */
  drop(): void {
    this.current = undefined;
    this.#kept = undefined;
    this.#watcher = undefined;
  }

  #of(time: Time, transactionId: number): Transaction {
    if (this.current?.transactionId === transactionId) return this.current;
    this.end();
    return this.#begin({ time, asked: undefined, code: undefined, transactionId, params: [] });
  }

  #begin(known: Pick<Transaction, 'time' | 'asked' | 'code' | 'transactionId' | 'params'>) {
    this.current = {
      kind: 'transaction',
      link: this.link,
      answered: undefined,
      data: undefined,
      response: undefined,
      cancelled: false,
      ...known,
    };
    return this.current;
  }

  #learn({ code, data }: Transaction): void {
    if (code !== Operation.GetDeviceInfo || !data?.bytes) return;
    try {
      const info = DeviceInfo.decode(data.bytes);
      this.link.deviceInfo = info;
      this.link.names = namesFor(info);
    } catch {
      // Told where the data is described.
    }
  }
}

function defaultKeep({ code }: Transaction): number {
  return code !== undefined && carriesObject(code) ? 0 : KEEP;
}
