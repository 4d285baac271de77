/** What a holder does for one client: its transactions, its copy of the events, its end. */
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, LinkError, TimeoutError } from '../base/errors.ts';
import { type Clock, ignore, systemClock, within } from '../base/time.ts';
import { EosOperation } from '../canon/ptp/index.ts';
import {
  type DataSink,
  MtpOperation,
  Operation,
  type Priority,
  Response,
  ResponseError,
  type TransactionOptions,
} from '../ptp/index.ts';
import type { EventQueue } from './event-share.ts';
import {
  Frame,
  FrameReader,
  FrameWriter,
  type Hello,
  type HolderStatus,
  PROTOCOL,
  plainError,
  type RequestFrame,
  type Welcome,
} from './frames.ts';
import type { HeldCamera } from './held-camera.ts';
import type { HeldLink } from './held-link.ts';
import { IncomingData } from './incoming-data.ts';
import { Unfinished } from './unfinished.ts';

export interface DeskOptions {
  held: HeldCamera;
  version: string;
  pid: number;
  clock?: Clock | undefined;
}

const HELLO_MS = 5000;
const ALIVE_MS = 5000;
/** A command that reads nothing for so long (stopped, on a disk that is gone) is let go. */
const STALLED_MS = 30_000;
/** Between SendObjectInfo and SendObject nobody else may speak. */
const PAIR_MS = 10_000;
const EVENT_MODE_OFF = 0;
/** A setting is small; more than this is none. */
const SETTING_LIMIT = 1 << 16;

const OPENS_PAIR: readonly number[] = [Operation.SendObjectInfo, MtpOperation.SendObjectPropList];
const TAKES_PICTURE: readonly number[] = [
  EosOperation.TransferComplete,
  EosOperation.TransferCompleteDT,
];

/** Resolves when the client has left. Never rejects. */
export async function serveClient(stream: ByteStream, options: DeskOptions): Promise<void> {
  const reader = new FrameReader(stream);
  const writer = new FrameWriter(stream);
  try {
    const hello = await within(readHello(reader), { ms: HELLO_MS, what: 'no greeting came' });
    if (hello) await answer(hello, stream, reader, writer, options);
  } catch (error) {
    await writer.send(Frame.Refused, plainError(error)).catch(ignore);
  } finally {
    await stream.close();
  }
}

async function readHello(reader: FrameReader): Promise<Hello | undefined> {
  const head = await reader.head();
  if (!head) return undefined;
  if (head.kind !== Frame.Hello) throw new LinkError('this is the socket of a camera’s holder');
  return reader.json<Hello>(head);
}

async function answer(
  hello: Hello,
  stream: ByteStream,
  reader: FrameReader,
  writer: FrameWriter,
  options: DeskOptions,
): Promise<void> {
  const { held, version, pid } = options;
  // These two are understood by all versions: one must be able to end another.
  if (hello.want === 'status') return writer.send(Frame.Welcome, statusOf(options));
  if (hello.want === 'release') {
    if (held.users > 0 && !hello.force) {
      throw new HotshoeError('BUSY', `${nameOf(held)} is used by ${commands(held.users)}`, {
        hint: 'Wait for its end, or end it all the same: hotshoe release --force.',
      });
    }
    const status = statusOf(options);
    await held.close();
    return writer.send(Frame.Welcome, status);
  }
  if (hello.protocol !== PROTOCOL || hello.version !== version) {
    throw new HotshoeError(
      'BUSY',
      `${nameOf(held)} is held by hotshoe ${version} (process ${pid}), and this is ${hello.version}`,
      { hint: 'Let it go by `hotshoe release`, and hold it again.' },
    );
  }
  const leave = held.enter();
  try {
    const link = await awaitLink(stream, writer, held);
    await writer.send(Frame.Welcome, {
      ...statusOf(options),
      kind: link.session.transport.kind,
      peerName: link.session.transport.peerName,
    } satisfies Welcome);
    await new ClientDesk(stream, reader, writer, link, options).run();
  } finally {
    leave();
  }
}

/** Tells the client meanwhile what it waits for. */
async function awaitLink(
  stream: ByteStream,
  writer: FrameWriter,
  held: HeldCamera,
): Promise<HeldLink> {
  const gone = new AbortController();
  void stream.closed.then(() => gone.abort(new LinkError('the command has ended')));
  const states = held.states.subscribe();
  const telling = (async () => {
    if (held.state.name !== 'connected') await writer.send(Frame.State, held.state);
    for await (const state of states) await writer.send(Frame.State, state);
  })().catch(ignore);
  const alive = setAlive(writer, systemClock);
  try {
    return await held.link(gone.signal);
  } finally {
    alive();
    await states.return();
    await telling;
  }
}

