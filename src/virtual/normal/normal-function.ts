/**
 * The function of a camera on USB from before PTP: commands come on endpoint 0, answers go out by
 * bulk IN, files come in by bulk OUT, events go out by the interrupt pipe.
 */

import { concat } from '../../base/byte-stream.ts';
import { ignore } from '../../base/time.ts';
import { Reader, Writer } from '../../bytes/index.ts';
import {
  type CommandPacket,
  Commands,
  Control,
  decodeCommand,
  decodeUploadAnnouncement,
  decodeUploadBlock,
  encodeDataHead,
  encodeEvent,
  encodeReply,
  encodeUploadAnswer,
  encodeUploadReady,
  findCommand,
  findRemote,
  generationOf,
  HELLO_SIZE,
  Hello,
  LIMITS_SIZE,
  Limits,
  LOCK_KEYS_ECHO,
  type NormalEvent,
  PREFIX,
  ReplyKind,
  Status,
  WakeStatus,
  WOKEN_KIND,
  Woken,
} from '../../canon/normal/index.ts';
import type { Setup } from '../usb/control.ts';
import { InPipe, type InResult, type InSink } from '../usb/in-pipe.ts';
import { OutPipe, type OutResult } from '../usb/out-pipe.ts';
import type { UsbFunction } from '../usb/usb-function.ts';
import { type NormalBody, NormalRefusal } from './body.ts';
import { cameraHandlers } from './camera-commands.ts';
import type { DataReply, Handlers } from './handlers.ts';
import { storageHandlers } from './storage-commands.ts';

export interface NormalFunctionOptions {
  body: NormalBody;
  /** The card has been looked at. */
  ready(): Promise<void>;
  /** The cable comes out. */
  unplug(): void;
  trace(line: string, ms: number): void;
  /** Counts what was asked for. */
  count(code: number): void;
}

const NOTHING = new Uint8Array(0);
const READ = 0xc0;
const WRITE = 0x40;
/** An idle camera answers the interrupt pipe so often, with an empty packet. */
const IDLE_MS = 64;
const UNSENT_EVENTS = 64;
const LONGEST_UPLOAD = 1 << 16;
const LATE_MS = 3000;
/** Of remote control, the subcommand is counted with this on top. */
const REMOTE_COUNT = 0x10000;

export class NormalFunction implements UsbFunction {
  readonly bulkIn: InPipe;
  readonly bulkOut: OutPipe;
  readonly interruptIn: InPipe;
  #options: NormalFunctionOptions;
  #handlers: Handlers[];
  #awake = false;
  #session = 0;
  #working: Promise<void> = Promise.resolve();
  #events: Uint8Array[] = [];
  #sending = false;
  #uploads = new Map<string, Uint8Array[]>();

  constructor(options: NormalFunctionOptions) {
    const { body } = options;
    const { model, clock } = body.parts;
    this.#options = options;
    this.bulkIn = new InPipe(model.packetSize);
    this.bulkOut = new OutPipe(model.packetSize);
    this.interruptIn = new IdlePipe(64, (ms, run) => clock.after(ms, run));
    this.#handlers = [storageHandlers(body), cameraHandlers(body)];
  }

  get connected(): boolean {
    return this.#awake;
  }

  write(data: Uint8Array, zeroPacket?: boolean, signal?: AbortSignal): Promise<OutResult> {
    return this.bulkOut.write(data, zeroPacket, signal);
  }

