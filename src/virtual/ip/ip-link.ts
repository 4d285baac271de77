/** One initiator's pair of connections: requests in, answers out, one transaction at a time. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { LinkError, messageOf } from '../../base/errors.ts';
import { type Clock, sleep } from '../../base/time.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import { nameOf, Response } from '../../ptp/index.ts';
import {
  encodePacket,
  type PacketHead,
  PacketType,
  UNKNOWN_TOTAL,
} from '../../ptp/transport/ip-packets.ts';
import type { PacketReader } from '../../ptp/transport/packet-reader.ts';
import type { Faults } from '../faults.ts';
import type { Responder } from '../responder/responder.ts';
import type { Answer } from '../responder/transaction.ts';
import { IpTransaction } from './ip-transaction.ts';

export interface IpLinkOptions {
  responder: Responder;
  faults: Faults;
  clock: Clock;
  pieceSize: number;
  /** Milliseconds before the answer; `first` on a link. */
  latency(code: number, first: boolean): number;
  /** Also send Cancel on the command connection before the response to a cancelled transaction. */
  confirmCancel: boolean;
  log(line: string): void;
}

/** gphoto2 sends no End Data where there is no data: then this much silence ends the phase. */
const EMPTY_DATA_MS = 200;
/** An initiator that announced no data for an operation that needs some. */
const NO_DATA_MS = 1000;
const LATE_MS = 3000;
/** Events that wait for an initiator to read; more are dropped. */
const UNSENT_EVENTS = 64;
/** Of an event that no transaction has caused. */
const NO_TRANSACTION = 0xffffffff;

export class IpLink {
  readonly command: ByteStream;
  event: ByteStream | undefined;
  readonly closed: Promise<void>;
  #reader: PacketReader;
  #options: IpLinkOptions;
  #running: IpTransaction | undefined;
  #first = true;
  #settleClosed!: () => void;
  #open = true;
  #unsentEvents = 0;

