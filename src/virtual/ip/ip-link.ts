/** One initiator's pair of connections: requests in, answers out, one transaction at a time. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { LinkError, messageOf } from '../../base/errors.ts';
import { type Clock, ignore, sleep } from '../../base/time.ts';
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
import type { Answer, PtpResponder } from '../responder/transaction.ts';
import { IpTransaction } from './ip-transaction.ts';

export interface IpLinkOptions {
  responder: PtpResponder;
  faults: Faults;
  clock: Clock;
  pieceSize: number;
  /** Milliseconds before the answer; `first` on a link. */
  latency(code: number, first: boolean): number;
  /** Silence after which the link is dropped: on Wi-Fi, to spare the battery. */
  idleMs?(): number | undefined;
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
  /** Settles when the event connection stands, or never will. */
  #standing: Promise<void>;
  #stand!: () => void;
  /** Since when the initiator has taken nothing of what is being sent to it. */
  #writingSince: number | undefined;
  /** Since when it has sent nothing. */
  #readingSince: number | undefined;
  /** It has begun a packet. */
  #inPacket = false;
  #probes = new Set<(answered: boolean) => void>();

  constructor(command: ByteStream, reader: PacketReader, options: IpLinkOptions) {
    this.command = command;
    this.#reader = reader;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#standing = new Promise((resolve) => {
      this.#stand = resolve;
    });
  }

  /**
   * Milliseconds for which the initiator has not moved although it is its turn: it takes no data, or
   * has stopped inside a packet or a data phase. 0 while nothing is awaited of it but a request.
   */
  get stalledMs(): number {
    const now = this.#options.clock.now();
    const incoming = this.#running?.incoming;
    const reading = this.#inPacket || (incoming?.started === true && !incoming.ended);
    return Math.max(
      now - (this.#writingSince ?? now),
      reading ? now - (this.#readingSince ?? now) : 0,
    );
  }

  /** Asks the initiator whether it is still there; false when no answer comes in time. */
  async probe(ms: number): Promise<boolean> {
    const { event } = this;
    if (!event || !this.#open) return false;
    let settle: (answered: boolean) => void = ignore;
    const answered = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    this.#probes.add(settle);
    const stop = this.#options.clock.after(ms, () => settle(false));
    // One that does not read its events takes no probe either: the clock decides.
    event.write(encodePacket(PacketType.ProbeRequest, {})).catch(() => settle(false));
    try {
      return await answered;
    } finally {
      stop();
      this.#probes.delete(settle);
    }
  }

  /** Serves the command connection until it ends; never rejects. */
  async serveCommands(): Promise<void> {
    try {
      for (;;) {
        const stop = this.#closeWhenIdle();
        const head = await this.#awaited(this.#reader.head());
        stop();
        if (!head) break;
        this.#inPacket = true;
        await this.#onPacket(head);
        this.#inPacket = false;
      }
    } catch (error) {
      this.#logEnd(error);
    }
    await this.close();
  }

  /** Acknowledges the event connection and serves it until it ends; never rejects. */
  async serveEvents(event: ByteStream, reader: PacketReader): Promise<void> {
    this.event = event;
    try {
      await event.write(encodePacket(PacketType.InitEventAck, {}));
      this.#stand();
      for (;;) {
        const head = await reader.head();
        if (!head) break;
        if (head.type === PacketType.Cancel) {
          this.#cancel((await reader.payload(head.type, head.size)).transactionId);
          continue;
        }
        await reader.skip(head);
        if (head.type === PacketType.ProbeRequest) {
          await event.write(encodePacket(PacketType.ProbeResponse, {}));
        }
        if (head.type === PacketType.ProbeResponse) for (const answer of this.#probes) answer(true);
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
    this.#stand();
    for (const answer of this.#probes) answer(false);
    this.#running?.abort(false);
    await Promise.all([this.event?.close(), this.command.close()]);
    this.#options.responder.endSession();
    this.#settleClosed();
  }

  /**
   * Sends an event on the event connection. Before the session nothing goes there: chdkptp takes
   * whatever comes with the acknowledgement for a part of it.
   */
  async sendEvent(code: number, params: readonly number[]): Promise<void> {
    const { event } = this;
    const { responder, faults } = this.#options;
    if (!event || !this.#open || responder.sessionId === undefined) return;
    if (this.#unsentEvents >= UNSENT_EVENTS) {
      // Most initiators never read their event connection: what they leave there is not piled up.
      if (faults.has('event-backpressure')) await this.close();
      return;
    }
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
        const request = await this.#awaited(reader.payload(head.type, head.size));
        // As on real bodies; some initiators send the first request without waiting for the ack.
        await this.#standing;
        if (!this.#open) break;
        const running = this.#running;
        // The next request says that no data will come any more.
        running?.incoming?.end();
        await running?.done;
        this.#begin(request);
        break;
      }
      case PacketType.StartData: {
        const payload = reader.payload(head.type, head.size);
        const { transactionId, total } = await this.#awaited(payload);
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
        await this.#write(encodePacket(PacketType.ProbeResponse, {}));
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
      write: (...parts) => this.#write(...parts),
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
      await this.#write(encodePacket(PacketType.Cancel, { transactionId }));
    }
    if (faults.take('garbage')) {
      await this.#write(new Uint8Array(14).fill(0xff));
      return;
    }
    await this.#write(
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
      const chunk = await this.#awaited(this.#reader.some(left));
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

  /** Notes since when it is awaited. */
  async #awaited<T>(packet: Promise<T>): Promise<T> {
    this.#readingSince = this.#options.clock.now();
    try {
      return await packet;
    } finally {
      this.#readingSince = undefined;
    }
  }

  async #write(...parts: Uint8Array[]): Promise<void> {
    this.#writingSince = this.#options.clock.now();
    try {
      await this.command.write(...parts);
    } finally {
      this.#writingSince = undefined;
    }
  }

  /** Where the camera does; the returned function calls it off. */
  #closeWhenIdle(): () => void {
    const { idleMs, clock, log } = this.#options;
    const ms = idleMs?.();
    if (ms === undefined) return ignore;
    let stop = ignore;
    const wait = () => {
      stop = clock.after(ms, () => {
        if (this.#running) return wait();
        log(`${this.command.name} has asked for nothing for ${ms / 1000} s: the link is dropped`);
        void this.close();
      });
    };
    wait();
    return () => stop();
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
