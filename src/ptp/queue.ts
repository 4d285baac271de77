import { ignore } from '../base/time.ts';

/**
 * Who goes first when several wait: the user's action, then the polling of events, then the next
 * chunk of a background download.
 */
export type Priority = 'user' | 'events' | 'background';

interface Job {
  run: () => Promise<void>;
}

/** Runs one job at a time; jobs of higher priority overtake waiting ones of lower priority. */
export class PriorityQueue {
  #waiting: Record<Priority, Job[]> = { user: [], events: [], background: [] };
  #busy = false;

  /** A job whose signal aborts while it waits is taken out; a running one minds its own signal. */
  run<T>(priority: Priority, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const lane = this.#waiting[priority];
      const job: Job = {
        run: () => {
          signal?.removeEventListener('abort', onAbort);
          // Not `work()` alone: what it throws at once must not stop the queue.
          const result = new Promise<T>((settle) => settle(work()));
          result.then(resolve, reject);
          return result.then(ignore, ignore);
        },
      };
      const onAbort = () => {
        const at = lane.indexOf(job);
        if (at < 0) return;
        lane.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lane.push(job);
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const { user, events, background } = this.#waiting;
    for (;;) {
      const job = user.shift() ?? events.shift() ?? background.shift();
      if (!job) break;
      await job.run();
    }
    this.#busy = false;
  }
}
