/** The live log: one line when a request goes out, one when it is answered, so a hang shows itself. */

import { concat } from '../base/byte-stream.ts';
import { messageOf } from '../base/errors.ts';
import { hexdump } from '../bytes/index.ts';
import { nameOf, type PtpNames, standardNames, type Tap } from '../ptp/index.ts';
import {
  carriesObject,
  describeData,
  describeEvent,
  describeParams,
  describeResponse,
} from './describe/index.ts';
import { paramsText } from './tell/params-text.ts';

/** Bytes of a data phase that is said in a line; larger ones are objects or long lists. */
const DESCRIBED = 64 << 10;

export interface TransactionLogOptions {
  write(line: string): void;
  /** `write` threw this: nothing is written any more. */
  failed?: ((error: unknown) => void) | undefined;
  /** Also hexdumps of the data phases. */
  dumps?: boolean;
  /** Dump at most so many bytes of each data phase. Default 4096. */
  dumpLimit?: number;
}

/**
 * A tap that writes lines. Set `names` when the camera's vendor is known; standard names are used
 * before that.
 */
export class TransactionLog implements Tap {
  names: PtpNames = standardNames;
  #write: (line: string) => void;
  #dumps: boolean;
  #dumpLimit: number;
  #failed: TransactionLogOptions['failed'];
  /** Bytes of the running data phase that were dumped already. */
  #dumped = 0;
  /** The running data phase, to say what it was; undefined where it is too large for that. */
  #data: { direction: 'in' | 'out'; parts: Uint8Array[]; size: number } | undefined;

  constructor(options: TransactionLogOptions) {
    this.#write = options.write;
    this.#dumps = options.dumps ?? false;
    this.#dumpLimit = options.dumpLimit ?? 4096;
    this.#failed = options.failed;
  }

  request: NonNullable<Tap['request']> = ({ code, transactionId, params }) => {
    this.#dumped = 0;
    this.#data = carriesObject(code) ? undefined : { direction: 'in', parts: [], size: 0 };
    const args = paramsText(describeParams(code, params, this.names));
    this.#write(`--> ${transactionId} ${nameOf(this.names.operations, code)}(${args})`);
  };

  data: NonNullable<Tap['data']> = (_transaction, direction, bytes) => {
    this.#keep(direction, bytes);
    const left = this.#dumpLimit - this.#dumped;
    if (!this.#dumps || left <= 0) return;
    const arrow = direction === 'in' ? '<' : '>';
    const text = hexdump(bytes, { base: this.#dumped, limit: Math.min(left, bytes.length) });
    for (const line of text.split('\n')) this.#write(`  ${arrow} ${line}`);
    this.#dumped += bytes.length;
  };

  response: NonNullable<Tap['response']> = ({ code, transactionId, params }, answer, bytes, ms) => {
    const args = paramsText(describeResponse(code, params, answer.params, this.names));
    const data = bytes > 0 ? ` ${bytes} bytes` : '';
    this.#write(
      `<-- ${transactionId} ${nameOf(this.names.responses, answer.code)}` +
        `${args && ` (${args})`}${data} ${ms.toFixed(1)} ms${this.#said(code, params)}`,
    );
  };

  #keep(direction: 'in' | 'out', bytes: Uint8Array): void {
    const data = this.#data;
    if (!data) return;
    data.direction = direction;
    data.size += bytes.length;
    if (data.size > DESCRIBED) this.#data = undefined;
    else data.parts.push(bytes.slice());
  }

  /** What the data said, in a line. */
  #said(operation: number, params: readonly number[]): string {
    const data = this.#data;
    this.#data = undefined;
    if (!data) return '';
    const { direction, parts } = data;
    const seen = { operation, params, direction, bytes: concat(parts), names: this.names };
    const summary = describeData(seen)?.summary;
    return summary ? `  ${summary}` : '';
  }

  failure: NonNullable<Tap['failure']> = ({ transactionId }, error, ms) => {
    this.#write(`<-- ${transactionId} failed after ${ms.toFixed(1)} ms: ${messageOf(error)}`);
  };

  event: NonNullable<Tap['event']> = ({ code, params }) => {
    const { name, params: described } = describeEvent(code, params, this.names);
    this.#write(`<-- event ${name}(${paramsText(described)})`);
  };

  failed: NonNullable<Tap['failed']> = (error) => {
    this.#failed?.(error);
  };
}
