/** The initiator's data phase on its way from the link to an operation, one chunk at a time. */
import { Response } from '../../ptp/index.ts';
import { Refusal } from './transaction.ts';

export class IncomingData implements AsyncIterable<Uint8Array> {
  /** Settles when the phase is over: all data there, given up, or the link gone. */
  readonly finished: Promise<void>;
  /** Start Data has come. */
  started = false;
  ended = false;
  #total: bigint | undefined;
  #received = 0n;
  #dropping = false;
  #chunk: Uint8Array | undefined;
  #taken: (() => void) | undefined;
  #arrived: (() => void) | undefined;
  #finish!: () => void;
  #error: Error | undefined;

  constructor() {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** `total` undefined: the initiator does not know it. */
  start(total: bigint | undefined): void {
    this.started = true;
    this.#total = total;
  }

  /** Resolves when the chunk was taken, or nobody wants it. */
  async push(chunk: Uint8Array): Promise<void> {
    this.#received += BigInt(chunk.length);
    if (this.#dropping || chunk.length === 0) return;
    this.#chunk = chunk;
    await new Promise<void>((resolve) => {
      this.#taken = resolve;
      this.#arrived?.();
    });
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#arrived?.();
    this.#finish();
  }

  /** No more of it will come; whoever waits for it gets the error. */
  fail(error: Error): void {
    if (this.ended) return;
    this.#error = error;
    this.#release();
    this.end();
  }

  /** The operation is through with it: what still comes is thrown away. */
  drop(): void {
    this.#dropping = true;
    this.#release();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.#dropping) {
      if (this.#error) throw this.#error;
      if (this.#chunk) {
        yield this.#chunk;
        this.#release();
      } else if (this.ended) {
        if (this.#total !== undefined && this.#received !== this.#total) {
          throw new Refusal(Response.Incomplete_Transfer);
        }
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#arrived = resolve;
        });
      }
    }
  }

  #release(): void {
    this.#chunk = undefined;
    this.#taken?.();
    this.#taken = undefined;
  }
}
