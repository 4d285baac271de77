/** The PTP function of a camera on USB: three pipes, and one transaction at a time between them. */
import { type Clock, ignore, sleep } from '../../base/time.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import { Event, nameOf, Response } from '../../ptp/index.ts';
import type { Faults } from '../faults.ts';
import type { Answer, PtpResponder } from '../responder/transaction.ts';
import type { Seat } from '../seat.ts';
import { ContainerReader } from './container-reader.ts';
import { ContainerType, encodeBlock, encodeDataHead } from './containers.ts';
import type { Setup } from './control.ts';
import { EndpointAddress, INTERRUPT_PACKET_SIZE } from './descriptors.ts';
import { InPipe } from './in-pipe.ts';
import { OutPipe, type OutResult } from './out-pipe.ts';
import { answerStillImage } from './still-image-requests.ts';
import type { UsbFunction } from './usb-function.ts';
import { UsbTransaction } from './usb-transaction.ts';

export interface PtpFunctionOptions {
  responder: PtpResponder;
  faults: Faults;
  seat: Seat;
  clock: Clock;
  /** wMaxPacketSize of the bulk pipes. */
  packetSize: number;
  /** Milliseconds before the answer; `first` since the computer is there. */
  latency(code: number, first: boolean): number;
  /** Called at the first command, so that work may begin early. */
  onConnect(): void;
  /** The cable comes out. */
  unplug(): void;
  log(line: string): void;
}

const LATE_MS = 3000;
/** Events that wait for a computer to read them. */
const UNSENT_EVENTS = 64;
/** Of an event that no transaction has caused. */
const NO_TRANSACTION = 0xffffffff;
/** More than a packet of the interrupt pipe, and less than a container. */
const GARBAGE = new Uint8Array(11).fill(0xff);

export class PtpFunction implements UsbFunction {
  readonly bulkIn: InPipe;
  readonly bulkOut: OutPipe;
  readonly interruptIn = new InPipe(INTERRUPT_PACKET_SIZE);
  #options: PtpFunctionOptions;
  #reader: ContainerReader;
  #running: UsbTransaction | undefined;
  /** The last response is with the computer. */
  #answered: Promise<unknown> = Promise.resolve();
  #previous: { code: number; transactionId: number } | undefined;
  #first = true;
  /** Another one after each reset. */
  #link = {};
  #events: Uint8Array[] = [];
  #sendingEvents = false;

