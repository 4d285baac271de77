/**
 * What GetEvent hands out. Every change is kept, oldest first: a newer value of a property does not
 * replace one that still waits (seen on an EOS R). One GetEvent empties the queue.
 */
import type { EosEvent } from '../../canon/ptp/index.ts';

/** A host that never asks must not fill the memory. */
const LIMIT = 4096;

export class EosEventQueue {
  #events: EosEvent[] = [];
  #on = false;
  #onWaiting: () => void;

  /** `onWaiting` is called when something waits where nothing did. */
  constructor(onWaiting: () => void) {
    this.#onWaiting = onWaiting;
  }

  /** Begins anew with the whole state. */
  start(dump: EosEvent[]): void {
    this.#on = true;
    this.#events = dump;
  }

  stop(): void {
    this.#on = false;
    this.#events = [];
  }

  push(...events: EosEvent[]): void {
    if (!this.#on || events.length === 0) return;
    if (this.#events.length === 0) this.#onWaiting();
    this.#events.push(...events);
    if (this.#events.length > LIMIT) this.#events.splice(0, this.#events.length - LIMIT);
  }

  drain(): EosEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
