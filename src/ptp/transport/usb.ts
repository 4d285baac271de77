/** PTP over USB: one transaction at a time over the two bulk pipes, events over the interrupt pipe. */
import { Channel } from '../../base/channel.ts';
import { type HotshoeError, LinkError, messageOf, TimeoutError } from '../../base/errors.ts';
import {
  type Clock,
  formatDuration,
  ignore,
  sleep,
  systemClock,
  Watchdog,
  within,
} from '../../base/time.ts';
import { hex16, ProtocolError } from '../../bytes/index.ts';
import { usbError, usbTrouble } from '../../usb/errors.ts';
import type { UsbDevice } from '../../usb/port.ts';
import { findPtpInterface, type PtpInterface } from '../../usb/ptp-interface.ts';
import { Operation } from '../codes/operations.ts';
import { Response } from '../codes/responses.ts';
import type {
  DataSink,
  DataSource,
  PtpEvent,
  PtpRequest,
  PtpResponse,
  PtpTransport,
  TransactOptions,
} from './transport.ts';
import { BulkIn, Interrupted } from './usb-bulk-in.ts';
import { BulkOut, WriteStopped } from './usb-bulk-out.ts';
import {
  CONTAINER_HEAD,
  type ContainerHead,
  ContainerType,
  decodeParams,
  encodeBlock,
  encodeDataHead,
  UNKNOWN_LENGTH,
} from './usb-containers.ts';
import { UsbControl } from './usb-control.ts';
import { EventJoiner } from './usb-events.ts';
import { ContainerReader } from './usb-reader.ts';

export interface UsbConnectOptions {
  device: UsbDevice;
  /** For messages: "Canon EOS R6". Default what the device calls itself. */
  name?: string | undefined;
  /** Size of a read within a data phase, in bytes. Default 1 MiB. */
  readSize?: number | undefined;
  /** Reads under way at once within a data phase. Default 3. */
  readsInFlight?: number | undefined;
  /** 'linux', 'darwin', 'win32' or 'browser': whose ways out the hints name. */
  platform?: string | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

/** docs/performance.md has the measurements behind these. */
const READ_SIZE = 1 << 20;
const READS_IN_FLIGHT = 3;

/** Opening and claiming: longer than any system that answers at all. */
const CLAIM_MS = 10_000;
/** A pipe is quiet when nothing has come for so long, as Windows has it after a Cancel. */
const QUIET_MS = 300;
/** Nothing that is drained goes on for longer. */
const DRAIN_MS = 3000;
/** All that follows a Cancel. */
const CANCEL_MS = 5000;
/** An answer that nobody wants any more is waited for so long before Cancel is sent. */
const READ_ON_MS = 500;
/** Data that nobody wants any more is read to its end up to this size. */
const READ_ON_LIMIT = 4 << 20;
/** Containers that are no answer of ours, within one transaction. */
const FOREIGN_LIMIT = 32;
/** Failures of the interrupt pipe in a row. */
const EVENT_FAILURES = 3;

/**
 * Opens the device and claims its PTP interface. Throws a LinkError, or the signal's reason; the
 * device is closed then. Opening the session is `PtpSession.open`'s business.
 */
export async function connectUsb(options: UsbConnectOptions): Promise<UsbTransport> {
  const { device, signal, clock = systemClock, platform } = options;
  const name = options.name ?? device.productName ?? 'the USB device';
  signal?.throwIfAborted();
  try {
    const pipes = await within(claim(device, name), {
      ms: CLAIM_MS,
      what: `${name} could not be opened`,
      hint: 'Unplug the camera and plug it in again.',
      signal,
      clock,
    });
    return new UsbTransport(options, name, pipes, clock);
  } catch (error) {
    await device.close().catch(ignore);
    if (signal?.aborted) throw error;
    throw usbError(error, name, 'could not be opened', platform);
  }
}

/** Nothing is reset, and no configuration set that is active already: some bodies do not bear it. */
async function claim(device: UsbDevice, name: string): Promise<PtpInterface> {
  if (!device.opened) await device.open();
  const pipes = findPtpInterface(device);
  if (!pipes) {
    throw new LinkError(`${name} does not speak PTP`, {
      code: 'NO_CAMERA',
      hint: 'Where the camera has a setting for its USB connection, choose PTP there.',
    });
  }
  if (!device.configuration) await device.selectConfiguration(pipes.configurationValue);
  await device.claimInterface(pipes.interfaceNumber);
  if (pipes.alternateSetting !== 0) {
    await device.selectAlternateInterface(pipes.interfaceNumber, pipes.alternateSetting);
  }
  return pipes;
}

/** The transaction that is under way. */
class Running {
  readonly request: PtpRequest;
  readonly watchdog: Watchdog;
  /** Undefined once the transaction was given up: its data is read and thrown away. */
  sink: DataSink | undefined;
  total: number | undefined;
  received = 0;
  /** A data container of this transaction has begun. */
  started = false;
  /** True until our own data phase is over. */
  sending: boolean;
  /** Ends a write that is under way. */
  readonly stopWriting = new AbortController();
  /** What the sink threw; the transaction is finished properly before it is reported. */
  sinkError: unknown;
  /** Settles when nothing is read or written for this transaction any more. */
  done: Promise<unknown> = Promise.resolve();
  giveUp: (reason: unknown) => void = ignore;

