/** The session of a holder as a PTP transport: every driver runs on it as on a link of its own. */
import type { ByteStream } from '../base/byte-stream.ts';
import { Channel } from '../base/channel.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import { type Clock, formatDuration, ignore, systemClock, Watchdog, within } from '../base/time.ts';
import type {
  DataSource,
  PtpEvent,
  PtpRequest,
  PtpResponse,
  PtpTransport,
  SessionSharing,
  Tether,
  TransactOptions,
  Turn,
} from '../ptp/index.ts';
import {
  errorOf,
  type FailedFrame,
  Frame,
  FrameReader,
  FrameWriter,
  type Hello,
  type PlainError,
  PROTOCOL,
  type ResponseFrame,
  type TurnFrame,
  type Welcome,
} from './frames.ts';
import type { HeldState } from './held-camera.ts';

/** The holder gives a sign of life every five seconds. */
const SILENCE_MS = 20_000;
const CANCEL_MS = 15_000;
/** For the exposures of others. */
const TURN_MS = 90_000;

export interface JoinOptions {
  version: string;
  pid: number;
  /** What becomes of the camera while it is waited for. */
  onState?: ((state: HeldState) => void) | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

type TurnOptions = Parameters<SessionSharing['takeTurn']>[0];

interface Running {
  n: number;
  transactionId: number;
  options: TransactOptions;
  /** Given up: what comes is thrown away. */
  over: boolean;
  sinkError: unknown;
  giveUp(reason: unknown): void;
  resolve(response: PtpResponse): void;
  reject(error: unknown): void;
}

/**
 * Asks the holder at the other end for its session. Rejects with a BUSY error for a holder of
 * another version, and as the holder does where the camera does not come. Closes the stream then.
 */
export async function joinHolder(stream: ByteStream, options: JoinOptions): Promise<PtpTransport> {
  const { version, pid, signal, clock = systemClock } = options;
  const reader = new FrameReader(stream);
  const writer = new FrameWriter(stream);
  const onAbort = () => void stream.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  const watchdog = new Watchdog(SILENCE_MS, onAbort, clock);
  try {
    signal?.throwIfAborted();
    const hello: Hello = { protocol: PROTOCOL, version, pid, want: 'session' };
    await writer.send(Frame.Hello, hello);
    for (;;) {
      const head = await reader.head();
      watchdog.touch();
      if (!head) throw new LinkError('the process that holds the camera has ended');
      if (head.kind === Frame.State) options.onState?.(await reader.json<HeldState>(head));
      else if (head.kind === Frame.Refused) throw errorOf(await reader.json<PlainError>(head));
      else if (head.kind === Frame.Welcome) {
        const welcome = await reader.json<Welcome>(head);
        return new HolderTransport(stream, reader, writer, welcome, clock);
      } else await reader.data(head, () => undefined);
    }
  } catch (error) {
    await stream.close();
    throw signal?.aborted ? signal.reason : error;
  } finally {
    watchdog.stop();
    signal?.removeEventListener('abort', onAbort);
  }
}

class HolderTransport implements PtpTransport {
  readonly name: string;
  readonly kind: 'ip' | 'usb' | 'memory';
  readonly peerName: string | undefined;
  readonly events = new Channel<PtpEvent>();
  readonly sharing: SessionSharing = {
    takeTurn: (options) => this.#takeTurn(options),
    tether: () => this.#tether(),
  };
  readonly closed: Promise<LinkError | undefined>;
  #stream: ByteStream;
  #reader: FrameReader;
  #writer: FrameWriter;
  #clock: Clock;
  #watchdog: Watchdog;
  #running: Running | undefined;
  /** Turns that are waited for, by number. */
  #turns = new Map<number, { begin(tethered: boolean): void; fail(reason: unknown): void }>();
  #lastTurn = 0;
  #lost: LinkError | undefined;
  #n = 0;
  /** Of the last request, which may be answered before all its data has gone. */
  #sending: Promise<void> = Promise.resolve();
  #settle!: (error: LinkError | undefined) => void;

