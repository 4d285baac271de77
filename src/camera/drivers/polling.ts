/**
 * Asks a body for its events in the background: quickly while something happens and somebody
 * listens, slowly otherwise, and only where nobody else has asked meanwhile. A queue that nobody
 * empties grows in the camera, and some bodies then answer nothing any more.
 */
import { sleep, systemClock } from '../../base/time.ts';

/** Also between two questions while something is waited for. */
const QUICK_MS = 50;
const SLOW_MS = 400;
/** While nobody listens. */
const IDLE_MS = 2000;
const SLOWER = 1.5;

export class Polling {
  /** Asks until nothing comes, and says so by `asked`. */
  #ask: () => Promise<void>;
  #watchers = 0;
  #interval = IDLE_MS;
  #stop: (() => void) | undefined;
  #ended = false;

  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  get watched(): boolean {
    return this.#watchers > 0;
  }

  /** Somebody has asked just now. */
  asked(news: boolean): void {
    if (this.#ended) return;
    this.#interval = this.#next(news);
    this.#schedule();
  }

  /** Asks more often until the function returned is called. */
  watch(): () => void {
    this.#watchers++;
    this.#interval = QUICK_MS;
    this.#schedule();
    let done = false;
    return () => {
      if (!done) this.#watchers--;
      done = true;
    };
  }

  end(): void {
    this.#ended = true;
    this.#stop?.();
  }

  #next(news: boolean): number {
    if (this.#watchers === 0) return IDLE_MS;
    return news ? QUICK_MS : Math.min(SLOW_MS, Math.max(QUICK_MS, this.#interval * SLOWER));
  }

  #schedule(): void {
    this.#stop?.();
    if (this.#ended) return;
    this.#stop = systemClock.after(this.#interval, () => {
      this.#ask().catch(() => {
        // The link is gone, or the camera refuses: whoever asks next is told.
        this.#ended = true;
      });
    });
  }
}

export interface FindOptions {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Asks until `find` finds what it looks for; undefined if it does not within the time. */
export async function findByAsking<T>(
  ask: (options: { signal: AbortSignal | undefined }) => Promise<void>,
  find: () => T | undefined,
  { timeoutMs, signal }: FindOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    await ask({ signal });
    const found = find();
    if (found !== undefined || performance.now() > deadline) return found;
    await sleep(QUICK_MS, signal);
  }
}