  constructor(request: PtpRequest, sink: DataSink, watchdog: Watchdog) {
    this.request = request;
    this.sink = sink;
    this.sending = request.data !== undefined;
    this.watchdog = watchdog;
  }

  /** What is still to come of the data phase; Infinity where nobody knows. */
  get left(): number {
    if (!this.started) return 0;
    return this.total === undefined ? Number.POSITIVE_INFINITY : this.total - this.received;
  }
}

class UsbTransport implements PtpTransport {
  readonly kind = 'usb';
  readonly name: string;
  readonly events = new Channel<PtpEvent>();
  readonly closed: Promise<LinkError | undefined>;
  #device: UsbDevice;
  #pipes: PtpInterface;
  #platform: string | undefined;
  #in: BulkIn;
  #out: BulkOut;
  #reader: ContainerReader;
  #control: UsbControl;
  #clock: Clock;
  #running: Running | undefined;
  #settleClosed!: (error: LinkError | undefined) => void;
  #lost: Error | undefined;
  /** What has come is not understood, or a transfer has failed: find back before the next request. */
  #outOfStep = false;
  /** The camera sends heads apart from their payload, and wants ours so. */
  #headsApart = false;
  /** A port reset ends every read; the interrupt pipe begins anew behind it. */
  #resetting = false;
  #released: Promise<void> | undefined;

  constructor(options: UsbConnectOptions, name: string, pipes: PtpInterface, clock: Clock) {
    const { device, readSize = READ_SIZE, readsInFlight = READS_IN_FLIGHT } = options;
    this.name = name;
    this.#device = device;
    this.#pipes = pipes;
    this.#platform = options.platform;
    this.#clock = clock;
    this.#in = new BulkIn(device, { ...pipes.bulkIn, readSize, readsInFlight });
    this.#out = new BulkOut(device, pipes.bulkOut.endpointNumber, pipes.bulkOut.packetSize);
    this.#reader = new ContainerReader(this.#in);
    this.#control = new UsbControl(device, pipes.interfaceNumber, clock);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    void this.#pumpEvents();
  }

