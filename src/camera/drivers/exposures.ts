/** One exposure after the other: a body makes one at a time, and does not tell whose it announces. */
import type { PtpSession, Tether } from '../../ptp/index.ts';
import { PriorityQueue } from '../../ptp/queue.ts';

export interface ExposureOptions {
  /** Whoever exposes takes what goes to the computer. */
  takes?: boolean;
  signal: AbortSignal | undefined;
}

export class Exposures {
  #session: PtpSession;
  #queue = new PriorityQueue();
  #takes = false;
  #tethers = 0;

  constructor(session: PtpSession) {
    this.#session = session;
  }

  /** Somebody exposes, and takes the pictures that go to the computer himself. */
  get takes(): boolean {
    return this.#takes;
  }

  /**
   * Runs what exposes, from its preparation to its last picture, when nobody else does, and tells it
   * whether anybody is tethered, here or in another program that shares the camera.
   */
  run<T>(
    work: (tethered: boolean) => Promise<T>,
    { takes = false, signal }: ExposureOptions,
  ): Promise<T> {
    const inTurn = async () => {
      const turn = await this.#session.transport.sharing?.takeTurn({ takes, signal });
      this.#takes = takes;
      try {
        return await work(this.#tethers > 0 || (turn?.tethered ?? false));
      } finally {
        this.#takes = false;
        turn?.end();
      }
    };
    return this.#queue.run('user', inTurn, signal);
  }

  /** From now on pictures for the computer are this program's. */
  tether(): Tether {
    this.#tethers++;
    const shared = this.#session.transport.sharing?.tether();
    return {
      took: () => shared?.took(),
      end: () => {
        this.#tethers--;
        shared?.end();
      },
    };
  }
}
