/** The port between whatever carries transactions to a virtual camera and the camera itself. */
import { Writer } from '../../bytes/index.ts';
import { type DataSource, Response } from '../../ptp/index.ts';

/** One transaction as the responder sees it. Missing parameters are 0. */
export interface Transaction {
  readonly code: number;
  readonly transactionId: number;
  readonly params: readonly number[];
  /** Aborts when the initiator cancels or the link ends. */
  readonly signal: AbortSignal;
  /**
   * The initiator's data phase, as it comes; a chunk is valid until the next one is asked for. What
   * the operation does not take is dropped. Refuses as Incomplete_Transfer what does not have the
   * size that was announced.
   */
  readonly data: AsyncIterable<Uint8Array>;
  /**
   * The responder's data phase; once for each transaction. A chunk is valid until the next one is
   * asked for.
   */
  send(data: Uint8Array | DataSource): Promise<void>;
}

/** The initiator's data phase as a whole; refused as General_Error when it is longer than `limit`. */
export async function receive({ data }: Transaction, limit: number): Promise<Uint8Array> {
  const writer = new Writer();
  for await (const chunk of data) {
    if (writer.length + chunk.length > limit) throw new Refusal(Response.General_Error);
    writer.put(chunk);
  }
  return writer.finish();
}

export interface Answer {
  code: number;
  params?: readonly number[];
}

/** Thrown by an operation: the response that it ends with. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(code: number, params: readonly number[] = []) {
    super(`refused with 0x${code.toString(16)}`);
    this.answer = { code, params };
  }
}

/** What answers transactions, whatever carries them. */
export interface PtpResponder {
  /** Undefined while no session is open. */
  readonly sessionId: number | undefined;
  /** Whether the initiator's request is followed by its data. */
  takesData(code: number): boolean;
  handle(transaction: Transaction): Promise<Answer>;
  /** The link is gone, and with it the session. */
  endSession(): void;
}

export interface Operation {
  /** The initiator sends data. */
  takesData?: boolean;
  /**
   * Parameters that the operation knows; others must be 0. Left out where the references are not
   * sure of their number.
   */
  params?: number;
  /** Response parameters; the answer is OK unless a Refusal is thrown. */
  run(transaction: Transaction): Promise<readonly number[] | undefined>;
}

export type OperationTable = ReadonlyMap<number, Operation>;
