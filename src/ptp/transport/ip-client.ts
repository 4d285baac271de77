/** PTP/IP, the initiator's side: two connections, made and kept by one transport. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { Channel } from '../../base/channel.ts';
import { LinkError, messageOf, TimeoutError } from '../../base/errors.ts';
import {
  type Clock,
  formatDuration,
  ignore,
  sleep,
  systemClock,
  Watchdog,
  within,
} from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { Response } from '../codes/responses.ts';
import {
  dataHead,
  encodePacket,
  isKnownPacketType,
  type PacketHead,
  PacketType,
  UNKNOWN_TOTAL,
  VERSION_1_0,
} from './ip-packets.ts';
import { PacketReader } from './packet-reader.ts';
import type {
  DataSink,
  DataSource,
  KeepChunk,
  PtpEvent,
  PtpRequest,
  PtpResponse,
  PtpTransport,
  TransactOptions,
} from './transport.ts';

export interface IpConnectOptions {
  /** Opens a byte stream to the camera; called twice. */
  connect: (signal: AbortSignal | undefined) => Promise<ByteStream>;
  /** 16 bytes that the camera knows this computer by; see `makeGuid`. */
  guid: Uint8Array;
  /** Shown on the camera's screen, at most 39 characters. */
  name: string;
  /**
   * How long the camera may hold back its first answer: it does so while a person decides on its
   * screen. Default three minutes.
   */
  acceptTimeoutMs?: number | undefined;
  /** Called when the first answer is late, so that the person can be told what is awaited. */
  onWaiting?: ((info: { name: string; timeoutMs: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

/** The number of the standard ISO 15740. */
export const PTP_IP_PORT = 15740;

/** After this long without an answer a person is probably being asked. */
const NOTICE_AFTER_MS = 1500;
const EVENT_CONNECT_MS = 3000;
const EVENT_RETRY_MS = 200;
const EVENT_ACK_MS = 10_000;
const CANCEL_MS = 5000;
/** Data that nobody wants any more is read to its end up to this size. */
const READ_ON_LIMIT = 4 << 20;
/** A camera that has answered before our data was out gets the rest of it unless it stops reading. */
const ANSWERED_MS = 2000;
/** Pieces in which our own data phases are sent. */
const SEND_PIECE = 1 << 20;

/**
 * Init Fail in words. 0x2019 and 0x201D are Fuji's. With Canon, 1 is what an unknown computer gets,
 * what a refusal on the camera's screen gives, and what follows while the camera shows a menu.
 */
function initFailed(peer: string, reason: number): LinkError {
  switch (reason) {
    case 1:
      return new LinkError(`${peer} rejected this computer`, {
        code: 'REJECTED',
        hint: 'Confirm this computer on the camera, or choose it in the camera’s Wi-Fi menu and try again.',
      });
    case 2:
    case 0x2019:
      return new LinkError(`${peer} is busy: another program or computer is connected`, {
        code: 'BUSY',
        hint: 'End the other program, or switch the camera off and on.',
      });
    default:
      return new LinkError(
        `${peer} refused the connection without a reason (Init Fail 0x${reason.toString(16)})`,
        { code: 'REJECTED', hint: 'Switch the camera’s Wi-Fi off and on and try again.' },
      );
  }
}

/** Opens both connections. Throws LinkError, TimeoutError, ProtocolError or the signal's reason. */
export async function connectIp(options: IpConnectOptions): Promise<IpTransport> {
  const { signal, clock = systemClock, acceptTimeoutMs = 180_000 } = options;
  const command = await options.connect(signal);
  let event: ByteStream | undefined;
  try {
    const reader = new PacketReader(command);
    await command.write(
      encodePacket(PacketType.InitCommandRequest, {
        guid: options.guid,
        name: options.name,
        version: VERSION_1_0,
      }),
    );
    const notice = new Watchdog(
      NOTICE_AFTER_MS,
      () => options.onWaiting?.({ name: command.name, timeoutMs: acceptTimeoutMs }),
      clock,
    );
    const ack = await within(readAck(command, reader), {
      ms: acceptTimeoutMs,
      what: `${command.name} did not accept the connection`,
      hint: 'The camera may be asking on its screen; press OK there, then try again.',
      signal,
      clock,
    }).finally(() => notice.stop());

    event = await connectEvents(options, clock);
    const eventReader = new PacketReader(event);
    await event.write(
      encodePacket(PacketType.InitEventRequest, { connectionNumber: ack.connectionNumber }),
    );
    await within(readEventAck(event, eventReader), {
      ms: EVENT_ACK_MS,
      what: `${event.name} did not acknowledge the event connection`,
      signal,
      clock,
    });
    return new IpTransport({ command, reader, event, eventReader, ack, clock });
  } catch (error) {
    await Promise.all([command.close(), event?.close()]);
    throw error;
  }
}

interface Ack {
  connectionNumber: number;
  guid: Uint8Array;
  name: string;
}

async function readAck(stream: ByteStream, reader: PacketReader): Promise<Ack> {
  let head: PacketHead | undefined;
  try {
    head = await reader.head();
  } catch (error) {
    throw error instanceof ProtocolError ? stranger(stream, error.message) : error;
  }
  if (!head) {
    throw new LinkError(`${stream.name} closed the connection without an answer`, {
      code: 'REJECTED',
      hint: 'Another program may hold the camera, or its Wi-Fi menu is not at the connection screen.',
    });
  }
  if (head.type === PacketType.InitFail) {
    throw initFailed(stream.name, (await reader.payload(head.type, head.size)).reason);
  }
  if (head.type !== PacketType.InitCommandAck) {
    const unexpected = await reader.unexpected(head, 'Init Command Ack');
    throw isKnownPacketType(head.type) ? unexpected : stranger(stream, 'its answer is no packet');
  }
  return reader.payload(head.type, head.size);
}

/** A web server, for example. */
function stranger(stream: ByteStream, why: string): ProtocolError {
  return new ProtocolError(
    'INVALID_DATA',
    `${stream.name} does not speak PTP/IP: ${why}`,
    new Uint8Array(0),
    0,
    'Is that the address of a camera? Canon cameras answer at port 15740.',
  );
}

async function readEventAck(stream: ByteStream, reader: PacketReader): Promise<void> {
  const head = await reader.head();
  if (!head) throw new LinkError(`${stream.name} closed the event connection without an answer`);
  if (head.type === PacketType.InitFail) {
    throw initFailed(stream.name, (await reader.payload(head.type, head.size)).reason);
  }
  if (head.type !== PacketType.InitEventAck) throw await reader.unexpected(head, 'Init Event Ack');
  await reader.skip(head);
}

/** Some cameras open their event port a moment after the ack. */
async function connectEvents(options: IpConnectOptions, clock: Clock): Promise<ByteStream> {
  const deadline = clock.now() + EVENT_CONNECT_MS;
  for (;;) {
    try {
      return await options.connect(options.signal);
    } catch (error) {
      const refused = error instanceof LinkError && error.code === 'CONNECTION_REFUSED';
      if (!refused || clock.now() >= deadline) throw error;
      await sleep(EVENT_RETRY_MS, options.signal, clock);
    }
  }
}

interface Parts {
  command: ByteStream;
  reader: PacketReader;
  event: ByteStream;
  eventReader: PacketReader;
  ack: Ack;
  clock: Clock;
}

/** The transaction that is under way. */
class Running {
  readonly id: number;
  readonly response: Promise<PtpResponse>;
  watchdog: Watchdog;
  resolve!: (response: PtpResponse) => void;
  reject!: (error: unknown) => void;
  /** Undefined once the transaction was given up: its data is read and thrown away. */
  sink: DataSink | undefined;
  total: number | undefined;
  received = 0;
  started = false;
  /** End Data has come. */
  ended = false;
  /** True while our own data phase is open. */
  sending = false;
  /** What the camera answered while our own data phase was open. */
  early: PtpResponse | undefined;
  /** What the sink threw; the transaction is finished properly before it is reported. */
  sinkError: unknown;
  /** Ends the transaction by Cancel, for this reason. */
  giveUp: (reason: unknown) => void = ignore;

  constructor(id: number, sink: DataSink, idleMs: number, onIdle: () => void, clock: Clock) {
    this.id = id;
    this.sink = sink;
    this.response = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.watchdog = new Watchdog(idleMs, onIdle, clock);
  }
}

class IpTransport implements PtpTransport {
  readonly kind = 'ip';
  readonly name: string;
  readonly peerName: string;
  /** The camera's GUID; its last six bytes are its MAC address on Canon bodies. */
  readonly peerGuid: Uint8Array;
  readonly events = new Channel<PtpEvent>();
  readonly closed: Promise<LinkError | undefined>;
  #command: ByteStream;
  #event: ByteStream;
  #reader: PacketReader;
  #keep: KeepChunk | undefined;
  #eventReader: PacketReader;
  #clock: Clock;
  #running: Running | undefined;
  #settleClosed!: (error: LinkError | undefined) => void;
  #lost: Error | undefined;

  constructor(parts: Parts) {
    this.name = parts.command.name;
    this.peerName = parts.ack.name;
    this.peerGuid = parts.ack.guid;
    this.#command = parts.command;
    this.#event = parts.event;
    this.#reader = parts.reader;
    this.#keep = parts.reader.keep;
    this.#eventReader = parts.eventReader;
    this.#clock = parts.clock;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    void this.#pumpCommands();
    void this.#pumpEvents();
  }

  async transact(request: PtpRequest, options: TransactOptions): Promise<PtpResponse> {
    if (this.#lost) throw this.#lost;
    options.signal?.throwIfAborted();
    // First of all: what no packet can carry is the caller's mistake and no matter for the camera.
    const opening = encodeOpening(request);
    let giveUp: (reason: unknown) => void = ignore;
    const givenUp = new Promise<{ reason: unknown }>((resolve) => {
      giveUp = (reason) => resolve({ reason });
    });
    const running = new Running(
      request.transactionId,
      options.sink,
      options.idleTimeoutMs,
      () =>
        giveUp(
          new TimeoutError(
            `${this.name} did not answer operation 0x${request.code.toString(16)} within ${formatDuration(options.idleTimeoutMs)}`,
            {
              hint: 'The camera may be busy or asleep; half-press its shutter button and try again.',
            },
          ),
        ),
      this.#clock,
    );
    running.giveUp = giveUp;
    this.#running = running;
    // A lost link is news, whatever `#send` is waiting for.
    running.response.catch(giveUp);
    const onAbort = () => giveUp(options.signal?.reason);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const outcome = await Promise.race([
        this.#send(opening, request.data, running)
          .then(() => running.response)
          .then(
            (response) => ({ response }),
            (reason) => ({ reason }),
          ),
        givenUp,
      ]);
      if ('response' in outcome) {
        if (running.sinkError !== undefined) throw running.sinkError;
        return outcome.response;
      }
      if (running.early && !options.signal?.aborted) {
        // The camera's answer is the news, not what became of data that it did not want.
        this.#fail(new LinkError(`${this.name} did not take the data that it had refused`));
        return running.early;
      }
      await this.#cancel(running, outcome.reason);
      throw this.#lost ?? outcome.reason;
    } finally {
      running.watchdog.stop();
      options.signal?.removeEventListener('abort', onAbort);
      this.#running = undefined;
    }
  }

  async close(): Promise<void> {
    this.#lost ??= new LinkError(`the connection to ${this.name} was closed`);
    // Event connection first, as the standard's order of closing has it.
    await this.#event.close();
    await this.#command.close();
    this.#finish(undefined);
  }

  async #send(
    opening: Uint8Array[],
    data: DataSource | undefined,
    running: Running,
  ): Promise<void> {
    running.sending = data !== undefined;
    await this.#command.write(...opening);
    if (!data) return;
    await this.#sendData(data, running);
    running.sending = false;
  }

  async #sendData(data: DataSource, running: Running): Promise<void> {
    const { id } = running;
    let sent = 0;
    // While our own source is slow, the camera's silence means nothing.
    running.watchdog.hold();
    for await (const chunk of data.chunks) {
      running.watchdog.release();
      for (let at = 0; at < chunk.length; at += SEND_PIECE) {
        if (!running.sending) return;
        const piece = chunk.subarray(at, at + SEND_PIECE);
        sent += piece.length;
        if (sent > data.size)
          throw new RangeError(`more data than the ${data.size} bytes announced`);
        const type = sent === data.size ? PacketType.EndData : PacketType.Data;
        await this.#command.write(dataHead(type, id, piece.length), piece);
        running.watchdog.touch();
      }
      running.watchdog.hold();
    }
    running.watchdog.release();
    if (data.size === 0) await this.#command.write(dataHead(PacketType.EndData, id, 0));
    else if (sent < data.size) {
      throw new RangeError(`data ended after ${sent} of the ${data.size} bytes announced`);
    }
  }

  /**
   * No capture shows a Cancel; this is what the standard intends: Cancel on the event connection
   * (and on the command connection in place of our own further data), then read on and throw away
   * until the response of that transaction has come. Without one in time the link is out of step
   * and is given up.
   */
  async #cancel(running: Running, reason: unknown): Promise<void> {
    running.sink = undefined;
    running.watchdog.stop();
    if (this.#lost) return;
    const cancel = encodePacket(PacketType.Cancel, { transactionId: running.id });
    const confirmed = async () => {
      await this.#event.write(cancel);
      if (running.sending) {
        // In place of the rest of our data; `#sendData` sees the flag and stops.
        running.sending = false;
        await this.#command.write(cancel);
      }
      return running.response;
    };
    try {
      // The writing too: a camera that has stopped reading lets nothing pass.
      await within(confirmed(), {
        ms: CANCEL_MS,
        what: `${this.name} did not confirm the cancelled transaction`,
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

  async #pumpCommands(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#reader.head();
        if (!head) return this.#fail(this.#hangup());
        this.#running?.watchdog.touch();
        switch (head.type) {
          case PacketType.OperationResponse:
            this.#onResponse(await this.#reader.payload(head.type, head.size));
            break;
          case PacketType.StartData: {
            const { transactionId, total } = await this.#reader.payload(head.type, head.size);
            this.#onStartData(transactionId, total);
            break;
          }
          case PacketType.Data:
          case PacketType.EndData:
            await this.#onData(head);
            break;
          case PacketType.ProbeRequest:
            await this.#reader.skip(head);
            await this.#command.write(encodePacket(PacketType.ProbeResponse, {}));
            break;
          case PacketType.Cancel:
          case PacketType.ProbeResponse:
          case PacketType.Event:
            await this.#reader.skip(head);
            break;
          default:
            throw await this.#reader.unexpected(head, 'an answer');
        }
      }
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #onResponse(response: PtpResponse): void {
    const running = this.#running;
    // An answer to an earlier, abandoned transaction.
    if (!running || response.transactionId !== running.id) return;
    // A failure says itself why the data is not complete.
    if (running.sink && running.started && response.code === Response.OK) {
      const missing = this.#missing(running);
      if (missing) running.sinkError ??= missing;
    }
    if (running.sending) {
      running.early = response;
      running.watchdog.stop();
      running.watchdog = new Watchdog(ANSWERED_MS, () => running.giveUp(undefined), this.#clock);
    }
    running.resolve(response);
  }

  #missing({ total, received, ended }: Running): ProtocolError | undefined {
    const complete = total === undefined ? ended : received >= total;
    if (complete) return undefined;
    const what =
      total === undefined
        ? `sent ${received} bytes of unknown total and no End Data`
        : `announced ${total} bytes and sent ${received}`;
    return new ProtocolError('TRUNCATED', `${this.name} ${what}`, new Uint8Array(0), received);
  }

  #onStartData(transactionId: number, total: bigint): void {
    const running = this.#running;
    if (!running || transactionId !== running.id) return;
    if (total === UNKNOWN_TOTAL) running.total = undefined;
    else if (total > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ProtocolError(
        'INVALID_DATA',
        `${this.name} announced a data phase of ${total} bytes`,
        new Uint8Array(0),
        0,
      );
    } else running.total = Number(total);
    running.started = true;
    this.#guardSink(running, () => running.sink?.start?.(running.total));
  }

  async #onData(head: PacketHead): Promise<void> {
    const id = await this.#reader.transactionId();
    const running = this.#running?.id === id ? this.#running : undefined;
    if (running && !running.started) {
      throw new ProtocolError(
        'INVALID_DATA',
        `${this.name} sent data without Start Data`,
        new Uint8Array(0),
        0,
      );
    }
    let left = head.size - 4;
    if (running?.total !== undefined && running.received + left > running.total) {
      throw new ProtocolError(
        'INVALID_DATA',
        `${this.name} sent more than the ${running.total} bytes that it announced`,
        new Uint8Array(0),
        0,
      );
    }
    while (left > 0) {
      const chunk = await this.#reader.some(left);
      left -= chunk.length;
      if (!running) continue;
      running.received += chunk.length;
      running.watchdog.touch();
      if (!running.sink || running.sinkError !== undefined) continue;
      try {
        const pending = running.sink.write(chunk, this.#keep);
        if (pending) {
          // A slow disk is not a silent camera.
          running.watchdog.hold();
          await pending;
        }
      } catch (error) {
        running.sinkError = error;
        // A little is read to the end, a movie is not: Cancel spares it.
        const rest = (running.total ?? Number.POSITIVE_INFINITY) - running.received;
        if (rest > READ_ON_LIMIT) running.giveUp(error);
      }
      running.watchdog.release();
    }
    if (running && head.type === PacketType.EndData) running.ended = true;
  }

  #guardSink(running: Running, run: () => void): void {
    try {
      run();
    } catch (error) {
      running.sinkError = error;
    }
  }

  async #pumpEvents(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#eventReader.head();
        if (!head) return this.#fail(this.#hangup());
        if (head.type === PacketType.Event) {
          this.events.push(await this.#eventReader.payload(head.type, head.size));
        } else if (head.type === PacketType.ProbeRequest) {
          await this.#eventReader.skip(head);
          await this.#event.write(encodePacket(PacketType.ProbeResponse, {}));
        } else {
          await this.#eventReader.skip(head);
        }
      }
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #hangup(): LinkError {
    return new LinkError(`${this.name} ended the connection`, {
      hint: 'The camera was switched off, went to sleep, or left the network.',
    });
  }

  #fail(error: Error): void {
    if (this.#lost) return;
    this.#lost = error;
    void this.#event.close();
    void this.#command.close();
    this.#finish(error);
  }

  #finish(error: Error | undefined): void {
    this.#running?.reject(this.#lost);
    this.events.close();
    this.#settleClosed(
      error === undefined || error instanceof LinkError
        ? error
        : new LinkError(error.message, { cause: error }),
    );
  }
}

export type { IpTransport };

/** The request, with Start Data behind it where we have data to send. */
function encodeOpening({ code, transactionId, params, data }: PtpRequest): Uint8Array[] {
  const head = encodePacket(PacketType.OperationRequest, {
    dataPhaseInfo: data ? 2 : 1,
    code,
    transactionId,
    params: [...params],
  });
  if (!data) return [head];
  const total = BigInt(data.size);
  return [head, encodePacket(PacketType.StartData, { transactionId, total })];
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new LinkError(messageOf(error));
}
