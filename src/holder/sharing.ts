/** What a holder answers its clients itself, because it is done for all of them. */
import type { Priority } from '../ptp/index.ts';

export interface Asked {
  code: number;
  params: readonly number[];
  priority: Priority;
  signal: AbortSignal;
  /** Of a setting. */
  data?: Uint8Array | undefined;
}

export interface OwnAnswer {
  code: number;
  data?: Uint8Array | undefined;
}

/** For one client; there is one for each kind of camera that has to be shared with care. */
export interface Sharing {
  /** Undefined where the camera is to be asked. */
  answer(asked: Asked): Promise<OwnAnswer | undefined>;
  /** Whether it tells what comes by the interrupt pipe too. */
  readonly tellsAllEvents: boolean;
  /** `inPeace`: it has ended what it had begun. Never rejects. */
  leave(inPeace: boolean): Promise<void>;
}

/** Stands for a client where it is only told from the others. */
export type Client = object;

/** Which clients are in which mode of the camera, by the operation that begins it. */
export class Modes {
  #clients = new Map<number, Set<Client>>();

  add(mode: number, client: Client): void {
    const clients = this.#clients.get(mode) ?? new Set();
    this.#clients.set(mode, clients.add(client));
  }

  delete(mode: number, client: Client): void {
    this.#clients.get(mode)?.delete(client);
  }

  has(mode: number, client: Client): boolean {
    return this.#clients.get(mode)?.has(client) ?? false;
  }

  hasOthers(mode: number, client: Client): boolean {
    const count = this.#clients.get(mode)?.size ?? 0;
    return count > (this.has(mode, client) ? 1 : 0);
  }
}