  async transact(request: PtpRequest, options: TransactOptions): Promise<PtpResponse> {
    if (this.#lost) throw this.#lost;
    options.signal?.throwIfAborted();
    // First of all: what no container can carry is the caller's mistake and no matter for the camera.
    const { code, transactionId } = request;
    const command = encodeBlock(ContainerType.Command, code, transactionId, request.params);
    if (this.#outOfStep) await this.#backInStep();
    let giveUp: (reason: unknown) => void = ignore;
    const givenUp = new Promise<{ reason: unknown }>((resolve) => {
      giveUp = (reason) => resolve({ reason });
    });
    const watchdog = new Watchdog(
      options.idleTimeoutMs,
      () => giveUp(this.#silence(code, options.idleTimeoutMs)),
      this.#clock,
    );
    const running = new Running(request, options.sink, watchdog);
    running.giveUp = giveUp;
    this.#running = running;
    const onAbort = () => giveUp(options.signal?.reason);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const exchange = this.#exchange(command, running);
    running.done = exchange.then(ignore, ignore);
    try {
      const outcome = await Promise.race([exchange.then((response) => ({ response })), givenUp]);
      if ('response' in outcome) {
        if (running.sinkError !== undefined) throw running.sinkError;
        return outcome.response;
      }
      await this.#abandon(running, outcome.reason);
      throw this.#lost ?? outcome.reason;
    } catch (error) {
      throw this.#lost ?? error;
    } finally {
      watchdog.stop();
      options.signal?.removeEventListener('abort', onAbort);
      this.#running = undefined;
    }
  }

  /**
   * For the opening of a session on a camera that answers nothing or nonsense, because whoever
   * spoke to it before went away in mid-sentence. Each round goes further: clear and drain the
   * pipes; Device Reset; reset of the port. False when there is nothing left to try.
   */
  async recover(round: number): Promise<boolean> {
    if (this.#lost || round > 2) return false;
    try {
      if (round === 2) await this.#resetPort();
      if (round === 1) await this.#control.reset();
      await this.#findStep();
      return true;
    } catch (error) {
      if (usbTrouble(error) === 'gone') this.#fail(this.#told(error));
      // The next rung may still do it.
      return !this.#lost && round < 2;
    }
  }

  async close(): Promise<void> {
    this.#lost ??= new LinkError(`the connection to ${this.name} was closed`);
    await this.#release();
    this.#finish(undefined);
  }

  /** Command, data either way, response. */
  async #exchange(command: Uint8Array<ArrayBuffer>, running: Running): Promise<PtpResponse> {
    this.#reader.reset();
    this.#in.resume();
    try {
      const { data } = running.request;
      await this.#out.send(command, running.stopWriting.signal);
      running.watchdog.touch();
      if (data) await this.#sendData(data, running);
      running.sending = false;
      return await this.#receive(running);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Sorts out what ended an exchange: the link, or only this transaction. */
  #failed(error: unknown): unknown {
    if (error instanceof Interrupted || error instanceof WriteStopped) return error;
    // The caller's own source.
    if (error instanceof SourceError) return error.cause;
    if (error instanceof ProtocolError) {
      this.#outOfStep = true;
      return error;
    }
    const told = this.#told(error);
    if (usbTrouble(error) === 'transfer') this.#outOfStep = true;
    else this.#fail(told);
    return told;
  }

  async #sendData(data: DataSource, running: Running): Promise<void> {
    const { signal } = running.stopWriting;
    const { code, transactionId } = running.request;
    const head = encodeDataHead(code, transactionId, data.size);
    try {
      if (this.#headsApart && data.size > 0) {
        await this.#out.send(head, signal);
        await this.#sendChunks(data, running, this.#out.transfer(data.size, signal));
      } else {
        const transfer = this.#out.transfer(CONTAINER_HEAD + data.size, signal);
        await transfer.put(head);
        await this.#sendChunks(data, running, transfer);
      }
    } catch (error) {
      // The camera wants no more of it and will say why.
      if (!(error instanceof WriteStopped) || signal.aborted) throw error;
      await this.#control.ready().catch(ignore);
      await this.#out.clearHalt();
    }
  }

  async #sendChunks(
    data: DataSource,
    running: Running,
    transfer: { put(chunk: Uint8Array): Promise<void>; end(): Promise<void> },
  ): Promise<void> {
    const { watchdog } = running;
    let sent = 0;
    const chunks = iterate(data.chunks);
    try {
      for (;;) {
        // While our own source is slow, the camera's silence means nothing.
        watchdog.hold();
        const next = await chunks.next().catch((error: unknown) => {
          throw new SourceError(error);
        });
        watchdog.release();
        if (running.stopWriting.signal.aborted) throw new WriteStopped('given up');
        if (next.done) break;
        sent += next.value.length;
        if (sent > data.size) {
          throw new SourceError(new RangeError(`more data than the ${data.size} bytes announced`));
        }
        await transfer.put(next.value);
        watchdog.touch();
      }
      if (sent < data.size) {
        throw new SourceError(
          new RangeError(`data ended after ${sent} of the ${data.size} bytes announced`),
        );
      }
      await transfer.end();
    } catch (error) {
      // Half a data phase is out, and its rest will never come: the camera must be told.
      if (error instanceof SourceError) {
        running.giveUp(error.cause);
      }
      throw error;
    } finally {
      await chunks.return?.().catch(ignore);
    }
  }

  /** Reads until the response of this transaction has come; what belongs to others is dropped. */
  async #receive(running: Running): Promise<PtpResponse> {
    const { code, transactionId } = running.request;
    for (let foreign = 0; foreign <= FOREIGN_LIMIT; ) {
      const head = await this.#reader.head(running.request);
      running.watchdog.touch();
      const ours = head.transactionId === transactionId;
      if (head.type === ContainerType.Response) {
        const params = decodeParams(await this.#reader.upTo(head.length - CONTAINER_HEAD));
        // Some devices forget the id when they close a session (Leica).
        if (ours || (head.transactionId === 0 && code === Operation.CloseSession)) {
          return this.#onResponse(running, { code: head.code, transactionId, params });
        }
        foreign++;
      } else if (
        head.type === ContainerType.Data &&
        ours &&
        head.code === code &&
        !running.started
      ) {
        await this.#onData(head, running);
      } else {
        foreign++;
        await this.#skip(head, running);
      }
    }
    throw new ProtocolError(
      'INVALID_DATA',
      `${this.name} answers everything but operation ${hex16(code)}`,
      new Uint8Array(0),
      0,
    );
  }

  #onResponse(running: Running, response: PtpResponse): PtpResponse {
    const { total, received, started, sink } = running;
    // A failure says itself why the data is not complete.
    if (
      sink &&
      started &&
      response.code === Response.OK &&
      total !== undefined &&
      received < total
    ) {
      running.sinkError ??= new ProtocolError(
        'TRUNCATED',
        `${this.name} announced ${total} bytes and sent ${received}`,
        new Uint8Array(0),
        received,
      );
    }
    return response;
  }

  async #onData(head: ContainerHead, running: Running): Promise<void> {
    const { watchdog } = running;
    running.started = true;
    running.total = head.length === UNKNOWN_LENGTH ? undefined : head.length - CONTAINER_HEAD;
    if (this.#reader.headApart) {
      if (await this.#reader.responseInstead(head)) return;
      this.#headsApart = true;
    }
    try {
      running.sink?.start?.(running.total);
    } catch (error) {
      running.sinkError = error;
    }
    while (running.left > 0) {
      const chunk = await this.#reader.some(running.left);
      if (!chunk) break;
      running.received += chunk.length;
      watchdog.touch();
      if (!running.sink || running.sinkError !== undefined) continue;
      try {
        const pending = running.sink.write(chunk, this.#reader.keep);
        if (pending) {
          // A slow disk is not a silent camera.
          watchdog.hold();
          await pending;
        }
      } catch (error) {
        running.sinkError = error;
        // A little is read to the end, a movie is not: Cancel spares it.
        if (running.left > READ_ON_LIMIT) running.giveUp(error);
      }
      watchdog.release();
    }
  }

  /** A container of nobody's, to its end. */
  async #skip(head: ContainerHead, running: Running): Promise<void> {
    let left =
      head.length === UNKNOWN_LENGTH ? Number.POSITIVE_INFINITY : head.length - CONTAINER_HEAD;
    while (left > 0) {
      const chunk = await this.#reader.some(left);
      if (!chunk) return;
      running.watchdog.touch();
      left -= chunk.length;
    }
  }

  /**
   * Ends a transaction whose outcome nobody waits for. An answer that is near is read and dropped,
   * because real cameras take a Cancel badly; otherwise Cancel is sent, and all that still comes is
   * drained. Where that does not bring the camera to rest the link is given up.
   */
  async #abandon(running: Running, reason: unknown): Promise<void> {
    running.sink = undefined;
    running.watchdog.stop();
    if (this.#lost) return;
    const near = !running.sending && running.left <= READ_ON_LIMIT;
    if (near && !(reason instanceof TimeoutError) && (await this.#settles(running, READ_ON_MS))) {
      return;
    }
    try {
      await within(this.#cancel(running), {
        ms: CANCEL_MS,
        what: `${this.name} did not come to rest after a cancelled transaction`,
        clock: this.#clock,
      });
    } catch (error) {
      if (this.#lost) return;
      this.#fail(
        new LinkError(`the connection to ${this.name} was given up: ${messageOf(error)}`, {
          cause: reason,
          hint: 'Connect again.',
        }),
      );
    }
  }

  /**
   * Cancel, then at once drain, then wait for readiness: in another order some devices are stuck
   * for good. Over USB a cancelled transaction gets no response; one that comes all the same is
   * dropped here or by its id later.
   */
  async #cancel(running: Running): Promise<void> {
    running.stopWriting.abort();
    await this.#control.cancel(running.request.transactionId).catch(ignoreUnlessGone);
    if (!(await this.#settles(running, QUIET_MS))) {
      // A write that the port cannot take back ends when the camera reads again, or never.
      this.#in.interrupt();
      await running.done;
    }
    await this.#in.discard();
    this.#reader.reset();
    await this.#control.ready();
    // A stalled pipe that the camera has not named shows at the next request and is cleared there.
  }

  /** Whether the exchange comes to its end before the pipe has been quiet for `quietMs`. */
  async #settles(running: Running, quietMs: number): Promise<boolean> {
    for (;;) {
      const before = this.#in.activity;
      const settled = await within(
        running.done.then(() => true),
        { ms: quietMs, what: 'quiet', clock: this.#clock },
      ).catch(() => false);
      if (settled) return true;
      if (this.#in.activity === before) return false;
    }
  }

  async #backInStep(): Promise<void> {
    try {
      await within(this.#findStep(), {
        ms: CANCEL_MS,
        what: `${this.name} could not be brought back in step`,
        clock: this.#clock,
      });
    } catch (error) {
      this.#fail(this.#told(error));
      throw this.#lost;
    }
  }

