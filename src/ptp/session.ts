/** A PTP session: one queue of transactions over one transport. */

import { Broadcast } from '../base/channel.ts';
import { LinkError, TimeoutError, UnsupportedError } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import { hex16, ProtocolError } from '../bytes/index.ts';
import type { Call, TransactionOptions, TransactionResult } from './call.ts';
import { nameOf, type PtpNames, standardNames } from './codes/names.ts';
import { Operation } from './codes/operations.ts';
import { Response } from './codes/responses.ts';
import { Collector, tapSink, tapSource } from './data-phase.ts';
import { DeviceInfo } from './datasets.ts';
import { PtpOperations } from './operations.ts';
import { PriorityQueue } from './queue.ts';
import { ResponseError } from './response-error.ts';
import type { Tap, TransactionSeen } from './tap.ts';
import { nextTransactionId } from './transaction-id.ts';
import {
  type DataSink,
  dataSource,
  type PtpEvent,
  type PtpResponse,
  type PtpTransport,
} from './transport/transport.ts';

const IDLE_TIMEOUT_MS = 15_000;

/**
 * For the first answers of a camera that can be fetched back, a round each: short at first, because
 * one that is out of step never answers.
 */
const OPENING_TIMEOUTS_MS = [3000, 5000, 10_000];

export interface SessionOptions {
  tap?: Tap | undefined;
  /** Session id for OpenSession; not 0. Default 1. */
  sessionId?: number | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
  /**
   * Reads DeviceInfo before the session is opened, not after, and gets it: it tells who refuses a
   * session, too.
   */
  onDeviceInfo?: ((info: DeviceInfo) => void) | undefined;
}

export class PtpSession extends PtpOperations {
  readonly transport: PtpTransport;
  /** Replaced by a driver that knows the vendor. */
  names: PtpNames = standardNames;
  readonly closed: Promise<LinkError | undefined>;
  #events = new Broadcast<PtpEvent>();
  #queue = new PriorityQueue();
  #tap: Tap | undefined;
  #clock: Clock;
  #nextId = 0;
  #open = false;
  #deviceInfo: DeviceInfo | undefined;

  private constructor(transport: PtpTransport, options: SessionOptions) {
    super();
    this.transport = transport;
    this.closed = transport.closed;
    this.#tap = options.tap;
    this.#clock = options.clock ?? systemClock;
    void this.#pumpEvents();
  }

  /**
   * Opens a session on a fresh transport and reads DeviceInfo. An old session that the camera still
   * holds is closed first; where it answers Invalid_TransactionID other session ids are tried.
   * Closes the transport when that fails.
   */
  static async open(transport: PtpTransport, options: SessionOptions = {}): Promise<PtpSession> {
    const session = new PtpSession(transport, options);
    try {
      for (let round = 0; ; round++) {
        try {
          await session.#start(options, transport.recover && OPENING_TIMEOUTS_MS[round]);
          return session;
        } catch (error) {
          if (!isOutOfStep(error) || !(await transport.recover?.(round))) throw error;
        }
      }
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  /** As the camera last told it. */
  get deviceInfo(): DeviceInfo {
    if (!this.#deviceInfo) throw new Error('DeviceInfo has not been read yet');
    return this.#deviceInfo;
  }

  /** Events of the interrupt pipe or the event connection, from now on. */
  get events(): AsyncIterable<PtpEvent> {
    return this.#events;
  }

  supports(operation: number): boolean {
    return this.#deviceInfo?.operationsSupported.includes(operation) ?? false;
  }

  /**
   * Any operation at all. Returns whatever the camera answers, failures included; throws only when
   * the link or the protocol fails, the time is up, or the signal aborts.
   */
  transaction(
    code: number,
    params: readonly number[] = [],
    options: TransactionOptions = {},
  ): Promise<TransactionResult> {
    if (params.length > 5) throw new RangeError('an operation takes at most five parameters');
    return this.#queue.run(
      options.priority ?? 'user',
      () => this.#transact(code, params, options),
      options.signal,
    );
  }

  /** Like `transaction`, but throws a ResponseError for every answer other than OK. */
  override async call(
    code: number,
    params: readonly number[] = [],
    options: TransactionOptions = {},
  ): Promise<TransactionResult> {
    return this.#checked(code, await this.transaction(code, params, options));
  }

  override sequence<T>(
    work: (call: Call) => Promise<T>,
    options: Pick<TransactionOptions, 'priority' | 'signal'> = {},
  ): Promise<T> {
    const call: Call = async (code, params = [], callOptions = {}) =>
      this.#checked(code, await this.#transact(code, params, callOptions));
    return this.#queue.run(options.priority ?? 'user', () => work(call), options.signal);
  }

  /** Throws an UnsupportedError unless the camera lists the operation. */
  require(code: number): void {
    if (this.supports(code)) return;
    throw new UnsupportedError(
      `${this.deviceInfo.model} does not list the operation ${nameOf(this.names.operations, code)} (${hex16(code)})`,
    );
  }

  /** Asks anew: some bodies list other operations after a change of mode. */
  async getDeviceInfo(options: TransactionOptions = {}): Promise<DeviceInfo> {
    this.#deviceInfo = await this.fetch(DeviceInfo, Operation.GetDeviceInfo, [], options);
    return this.#deviceInfo;
  }

  /** Ends the session and the link; errors on the way out are of no use to anybody. */
  async close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      await this.transaction(Operation.CloseSession, [], { timeoutMs: 3000 }).catch(() => {
        // The link may be gone already; closing it below is all that is left to do.
      });
    }
    await this.transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(options: SessionOptions, timeoutMs: number | undefined): Promise<void> {
    const { sessionId = 1, signal, onDeviceInfo } = options;
    const waiting = { signal, timeoutMs };
    this.#nextId = 0;
    onDeviceInfo?.(await this.getDeviceInfo(waiting));
    await this.#openSession(sessionId, waiting);
    if (!onDeviceInfo) await this.getDeviceInfo(waiting);
  }

  async #openSession(
    sessionId: number,
    waiting: Pick<TransactionOptions, 'signal' | 'timeoutMs'>,
  ): Promise<void> {
    let id = sessionId;
    let closedOld = false;
    for (let attempt = 0; attempt < 10; attempt++) {
      this.#nextId = 0;
      const { code, params } = await this.transaction(Operation.OpenSession, [id], waiting);
      if (code === Response.OK) {
        this.#open = true;
        return;
      }
      if (code === Response.Session_Already_Open) {
        // Its transaction counter is not ours: close it once, and live with it if that fails.
        if (closedOld) {
          this.#open = true;
          return;
        }
        closedOld = true;
        await this.transaction(Operation.CloseSession, [], waiting);
      } else if (code === Response.Invalid_TransactionID) {
        id++;
      } else {
        throw new ResponseError(Operation.OpenSession, code, params, this.names);
      }
    }
    throw new ResponseError(Operation.OpenSession, Response.Invalid_TransactionID, [], this.names);
  }

