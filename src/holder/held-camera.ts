/**
 * Holds the session of one camera for many users: opens it once, keeps it awake, opens it again when
 * the link is lost, and lets it go when nobody has used it for a time. Knows no sockets: it opens
 * by a function, and waits by a clock.
 *
 * A user is whoever called `enter`; `link` resolves with the connection, after a loss with the new
 * one. What happens to the camera is in `state`, and each change comes through `states`.
 */
import { Broadcast } from '../base/channel.ts';
import { HotshoeError, LinkError, messageOf } from '../base/errors.ts';
import { type Clock, formatDuration, ignore, sleep, systemClock } from '../base/time.ts';
import type { AwaitedCamera, OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { HeldLink } from './held-link.ts';

export type HeldState =
  | { name: 'connecting' }
  /** The camera asks its user about this computer. */
  | { name: 'asked'; camera: string; timeoutMs: number }
  /** It has to come into the network, or to be sent there by a person. */
  | ({ name: 'awaited' } & AwaitedCamera)
  /** `back`: after a loss. */
  | { name: 'connected'; model: string; back: boolean }
  /** It is tried again and again, so long. */
  | { name: 'lost'; reason: string; giveUpMs: number }
  /** For ever, with the reason unless it was let go. */
  | { name: 'closed'; reason: string | undefined };

export interface HeldOptions {
  address: string;
  open(options: OpenOptions): Promise<Camera>;
  /** Open already: the first connection. */
  first?: Camera | undefined;
  /** Lets the camera go when it had no users for so long. */
  idleMs: number;
  /** Looks for a lost camera for so long. Default two minutes. */
  giveUpMs?: number | undefined;
  acceptTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
}

const GIVE_UP_MS = 120_000;
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 10_000;
/**
 * Another try can end in nothing else. A camera that sleeps, or that nobody has sent back to this
 * computer yet, refuses: that may pass.
 */
const HOPELESS: readonly string[] = ['USAGE', 'NOT_FOUND', 'UNSUPPORTED'];

export class HeldCamera {
  readonly address: string;
  /** Settles when it is let go, given up, or could not be opened: then with the error. */
  readonly closed: Promise<HotshoeError | undefined>;
  #options: HeldOptions;
  #clock: Clock;
  #state: HeldState = { name: 'connecting' };
  #states = new Broadcast<HeldState>();
  #link: HeldLink | undefined;
  #error: HotshoeError | undefined;
  #model: string | undefined;
  #users = 0;
  #callOffIdle: () => void = ignore;
  #stop = new AbortController();

  constructor(options: HeldOptions) {
    this.#options = options;
    this.address = options.address;
    this.#clock = options.clock ?? systemClock;
    this.closed = this.#run().then(() => this.#error);
    this.#awaitUsers();
  }

  get state(): HeldState {
    return this.#state;
  }

  /** Each change from now on. */
  get states(): Broadcast<HeldState> {
    return this.#states;
  }

  /** As the camera called itself; undefined before it was connected. */
  get model(): string | undefined {
    return this.#model;
  }

  get users(): number {
    return this.#users;
  }

  /** Until the function returned is called the camera is not let go for lack of use. */
  enter(): () => void {
    this.#users++;
    this.#callOffIdle();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#users--;
      this.#awaitUsers();
    };
  }

  /** The connection as soon as there is one; rejects when there will be none. */
  async link(signal?: AbortSignal): Promise<HeldLink> {
    const states = this.#states.subscribe();
    const onAbort = () => states.close(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#link) return this.#link;
        if (this.#state.name === 'closed') throw this.#gone();
        await states.next();
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await states.return();
    }
  }

  /** Lets the camera go. Never rejects. */
  async close(): Promise<void> {
    this.#stop.abort(new LinkError(`${this.address} was released`));
    await this.closed;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      let link = await this.#connect(false);
      for (;;) {
        const error = await Promise.race([link.camera.closed, aborted(signal)]);
        this.#link = undefined;
        if (signal.aborted) {
          await link.close();
          return;
        }
        link.end();
        await link.camera.close();
        link = await this.#connectAgain(error);
      }
    } catch (error) {
      if (!signal.aborted) this.#error = toError(error);
    } finally {
      this.#callOffIdle();
      this.#tell({ name: 'closed', reason: this.#error?.message });
      this.#states.close();
    }
  }

  async #connect(back: boolean): Promise<HeldLink> {
    const { open, first, acceptTimeoutMs } = this.#options;
    const { signal } = this.#stop;
    const camera =
      !back && first
        ? first
        : await open({
            signal,
            acceptTimeoutMs,
            driver: 'standard',
            onWaiting: ({ name, timeoutMs }) =>
              this.#tell({ name: 'asked', camera: name, timeoutMs }),
            onAwaited: (awaited) => this.#tell({ name: 'awaited', ...awaited }),
          });
    const link = await HeldLink.take(camera, this.#clock, signal);
    this.#link = link;
    this.#model = camera.identity.model;
    this.#tell({ name: 'connected', model: camera.identity.model, back });
    return link;
  }

  async #connectAgain(error: LinkError | undefined): Promise<HeldLink> {
    const { giveUpMs = GIVE_UP_MS } = this.#options;
    const { signal } = this.#stop;
    const deadline = this.#clock.now() + giveUpMs;
    let reason = error?.message ?? 'the camera ended the connection';
    for (let pause = RETRY_FIRST_MS; ; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      const left = deadline - this.#clock.now();
      this.#tell({ name: 'lost', reason, giveUpMs: Math.max(0, left) });
      if (left <= 0) {
        throw new LinkError(
          `${this.address} was lost, and did not come back within ${formatDuration(giveUpMs)}: ${reason}`,
          { hint: 'Is it switched on, plugged in or in the network? Then begin again.' },
        );
      }
      await sleep(Math.min(pause, left), signal, this.#clock);
      try {
        return await this.#connect(true);
      } catch (fault) {
        signal.throwIfAborted();
        if (fault instanceof HotshoeError && HOPELESS.includes(fault.code)) throw fault;
        reason = messageOf(fault);
      }
    }
  }

  #awaitUsers(): void {
    this.#callOffIdle();
    if (this.#users > 0 || this.#state.name === 'closed') return;
    this.#callOffIdle = this.#clock.after(this.#options.idleMs, () => void this.close());
  }

  #tell(state: HeldState): void {
    this.#state = state;
    this.#states.push(state);
  }

  #gone(): HotshoeError {
    return this.#error ?? new LinkError(`${this.address} was released`);
  }
}

function toError(error: unknown): HotshoeError {
  return error instanceof HotshoeError ? error : new LinkError(messageOf(error), { cause: error });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
