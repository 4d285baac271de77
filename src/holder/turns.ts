/** Whose turn it is to expose, and whose the pictures are that go to the computer. */
import { PriorityQueue } from '../ptp/queue.ts';
import type { Client } from './sharing.ts';

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

  /**
   * Calls `begin` when it is the client's turn, with whether somebody else waits for its pictures;
   * the turn lasts until the signal aborts.
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
    return () => void this.#tethered.delete(client);
  }

  /** Whether a picture that goes to the computer now is to be announced to the client. */
  isToldOfPicture(client: Client): boolean {
    if (this.#current?.takes) return this.#current.client === client;
    const [first] = this.#tethered;
    return first === undefined || first === client || this.isOf(client);
  }
}
