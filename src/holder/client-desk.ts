/** What a holder does for one client: its transactions, its copy of the events, its end. */
import type { ByteStream } from '../base/byte-stream.ts';
import { LinkError, TimeoutError } from '../base/errors.ts';
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
import {
  Frame,
  type FrameReader,
  type FrameWriter,
  plainError,
  type RequestFrame,
  type TurnFrame,
} from './frames.ts';
import type { HeldLink } from './held-link.ts';
import { IncomingData } from './incoming-data.ts';
import type { OwnAnswer, Sharing } from './sharing.ts';
import { Unfinished } from './unfinished.ts';

const ALIVE_MS = 5000;
/** A command that reads nothing for so long (stopped, on a disk that is gone) is let go. */
const STALLED_MS = 30_000;
/** Between SendObjectInfo and SendObject nobody else may speak. */
const PAIR_MS = 10_000;
/** A setting is small; more than this is none. */
const SETTING_LIMIT = 1 << 16;

const OPENS_PAIR: readonly number[] = [Operation.SendObjectInfo, MtpOperation.SendObjectPropList];
const TAKES_PICTURE: readonly number[] = [
  EosOperation.TransferComplete,
  EosOperation.TransferCompleteDT,
];

/** Sends signs of life until the function returned is called. */
export function setAlive(writer: FrameWriter, clock: Clock): () => void {
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

export class ClientDesk {
  #stream: ByteStream;
  #reader: FrameReader;
  #writer: FrameWriter;
  #link: HeldLink;
  #clock: Clock;
  #sharing: Sharing | undefined;
  #unfinished: Unfinished;
  /** Asked for, or under way; each ends with its signal. */
  #turns = new Map<number, AbortController>();
  #untether: () => void = ignore;
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
    clock: Clock = systemClock,
  ) {
    this.#stream = stream;
    this.#reader = reader;
    this.#writer = writer;
    this.#link = link;
    this.#clock = clock;
    this.#sharing = link.join(this);
    this.#unfinished = new Unfinished(link, this);
  }

  async run(): Promise<void> {
    const stopAlive = setAlive(this.#writer, this.#clock);
    const events = this.#sharing?.tellsAllEvents ? ignore : this.#forwardEvents();
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
      if (this.#leftInPeace) this.#unfinished.isOver();
      else await this.#undo();
      await this.#sharing?.leave(this.#leftInPeace);
      this.#untether();
      for (const turn of this.#turns.keys()) this.#endTurn(turn);
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
        case Frame.TakeTurn:
          this.#takeTurn(await this.#reader.json<TurnFrame>(head));
          break;
        case Frame.EndTurn:
          this.#endTurn((await this.#reader.json<TurnFrame>(head)).turn);
          break;
        case Frame.Tether:
          await this.#reader.json(head);
          this.#untether();
          this.#untether = this.#link.turns.tether(this);
          break;
        case Frame.Took:
          await this.#reader.json(head);
          this.#link.turns.took(this);
          break;
        case Frame.Untether:
          await this.#reader.json(head);
          this.#untether();
          break;
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

  #takeTurn({ turn, takes = false }: TurnFrame): void {
    const over = new AbortController();
    this.#turns.set(turn, over);
    const begin = (tethered: boolean) => this.#writer.send(Frame.Turn, { turn, tethered });
    this.#link.turns.take({ client: this, takes }, begin, over.signal).catch(ignore);
  }

  #endTurn(turn: number): void {
    this.#turns.get(turn)?.abort();
    this.#turns.delete(turn);
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
      const setting = await this.#settingOf(request, running);
      const own = await this.#own(request, setting, running.abort.signal);
      if (own) {
        if (own.data) {
          await this.#writer.send(Frame.Start, { n: running.n, size: own.data.length });
          await this.#writer.data(own.data);
        }
        await this.#respond(running, own.code, []);
        return own.code === Response.OK;
      }
      const options: TransactionOptions = {
        data: setting ?? (running.data && dataOf(running.data)),
        sink: this.#sink(running),
        timeoutMs: request.idleTimeoutMs,
        signal: running.abort.signal,
        priority: priorityOf(request.priority),
      };
      const answer = await transact(code, params, options);
      this.#unfinished.answered(code, answer.code);
      if (answer.code === Response.OK && TAKES_PICTURE.includes(code)) {
        this.#link.events?.taken(params[0] ?? 0);
      }
      await this.#respond(running, answer.code, answer.params);
      return answer.code === Response.OK;
    } catch (error) {
      this.#unfinished.answered(code, undefined);
      await this.#fail(running, error);
      return false;
    }
  }

  /** What the holder answers itself: the session, and what it does for all of its clients. */
  async #own(
    { code, params, priority }: RequestFrame,
    setting: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<OwnAnswer | undefined> {
    if (code === Operation.OpenSession) return { code: Response.OK };
    if (code === Operation.CloseSession) {
      this.#leftInPeace = true;
      return { code: Response.OK };
    }
    if (!this.#unfinished.asks(code)) return { code: Response.OK };
    const asked = { code, params, priority: priorityOf(priority), signal, data: setting };
    const own = await this.#sharing?.answer(asked);
    if (own) this.#unfinished.answered(code, own.code);
    return own;
  }

  #undo(): Promise<void> {
    const { signal } = new AbortController();
    return this.#unfinished.undo(async (code, params, options) => {
      const own = await this.#sharing?.answer({ code, params, priority: 'user', signal });
      if (!own) await this.#link.session.transaction(code, params, options);
    });
  }

  /** The data of SetDevicePropValueEx, whole. */
  async #settingOf({ code }: RequestFrame, { data }: Running): Promise<Uint8Array | undefined> {
    if (code !== EosOperation.SetDevicePropValueEx || !data || data.size > SETTING_LIMIT) {
      return undefined;
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

function dataOf(data: IncomingData): TransactionOptions['data'] {
  return { size: data.size, chunks: data.chunks() };
}

function priorityOf(priority: string | undefined): Priority {
  return priority === 'events' || priority === 'background' ? priority : 'user';
}