  constructor(options: PtpFunctionOptions) {
    this.#options = options;
    this.bulkIn = new InPipe(options.packetSize);
    this.bulkOut = new OutPipe(options.packetSize);
    this.#reader = new ContainerReader({
      command: (request) => this.#command(request),
      receiver: (transactionId) => this.#receiver(transactionId),
      dropped: (what) => options.log(`USB: ${what} dropped`),
    });
    void this.#serve();
  }

  /** A computer has the body through this link. */
  get connected(): boolean {
    return this.#options.seat.isHeldBy(this);
  }

  /** One transfer of the computer's on bulk OUT; see `OutPipe.write`. */
  write(data: Uint8Array, zeroPacket?: boolean, signal?: AbortSignal): Promise<OutResult> {
    if (!this.#running && this.#options.faults.take('stall-command')) this.bulkOut.halt();
    return this.bulkOut.write(data, zeroPacket, signal);
  }

  request(setup: Setup, data: Uint8Array): Uint8Array | undefined {
    return answerStillImage(this, setup, data);
  }

  /** The response that Get Device Status gives, and the pipes that it names. */
  get status(): { code: number; halted: number[] } {
    const halted: number[] = [];
    if (this.bulkIn.halted) halted.push(EndpointAddress.BulkIn);
    if (this.bulkOut.halted) halted.push(EndpointAddress.BulkOut);
    if (halted.length > 0) return { code: Response.Transaction_Cancelled, halted };
    const cleaning = this.#running?.signal.aborted === true;
    return { code: cleaning ? Response.Device_Busy : Response.OK, halted };
  }

  /** The computer cancels a transaction; false when that is not the one that runs. */
  cancel(transactionId: number): boolean {
    const running = this.#running;
    if (running?.transactionId !== transactionId || running.answered) return false;
    const { sending } = running;
    running.abort('cancelled by the initiator');
    this.#reader.reset();
    this.bulkOut.interrupt();
    this.bulkIn.flush();
    if (this.#options.faults.has('answered-cancel')) {
      void running.done.then(() => this.#respond(running, Response.Transaction_Cancelled));
    } else if (sending) {
      // The data end here, so that no read of the computer's is left open.
      void this.bulkIn.end();
    }
    return true;
  }

  /** Device Reset: no transaction, no session, no halted pipe. */
  reset(reason = 'reset by the initiator'): void {
    this.#link = {};
    this.#running?.abort(reason);
    this.#reader.reset();
    this.bulkIn.flush();
    this.bulkIn.clearHalt();
    this.bulkOut.clearHalt();
    this.bulkOut.interrupt();
    this.interruptIn.clearHalt();
    this.#dropEvents();
    if (!this.connected) return;
    this.#options.responder.endSession();
    this.#options.seat.leave(this);
  }

  /** The computer is gone, or begins anew; what it waits for ends. */
  disconnect(): void {
    this.reset('the link is gone');
    this.endTransfers('gone');
    this.#first = true;
    this.#previous = undefined;
  }

  /** What the computer waits for ends. */
  endTransfers(status: 'gone' | 'cancelled'): void {
    this.bulkIn.endReads(status);
    this.bulkOut.endWrites(status);
    this.interruptIn.endReads(status);
  }

  /** Puts an event into the interrupt pipe, if a session is open. */
  sendEvent(code: number, params: readonly number[]): void {
    const { responder, faults } = this.#options;
    if (!this.connected || responder.sessionId === undefined) return;
    const transactionId = this.#running?.transactionId ?? NO_TRANSACTION;
    if (faults.take('interrupt-garbage')) this.#events.push(GARBAGE);
    if (this.#events.length >= UNSENT_EVENTS) return;
    const lost = this.#events.length === UNSENT_EVENTS - 1;
    this.#events.push(
      encodeBlock({
        type: ContainerType.Event,
        code: lost ? Event.UnreportedStatus : code,
        transactionId,
        params: lost ? [] : params,
      }),
    );
    if (!this.#sendingEvents) void this.#sendEvents();
  }

  async #sendEvents(): Promise<void> {
    const { faults } = this.#options;
    this.#sendingEvents = true;
    for (let event = this.#events[0]; event; event = this.#events[0]) {
      const put = await this.interruptIn.put(event);
      const taken = put && (await this.interruptIn.end(!faults.has('missing-zlp')));
      if (taken) this.#events.shift();
    }
    this.#sendingEvents = false;
  }

  #dropEvents(): void {
    this.#events.length = 0;
    this.interruptIn.flush();
  }

  async #serve(): Promise<never> {
    for (;;) {
      const piece = await this.bulkOut.next();
      if (piece) await this.#reader.take(piece);
    }
  }

  async #command(request: {
    code: number;
    transactionId: number;
    params: readonly number[];
  }): Promise<void> {
    const { responder, faults } = this.#options;
    const before = this.#running;
    // The next command says that no data will come any more.
    before?.incoming?.end();
    const link = this.#link;
    await before?.done;
    await this.#answered;
    if (this.#link !== link) return;
    const transaction = new UsbTransaction(request, responder.takesData(request.code), {
      bulkIn: this.bulkIn,
      faults,
      unplug: this.#options.unplug,
      respondFirst: (early) => this.#respond(early, Response.OK),
    });
    this.#running = transaction;
    transaction.done = this.#run(transaction).finally(() => {
      if (this.#running === transaction) this.#running = undefined;
    });
  }

  #receiver(transactionId: number): UsbTransaction['incoming'] {
    const running = this.#running;
    const wanted = running?.transactionId === transactionId && !running.incoming?.ended;
    return wanted && !running.incoming?.started ? running.incoming : undefined;
  }

  async #run(transaction: UsbTransaction): Promise<void> {
    const { signal } = transaction;
    const { faults } = this.#options;
    await this.#wait(transaction.code, signal);
    if (signal.aborted) return;
    if (faults.take('late-data')) await this.#sendLateData();
    const answer = await this.#handle(transaction);
    transaction.incoming?.drop();
    await transaction.incoming?.finished;
    this.#previous = transaction;
    if (signal.aborted || transaction.answered) return;
    // Not awaited: data that the operation did not want may still be on their way.
    void this.#respond(transaction, answer.code, answer.params);
  }

  /** As long as the camera takes; for ever when it is silent. */
  async #wait(code: number, signal: AbortSignal): Promise<void> {
    const { faults, latency, clock, onConnect, log } = this.#options;
    const first = this.#first;
    this.#first = false;
    if (first) onConnect();
    const late = first && faults.take('late-first-answer') ? LATE_MS : 0;
    if (faults.has('silent')) {
      log(`USB: ${nameOf(canonNames.operations, code)} is not answered (fault: silent)`);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return;
    }
    const ms = latency(code, first) + late;
    // An abort ends the wait; who has called looks at the signal.
    if (ms > 0) await sleep(ms, signal, clock).catch(ignore);
  }

  async #handle(transaction: UsbTransaction): Promise<Answer> {
    const { seat, responder } = this.#options;
    if (!seat.take(this)) return { code: Response.Device_Busy };
    const answer = await responder.handle(transaction);
    if (responder.sessionId === undefined) {
      this.#dropEvents();
      seat.leave(this);
    }
    return answer;
  }

  async #respond(
    transaction: UsbTransaction,
    code: number,
    params?: readonly number[],
  ): Promise<void> {
    const { faults } = this.#options;
    const { transactionId } = transaction;
    transaction.answered = true;
    const block = faults.take('garbage')
      ? new Uint8Array(14).fill(0xff)
      : encodeBlock({
          type: faults.take('wrong-container-type') ? ContainerType.Data : ContainerType.Response,
          code,
          transactionId: transactionId + (faults.take('wrong-transaction-id') ? 1 : 0),
          params,
        });
    this.#answered = this.#transfer(block);
    await this.#answered;
  }

  /** A data container of the transaction before, as if the computer had not waited for it. */
  async #sendLateData(): Promise<void> {
    if (!this.#previous) return;
    const { code, transactionId } = this.#previous;
    await this.#transfer(encodeDataHead(code, transactionId, 100), new Uint8Array(100));
  }

  async #transfer(...parts: Uint8Array[]): Promise<void> {
    for (const part of parts) if (!(await this.bulkIn.put(part))) return;
    await this.bulkIn.end();
  }
}