function setAlive(writer: FrameWriter, clock: Clock): () => void {
  let stop: () => void = ignore;
  const next = () => {
    stop = clock.after(ALIVE_MS, () => {
      writer.send(Frame.Alive, {}).catch(ignore);
      next();
    });
  };
  next();
  return () => stop();
}

interface Running {
  n: number;
  abort: AbortController;
  data: IncomingData | undefined;
}

type Transact = HeldLink['session']['transaction'];

class ClientDesk {
  #stream: ByteStream;
  #reader: FrameReader;
  #writer: FrameWriter;
  #link: HeldLink;
  #clock: Clock;
  #queue: EventQueue | undefined;
  #unfinished: Unfinished;
  #running: Running | undefined;
  /** Gets the next request, of an upload that holds the session for it. */
  #awaitsNext: ((request: RequestFrame | undefined) => void) | undefined;
  #done: Promise<unknown> = Promise.resolve();
  #leftInPeace = false;

  constructor(
    stream: ByteStream,
    reader: FrameReader,
    writer: FrameWriter,
    link: HeldLink,
    { clock = systemClock }: DeskOptions,
  ) {
    this.#stream = stream;
    this.#reader = reader;
    this.#writer = writer;
    this.#link = link;
    this.#clock = clock;
    this.#unfinished = new Unfinished(link);
  }

  async run(): Promise<void> {
    const stopAlive = setAlive(this.#writer, this.#clock);
    const events = this.#forwardEvents();
    void this.#link.camera.closed.then(async (error) => {
      const lost = error ?? new LinkError('the camera was released');
      await this.#writer.send(Frame.Refused, plainError(lost)).catch(ignore);
      await this.#stream.close();
    });
    void this.#stream.closed.then(() => this.#end());
    try {
      await this.#read();
    } finally {
      stopAlive();
      events();
      this.#end();
      await this.#done;
      this.#queue?.end();
      if (!this.#leftInPeace) await this.#unfinished.undo();
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const head = await this.#reader.head();
      if (!head) return;
      switch (head.kind) {
        case Frame.Request:
          this.#accept(await this.#reader.json<RequestFrame>(head));
          break;
        case Frame.Cancel: {
          const { n } = await this.#reader.json<{ n: number }>(head);
          if (this.#running?.n === n) this.#cancel();
          break;
        }
        case Frame.Data:
          await this.#reader.data(head, (chunk) => this.#running?.data?.put(chunk));
          break;
        default:
          throw new LinkError(`frame of kind ${head.kind}`);
      }
    }
  }

  #accept(request: RequestFrame): void {
    if (this.#running) throw new LinkError('a request came before the last one was answered');
    const running: Running = {
      n: request.n,
      abort: new AbortController(),
      data: request.size === undefined ? undefined : new IncomingData(request.size),
    };
    this.#running = running;
    const next = this.#awaitsNext;
    if (next) {
      this.#awaitsNext = undefined;
      next(request);
    } else this.#done = this.#perform(request, running);
  }

  #cancel(): void {
    this.#running?.abort.abort(new LinkError('the command has given it up'));
    this.#running?.data?.end();
  }