  request({ requestType, value, length }: Setup, data: Uint8Array): Uint8Array | undefined {
    if (requestType === READ) return this.#read(value, length);
    if (requestType !== WRITE) return undefined;
    if (value === Control.Activate) return this.#activate();
    if (value !== Control.Command) return undefined;
    if (this.#options.body.parts.faults.take('stall-command')) return undefined;
    const announced = decodeUploadAnnouncement(data);
    if (announced !== undefined) {
      if (announced > LONGEST_UPLOAD) return undefined;
      this.#then(() => this.#receive(announced));
      return NOTHING;
    }
    let packet: CommandPacket;
    try {
      packet = decodeCommand(data);
    } catch {
      return undefined;
    }
    const command = { ...packet, payload: packet.payload.slice() };
    this.#then(() => this.#answer(command));
    return NOTHING;
  }

  reset(): void {
    this.#session++;
    this.bulkIn.flush();
    this.bulkIn.clearHalt();
    this.bulkOut.clearHalt();
    this.bulkOut.interrupt();
    this.interruptIn.clearHalt();
  }

  disconnect(): void {
    this.reset();
    this.endTransfers('gone');
    this.#awake = false;
    this.#events.length = 0;
    this.interruptIn.flush();
    this.#uploads.clear();
    this.#options.body.reset();
  }

  endTransfers(status: 'gone' | 'cancelled'): void {
    this.bulkIn.endReads(status);
    this.bulkOut.endWrites(status);
    this.interruptIn.endReads(status);
  }

  sendEvent(event: NormalEvent): void {
    const { faults, model } = this.#options.body.parts;
    if (!this.#awake || this.#events.length >= UNSENT_EVENTS) return;
    if (faults.take('interrupt-garbage')) this.#events.push(new Uint8Array(12).fill(0xff));
    const bytes = encodeEvent(event);
    // A 20D's first event comes in two; whether others do, nobody has noted.
    const isFirst = event.kind === 'initialised';
    const piece = (isFirst && model.eventPiece) || bytes.length;
    for (let at = 0; at < bytes.length; at += piece) {
      this.#events.push(bytes.subarray(at, at + piece));
    }
    if (!this.#sending) void this.#sendEvents();
  }

  async #sendEvents(): Promise<void> {
    this.#sending = true;
    for (let event = this.#events[0]; event; event = this.#events[0]) {
      const taken = (await this.interruptIn.put(event)) && (await this.interruptIn.end(false));
      if (taken || this.#events[0] === event) this.#events.shift();
    }
    this.#sending = false;
  }

  #read(value: number, length: number): Uint8Array | undefined {
    const { model } = this.#options.body.parts;
    switch (value) {
      case Control.Status: {
        const status = this.#awake ? WakeStatus.Active : WakeStatus.Woken;
        this.#awake = true;
        return Uint8Array.of(status);
      }
      case Control.Hello:
        if (length < HELLO_SIZE) return undefined;
        return Hello.encode({
          prefix: undefined,
          marker: Uint8Array.from(model.marker),
          productId: model.helloIds & 0xffff,
          vendorId: model.helloIds >>> 16,
          limits: this.#limits(),
        });
      case Control.Limits:
        if (length < LIMITS_SIZE) return undefined;
        return Limits.encode({ prefix: undefined, limits: this.#limits() });
      default:
        return undefined;
    }
  }

  #limits(): Uint8Array {
    const writer = new Writer(16);
    for (const limit of this.#options.body.parts.model.limits) writer.u32(limit);
    return writer.finish();
  }

  #activate(): Uint8Array {
    this.#awake = true;
    this.#then(async () => {
      const bytes = Woken.encode({ length: 4, kind: WOKEN_KIND, zeros: undefined, value: 0 });
      await this.#send(bytes);
      // Of a 20D it is said that it tells it behind a later command; libgphoto2 wants it now.
      this.sendEvent({ kind: 'initialised' });
    }, true);
    return NOTHING;
  }

  /** One thing after the other; `isWaking` does not wait until the host has taken it all. */
  #then(work: () => Promise<void>, isWaking = false): void {
    const session = this.#session;
    this.#working = this.#working.then(async () => {
      if (session !== this.#session) return;
      const done = work().catch((error: unknown) => {
        this.#options.body.parts.log(`a command failed: ${String(error)}`);
      });
      if (!isWaking) await done;
    });
  }

  async #answer(packet: CommandPacket): Promise<void> {
    const { body, ready, trace, count } = this.#options;
    const { model, clock, faults, log } = body.parts;
    const { code, group, kind, payload } = packet;
    const from = clock.now();
    const generation = generationOf(model.modelClass);
    const command = findCommand(generation, code, group);
    const subcommand = command === Commands.RemoteControl ? subcommandOf(payload) : undefined;
    const remote = subcommand === undefined ? '' : ` ${findRemote(subcommand)?.name ?? subcommand}`;
    const name = (command?.name ?? `command 0x${code.toString(16)}`) + remote;
    count((group << 8) | code);
    if (subcommand !== undefined) count(REMOTE_COUNT + subcommand);
    if (faults.has('silent')) {
      log(`${name} is not answered (fault: silent)`);
      return;
    }
    if (faults.take('late-first-answer')) {
      await new Promise<void>((resolve) => void clock.after(LATE_MS, resolve));
    }
    await ready();
    await body.wait(4);
    const wire = command?.[generation];
    const args = () => wire?.request.read(new Reader(payload, name));
    if (kind === ReplyKind.Data) {
      await this.#data(await this.#find(command, args));
      trace(name, clock.now() - from);
      return;
    }
    const { status, data } = await this.#fixed(command, args);
    await this.#reply(packet, status, data);
    trace(`${name}: 0x${status.toString(16)}`, clock.now() - from);
  }

  async #fixed(
    command: ReturnType<typeof findCommand>,
    args: () => unknown,
  ): Promise<{ status: number; data: Uint8Array }> {
    const handle =
      command && this.#handlers.map(({ fixed }) => fixed.get(command as never)).find(Boolean);
    try {
      if (!command || !handle) throw new NormalRefusal(Status.InvalidParameter);
      const result = await handle(args() as never);
      const writer = new Writer();
      command.reply.write(writer, result);
      return { status: Status.Ok, data: writer.finish() };
    } catch (error) {
      const isRefusal = error instanceof NormalRefusal;
      if (!isRefusal) this.#options.body.parts.log(`refused: ${String(error)}`);
      return { status: isRefusal ? error.status : Status.InvalidParameter, data: NOTHING };
    }
  }

  async #find(command: ReturnType<typeof findCommand>, args: () => unknown): Promise<DataReply> {
    const nothing = { size: 0, chunks: [] };
    const handle =
      command && this.#handlers.map(({ data }) => data.get(command as never)).find(Boolean);
    if (!handle) return nothing;
    try {
      return await handle(args() as never);
    } catch (error) {
      this.#options.body.parts.log(`refused: ${String(error)}`);
      return nothing;
    }
  }

  async #reply(packet: CommandPacket, status: number, data: Uint8Array): Promise<void> {
    const { faults } = this.#options.body.parts;
    const { code, group, kind, mark, id } = packet;
    const isLock = code === Commands.LockKeys.old?.code && group === Commands.LockKeys.old.group;
    const bytes = encodeReply({
      code: isLock ? LOCK_KEYS_ECHO : code,
      ...{ group, kind, mark, status, data },
      id: faults.take('wrong-transaction-id') ? id + 1 : id,
    });
    const sent = faults.take('garbage') ? new Uint8Array(PREFIX + 20).fill(0xff) : bytes;
    await this.#send(faults.take('spoilt-first-answer') ? sent.subarray(PREFIX) : sent);
  }

  async #data({ size, isFile = false, chunks }: DataReply): Promise<void> {
    const { body, unplug } = this.#options;
    const { faults } = body.parts;
    const session = this.#session;
    await this.#send(encodeDataHead(size));
    let cut = Number.POSITIVE_INFINITY;
    let then = ignore;
    const strike = (name: Parameters<typeof faults.take>[0], work: () => void) => {
      if (!isFile || size === 0 || !faults.take(name)) return;
      cut = size >> 1;
      then = work;
    };
    strike('link-lost-mid-transfer', unplug);
    strike('stall-data', () => this.bulkIn.halt());
    strike('short-data', ignore);
    let sent = 0;
    for await (const chunk of chunks) {
      const part = chunk.subarray(0, Math.max(0, cut - sent));
      if (session !== this.#session) return;
      if (part.length > 0) await this.bulkIn.put(part);
      sent += part.length;
      if (sent >= cut) break;
    }
    await this.bulkIn.end(false);
    if (sent >= cut) then();
    else if (isFile && faults.take('long-data')) await this.#send(new Uint8Array(100));
  }

  /** A message ends in a short packet, or with its last full one. */
  async #send(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    if (this.#options.body.parts.faults.take('babble')) this.bulkIn.babbleNext();
    if (await this.bulkIn.put(bytes)) await this.bulkIn.end(false);
  }

  /** A block of a file, which was announced. */
  async #receive(size: number): Promise<void> {
    const { body, ready, count, trace } = this.#options;
    const { card, wall, clock } = body.parts;
    const from = clock.now();
    count(0x1103);
    await ready();
    await this.#send(encodeUploadReady());
    const parts: Uint8Array[] = [];
    for (let got = 0; got < size; ) {
      const piece = await this.bulkOut.next();
      if (!piece) return;
      parts.push(piece.bytes.slice());
      got += piece.bytes.length;
    }
    // Takes the last piece over.
    this.bulkOut.interrupt();
    const block = decodeUploadBlock(concat(parts));
    const { offset, data, id } = block;
    const path = card.pathOf(block.path);
    let status: number = Status.Ok;
    if (path === undefined || !card.inserted) status = Status.InvalidParameter;
    else if (data.length > (await card.space()).free) status = Status.CardFull;
    else {
      const before = offset === 0 ? [] : (this.#uploads.get(path) ?? []);
      const whole = [...before, data.slice()];
      this.#uploads.set(path, whole);
      if (await card.find(path)) await card.remove(path);
      await card.write(path, concat(whole), wall.seconds());
    }
    const accepted = status === Status.Ok ? data.length : 0;
    await this.#send(encodeUploadAnswer({ status, progress: 2 * offset + accepted, accepted, id }));
    trace(`UploadBlock: 0x${status.toString(16)}`, clock.now() - from);
  }
}

