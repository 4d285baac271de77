/**
 * An EOS body tells each event once, to whoever asks. Here one asks for all: each client has a queue
 * of its own, which begins as the body's does, with everything that the body has said of itself.
 */
import { concat } from '../base/byte-stream.ts';
import { ProtocolError } from '../bytes/index.ts';
import { encodeEvents, walkEvents } from '../canon/ptp/index.ts';

/** A client that asks for nothing more is told how things are instead, when it does. */
const QUEUE_LIMIT = 4 << 20;

const NO_MORE = encodeEvents([]);

export class EventQueue {
  #share: EventShare;
  #records: Uint8Array[] = [];
  #size = 0;

  constructor(share: EventShare, first: readonly Uint8Array[]) {
    this.#share = share;
    this.#add(first);
  }

  /** Everything since the last call, as the data of GetEvent. */
  take(): Uint8Array {
    const records = this.#records;
    this.#records = [];
    this.#size = 0;
    return concat([...records, NO_MORE]);
  }

  push(records: readonly Uint8Array[]): void {
    this.#add(records);
    if (this.#size <= QUEUE_LIMIT) return;
    this.#records = [];
    this.#size = 0;
    this.#add(this.#share.all());
  }

  end(): void {
    this.#share.leave(this);
  }

  #add(records: readonly Uint8Array[]): void {
    this.#records.push(...records);
    for (const record of records) this.#size += record.length;
  }
}

export class EventShare {
  /** The newest record of each property's value, and of what it may be set to. */
  #state = new Map<string, Uint8Array>();
  /** Announced pictures that nobody has taken from the camera's memory, by handle. */
  #waiting = new Map<number, Uint8Array>();
  #queues = new Set<EventQueue>();

  /** The data of one answer to GetEvent. Records before a fault count: they are not told again. */
  put(data: Uint8Array): { count: number; error: ProtocolError | undefined } {
    const records: Uint8Array[] = [];
    let error: ProtocolError | undefined;
    try {
      for (const { event, offset, size } of walkEvents(data)) {
        const record = data.slice(offset, offset + size);
        records.push(record);
        if (event.kind === 'propValue' || event.kind === 'availList') {
          this.#state.set(`${event.kind} ${event.property}`, record);
        } else if (event.kind === 'requestTransfer') {
          this.#waiting.set(event.request.handle, record);
        }
      }
    } catch (fault) {
      if (!(fault instanceof ProtocolError)) throw fault;
      error = fault;
    }
    for (const queue of this.#queues) queue.push(records);
    return { count: records.length, error };
  }

  knows(property: number): boolean {
    return this.#state.has(`propValue ${property}`);
  }

  /** The record of a property's value as it is now. */
  valueOf(property: number): Uint8Array | undefined {
    return this.#state.get(`propValue ${property}`);
  }

  taken(handle: number): void {
    this.#waiting.delete(handle);
  }

  /** Pictures that wait are told only to one who is alone: otherwise somebody is at them. */
  join(): EventQueue {
    const waiting = this.#queues.size === 0 ? this.#waiting.values() : [];
    const queue = new EventQueue(this, [...this.all(), ...waiting]);
    this.#queues.add(queue);
    return queue;
  }

  leave(queue: EventQueue): void {
    this.#queues.delete(queue);
  }

  /** How everything is, as records. */
  all(): Uint8Array[] {
    return [...this.#state.values()];
  }
}
