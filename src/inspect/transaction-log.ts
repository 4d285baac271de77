/** The live log: one line when a request goes out, one when it is answered, so a hang shows itself. */
import { messageOf } from '../base/errors.ts';
import { hex32, hexdump } from '../bytes/index.ts';
import { nameOf, type PtpNames, standardNames, type Tap } from '../ptp/index.ts';

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

  constructor(options: TransactionLogOptions) {
    this.#write = options.write;
    this.#dumps = options.dumps ?? false;
    this.#dumpLimit = options.dumpLimit ?? 4096;
    this.#failed = options.failed;
  }

  request: NonNullable<Tap['request']> = ({ code, transactionId, params }) => {
    this.#dumped = 0;
    const args = params.map(hex32).join(', ');
    this.#write(`--> ${transactionId} ${nameOf(this.names.operations, code)}(${args})`);
  };

  data: NonNullable<Tap['data']> = (_transaction, direction, bytes) => {
    const left = this.#dumpLimit - this.#dumped;
    if (!this.#dumps || left <= 0) return;
    const arrow = direction === 'in' ? '<' : '>';
    const text = hexdump(bytes, { base: this.#dumped, limit: Math.min(left, bytes.length) });
    for (const line of text.split('\n')) this.#write(`  ${arrow} ${line}`);
    this.#dumped += bytes.length;
  };

  response: NonNullable<Tap['response']> = ({ transactionId }, response, bytes, ms) => {
    const args = response.params.map(hex32).join(', ');
    const data = bytes > 0 ? ` ${bytes} bytes` : '';
    this.#write(
      `<-- ${transactionId} ${nameOf(this.names.responses, response.code)}` +
        `${args && ` (${args})`}${data} ${ms.toFixed(1)} ms`,
    );
  };

  failure: NonNullable<Tap['failure']> = ({ transactionId }, error, ms) => {
    this.#write(`<-- ${transactionId} failed after ${ms.toFixed(1)} ms: ${messageOf(error)}`);
  };

  event: NonNullable<Tap['event']> = ({ code, params }) => {
    this.#write(`<-- event ${nameOf(this.names.events, code)}(${params.map(hex32).join(', ')})`);
  };

  failed: NonNullable<Tap['failed']> = (error) => {
    this.#failed?.(error);
  };
}