function subcommandOf(payload: Uint8Array): number | undefined {
  return payload.length < 4 ? undefined : new Reader(payload, 'subcommand').u32();
}

/** An interrupt pipe of which nothing comes answers the oldest read with an empty packet. */
class IdlePipe extends InPipe {
  #after: (ms: number, run: () => void) => () => void;
  #waiting: AbortController[] = [];
  #stop: (() => void) | undefined;

  constructor(packetSize: number, after: (ms: number, run: () => void) => () => void) {
    super(packetSize);
    this.#after = after;
  }

  override async read(sink: InSink, signal?: AbortSignal): Promise<InResult> {
    const idle = new AbortController();
    this.#waiting.push(idle);
    this.#wait();
    const both = signal ? AbortSignal.any([signal, idle.signal]) : idle.signal;
    const { status, bytesRead } = await super.read(sink, both);
    this.#waiting = this.#waiting.filter((other) => other !== idle);
    if (this.#waiting.length === 0) this.#stop?.();
    const isIdle = status === 'cancelled' && idle.signal.aborted && !signal?.aborted;
    return { status: isIdle ? 'ok' : status, bytesRead };
  }

  #wait(): void {
    if (this.#stop || this.#waiting.length === 0) return;
    const stop = this.#after(IDLE_MS, () => {
      this.#stop = undefined;
      this.#waiting[0]?.abort();
      this.#wait();
    });
    this.#stop = () => {
      this.#stop = undefined;
      stop();
    };
  }
}
