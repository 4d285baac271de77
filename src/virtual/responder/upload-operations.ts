/** SendObjectInfo and SendObject: files that a computer puts onto a card. */
import {
  type ObjectInfo as Info,
  MtpResponse,
  ObjectFormat,
  ObjectInfo,
  Response,
  Operation as Standard,
} from '../../ptp/index.ts';
import type { CardCatalogue } from '../card/catalogue.ts';
import type { CardSlots } from '../card/slots.ts';
import { type Operation, Refusal, receive } from './transaction.ts';

/** Larger than any ObjectInfo. */
const INFO_LIMIT = 4096;

/** 4 GiB or more, for which FAT has no room. */
const SIZE_ELSEWHERE = 0xffffffff;

export interface UploadRules {
  /** What every uploaded file is shown as. */
  format: number;
  /** Second parameters of SendObjectInfo; all of them mean the root. */
  parents: readonly number[];
}

export interface UploadContext {
  slots: CardSlots;
  /** Undefined: the body lists the operations and takes nothing. */
  rules: UploadRules | undefined;
  now(): number;
  /** Nothing fits, whatever the card says. */
  full(): boolean;
  onContentChanged(storageId: number): Promise<void>;
}

interface Pending {
  card: CardCatalogue;
  name: string;
  size: number;
  handle: number;
  group: number;
}

export class Uploads {
  #context: UploadContext;
  #pending: Pending | undefined;

  constructor(context: UploadContext) {
    this.#context = context;
  }

  /** Anything between the two operations makes the body forget the first. */
  onOperation(code: number): void {
    if (code !== Standard.SendObject) this.#pending = undefined;
  }

  forget(): void {
    this.#pending = undefined;
  }

  get operations(): [number, Operation][] {
    return [
      [
        Standard.SendObjectInfo,
        {
          takesData: true,
          params: 2,
          run: async (transaction) => {
            const bytes = await receive(transaction, INFO_LIMIT);
            return this.#announce(transaction.params, bytes);
          },
        },
      ],
      [
        Standard.SendObject,
        {
          takesData: true,
          params: 0,
          run: async ({ data }) => {
            await this.#write(data);
            return undefined;
          },
        },
      ],
    ];
  }

  async #announce(params: readonly number[], bytes: Uint8Array): Promise<readonly number[]> {
    const { slots, rules } = this.#context;
    if (!rules) throw new Refusal(Response.Access_Denied);
    const [storageId = 0, parent = 0] = params;
    await slots.ready();
    const card = storageId === 0 ? slots.current()?.catalogue : slots.card(storageId);
    if (!card) throw new Refusal(Response.Store_Not_Available);
    if (!rules.parents.includes(parent)) throw new Refusal(Response.Parameter_Not_Supported);
    const info = ObjectInfo.decode(bytes);
    if (info.objectFormat === ObjectFormat.Association) throw new Refusal(Response.Access_Denied);
    if (card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
    const name = fileName(info);
    // What an IXUS 180 answers to a name that is there already.
    if (hasName(card, name)) throw new Refusal(Response.Parameter_Not_Supported);
    const size = info.objectCompressedSize;
    if (size === SIZE_ELSEWHERE) throw new Refusal(MtpResponse.Object_Too_Large);
    await this.#requireRoom(card, size);
    const { handle, group } = card.reserve(name);
    this.#pending = { card, name, size, handle, group };
    if (size === 0) await this.#store(this.#pending, new Uint8Array(0));
    return [card.storageId, 0, handle];
  }

  async #write(data: AsyncIterable<Uint8Array>): Promise<void> {
    const pending = this.#pending;
    if (!pending) throw new Refusal(Response.No_Valid_ObjectInfo);
    const { card, size } = pending;
    if (this.#context.slots.current()?.catalogue !== card) {
      throw new Refusal(Response.Store_Not_Available);
    }
    if (size === 0) {
      for await (const chunk of data) {
        if (chunk.length > 0) throw new Refusal(Response.Store_Full);
      }
    } else await this.#store(pending, exactly(data, size));
    this.#pending = undefined;
  }

  async #store(pending: Pending, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const { card, name, size, handle, group } = pending;
    await card.writeRoot({ name, size, handle, group, time: this.#context.now() }, content);
    await this.#context.onContentChanged(card.storageId);
  }

  async #requireRoom(card: CardCatalogue, size: number): Promise<void> {
    const { free } = await card.store.space();
    if (size > free || this.#context.full()) throw new Refusal(Response.Store_Full);
  }
}

/** Passes on what was announced: more than that has no room, less is not the whole. */
async function* exactly(data: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of data) {
    left -= chunk.length;
    if (left < 0) throw new Refusal(Response.Store_Full);
    yield chunk;
  }
  if (left > 0) throw new Refusal(Response.Incomplete_Transfer);
}

/** What FAT has no room for in a name. */
const FORBIDDEN = /[\p{Cc}/\\:*?"<>|]/u;

function fileName({ filename }: Info): string {
  if (filename === '' || /^\.+$/.test(filename) || FORBIDDEN.test(filename)) {
    throw new Refusal(Response.Access_Denied);
  }
  return filename;
}

/** A card does not tell upper and lower case apart. */
function hasName(card: CardCatalogue, name: string): boolean {
  const wanted = name.toLowerCase();
  return card.children(0).some((object) => object.name.toLowerCase() === wanted);
}