  constructor(
    stream: ByteStream,
    reader: FrameReader,
    writer: FrameWriter,
    welcome: Welcome,
    clock: Clock,
  ) {
    this.name = welcome.model ?? welcome.address;
    this.kind = welcome.kind;
    this.peerName = welcome.peerName;
    this.#stream = stream;
    this.#reader = reader;
    this.#writer = writer;
    this.#clock = clock;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#watchdog = new Watchdog(
      SILENCE_MS,
      () => this.#fail(new LinkError(`the process that holds ${this.name} does not answer`)),
      clock,
    );
    void this.#pump();
  }

  async transact(request: PtpRequest, options: TransactOptions): Promise<PtpResponse> {
    const { signal } = options;
    await this.#sending;
    signal?.throwIfAborted();
    if (this.#lost) throw this.#lost;
    const n = ++this.#n;
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<PtpResponse>((resolve, reject) => {
        let givenUp = false;
        const giveUp = (reason: unknown) => {
          if (givenUp) return;
          givenUp = true;
          running.over = true;
          this.#cancel(n, answered).then(() => reject(reason), reject);
        };
        let settled!: () => void;
        const answered = new Promise<void>((done) => {
          settled = done;
        });
        const running: Running = {
          n,
          transactionId: request.transactionId,
          options,
          over: false,
          sinkError: undefined,
          giveUp,
          resolve: (response) => {
            settled();
            if (!givenUp) resolve(response);
          },
          reject: (error) => {
            settled();
            if (!givenUp || this.#lost) reject(error);
          },
        };
        this.#running = running;
        onAbort = () => giveUp(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#sending = this.#send(request, running).catch(giveUp);
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
      this.#running = undefined;
    }
  }

  async #takeTurn({ takes, signal }: TurnOptions): Promise<Turn> {
    signal?.throwIfAborted();
    if (this.#lost) throw this.#lost;
    const turn = ++this.#lastTurn;
    // Where the link is gone the turn is over.
    const end = () => void this.#writer.send(Frame.EndTurn, { turn }).catch(ignore);
    let onAbort: () => void = ignore;
    let stopClock: () => void = ignore;
    try {
      const tethered = await new Promise<boolean>((begin, fail) => {
        this.#turns.set(turn, { begin, fail });
        onAbort = () => fail(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        stopClock = this.#clock.after(TURN_MS, () => fail(othersExpose(this.name)));
        this.#writer.send(Frame.TakeTurn, { turn, takes }).catch(fail);
      });
      return { tethered, end };
    } catch (error) {
      end();
      throw error;
    } finally {
      stopClock();
      this.#turns.delete(turn);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #tether(): Tether {
    // Where the link is gone nobody is tethered.
    const send = (frame: number) => void this.#writer.send(frame, {}).catch(ignore);
    send(Frame.Tether);
    return { took: () => send(Frame.Took), end: () => send(Frame.Untether) };
  }

  async close(): Promise<void> {
    this.#lost ??= new LinkError(`the connection to ${this.name} was closed`);
    await this.#stream.close();
    this.#finish(undefined);
  }

  async #send({ code, params, data }: PtpRequest, running: Running): Promise<void> {
    const { idleTimeoutMs, priority } = running.options;
    const { n } = running;
    const size = data && { size: data.size };
    await this.#writer.send(Frame.Request, { n, code, params, priority, idleTimeoutMs, ...size });
    if (data) await this.#sendData(data, running);
  }

  async #sendData(data: DataSource, running: Running): Promise<void> {
    let sent = 0;
    for await (const chunk of data.chunks) {
      if (running.over || this.#running !== running) return;
      sent += chunk.length;
      if (sent > data.size) {
        throw new RangeError(`more data than the ${data.size} bytes announced`);
      }
      await this.#writer.data(chunk);
    }
    if (sent < data.size) {
      throw new RangeError(`data ended after ${sent} of the ${data.size} bytes announced`);
    }
  }

  async #cancel(n: number, answered: Promise<void>): Promise<void> {
    const confirmed = async () => {
      await this.#writer.send(Frame.Cancel, { n });
      await answered;
    };
    try {
      await within(confirmed(), {
        ms: CANCEL_MS,
        what: `the process that holds ${this.name} did not confirm a cancelled transaction`,
        clock: this.#clock,
      });
    } catch (error) {
      this.#fail(new LinkError((error as Error).message, { hint: 'Run the command again.' }));
    }
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#reader.head();
        this.#watchdog.touch();
        if (!head) {
          throw new LinkError(`the process that holds ${this.name} has ended`, {
            hint: 'Run the command again.',
          });
        }
        switch (head.kind) {
          case Frame.Data:
            await this.#reader.data(head, (chunk) => this.#take(chunk));
            break;
          case Frame.Start: {
            const { n, size } = await this.#reader.json<{ n: number; size?: number }>(head);
            this.#guard(this.#of(n), (running) => running.options.sink.start?.(size));
            break;
          }
          case Frame.Response: {
            const { n, code, params } = await this.#reader.json<ResponseFrame>(head);
            this.#respond(this.#of(n), code, params);
            break;
          }
          case Frame.Failed: {
            const failed = await this.#reader.json<FailedFrame>(head);
            this.#of(failed.n)?.reject(errorOf(failed));
            break;
          }
          case Frame.Turn: {
            const { turn, tethered = false } = await this.#reader.json<TurnFrame>(head);
            this.#turns.get(turn)?.begin(tethered);
            break;
          }
          case Frame.Event:
            this.events.push(await this.#reader.json<PtpEvent>(head));
            break;
          case Frame.Refused:
            throw errorOf(await this.#reader.json<PlainError>(head));
          default:
            await this.#reader.data(head, () => undefined);
        }
      }
    } catch (error) {
      this.#fail(
        error instanceof LinkError
          ? error
          : new LinkError((error as Error).message, { cause: error }),
      );
    }
  }

  #of(n: number): Running | undefined {
    return this.#running?.n === n ? this.#running : undefined;
  }

  #respond(running: Running | undefined, code: number, params: number[]): void {
    if (!running) return;
    if (running.sinkError !== undefined) running.reject(running.sinkError);
    else running.resolve({ code, transactionId: running.transactionId, params });
  }

  async #take(chunk: Uint8Array): Promise<void> {
    const running = this.#running;
    if (!running || running.over) return;
    const pending = this.#guard(running, () => running.options.sink.write(chunk));
    if (!pending) return;
    // A slow disk is not a silent holder.
    this.#watchdog.hold();
    try {
      await pending;
    } catch (error) {
      running.sinkError = error;
      running.giveUp(error);
    } finally {
      this.#watchdog.release();
    }
  }

  /** What a sink throws ends its transaction, not the link. */
  #guard<T>(running: Running | undefined, run: (running: Running) => T): T | undefined {
    if (!running || running.over) return undefined;
    try {
      return run(running);
    } catch (error) {
      running.sinkError = error;
      running.giveUp(error);
      return undefined;
    }
  }

  #fail(error: LinkError): void {
    if (this.#lost) return;
    this.#lost = error;
    void this.#stream.close();
    this.#finish(error);
  }

  #finish(error: LinkError | undefined): void {
    this.#watchdog.stop();
    this.#running?.reject(this.#lost);
    for (const { fail } of this.#turns.values()) fail(this.#lost);
    this.events.close();
    this.#settle(error);
  }
}

function othersExpose(name: string): HotshoeError {
  return new HotshoeError(
    'BUSY',
    `${name} has taken pictures for another command for ${formatDuration(TURN_MS)}`,
    { hint: 'Wait for its end.' },
  );
}
