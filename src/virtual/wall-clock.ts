/** The clock that a camera shows and writes into its files. It knows no zone. */
import type { LocalTime } from './picture/index.ts';

export class WallClock {
  #now: () => number;
  #offset = 0;

  /** `now` gives milliseconds whose UTC reading is the local time. */
  constructor(now: () => number) {
    this.#now = now;
  }

  milliseconds(): number {
    return this.#now() + this.#offset;
  }

  /** As CameraTime (D113) and directory entries have it. */
  seconds(): number {
    return Math.floor(this.milliseconds() / 1000);
  }

  set(seconds: number): void {
    this.#offset = seconds * 1000 - this.#now();
  }

  local(): LocalTime {
    return this.localAt(this.milliseconds());
  }

  localAt(milliseconds: number): LocalTime {
    const date = new Date(milliseconds);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      milliseconds: date.getUTCMilliseconds(),
    };
  }
}

/** The time of this computer, in the form that `WallClock` wants. */
export function localMilliseconds(): number {
  const now = new Date();
  return now.getTime() - now.getTimezoneOffset() * 60_000;
}
