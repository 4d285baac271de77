/** All waiting of the project goes through this module: timers, timeouts, aborts. */
import { TimeoutError } from './errors.ts';

/** Source of time; tests inject their own. */
export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** `setTimeout` counts in 32 bits and takes anything longer, Infinity too, for one millisecond. */
const LONGEST_TIMER_MS = 0x7fffffff;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted before. */
export function sleep(ms: number, signal?: AbortSignal, clock: Clock = systemClock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      stop();
      reject(signal?.reason);
    };
    const stop = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export interface WithinOptions {
  ms: number;
  /** What is awaited, for the error: "no answer to Init Command Request from 10.0.0.5". */
  what: string;
  hint?: string | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

/**
 * `promise`, or a TimeoutError after `ms`, or the signal's reason. What `promise` does later is
 * the caller's business; its late rejection is swallowed here on purpose.
 */
export function within<T>(promise: Promise<T>, options: WithinOptions): Promise<T> {
  const { ms, what, signal, clock = systemClock } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      promise.catch(ignore);
      reject(signal.reason);
      return;
    }
    const stop = clock.after(ms, () => {
      finish();
      reject(new TimeoutError(`${what} within ${formatDuration(ms)}`, { hint: options.hint }));
    });
    const onAbort = () => {
      finish();
      reject(signal?.reason);
    };
    const finish = () => {
      stop();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        finish();
        resolve(value);
      },
      (error) => {
        finish();
        reject(error);
      },
    );
  });
}

/** For promises whose failure is reported elsewhere. */
export function ignore(): void {
  // Nothing to do is the point.
}

/** Fires when `touch` has not been called for `ms` milliseconds. */
export class Watchdog {
  #ms: number;
  #clock: Clock;
  #fire: () => void;
  #last: number;
  #held = false;
  #stop: (() => void) | undefined;

  constructor(ms: number, fire: () => void, clock: Clock = systemClock) {
    this.#ms = ms;
    this.#clock = clock;
    this.#fire = fire;
    this.#last = clock.now();
    this.#arm(ms);
  }

  /** Costs one clock reading: cheap enough for every chunk of a download. */
  touch(): void {
    this.#last = this.#clock.now();
  }

  /** Until `release` it does not fire: what takes its time is not what is watched. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.touch();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #arm(ms: number): void {
    this.#stop = this.#clock.after(ms, () => {
      const left = this.#held ? this.#ms : this.#last + this.#ms - this.#clock.now();
      if (left > 0.5) this.#arm(left);
      else this.#fire();
    });
  }
}

/** 1500 -> "1.5 s", 300 -> "300 ms". */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