  /** The client is gone, or told to go. */
  #end(): void {
    this.#cancel();
    this.#awaitsNext?.(undefined);
    this.#awaitsNext = undefined;
  }

  async #perform(request: RequestFrame, running: Running): Promise<unknown> {
    const { session } = this.#link;
    if (!OPENS_PAIR.includes(request.code)) {
      return this.#transact(request, running, (...args) => session.transaction(...args));
    }
    return session
      .sequence(
        async (call) => {
          const transact: Transact = (...args) =>
            call(...args).catch((error: unknown) => {
              if (!(error instanceof ResponseError)) throw error;
              const data = new Uint8Array(0);
              return { code: error.response, params: [...error.params], data };
            });
          const next = this.#nextRequest();
          const ok = await this.#transact(request, running, transact);
          if (!ok) this.#awaitsNext = undefined;
          const second = ok ? await next : undefined;
          if (second && this.#running) await this.#transact(second, this.#running, transact);
        },
        { signal: running.abort.signal },
      )
      .catch((error: unknown) => this.#fail(running, error));
  }

  /** Undefined when none comes. */
  async #nextRequest(): Promise<RequestFrame | undefined> {
    const coming = new Promise<RequestFrame | undefined>((resolve) => {
      this.#awaitsNext = resolve;
    });
    return within(coming, { ms: PAIR_MS, what: 'no data came', clock: this.#clock }).catch(() => {
      this.#awaitsNext = undefined;
      return undefined;
    });
  }

  /** Resolves with whether the camera answered OK. */
  async #transact(request: RequestFrame, running: Running, transact: Transact): Promise<boolean> {
    const { code, params } = request;
    try {
      const own = await this.#own(request, running.abort.signal);
      if (own) {
        if (own.data) {
          await this.#writer.send(Frame.Start, { n: running.n, size: own.data.length });
          await this.#writer.data(own.data);
        }
        await this.#respond(running, own.code, []);
        return own.code === Response.OK;
      }
      const options: TransactionOptions = {
        data: await this.#dataOf(request, running),
        sink: this.#sink(running),
        timeoutMs: request.idleTimeoutMs,
        signal: running.abort.signal,
        priority: priorityOf(request.priority),
      };
      const answer = await transact(code, params, options);
      if (answer.code === Response.OK) {
        this.#unfinished.done(code);
        if (TAKES_PICTURE.includes(code)) this.#link.events?.taken(params[0] ?? 0);
      }
      await this.#respond(running, answer.code, answer.params);
      return answer.code === Response.OK;
    } catch (error) {
      await this.#fail(running, error);
      return false;
    }
  }

  /**
   * What the holder answers itself, because it is done for all: the session, the mode, and the
   * events, of which each client gets its own copy.
   */
  async #own(
    { code, params, priority }: RequestFrame,
    signal: AbortSignal,
  ): Promise<{ code: number; data?: Uint8Array } | undefined> {
    const share = this.#link.events;
    if (code === Operation.OpenSession) return { code: Response.OK };
    if (code === Operation.CloseSession) {
      this.#leftInPeace = true;
      return { code: Response.OK };
    }
    if (!share) return undefined;
    switch (code) {
      case EosOperation.SetRemoteMode:
        return { code: Response.OK };
      case EosOperation.SetEventMode:
        this.#queue?.end();
        this.#queue = params[0] === EVENT_MODE_OFF ? undefined : share.join();
        return { code: Response.OK };
      case EosOperation.GetEvent: {
        const answer = await this.#link.ask({ priority: priorityOf(priority), signal });
        if (answer.code !== Response.OK) return answer;
        this.#queue ??= share.join();
        return { code: Response.OK, data: this.#queue.take() };
      }
      default:
        return undefined;
    }
  }

  async #dataOf({ code }: RequestFrame, { data }: Running): Promise<TransactionOptions['data']> {
    if (!data) return undefined;
    if (code !== EosOperation.SetDevicePropValueEx || data.size > SETTING_LIMIT) {
      return { size: data.size, chunks: data.chunks() };
    }
    const whole = new Uint8Array(data.size);
    let at = 0;
    for await (const chunk of data.chunks()) {
      whole.set(chunk.subarray(0, whole.length - at), at);
      at += chunk.length;
    }
    this.#unfinished.sets(whole);
    return whole;
  }

  #sink({ n }: Running): DataSink {
    const writer = this.#writer;
    let begun: Promise<void> | undefined;
    return {
      start: (size) => {
        begun = writer.send(Frame.Start, { n, ...(size !== undefined && { size }) });
        begun.catch(ignore);
      },
      write: async (chunk) => {
        await begun;
        await this.#inTime(writer.data(chunk));
      },
    };
  }

  /** What a client does not read must not keep the camera from the others. */
  async #inTime(written: Promise<void>): Promise<void> {
    try {
      await within(written, {
        ms: STALLED_MS,
        what: 'the command took no data',
        clock: this.#clock,
      });
    } catch (error) {
      if (error instanceof TimeoutError) void this.#stream.close();
      throw error;
    }
  }

  async #respond(running: Running, code: number, params: readonly number[]): Promise<void> {
    this.#over(running);
    await this.#writer.send(Frame.Response, { n: running.n, code, params });
  }

  async #fail(running: Running, error: unknown): Promise<void> {
    if (this.#running !== running) return;
    this.#over(running);
    await this.#writer.send(Frame.Failed, { n: running.n, ...plainError(error) }).catch(ignore);
  }

  #over(running: Running): void {
    running.data?.end();
    if (this.#running === running) this.#running = undefined;
  }

  /** Of the interrupt pipe or the event connection. Ends with the function returned. */
  #forwardEvents(): () => void {
    const events = this.#link.session.events[Symbol.asyncIterator]();
    const forward = async () => {
      for (;;) {
        const { value, done } = await events.next();
        if (done) return;
        await this.#writer.send(Frame.Event, value);
      }
    };
    forward().catch(ignore);
    return () => void events.return?.();
  }
}

function priorityOf(priority: string | undefined): Priority {
  return priority === 'events' || priority === 'background' ? priority : 'user';
}

function statusOf({ held, version, pid }: DeskOptions): HolderStatus {
  const { address, state, users, model } = held;
  return { pid, version, address, model, state, users };
}

const nameOf = (held: HeldCamera) => held.model ?? held.address;

const commands = (n: number) => (n === 1 ? 'another command' : `${n} other commands`);
