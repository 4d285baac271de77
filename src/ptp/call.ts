/** What every operation is called with, and what it resolves with. */
import { dataset, type Struct } from '../bytes/index.ts';
import { type PtpValue, valueCodec } from './data-types.ts';
import type { Priority } from './queue.ts';
import type { DataSink, DataSource } from './transport/transport.ts';

export interface TransactionOptions {
  /** Data phase from us to the camera. */
  data?: Uint8Array | DataSource | undefined;
  /** Takes the camera's data phase instead of `data` in the result. */
  sink?: DataSink | undefined;
  /** Give up when nothing has come for so long. Default 15 s. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  priority?: Priority | undefined;
}

export interface TransactionResult {
  code: number;
  params: number[];
  /** The camera's data phase; empty if there was none or a sink took it. */
  data: Uint8Array;
}

/** Sends one operation; throws a ResponseError unless the answer is OK. */
export type Call = (
  code: number,
  params?: readonly number[],
  options?: TransactionOptions,
) => Promise<TransactionResult>;

/** Capture, format and deletion keep a camera silent for long. */
export const LONG_TIMEOUT_MS = 60_000;

/** Where the camera put, or will put, an object. */
export interface Placement {
  storageId: number;
  parent: number;
  handle: number;
}

/** Options of an operation that keeps the camera silent for long. */
export function long(options: TransactionOptions): TransactionOptions {
  return { ...options, timeoutMs: options.timeoutMs ?? LONG_TIMEOUT_MS };
}

/** A single value as a dataset of its own. Throws a RangeError for an unknown datatype. */
export function valueSet(dataType: number): Struct<PtpValue> {
  const codec = valueCodec(dataType);
  if (!codec) throw new RangeError(`unknown datatype 0x${dataType.toString(16)}`);
  return dataset('value', codec);
}
