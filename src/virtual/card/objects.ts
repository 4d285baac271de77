/** Objects by handle: files and folders on the cards, and pictures that wait in the camera's memory. */
import { HEAD_BYTES, type JpegHead } from '../../bytes/jpeg-head.ts';
import { Response } from '../../ptp/index.ts';
import { Refusal } from '../responder/transaction.ts';
import { readBytes } from './card-store.ts';
import type { CardCatalogue, CardObject } from './catalogue.ts';
import { readFileHead } from './file-head.ts';
import { ALL_STORAGES, type CardSlots } from './slots.ts';

export interface FoundObject {
  object: CardObject;
  /** Undefined for pictures in memory. */
  card: CardCatalogue | undefined;
  read(offset: number, size: number): AsyncIterable<Uint8Array>;
}

export class Objects {
  readonly slots: CardSlots;
  /** Pictures for the host, until it confirms that it has them. */
  readonly memory = new Map<number, { object: CardObject; bytes: Uint8Array }>();

  constructor(slots: CardSlots) {
    this.slots = slots;
  }

  /** Refuses handles that nothing has. */
  find(handle: number): FoundObject {
    const waiting = this.memory.get(handle);
    if (waiting) {
      const { object, bytes } = waiting;
      return {
        object,
        card: undefined,
        async *read(offset, size) {
          yield bytes.subarray(offset, offset + size);
        },
      };
    }
    const found = this.slots.find(handle);
    if (!found) throw new Refusal(Response.Invalid_ObjectHandle);
    const { card, object } = found;
    return { object, card, read: (offset, size) => this.#readCard(card, object, offset, size) };
  }

  /** As `find`, for what has bytes. */
  file(handle: number): FoundObject {
    const found = this.find(handle);
    if (found.object.kind === 'folder') throw new Refusal(Response.Invalid_ObjectHandle);
    return found;
  }

  /** Pixels and thumbnail of a picture; undefined for anything else. */
  async head({ object, card }: FoundObject): Promise<JpegHead | undefined> {
    if (object.kind === 'folder') return undefined;
    const bytes = card
      ? await readBytes(card.store, object.path, 0, HEAD_BYTES)
      : this.memory.get(object.handle)?.bytes;
    return bytes && readFileHead(bytes);
  }

  async *#readCard(card: CardCatalogue, object: CardObject, offset: number, size: number) {
    for await (const piece of card.store.read(object.path, offset, size)) {
      if (!this.slots.cards(ALL_STORAGES).includes(card)) {
        throw new Refusal(Response.Incomplete_Transfer);
      }
      yield piece;
    }
  }
}
