/**
 * The port between a PTP session and whatever carries it. A transport moves one transaction at a
 * time; ids, order and meaning are the session's business.
 */
import type { Channel } from '../../base/channel.ts';
import type { LinkError } from '../../base/errors.ts';
import type { Priority } from '../queue.ts';

export interface PtpRequest {
  code: number;
  transactionId: number;
  /** At most five. */
  params: readonly number[];
  /** Present where the operation has a data phase from initiator to responder. */
  data?: DataSource | undefined;
}

export interface PtpResponse {
  code: number;
  transactionId: number;
  params: number[];
}

export interface PtpEvent {
  code: number;
  /** The transaction it belongs to; not to be relied on. */
  transactionId: number;
  params: number[];
}

/** Bytes to be sent, of known size. The chunks may be of any size. */
export interface DataSource {
  size: number;
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Leaves the chunk that is being written as it is until the promise settles. */
export type KeepChunk = (until: Promise<unknown>) => void;

/** Takes the bytes of a data phase as they arrive. */
export interface DataSink {
  /** The announced size in bytes; undefined where the sender does not know it. */
  start?(size: number | undefined): void;
  /**
   * `chunk` is valid until the returned promise resolves; reading waits for that. With `keep`, where
   * it is given, a sink has the chunk for longer while reading goes on, into the next transaction
   * too; what goes wrong then it throws at the next call, and its owner learns of the end from it.
   */
  write(chunk: Uint8Array, keep?: KeepChunk): void | Promise<void>;
}

export interface TransactOptions {
  sink: DataSink;
  /** Gives up when no byte has come for so long. */
  idleTimeoutMs: number;
  /** For a transport that has a queue of its own, with others in it. */
  priority?: Priority | undefined;
  signal?: AbortSignal | undefined;
}

/** What several programs agree upon that share the session of one camera. */
export interface SessionSharing {
  /**
   * Exposures are made by one program at a time: resolves when it is this one's turn. `takes`: it
   * takes the pictures that go to the computer.
   */
  takeTurn(options: { takes: boolean; signal?: AbortSignal | undefined }): Promise<Turn>;
  /**
   * Pictures that go to the computer are for this program, also where another one exposes and does
   * not take them, or somebody on the camera; until the tether is ended.
   */
  tether(): Tether;
}

export interface Tether {
  /** An announced picture was dealt with: a body that keeps one at a time may make the next. */
  took(): void;
  end(): void;
}

export interface Turn {
  /** Another program is tethered. */
  tethered: boolean;
  end(): void;
}

export interface PtpTransport {
  /** For messages: "192.168.1.20:15740". */
  readonly name: string;
  readonly kind: 'ip' | 'usb' | 'memory';
  /** The name that the camera gave itself while connecting, where the transport has one. */
  readonly peerName?: string | undefined;
  /**
   * Rejects with a LinkError or ProtocolError when the link is lost, with a TimeoutError or the
   * signal's reason when the transaction was given up and the link is still in step.
   */
  transact(request: PtpRequest, options: TransactOptions): Promise<PtpResponse>;
  readonly events: Channel<PtpEvent>;
  /**
   * For the opening of a session with a camera that does not answer as it should. Each round, from
   * 0, goes further; false when there is nothing left to try. Absent where there is nothing at all.
   */
  recover?(round: number): Promise<boolean>;
  /** Where several programs share the camera. */
  readonly sharing?: SessionSharing | undefined;
  /** Never rejects. */
  close(): Promise<void>;
  readonly closed: Promise<LinkError | undefined>;
}

export function dataSource(bytes: Uint8Array): DataSource {
  return { size: bytes.length, chunks: [bytes] };
}
