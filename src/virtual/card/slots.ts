/** The card slots of a camera: storage ids, cards put in and taken out, objects by handle. */
import { Response } from '../../ptp/index.ts';
import type { CardSlot, EosModel } from '../models/model.ts';
import { Refusal } from '../responder/transaction.ts';
import type { CardStore } from './card-store.ts';
import { CardCatalogue, type CardObject } from './catalogue.ts';

export const ALL_STORAGES = 0xffffffff;

export interface Slot {
  readonly model: CardSlot;
  /** The card, also while it is out. */
  readonly catalogue: CardCatalogue | undefined;
  inserted: boolean;
}

export class CardSlots {
  readonly slots: readonly Slot[];
  #now: () => number;
  #loading: Promise<void> | undefined;

  /** `cards` are put into the slots in their order; `now` gives seconds of the camera's clock. */
  constructor(
    body: Pick<EosModel, 'slots' | 'folderNames' | 'uploads'>,
    cards: readonly CardStore[],
    now: () => number,
  ) {
    this.#now = now;
    this.slots = body.slots.map((model, i) => {
      const store = cards[i];
      const view = {
        storageId: fullId(model),
        handles: model.handles,
        folderNames: body.folderNames,
        rootFormat: body.uploads?.format,
      };
      const catalogue = store && new CardCatalogue(store, view);
      return { model, catalogue, inserted: catalogue !== undefined };
    });
  }

  /** Reads the cards, once; everything else needs it done. */
  ready(): Promise<void> {
    this.#loading ??= this.reload();
    return this.#loading;
  }

  /** Reads the cards anew: a folder on disk may have changed. */
  async reload(): Promise<void> {
    for (const { catalogue } of this.slots) await catalogue?.load(this.#now());
  }

  /** Low half 0: a slot without a card. */
  ids(): number[] {
    return this.slots.map(({ model, inserted }) => (inserted ? fullId(model) : emptyId(model)));
  }

  /** The card that new pictures go to. */
  current(): Slot | undefined {
    return this.slots.find(({ inserted }) => inserted);
  }

  /** The slot of a storage id, with or without a card; refuses ids that no slot has. */
  slot(storageId: number): Slot {
    const slot = this.slots.find(({ model }) => model.number === storageId >>> 16);
    const low = storageId & 0xffff;
    if (!slot || storageId === ALL_STORAGES || low > 1) {
      throw new Refusal(Response.Invalid_StorageID);
    }
    // An id that was valid while the card was in, or will be once it is.
    if (low === 1 && !slot.inserted) throw new Refusal(Response.Store_Not_Available);
    return slot;
  }

  /** The card with this storage id. */
  card(storageId: number): CardCatalogue {
    const { catalogue, inserted } = this.slot(storageId);
    if (!catalogue || !inserted || (storageId & 0xffff) === 0) {
      throw new Refusal(Response.Store_Not_Available);
    }
    return catalogue;
  }

  /** Cards that a request speaks of: one storage, or all; a slot without a card is no card. */
  cards(storageId: number): CardCatalogue[] {
    const slots = storageId === ALL_STORAGES ? this.slots : [this.slot(storageId)];
    return slots.flatMap(({ catalogue, inserted }) => (catalogue && inserted ? [catalogue] : []));
  }

  find(handle: number): { card: CardCatalogue; object: CardObject } | undefined {
    for (const card of this.cards(ALL_STORAGES)) {
      const object = card.get(handle);
      if (object) return { card, object };
    }
    return undefined;
  }
}

function fullId(model: CardSlot): number {
  return model.number * 0x10000 + 1;
}

function emptyId(model: CardSlot): number {
  return model.number * 0x10000;
}
