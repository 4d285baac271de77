/**
 * A PTP responder: the session, the table of operations, and the order in which requests are
 * checked. Knows nothing of the link and nothing of cameras.
 */
import { messageOf } from '../../base/errors.ts';
import { hex16, ProtocolError } from '../../bytes/index.ts';
import {
  nameOf,
  type PtpNames,
  Response,
  Operation as StandardOperation,
} from '../../ptp/index.ts';
import {
  type Answer,
  type OperationTable,
  type PtpResponder,
  Refusal,
  type Transaction,
} from './transaction.ts';

export interface ResponderOptions {
  /** The operations of DeviceInfo, and those that are kept secret. */
  known: readonly number[];
  /** Those that come and go. */
  alsoKnown?(): readonly number[];
  operations: OperationTable;
  names: PtpNames;
  /** Called before an operation is looked at. */
  onOperation(code: number): void;
  /** The code to refuse an operation with before it runs; 0 lets it pass. */
  refuse(code: number): number;
  onSessionEnd(): void;
  log(line: string): void;
  /** One line for each transaction, and the milliseconds from its request to its response. */
  trace(line: string, ms: number): void;
}

const NO_TRANSACTION: readonly number[] = [0, 0xffffffff];

export class Responder implements PtpResponder {
  /** Undefined while no session is open. */
  sessionId: number | undefined;
  /** Requests received, by operation code. */
  readonly counts = new Map<number, number>();
  #options: ResponderOptions;
  #known: ReadonlySet<number>;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#known = new Set(options.known);
  }

  /** Whether the initiator's request is followed by its data. */
  takesData(code: number): boolean {
    return this.#knows(code) && this.#options.operations.get(code)?.takesData === true;
  }

  #knows(code: number): boolean {
    return this.#known.has(code) || (this.#options.alsoKnown?.().includes(code) ?? false);
  }

  async handle(transaction: Transaction): Promise<Answer> {
    const { code } = transaction;
    const from = performance.now();
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    this.#options.onOperation(code);
    const answer = await this.#answer(transaction);
    this.#trace(transaction, answer, performance.now() - from);
    return answer;
  }

  /** The link is gone, and with it the session. */
  endSession(): void {
    if (this.sessionId === undefined) return;
    this.sessionId = undefined;
    this.#options.onSessionEnd();
  }

  async #answer(transaction: Transaction): Promise<Answer> {
    const refused = this.#check(transaction);
    if (refused) return refused;
    const { code } = transaction;
    if (code === StandardOperation.OpenSession) return this.#openSession(transaction);
    if (code === StandardOperation.CloseSession) {
      this.endSession();
      return { code: Response.OK };
    }
    // A real body lists these and does something; here they are honest about doing nothing. Busy
    // would make initiators try again for ever, so the answer is the one for unknown operations.
    const operation = this.#options.operations.get(code);
    if (!operation) return { code: Response.Operation_Not_Supported };
    const trouble = this.#options.refuse(code);
    if (trouble !== 0) return { code: trouble };
    if (hasSurplus(transaction.params, operation.params)) {
      return { code: Response.Parameter_Not_Supported };
    }
    try {
      const params = await operation.run(transaction);
      if (transaction.signal.aborted) return { code: Response.Transaction_Cancelled };
      return params ? { code: Response.OK, params } : { code: Response.OK };
    } catch (error) {
      if (transaction.signal.aborted) return { code: Response.Transaction_Cancelled };
      if (error instanceof Refusal) return error.answer;
      // A dataset that cannot be read; cameras older than PTP 1.1 have no code of their own for it.
      if (!(error instanceof ProtocolError)) {
        this.#options.log(`${hex16(code)} failed: ${messageOf(error)}`);
      }
      return { code: Response.General_Error };
    }
  }

  /** In this order; the first rule that fails decides. */
  #check({ code, transactionId, params }: Transaction): Answer | undefined {
    if (!this.#knows(code)) return { code: Response.Operation_Not_Supported };
    const open = this.sessionId !== undefined;
    const free = code === StandardOperation.GetDeviceInfo || code === StandardOperation.OpenSession;
    if (!open && !free) return { code: Response.Session_Not_Open };
    if (code === StandardOperation.OpenSession) {
      if ((params[0] ?? 0) === 0) return { code: Response.Invalid_Parameter };
      if (this.sessionId !== undefined) {
        return { code: Response.Session_Already_Open, params: [this.sessionId] };
      }
    } else if (open && NO_TRANSACTION.includes(transactionId)) {
      return { code: Response.Invalid_TransactionID };
    }
    // miniPtp names the session that it closes; that is no harm.
    const session =
      code === StandardOperation.OpenSession || code === StandardOperation.CloseSession;
    return session && hasSurplus(params, 1)
      ? { code: Response.Parameter_Not_Supported }
      : undefined;
  }

  #openSession({ params }: Transaction): Answer {
    this.sessionId = params[0];
    return { code: Response.OK };
  }

  #trace({ code, params }: Transaction, answer: Answer, ms: number): void {
    const { names, trace } = this.#options;
    const args = params.map((param) => `0x${param.toString(16)}`).join(', ');
    const result = nameOf(names.responses, answer.code);
    trace(`${nameOf(names.operations, code)}(${args}): ${result}`, ms);
  }
}

function hasSurplus(params: readonly number[], known: number | undefined): boolean {
  return known !== undefined && params.slice(known).some((param) => param !== 0);
}
