/**
 * A session with a camera from before PTP: opened by the handshake, one command at a time, events
 * from the interrupt pipe. There is no command that closes one: the camera stays connected until the
 * cable is pulled, and the next session finds it active.
 */
import { concat } from '../../base/byte-stream.ts';
import { HotshoeError, LinkError, TimeoutError, UnsupportedError } from '../../base/errors.ts';
import { type Clock, ignore, systemClock, within } from '../../base/time.ts';
import { hex32, ProtocolError, Reader, Writer } from '../../bytes/index.ts';
import type { DataSink } from '../../ptp/index.ts';
import { PriorityQueue } from '../../ptp/queue.ts';
import { usbError } from '../../usb/errors.ts';
import type { UsbDevice } from '../../usb/port.ts';
import { findPtpInterface, type PtpInterface } from '../../usb/ptp-interface.ts';
import { Control, DEFAULT_CHUNK, POWERSHOT_CHUNK, ReplyKind, WakeStatus } from './codes.ts';
import {
  Commands,
  type Generation,
  LOCK_KEYS_ECHO,
  type NormalCommand,
  type RemoteCommand,
  type RemoteRequest,
} from './commands.ts';
import { NormalStatusError } from './errors.ts';
import { decodeEvent, type NormalEvent, NormalEventJoiner } from './events.ts';
import { generationOf, isEosBody, type ModelClass, modelClass, wakesInOnePiece } from './models.ts';
import {
  decodeDataHead,
  decodeReply,
  decodeUploadAnswer,
  encodeCommand,
  encodeUploadAnnouncement,
  encodeUploadBlock,
  isUploadReady,
  markOf,
  PREFIX,
  replySize,
  UPLOAD_ANSWER,
  type UploadAnswer,
} from './packets.ts';
import { Pipes } from './pipes.ts';
import {
  chunkLimit,
  HELLO_SIZE,
  Hello,
  type Identity,
  LIMITS_SIZE,
  Limits,
  WOKEN_SHORT,
  WOKEN_SIZE,
} from './structures.ts';
import type { NormalCommandSeen, NormalTap } from './tap.ts';

export interface NormalSessionOptions {
  device: UsbDevice;
  /** For messages: "Canon PowerShot G3". */
  name?: string | undefined;
  tap?: NormalTap | undefined;
  signal?: AbortSignal | undefined;
  /** As in `process.platform`, or 'browser': whose ways out the hints name. */
  platform?: string | undefined;
  clock?: Clock | undefined;
}

export interface CallOptions {
  /** For the answer, and for each piece of data. Default 5 s. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

const CLAIM_MS = 10_000;
const HANDSHAKE_MS = 5000;
const COMMAND_MS = 5000;
/** Many bodies spoil the first answer of a session that begins while they are active. */
const IDENTIFY_ATTEMPTS = 5;
const IDENTIFY_MS = 400;
/** Some tell late that they are awake, some never. */
const AWAKE_MS = 1500;
const QUIET_MS = 100;
/** Data that nobody wants any more is read to its end up to this size. */
const READ_ON_LIMIT = 16 << 20;
/** Empty packets in front of an answer: the end of the one before. */
const MOST_EMPTY = 3;
const EVENT_FAILURES = 3;
const FIRST_READ = 0x400;

export class NormalSession {
  readonly name: string;
  readonly device: UsbDevice;
  readonly modelClass: ModelClass;
  readonly generation: Generation;
  /** Whether the camera had been active already when this session began. */
  wasActive = false;
  hello!: Hello;
  identity!: Identity;
  /** Settles when the camera is gone: with the reason unless it was closed here. */
  readonly closed: Promise<LinkError | undefined>;
  #pipes: Pipes;
  #interface: PtpInterface;
  #tap: NormalTap | undefined;
  #clock: Clock;
  #platform: string | undefined;
  #queue = new PriorityQueue();
  #listeners = new Set<(event: NormalEvent) => void>();
  #stop = new AbortController();
  #settleClosed!: (error: LinkError | undefined) => void;
  #lost: LinkError | undefined;
  #id = 0;
  /** An answer was cut or did not come: what is still to come belongs to nobody. */
  #outOfStep = false;

