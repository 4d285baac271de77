/**
 * GetObjectInfoEx (0x9109) and GetObjectInfoEx64 (0x9173): one folder's entries. They are put into
 * bytes once and kept until something in the folder changes.
 */
import { DirectoryEntrySize, EosOperation, encodeDirectory } from '../../canon/ptp/index.ts';
import { Response } from '../../ptp/index.ts';
import { type CardCatalogue, entryOf } from '../card/catalogue.ts';
import { ALL_STORAGES, type CardSlots } from '../card/slots.ts';
import { type Operation, Refusal } from '../responder/transaction.ts';

const ROOT = 0xffffffff;
/** Before the entries: how many there are. */
const COUNT = 4;

export class Directories {
  readonly operations: readonly [number, Operation][];
  #slots: CardSlots;
  #listed: readonly number[];
  #of32 = new Answers(DirectoryEntrySize.Bits32);
  #of64 = new Answers(DirectoryEntrySize.Bits64);

  /** `listed` are the operations of DeviceInfo. */
  constructor(slots: CardSlots, listed: readonly number[]) {
    this.#slots = slots;
    this.#listed = listed;
    this.operations = [
      // Seen: 0 and 0x3C in samples of 0x9109, 0 alone on an EOS R for 0x9173.
      [EosOperation.GetObjectInfoEx, this.#operation(this.#of32, [0, 0x3c])],
      [EosOperation.GetObjectInfoEx64, this.#operation(this.#of64, [0])],
    ];
  }

  /** Makes the answers that a computer will soon ask for; the cards must have been read. */
  prepare(): void {
    const answers = this.#listed.includes(EosOperation.GetObjectInfoEx64) ? this.#of64 : this.#of32;
    for (const card of this.#slots.cards(ALL_STORAGES)) {
      for (const { kind, handle } of card.all()) if (kind === 'folder') answers.of(card, handle);
    }
  }

  /** A storage without a card has no entries. */
  #operation(answers: Answers, params: readonly number[]): Operation {
    return {
      params: 3,
      run: async (transaction) => {
        await this.#slots.ready();
        const [storageId = 0, folder = 0, limit = 0] = transaction.params;
        const cards = this.#slots.cards(storageId);
        const whole =
          folder === ROOT
            ? answers.together(cards, 0)
            : answers.of(cardWithFolder(cards, folder), folder);
        await transaction.send(cut(whole, limit, answers.entrySize));
        return params;
      },
    };
  }
}

class Answers {
  readonly entrySize: DirectoryEntrySize;
  #kept = new WeakMap<CardCatalogue, Map<number, { revision: number; bytes: Uint8Array }>>();

  constructor(entrySize: DirectoryEntrySize) {
    this.entrySize = entrySize;
  }

  /** 0 is the root. */
  of(card: CardCatalogue, folder: number): Uint8Array {
    let folders = this.#kept.get(card);
    if (!folders) {
      folders = new Map();
      this.#kept.set(card, folders);
    }
    const revision = card.revisionOf(folder);
    const kept = folders.get(folder);
    if (kept?.revision === revision) return kept.bytes;
    const bytes = this.together([card], folder);
    folders.set(folder, { revision, bytes });
    return bytes;
  }

  together(cards: readonly CardCatalogue[], folder: number): Uint8Array {
    const entries = cards.flatMap((card) => card.children(folder)).map(entryOf);
    return encodeDirectory(entries, this.entrySize);
  }
}

/** What is behind the largest answer is left out: nothing is known of a way to ask for it. */
function cut(whole: Uint8Array, limit: number, entrySize: number): Uint8Array {
  if (limit === 0 || whole.length <= limit) return whole;
  const most = Math.floor(Math.max(0, limit - COUNT) / entrySize);
  const part = whole.slice(0, COUNT + most * entrySize);
  new DataView(part.buffer).setUint32(0, most, true);
  return part;
}

function cardWithFolder(cards: readonly CardCatalogue[], handle: number): CardCatalogue {
  for (const card of cards) {
    const object = card.get(handle);
    if (!object) continue;
    if (object.kind !== 'folder') throw new Refusal(Response.Invalid_ParentObject);
    return card;
  }
  throw new Refusal(Response.Invalid_ObjectHandle);
}