  /** Both pipes cleared and drained, the camera at rest. */
  async #findStep(): Promise<void> {
    this.#reader.reset();
    this.#in.resume();
    await this.#in.discard();
    await this.#out.clearHalt();
    await this.#in.clearHalt();
    await this.#drain();
    await this.#control.ready().catch(ignoreUnlessGone);
    this.#outOfStep = false;
  }

  /** Reads and drops until nothing comes any more. */
  async #drain(): Promise<void> {
    const from = this.#clock.now();
    while (this.#clock.now() - from < DRAIN_MS) {
      const watchdog = new Watchdog(QUIET_MS, () => this.#in.interrupt(), this.#clock);
      try {
        (await this.#in.next(undefined)).done();
      } catch (error) {
        // More babble is drained like the rest.
        if (error instanceof ProtocolError) continue;
        if (!(error instanceof Interrupted)) throw error;
        this.#in.resume();
        return await this.#in.discard();
      } finally {
        watchdog.stop();
      }
    }
    throw new LinkError(`${this.name} sends without end`, { hint: 'Switch it off and on.' });
  }

  /** A reset of the port ends what the system holds for the device; the claim is made again. */
  async #resetPort(): Promise<void> {
    this.#resetting = true;
    try {
      await this.#in.discard();
      await this.#device.reset();
      await this.#device.claimInterface(this.#pipes.interfaceNumber);
    } finally {
      this.#resetting = false;
    }
  }

