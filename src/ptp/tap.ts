/** Where traffic can be seen: logs, recordings and decoders listen here. */
import type { PtpEvent, PtpResponse } from './transport/transport.ts';

export interface TransactionSeen {
  code: number;
  transactionId: number;
  params: readonly number[];
}

/** A tap that throws is not called again, and disturbs nothing else. */
export interface Tap {
  /** The request is about to be sent. */
  request?(transaction: TransactionSeen): void;
  /** Bytes of the data phase; the view is valid during the call. */
  data?(transaction: TransactionSeen, direction: 'in' | 'out', bytes: Uint8Array): void;
  /** `bytes` counts the data phase, `ms` the whole transaction. */
  response?(transaction: TransactionSeen, response: PtpResponse, bytes: number, ms: number): void;
  /** The transaction ended without a response. */
  failure?(transaction: TransactionSeen, error: unknown, ms: number): void;
  event?(event: PtpEvent): void;
  /** It threw this: the last call that it gets. */
  failed?(error: unknown): void;
}