  constructor(command: ByteStream, reader: PacketReader, options: IpLinkOptions) {
    this.command = command;
    this.#reader = reader;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  /** Serves the command connection until it ends; never rejects. */
  async serveCommands(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#reader.head();
        if (!head) break;
        await this.#onPacket(head);
      }
    } catch (error) {
      this.#logEnd(error);
    }
    await this.close();
  }

  /** Serves the event connection until it ends; never rejects. */
  async serveEvents(event: ByteStream, reader: PacketReader): Promise<void> {
    this.event = event;
    try {
      for (;;) {
        const head = await reader.head();
        if (!head) break;
        if (head.type === PacketType.Cancel) {
          this.#cancel((await reader.payload(head.type, head.size)).transactionId);
        } else {
          await reader.skip(head);
          if (head.type === PacketType.ProbeRequest) {
            await event.write(encodePacket(PacketType.ProbeResponse, {}));
          }
        }
      }
    } catch (error) {
      this.#logEnd(error);
    }
    await this.close();
  }

  /** Ends both connections; the session ends with them. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#running?.abort(false);
    await Promise.all([this.event?.close(), this.command.close()]);
    this.#options.responder.endSession();
    this.#settleClosed();
  }

  /** Sends an event on the event connection, if the initiator has opened it. */
  async sendEvent(code: number, params: readonly number[]): Promise<void> {
    const { event } = this;
    // Most initiators never read their event connection: what they leave there is not piled up here.
    if (!event || !this.#open || this.#unsentEvents >= UNSENT_EVENTS) return;
    this.#unsentEvents++;
    const transactionId = this.#running?.transactionId ?? NO_TRANSACTION;
    try {
      await event.write(
        encodePacket(PacketType.Event, { code, transactionId, params: [...params] }),
      );
    } catch (error) {
      this.#logEnd(error);
      await this.close();
    } finally {
      this.#unsentEvents--;
    }
  }

  async #onPacket(head: PacketHead): Promise<void> {
    const reader = this.#reader;
    switch (head.type) {
      case PacketType.OperationRequest: {
        const request = await reader.payload(head.type, head.size);
        const running = this.#running;
        // The next request says that no data will come any more.
        running?.incoming?.end();
        await running?.done;
        this.#begin(request);
        break;
      }
      case PacketType.StartData: {
        const { transactionId, total } = await reader.payload(head.type, head.size);
        this.#onStartData(transactionId, total);
        break;
      }
      case PacketType.Data:
      case PacketType.EndData:
        await this.#onData(head);
        break;
      case PacketType.Cancel:
        this.#cancel((await reader.payload(head.type, head.size)).transactionId);
        break;
      case PacketType.ProbeRequest:
        await reader.skip(head);
        await this.command.write(encodePacket(PacketType.ProbeResponse, {}));
        break;
      default:
        throw await reader.unexpected(head, 'a request');
    }
  }

  #begin(request: {
    dataPhaseInfo: number;
    code: number;
    transactionId: number;
    params: readonly number[];
  }): void {
    const { responder, clock, pieceSize, faults } = this.#options;
    // The direction follows from the operation: chdkptp always writes 0 as the hint.
    const announced = request.dataPhaseInfo === 2;
    const takesData = announced || responder.takesData(request.code);
    const transaction = new IpTransaction(request, takesData, {
      stream: this.command,
      pieceSize,
      faults,
      breakLink: () => void this.close(),
    });
    this.#running = transaction;
    const { incoming } = transaction;
    if (incoming && !announced) {
      clock.after(NO_DATA_MS, () => {
        if (!incoming.started) incoming.end();
      });
    }
    transaction.done = this.#run(transaction).catch((error: unknown) => {
      this.#logEnd(error);
      return this.close();
    });
  }

  async #run(transaction: IpTransaction): Promise<void> {
    const { responder, faults, latency, clock } = this.#options;
    const first = this.#first;
    this.#first = false;
    const ms =
      latency(transaction.code, first) + (first && faults.take('late-first-answer') ? LATE_MS : 0);
    if (ms > 0) await sleep(ms, undefined, clock);
    // The link may have ended meanwhile; a session opened now would never be closed.
    if (!this.#open) return;
    if (faults.has('silent')) {
      const name = nameOf(canonNames.operations, transaction.code);
      this.#options.log(`${name} is not answered (fault: silent)`);
      await this.closed;
      return;
    }
    const answer = await responder.handle(transaction);
    transaction.incoming?.drop();
    await transaction.incoming?.finished;
    if (!this.#open) return;
    this.#running = undefined;
    await this.#answer(transaction, answer);
  }

  async #answer(transaction: IpTransaction, answer: Answer): Promise<void> {
    const { faults, confirmCancel } = this.#options;
    const { transactionId } = transaction;
    if (transaction.cancelled && transaction.sent && confirmCancel) {
      await this.command.write(encodePacket(PacketType.Cancel, { transactionId }));
    }
    if (faults.take('garbage')) {
      await this.command.write(new Uint8Array(14).fill(0xff));
      return;
    }
    await this.command.write(
      encodePacket(PacketType.OperationResponse, {
        code: transaction.cancelled ? Response.Transaction_Cancelled : answer.code,
        transactionId: faults.take('wrong-transaction-id') ? transactionId + 1 : transactionId,
        params: [...(answer.params ?? [])],
      }),
    );
  }

  #onStartData(transactionId: number, total: bigint): void {
    const incoming = this.#incomingFor(transactionId);
    if (!incoming || incoming.started) return;
    incoming.start(total === UNKNOWN_TOTAL ? undefined : total);
    if (total === 0n) this.#options.clock.after(EMPTY_DATA_MS, () => incoming.end());
  }

  async #onData(head: PacketHead): Promise<void> {
    const id = await this.#reader.transactionId();
    const incoming = this.#incomingFor(id);
    for (let left = head.size - 4; left > 0; ) {
      const chunk = await this.#reader.some(left);
      left -= chunk.length;
      await incoming?.push(chunk);
    }
    if (head.type === PacketType.EndData) incoming?.end();
  }

  /** Data of a transaction that is over are dropped; chdkptp's carry the id 0. */
  #incomingFor(transactionId: number): IpTransaction['incoming'] {
    const running = this.#running;
    if (!running?.incoming || running.incoming.ended) return undefined;
    return transactionId === running.transactionId || transactionId === 0
      ? running.incoming
      : undefined;
  }

  #cancel(transactionId: number): void {
    if (this.#running?.transactionId === transactionId) this.#running.abort(true);
  }

  #logEnd(error: unknown): void {
    // An initiator that just goes away is no news: EOS Utility ends every session so.
    if (!this.#open || (error instanceof LinkError && error.code === 'LINK_LOST')) return;
    this.#options.log(`link to ${this.command.name} ended: ${messageOf(error)}`);
  }
}
