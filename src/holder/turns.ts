/** Whose turn it is to expose, and whose the pictures are that go to the computer. */
import { type Clock, ignore, systemClock } from '../base/time.ts';
import { PriorityQueue } from '../ptp/queue.ts';
import type { Client } from './sharing.ts';

/** Longer than a picture of a body takes that keeps one at a time. */
const TAKEN_MS = 15_000;

interface Current {
  client: Client;
  /** It takes the pictures of its exposures itself. */
  takes: boolean;
}

export class Turns {
  #queue = new PriorityQueue();
  #current: Current | undefined;
  /** Who waits for pictures whoever exposes: the first one gets them. */
  #tethered = new Set<Client>();
  #clock: Clock;
  /** Pictures that were announced to who is tethered, who has not dealt with them yet. */
  #pending = 0;
  #allTaken: () => void = ignore;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Calls `begin` when it is the client's turn, with whether somebody else waits for its pictures;
   * the turn lasts until the signal aborts, and what was announced to the other one is taken.
   */
  take(
    current: Current,
    begin: (tethered: boolean) => Promise<void>,
    over: AbortSignal,
  ): Promise<void> {
    const turn = async () => {
      this.#current = current;
      try {
        await begin([...this.#tethered].some((client) => client !== current.client));
        if (!over.aborted) {
          await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
        }
        await this.#untilTaken();
      } finally {
        this.#current = undefined;
      }
    };
    return this.#queue.run('user', turn, over);
  }

  isOf(client: Client): boolean {
    return this.#current?.client === client;
  }

  isOfAnother(client: Client): boolean {
    return this.#current !== undefined && this.#current.client !== client;
  }

  /** The client waits for pictures until the function returned is called. */
  tether(client: Client): () => void {
    this.#tethered.add(client);
    return () => {
      if (!this.#tethered.delete(client)) return;
      this.#pending = 0;
      this.#allTaken();
    };
  }

  /** A picture in a body that keeps one at a time was announced to the client. */
  announced(client: Client): void {
    if (this.#tethered.has(client) && this.isOfAnother(client)) this.#pending++;
  }

  /** Who is tethered has dealt with an announcement. */
  took(client: Client): void {
    if (!this.#tethered.has(client) || this.#pending === 0) return;
    this.#pending--;
    if (this.#pending === 0) this.#allTaken();
  }

  async #untilTaken(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      const stop = this.#clock.after(TAKEN_MS, resolve);
      this.#allTaken = () => {
        stop();
        resolve();
      };
    });
    this.#pending = 0;
    this.#allTaken = ignore;
  }

  /** Whether a picture that goes to the computer now is to be announced to the client. */
  isToldOfPicture(client: Client): boolean {
    if (this.#current?.takes) return this.#current.client === client;
    const [first] = this.#tethered;
    return first === undefined || first === client || this.isOf(client);
  }
}