  /** One packet at a time: where an event ends only its own length tells. */
  async #pumpEvents(): Promise<void> {
    const endpoint = this.#pipes.interruptIn;
    if (!endpoint) return;
    const joiner = new EventJoiner();
    for (let failures = 0; failures < EVENT_FAILURES && !this.#lost; ) {
      try {
        const { status, data } = await this.#device.transferIn(
          endpoint.endpointNumber,
          endpoint.packetSize,
        );
        if (status === 'stall') {
          failures++;
          await this.#device.clearHalt('in', endpoint.endpointNumber);
        }
        if (status !== 'ok' || !data) {
          joiner.reset();
          continue;
        }
        failures = 0;
        const packet = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        for (const event of joiner.push(packet, this.#clock.now())) this.events.push(event);
      } catch (error) {
        if (usbTrouble(error) === 'gone') return this.#fail(this.#told(error));
        if (this.#lost) return;
        failures++;
        // Something to wait for, so that a broken pipe does not keep this thread busy.
        await sleep(QUIET_MS, undefined, this.#clock);
        if (this.#resetting) failures = 0;
      }
    }
    // A camera without events can still be worked with: most bodies send next to none here.
  }

  #silence(code: number, ms: number): TimeoutError {
    return new TimeoutError(
      `${this.name} did not answer operation ${hex16(code)} within ${formatDuration(ms)}`,
      { hint: 'The camera may be busy or asleep; half-press its shutter button and try again.' },
    );
  }

  #told(error: unknown): HotshoeError {
    return usbError(error, this.name, 'failed', this.#platform);
  }

  #fail(error: Error): void {
    if (this.#lost) return;
    this.#lost = error;
    void this.#release();
    this.#finish(error);
  }

  /** What the system may refuse for a device that is gone is of no interest any more. */
  #release(): Promise<void> {
    this.#released ??= (async () => {
      this.#running?.stopWriting.abort();
      this.#in.interrupt();
      await this.#in.discard();
      await this.#device.releaseInterface(this.#pipes.interfaceNumber).catch(ignore);
      await this.#device.close().catch(ignore);
    })();
    return this.#released;
  }

  #finish(error: Error | undefined): void {
    this.#running?.giveUp(this.#lost);
    this.events.close();
    this.#settleClosed(
      error === undefined || error instanceof LinkError
        ? error
        : new LinkError(error.message, { cause: error }),
    );
  }
}

export type { UsbTransport };

/** What the caller's source of data threw: no matter of the link. */
class SourceError extends Error {
  constructor(cause: unknown) {
    super('the source of the data failed', { cause });
  }
}

function iterate(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterator<Uint8Array> {
  if (Symbol.asyncIterator in chunks) return chunks[Symbol.asyncIterator]();
  const iterator = chunks[Symbol.iterator]();
  return {
    next: () => new Promise((resolve) => resolve(iterator.next())),
    return: () =>
      Promise.resolve(iterator.return?.() ?? ({ done: true, value: undefined } as const)),
  };
}

/** Not every camera knows every class request. */
function ignoreUnlessGone(error: unknown): void {
  if (usbTrouble(error) === 'gone') throw error;
}