  #checked(code: number, result: TransactionResult): TransactionResult {
    if (result.code === Response.OK) return result;
    throw new ResponseError(code, result.code, result.params, this.names);
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = nextTransactionId(id);
    return id;
  }

  async #transact(
    code: number,
    params: readonly number[],
    options: TransactionOptions,
  ): Promise<TransactionResult> {
    const seen: TransactionSeen = { code, params, transactionId: this.#takeId() };
    const from = this.#tap ? this.#clock.now() : 0;
    const collector = options.sink ? undefined : new Collector();
    let sink: DataSink = options.sink ?? (collector as Collector);
    let data = options.data instanceof Uint8Array ? dataSource(options.data) : options.data;
    let bytes = data?.size ?? 0;
    if (this.#tap) {
      this.#see((tap) => tap.request?.(seen));
      sink = tapSink(sink, (chunk) => {
        bytes += chunk.length;
        this.#see((tap) => tap.data?.(seen, 'in', chunk));
      });
      if (data) {
        data = tapSource(data, (chunk) => this.#see((tap) => tap.data?.(seen, 'out', chunk)));
      }
    }
    let response: PtpResponse;
    try {
      response = await this.transport.transact(
        { code, params, transactionId: seen.transactionId, data },
        {
          sink,
          idleTimeoutMs: options.timeoutMs ?? IDLE_TIMEOUT_MS,
          priority: options.priority,
          signal: options.signal,
        },
      );
    } catch (error) {
      this.#see((tap) => tap.failure?.(seen, error, this.#clock.now() - from));
      throw error;
    }
    this.#see((tap) => tap.response?.(seen, response, bytes, this.#clock.now() - from));
    return {
      code: response.code,
      params: response.params,
      data: collector?.bytes() ?? new Uint8Array(0),
    };
  }

  async #pumpEvents(): Promise<void> {
    for await (const event of this.transport.events) {
      this.#see((tap) => tap.event?.(event));
      this.#events.push(event);
    }
    this.#events.close();
  }

  /** Shows the tap something. One that throws (a log on a full disk) is told so, and let go. */
  #see(show: (tap: Tap) => void): void {
    const tap = this.#tap;
    if (!tap) return;
    try {
      show(tap);
    } catch (error) {
      this.#tap = undefined;
      tap.failed?.(error);
    }
  }
}

/** Nothing, or nonsense, came in answer: somebody went away in mid-sentence, perhaps. */
function isOutOfStep(error: unknown): boolean {
  if (error instanceof ResponseError) return error.response === Response.Invalid_TransactionID;
  return (
    error instanceof TimeoutError || error instanceof ProtocolError || error instanceof LinkError
  );
}
