/** One transaction over USB, the responder's side. */
import type { DataSource } from '../../ptp/index.ts';
import { Response } from '../../ptp/index.ts';
import type { Faults } from '../faults.ts';
import { announcedSize, fileFault } from '../responder/file-reads.ts';
import { IncomingData } from '../responder/incoming-data.ts';
import { Refusal, type Transaction } from '../responder/transaction.ts';
import { CONTAINER_HEAD, encodeDataHead } from './containers.ts';
import type { InPipe } from './in-pipe.ts';

export interface UsbTransactionParts {
  bulkIn: InPipe;
  faults: Faults;
  /** The cable comes out. */
  unplug(): void;
  /** Sends the response ahead of the data (fault: response-before-data). */
  respondFirst(transaction: UsbTransaction): Promise<void>;
}

export class UsbTransaction implements Transaction {
  readonly code: number;
  readonly transactionId: number;
  readonly params: readonly number[];
  readonly signal: AbortSignal;
  /** Undefined where the operation has no data from the initiator. */
  readonly incoming: IncomingData | undefined;
  /** A data container to the initiator has begun, and its end is not out. */
  sending = false;
  /** The response is out, or on its way. */
  answered = false;
  /** Settles when the camera is through with it; never rejects. */
  done: Promise<void> = Promise.resolve();
  #parts: UsbTransactionParts;
  #abort = new AbortController();

  constructor(
    request: { code: number; transactionId: number; params: readonly number[] },
    takesData: boolean,
    parts: UsbTransactionParts,
  ) {
    this.code = request.code;
    this.transactionId = request.transactionId;
    this.params = request.params;
    this.signal = this.#abort.signal;
    this.incoming = takesData ? new IncomingData() : undefined;
    this.#parts = parts;
  }

  get data(): AsyncIterable<Uint8Array> {
    if (!this.incoming) throw new Error('this operation has no data from the initiator');
    return this.incoming;
  }

  /** The initiator has cancelled, or the link is gone. */
  abort(reason: string): void {
    const error = new Error(reason);
    this.#abort.abort(error);
    this.incoming?.fail(error);
  }

  async send(data: Uint8Array | DataSource): Promise<void> {
    this.signal.throwIfAborted();
    const { faults, bulkIn, respondFirst } = this.#parts;
    const source = data instanceof Uint8Array ? { size: data.length, chunks: [data] } : data;
    if (faults.take('response-before-data')) await respondFirst(this);
    if (faults.take('babble')) bulkIn.babbleNext();
    const fault = fileFault(this.code, faults);
    const announced = announcedSize(source.size, fault);
    let sent = CONTAINER_HEAD;
    this.sending = true;
    await this.#put(encodeDataHead(this.code, this.transactionId, announced));
    if (faults.has('split-header') && source.size > 0) {
      await this.#taken(bulkIn.end());
      sent = 0;
    }
    try {
      for await (const chunk of source.chunks) {
        if (fault === 'link-lost-mid-transfer') return await this.#unplug(chunk);
        if (faults.take('stall-data')) return await this.#stall(chunk);
        await this.#put(chunk);
        sent += chunk.length;
      }
    } catch (error) {
      // The card is gone: the data end early, the response says why.
      if (this.sending && !this.signal.aborted) await this.#end(sent);
      throw error;
    }
    await this.#end(sent);
  }

  async #end(sent: number): Promise<void> {
    const { bulkIn, faults } = this.#parts;
    if (sent % bulkIn.packetSize === 0 && faults.has('surplus-byte')) {
      await this.#put(Uint8Array.of(0));
    }
    const taken = bulkIn.end(!faults.has('missing-zlp'));
    this.sending = false;
    await this.#taken(taken);
  }

  #put(chunk: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    return this.#taken(this.#parts.bulkIn.put(chunk));
  }

  /** What is thrown away before the host has it was cancelled. */
  async #taken(taken: Promise<boolean>): Promise<void> {
    if (await taken) return;
    this.signal.throwIfAborted();
    throw new Error('the pipe was emptied');
  }

  async #unplug(chunk: Uint8Array): Promise<void> {
    await this.#put(chunk.subarray(0, chunk.length >> 1));
    this.#parts.unplug();
    this.signal.throwIfAborted();
  }

  async #stall(chunk: Uint8Array): Promise<void> {
    const { bulkIn } = this.#parts;
    await this.#put(chunk.subarray(0, chunk.length >> 1));
    this.sending = false;
    bulkIn.flush();
    bulkIn.halt();
    throw new Refusal(Response.Incomplete_Transfer);
  }
}