  private constructor(options: NormalSessionOptions, name: string, pipes: PtpInterface) {
    const { device, clock = systemClock, platform } = options;
    this.name = name;
    this.device = device;
    this.modelClass = modelClass(device.productId);
    this.generation = generationOf(this.modelClass);
    this.#interface = pipes;
    this.#tap = options.tap;
    this.#clock = clock;
    this.#platform = platform;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#pipes = new Pipes({
      ...{ device, name, pipes, clock, platform },
      seen: (transfer) => this.#tell((tap) => tap.transfer?.(transfer)),
    });
  }

  /** Opens the device, claims its interface, and shakes hands. The device is closed on failure. */
  static async open(options: NormalSessionOptions): Promise<NormalSession> {
    const { device, signal, clock = systemClock, platform } = options;
    const name = options.name ?? device.productName ?? 'the camera';
    signal?.throwIfAborted();
    let session: NormalSession | undefined;
    try {
      const pipes = await within(claim(device, name), {
        ms: CLAIM_MS,
        what: `${name} could not be opened`,
        hint: 'Unplug the camera and plug it in again.',
        ...{ signal, clock },
      });
      session = new NormalSession(options, name, pipes);
      await session.#shakeHands(signal);
      return session;
    } catch (error) {
      if (session) await session.close();
      else await device.close().catch(ignore);
      if (signal?.aborted) throw error;
      throw usbError(error, name, 'could not be opened', platform);
    }
  }

  /** Bytes that are asked for at once. */
  get chunk(): number {
    return (
      chunkLimit(this.hello) ??
      (isEosBody(this.device.productId) || this.modelClass < 5 ? DEFAULT_CHUNK : POWERSHOT_CHUNK)
    );
  }

  get isEos(): boolean {
    return isEosBody(this.device.productId);
  }

  /** The protocol of this body has such a command, as far as is known. */
  knows(command: { readonly old: unknown; readonly new: unknown }): boolean {
    return command[this.generation] !== undefined;
  }

  /** Calls `tell` for each event; the function returned ends that. */
  listen(tell: (event: NormalEvent) => void): () => void {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }

  /** A command with a fixed answer. Rejects with a NormalStatusError where its status is not 0. */
  call<Args, Result>(
    command: NormalCommand<Args, Result>,
    args: Args,
    options: CallOptions = {},
  ): Promise<Result> {
    const payload = this.#payload(command, args);
    return this.#exchange(command, payload, undefined, options, (seen, from) =>
      this.#fixed(command, seen, options, from),
    );
  }

  /** A subcommand of the remote control. */
  async remote<Args, Result>(
    subcommand: RemoteCommand<Args, Result>,
    args: Args,
    options: CallOptions = {},
  ): Promise<Result> {
    const writer = new Writer();
    subcommand.parameters.write(writer, args);
    const request: RemoteRequest = { subcommand: subcommand.code, parameters: writer.finish() };
    const command = Commands.RemoteControl;
    const payload = this.#payload(command, request);
    const { subcommand: echo, result } = await this.#exchange(
      command,
      payload,
      subcommand.name,
      options,
      (seen, from) => this.#fixed(command, seen, options, from),
    );
    // A refusal of some bodies: the status is 0, and the echo another number.
    if (echo !== subcommand.code) {
      throw new HotshoeError(
        'RESPONSE',
        `the camera did not do ${subcommand.name} (${hex32(echo)})`,
        {
          hint: 'It may not allow these values in this mode.',
        },
      );
    }
    return subcommand.result.read(new Reader(result, subcommand.name));
  }

  /** A command with data, all of them; at most `limit` bytes. */
  async data<Args>(
    command: NormalCommand<Args, unknown>,
    args: Args,
    options: CallOptions & { limit: number },
  ): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const sink: DataSink = {
      start(size = 0) {
        if (size <= options.limit) return;
        throw new ProtocolError(
          'INVALID_DATA',
          `${command.name} announces ${size} bytes`,
          new Uint8Array(0),
          6,
        );
      },
      write: (chunk) => void parts.push(chunk),
    };
    await this.stream(command, args, sink, options);
    return concat(parts);
  }

  /**
   * A command with data, into a sink; resolves with the number of bytes. When the signal aborts, or
   * the sink throws, the rest is read and thrown away, so that the session can go on.
   */
  stream<Args>(
    command: NormalCommand<Args, unknown>,
    args: Args,
    sink: DataSink,
    options: CallOptions = {},
  ): Promise<number> {
    const payload = this.#payload(command, args);
    return this.#exchange(command, payload, undefined, options, (seen, from) =>
      this.#streamed(seen, sink, options, from),
    );
  }

  /** One block of a file. `path` as the camera writes it. */
  upload(
    path: string,
    offset: number,
    data: Uint8Array,
    options: CallOptions = {},
  ): Promise<UploadAnswer> {
    const command: NormalCommand<undefined, UploadAnswer> = {
      ...{ name: 'UploadBlock', kind: ReplyKind.Upload, new: undefined },
      old: { code: 0x03, group: 0x11, request: { read: ignoreCodec, write: ignoreCodec } },
      reply: { read: () => decodeUploadAnswer(new Uint8Array(UPLOAD_ANSWER)), write: ignoreCodec },
    };
    const { timeoutMs = COMMAND_MS } = options;
    return this.#exchange(command, new Uint8Array(0), undefined, options, async (seen, from) => {
      const block = encodeUploadBlock({ path, offset, data, id: seen.id });
      await this.#pipes.controlOut(
        Control.Command,
        encodeUploadAnnouncement(block.length),
        timeoutMs,
      );
      const ready = await this.#full(PREFIX, timeoutMs);
      if (!isUploadReady(ready)) {
        throw new ProtocolError('INVALID_DATA', 'the camera does not wait for data', ready, 4);
      }
      await this.#pipes.bulkOut(block, timeoutMs);
      const answer = decodeUploadAnswer(await this.#full(UPLOAD_ANSWER, timeoutMs));
      this.#replied(seen, answer.status, 0, from);
      return answer;
    });
  }

  /** Ends the waiting for events, and lets the device go. Never rejects. */
  async close(): Promise<void> {
    await this.#end(undefined);
  }

  async #shakeHands(signal: AbortSignal | undefined): Promise<void> {
    const pipes = this.#pipes;
    const [wake = 0] = await pipes.controlIn(Control.Status, 1, HANDSHAKE_MS);
    signal?.throwIfAborted();
    this.wasActive = wake === WakeStatus.Active;
    if (wake !== WakeStatus.Active && wake !== WakeStatus.Woken) {
      throw new LinkError(
        `${this.name} answers "${String.fromCharCode(wake)}" instead of waking up`,
        {
          hint: 'Unplug the camera, switch it off and on, and plug it in again.',
        },
      );
    }
    const hello = await pipes.controlIn(Control.Hello, HELLO_SIZE, HANDSHAKE_MS);
    this.hello = Hello.decode(hello);
    if (this.wasActive) {
      await pipes.controlIn(Control.Limits, LIMITS_SIZE, HANDSHAKE_MS);
      // A session that was cut may have left an answer behind.
      await pipes.resync(QUIET_MS);
      void this.#pumpEvents();
    } else {
      const limits = Limits.encode({ prefix: undefined, limits: this.hello.limits });
      const awake = this.#nextEvent(({ kind }) => kind === 'initialised', AWAKE_MS);
      void this.#pumpEvents();
      await pipes.controlOut(Control.Activate, limits as Uint8Array<ArrayBuffer>, HANDSHAKE_MS);
      await this.#wakeAnswer();
      // Class 6 tells it later.
      if (this.generation === 'old') await awake;
    }
    signal?.throwIfAborted();
    this.identity = await this.#identify(signal);
  }

  /** 68 bytes, in one piece or two; a short one may be all. */
  async #wakeAnswer(): Promise<void> {
    const onePiece = wakesInOnePiece(this.device.productId) || this.#pipes.packetSize > PREFIX;
    const size = onePiece ? Math.max(this.#pipes.packetSize, 2 * PREFIX) : PREFIX;
    const first = await this.#pipes.bulkIn(size, HANDSHAKE_MS, 'the camera does not wake up');
    if (first.length >= WOKEN_SIZE || endsShort(first)) return;
    // Old bodies may leave it out.
    await this.#pipes
      .bulkIn(this.#pipes.packetSize, IDENTIFY_MS, 'no end of the answer')
      .catch(this.#ignoreSilence);
  }

  #ignoreSilence = (error: unknown): void => {
    if (!(error instanceof TimeoutError)) throw error;
  };

  async #identify(signal: AbortSignal | undefined): Promise<Identity> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const timeoutMs = IDENTIFY_MS * 2 ** (attempt - 1);
      try {
        return await this.call(Commands.IdentifyCamera, undefined, { timeoutMs });
      } catch (error) {
        const spoilt = error instanceof ProtocolError || error instanceof TimeoutError;
        if (!spoilt || attempt === IDENTIFY_ATTEMPTS) throw error;
      }
    }
  }

  #payload<Args>(command: NormalCommand<Args, unknown>, args: Args): Uint8Array {
    const wire = command[this.generation];
    if (!wire) {
      throw new UnsupportedError(`no ${command.name} is known for ${this.name}`);
    }
    const writer = new Writer();
    wire.request.write(writer, args);
    return writer.finish();
  }

  /** One command at a time; what went wrong with the one before is put right first. */
  #exchange<Args, Result>(
    command: NormalCommand<Args, unknown>,
    payload: Uint8Array,
    subcommand: string | undefined,
    options: CallOptions,
    receive: (seen: NormalCommandSeen, from: number) => Promise<Result>,
  ): Promise<Result> {
    return this.#queue.run(
      'user',
      async () => {
        if (this.#lost) throw this.#lost;
        if (this.#outOfStep) {
          await this.#pipes.resync(QUIET_MS);
          this.#outOfStep = false;
        }
        const wire = command[this.generation];
        const { code = 0, group = 0 } = wire ?? {};
        const { name, kind } = command;
        this.#id = (this.#id + 1) >>> 0;
        const seen = { ...{ name, code, group, kind, subcommand, payload }, id: this.#id };
        const from = this.#clock.now();
        this.#tell((tap) => tap.command?.(seen));
        try {
          if (kind !== ReplyKind.Upload) await this.#send(seen, options);
          return await receive(seen, from);
        } catch (error) {
          this.#tell((tap) => tap.failure?.(seen, error, this.#clock.now() - from));
          if (error instanceof LinkError) await this.#end(error);
          else if (!(error instanceof NormalStatusError)) this.#outOfStep = true;
          throw error;
        }
      },
      options.signal,
    );
  }

  async #send(seen: NormalCommandSeen, { timeoutMs = COMMAND_MS }: CallOptions): Promise<void> {
    const mark = this.generation === 'new' ? markOf(seen.kind) : 0;
    await this.#pipes.controlOut(Control.Command, encodeCommand({ ...seen, mark }), timeoutMs);
  }

  async #fixed<Result>(
    { reply, name }: NormalCommand<never, Result> | NormalCommand<unknown, Result>,
    seen: NormalCommandSeen,
    { timeoutMs = COMMAND_MS }: CallOptions,
    from: number,
  ): Promise<Result> {
    const packet = decodeReply(await this.#reply(timeoutMs));
    const { code, id, status, data } = packet;
    const echo =
      seen.code === Commands.LockKeys.old?.code ? [seen.code, LOCK_KEYS_ECHO] : [seen.code];
    if (!echo.includes(code) || id !== seen.id) {
      throw new ProtocolError('INVALID_DATA', `this answers another command than ${name}`, data, 0);
    }
    this.#replied(seen, status, data.length, from);
    if (status !== 0) throw new NormalStatusError(seen.subcommand ?? name, status);
    return reply.read(new Reader(data, name));
  }

  /** A whole fixed reply, whatever its length. */
  async #reply(timeoutMs: number): Promise<Uint8Array> {
    const first = this.#pipes.packetSize > PREFIX ? FIRST_READ : PREFIX;
    let bytes = await this.#piece(first, timeoutMs);
    for (;;) {
      const size = replySize(bytes);
      const missing = size === undefined ? PREFIX : size - bytes.length;
      if (missing <= 0) return bytes;
      const more = await this.#piece(this.#readSize(missing), timeoutMs);
      bytes = concat([bytes, more]);
    }
  }

  /** Whole packets first, then what is left: older bodies want no read across that border. */
  #readSize(missing: number): number {
    const { packetSize } = this.#pipes;
    return missing < packetSize ? packetSize : missing - (missing % packetSize);
  }

  async #full(size: number, timeoutMs: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = size; left > 0; ) {
      const piece = await this.#piece(this.#readSize(left), timeoutMs);
      parts.push(piece);
      left -= piece.length;
    }
    return concat(parts);
  }

  /** Not an empty one: those end what came before. */
  async #piece(size: number, timeoutMs: number): Promise<Uint8Array> {
    for (let empty = 0; empty < MOST_EMPTY; empty++) {
      const piece = await this.#pipes.bulkIn(size, timeoutMs, 'no answer');
      if (piece.length > 0) return piece;
    }
    throw new ProtocolError('TRUNCATED', 'the camera sends empty packets', new Uint8Array(0), 0);
  }

  async #streamed(
    seen: NormalCommandSeen,
    sink: DataSink,
    { timeoutMs = COMMAND_MS, signal }: CallOptions,
    from: number,
  ): Promise<number> {
    const headSize = Math.max(PREFIX, this.#pipes.packetSize);
    const head = await this.#piece(headSize, timeoutMs);
    const size = decodeDataHead(head);
    let failed: { reason: unknown } | undefined;
    const guard = async (work: () => void | Promise<void>) => {
      try {
        signal?.throwIfAborted();
        await work();
      } catch (reason) {
        failed = { reason };
      }
    };
    await guard(() => sink.start?.(size));
    const give = async (bytes: Uint8Array) => {
      if (!failed && bytes.length > 0) await guard(() => sink.write(bytes));
    };
    const early = head.subarray(PREFIX);
    await give(early);
    for (let left = size - early.length; left > 0; ) {
      if (failed && left > READ_ON_LIMIT) {
        await this.#end(new LinkError(`the transfer from ${this.name} was broken off`));
        break;
      }
      const piece = await this.#piece(Math.min(this.chunk, this.#readSize(left)), timeoutMs);
      if (piece.length > left) {
        throw new ProtocolError(
          'INVALID_DATA',
          `${piece.length - left} bytes too many`,
          piece,
          left,
        );
      }
      left -= piece.length;
      await give(piece);
    }
    this.#replied(seen, undefined, size, from);
    if (failed) throw failed.reason;
    return size;
  }

  #replied(seen: NormalCommandSeen, status: number | undefined, bytes: number, from: number): void {
    this.#tell((tap) => tap.reply?.(seen, status, bytes, this.#clock.now() - from));
  }

  #nextEvent(wanted: (event: NormalEvent) => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (found: boolean) => {
        stopClock();
        stopListening();
        resolve(found);
      };
      const stopListening = this.listen((event) => {
        if (wanted(event)) finish(true);
      });
      const stopClock = this.#clock.after(ms, () => finish(false));
    });
  }

  async #pumpEvents(): Promise<void> {
    const { signal } = this.#stop;
    const joiner = new NormalEventJoiner();
    for (let failures = 0; !signal.aborted && failures < EVENT_FAILURES; ) {
      try {
        const piece = await this.#pipes.interrupt(signal);
        failures = 0;
        for (const packet of joiner.push(piece)) this.#event(packet);
      } catch (error) {
        failures++;
        if (signal.aborted) return;
        const lost = usbError(error, this.name, 'sends no events', this.#platform);
        if (lost instanceof LinkError && lost.code === 'LINK_LOST' && this.#isGone(error)) {
          await this.#end(lost);
        }
      }
    }
  }

  #isGone(error: unknown): boolean {
    return usbError(error, this.name, '', this.#platform).message.includes('unplugged');
  }

  #event(packet: Uint8Array): void {
    let event: NormalEvent;
    try {
      event = decodeEvent(packet);
    } catch (error) {
      // What is cut tells nothing, and stops nothing.
      if (error instanceof ProtocolError) return;
      throw error;
    }
    this.#tell((tap) => tap.event?.(event));
    for (const tell of [...this.#listeners]) tell(event);
  }

  #tell(call: (tap: NormalTap) => void): void {
    const tap = this.#tap;
    if (!tap) return;
    try {
      call(tap);
    } catch (error) {
      this.#tap = undefined;
      tap.failed?.(error);
    }
  }

  async #end(reason: LinkError | undefined): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#lost = reason ?? new LinkError(`the connection to ${this.name} was closed`);
    this.#stop.abort();
    await this.device.releaseInterface(this.#interface.interfaceNumber).catch(ignore);
    await this.device.close().catch(ignore);
    this.#settleClosed(reason);
  }
}

const ignoreCodec = () => undefined;

function endsShort(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(bytes.length - 4, true) === WOKEN_SHORT;
}

async function claim(device: UsbDevice, name: string): Promise<PtpInterface> {
  if (!device.opened) await device.open();
  const pipes = findPtpInterface(device);
  if (!pipes) {
    throw new LinkError(`${name} has no pipes for Canon's protocol from before PTP`, {
      code: 'NO_CAMERA',
    });
  }
  if (!device.configuration) await device.selectConfiguration(pipes.configurationValue);
  await device.claimInterface(pipes.interfaceNumber);
  return pipes;
}
