/** What is told of something that was seen. */
import type { Seen } from '../decode/seen.ts';
import type { Description } from '../describe/index.ts';

export interface Told {
  readonly seen: Seen;
  /** What happened, without its time: "GetDeviceInfo()  OK  575 bytes  Canon EOS R". */
  readonly line: string;
  /** One fact each. */
  readonly details: readonly string[];
  /** Plain JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What nobody knows: codes without a name, data that was not understood. */
  readonly unknown: readonly string[];
  /** It did not go well: a refusal, no answer, bytes that the capture has not. */
  readonly fault: boolean;
  /** Of a transaction's data. */
  readonly description: Description | undefined;
}

export type Telling = Omit<Told, 'seen'>;
