/**
 * An EOS body tells each event once, to whoever asks. Here one asks for all: each client has a queue
 * of its own, which begins as the body's does, with everything that the body has said of itself. What
 * several clients switch on and off each sees as if it was alone: see SharedBits.
 */
import { concat } from '../base/byte-stream.ts';
import { ProtocolError } from '../bytes/index.ts';
import { EosRecord, encodeEvents, walkEvents } from '../canon/ptp/index.ts';
import { PriorityQueue } from '../ptp/queue.ts';
import { SharedBits } from './shared-bits.ts';
import type { Client } from './sharing.ts';
import { Turns } from './turns.ts';

/** A client that asks for nothing more is told how things are instead, when it does. */
const QUEUE_LIMIT = 4 << 20;

const NO_MORE = encodeEvents([]);
/** Of a record: u32 size, u32 code, u32 property, the value. */
const CODE_OFFSET = 4;
const PROPERTY_OFFSET = 8;
const VALUE_OFFSET = 12;

export class EventQueue {
  readonly client: Client;
  #share: EventShare;
  #records: Uint8Array[] = [];
  #size = 0;

  constructor(share: EventShare, client: Client, first: readonly Uint8Array[]) {
    this.#share = share;
    this.client = client;
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
    this.#add(this.#share.all(this.client));
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
  #turns: Turns;
  readonly bits = new SharedBits();
  /** One after the other they are set: what to send depends on what is set. */
  readonly settingBits = new PriorityQueue();
  /** The newest record of each property's value, and of what it may be set to. */
  #state = new Map<string, Uint8Array>();
  /** Announced pictures that nobody has taken from the camera's memory, by handle. */
  #waiting = new Map<number, Uint8Array>();
  #queues = new Set<EventQueue>();

  constructor(turns = new Turns()) {
    this.#turns = turns;
  }

  /** The data of one answer to GetEvent. Records before a fault count: they are not told again. */
  put(data: Uint8Array): { count: number; error: ProtocolError | undefined } {
    const records: Uint8Array[] = [];
    const pictures = new Set<Uint8Array>();
    let error: ProtocolError | undefined;
    try {
      for (const { event, offset, size } of walkEvents(data)) {
        const record = data.slice(offset, offset + size);
        records.push(record);
        if (event.kind === 'propValue' || event.kind === 'availList') {
          this.#state.set(`${event.kind} ${event.property}`, record);
        } else if (event.kind === 'requestTransfer') {
          this.#waiting.set(event.request.handle, record);
          pictures.add(record);
        }
      }
    } catch (fault) {
      if (!(fault instanceof ProtocolError)) throw fault;
      error = fault;
    }
    this.#tell(records, pictures);
    return { count: records.length, error };
  }

  knows(property: number): boolean {
    return this.#state.has(`propValue ${property}`);
  }

  /** A property's value as it is now. */
  valueOf(property: number): Uint8Array | undefined {
    return this.#state.get(`propValue ${property}`)?.subarray(VALUE_OFFSET);
  }

  /** As a number; undefined where the body has not told it, or tells no number. */
  numberOf(property: number): number | undefined {
    const value = this.valueOf(property);
    if (value?.length !== 4) return undefined;
    return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  }

  /** The body has taken a value, and will tell so. */
  note(property: number, value: number): void {
    const record = this.#state.get(`propValue ${property}`);
    if (record) this.#state.set(`propValue ${property}`, withValue(record, value));
  }

  /** Tells everybody a property once more: what they see of it has changed. */
  retell(property: number): void {
    const record = this.#state.get(`propValue ${property}`);
    if (record) this.#tell([record]);
  }

  taken(handle: number): void {
    this.#waiting.delete(handle);
  }

  /** Pictures that wait are told only to one who is alone: otherwise somebody is at them. */
  join(client: Client = {}): EventQueue {
    const waiting = this.#queues.size === 0 ? this.#waiting.values() : [];
    const queue = new EventQueue(this, client, [...this.all(client), ...waiting]);
    this.#queues.add(queue);
    return queue;
  }

  leave(queue: EventQueue): void {
    this.#queues.delete(queue);
  }

  /** How everything is for a client, as records. */
  all(client: Client): Uint8Array[] {
    return [...this.#state].map(([key, record]) =>
      key.startsWith('propValue') ? this.#seen(record, client) : record,
    );
  }

  #tell(records: readonly Uint8Array[], pictures: ReadonlySet<Uint8Array> = new Set()): void {
    for (const queue of this.#queues) {
      const { client } = queue;
      const toldOfPictures = this.#turns.isToldOfPicture(client);
      const told = records.filter((record) => toldOfPictures || !pictures.has(record));
      queue.push(told.map((record) => this.#seen(record, client)));
    }
  }

  #seen(record: Uint8Array, client: Client): Uint8Array {
    if (record.length !== VALUE_OFFSET + 4) return record;
    const view = new DataView(record.buffer, record.byteOffset);
    const property = view.getUint32(PROPERTY_OFFSET, true);
    if (
      view.getUint32(CODE_OFFSET, true) !== EosRecord.PropValueChanged ||
      !this.bits.isShared(property)
    )
      return record;
    const value = view.getUint32(VALUE_OFFSET, true);
    const seen = this.bits.seen(client, property, value);
    return seen === value ? record : withValue(record, seen);
  }
}

function withValue(record: Uint8Array, value: number): Uint8Array {
  const copy = record.slice();
  if (copy.length === VALUE_OFFSET + 4) {
    new DataView(copy.buffer).setUint32(VALUE_OFFSET, value, true);
  }
  return copy;
}
