/** How much one client, and all of them, may ask for. */
import { type Clock, systemClock } from '../base/time.ts';

export interface RateLimitOptions {
  /** So many at once. */
  burst: number;
  perSecond: number;
  clock?: Clock | undefined;
}

/** Clients that are remembered; the one seen longest ago is forgotten. */
const CLIENTS = 1000;

export class RateLimit {
  #burst: number;
  #perSecond: number;
  #clock: Clock;
  #clients = new Map<string, { used: number; at: number }>();

  constructor({ burst, perSecond, clock = systemClock }: RateLimitOptions) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  allows(client: string): boolean {
    return this.#used(client) + 1 <= this.#burst;
  }

  count(client: string): void {
    const used = this.#used(client) + 1;
    this.#clients.delete(client);
    this.#clients.set(client, { used, at: this.#clock.now() });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
  }

  #used(client: string): number {
    const known = this.#clients.get(client);
    if (!known) return 0;
    const forgiven = ((this.#clock.now() - known.at) * this.#perSecond) / 1000;
    return Math.max(0, known.used - forgiven);
  }
}

/** How many of a kind are under way, of one client and of all. */
export class Places {
  #perClient: number;
  #all: number;
  #taken = new Map<string, number>();
  #total = 0;

  constructor(perClient: number, all: number) {
    this.#perClient = perClient;
    this.#all = all;
  }

  /** What gives the place back, once; undefined where there is none. */
  take(client: string): (() => void) | undefined {
    const taken = this.#taken.get(client) ?? 0;
    if (taken >= this.#perClient || this.#total >= this.#all) return undefined;
    this.#taken.set(client, taken + 1);
    this.#total++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#total--;
      const left = (this.#taken.get(client) ?? 1) - 1;
      if (left > 0) this.#taken.set(client, left);
      else this.#taken.delete(client);
    };
  }
}
