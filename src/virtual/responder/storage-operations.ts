/** Operations on storages: what cards there are, and formatting them. */
import { Writer } from '../../bytes/index.ts';
import { Response, StorageInfo, U32Array } from '../../ptp/index.ts';
import type { CardAccess } from '../card/card-store.ts';
import type { CardSlots } from '../card/slots.ts';
import { type Operation, Refusal, type Transaction } from './transaction.ts';

/** Removable memory, DCF. */
const STORAGE = { storageType: 4, filesystemType: 3 } as const;
const ACCESS: Readonly<Record<CardAccess, number>> = {
  'read-write': 0,
  'read-only': 1,
  'read-and-delete': 2,
};
const UNKNOWN = 0xffffffff;

export interface StorageContext {
  slots: CardSlots;
  /** Seconds of the camera's clock. */
  now(): number;
  /** True while a picture is being taken or written. */
  busy(): boolean;
  /** The contents of this storage changed by order of the initiator. */
  onContentChanged(storageId: number): Promise<void>;
}

export function getStorageIds({ slots }: StorageContext): Operation {
  return {
    params: 0,
    async run(transaction) {
      await transaction.send(U32Array.encode(slots.ids()));
      return undefined;
    },
  };
}

/**
 * `trailingBytes` follow the dataset: 60D, 70D and EOS R end the answer to 0x9102 with two. A slot
 * without a card has capacity 0, as an R6 answers.
 */
export function getStorageInfo(context: StorageContext, trailingBytes = 0): Operation {
  return {
    params: 1,
    async run(transaction) {
      const info = await storageInfo(context.slots, transaction.params[0] ?? 0);
      const writer = new Writer();
      StorageInfo.write(writer, info);
      await transaction.send(writer.zeros(trailingBytes).finish());
      return undefined;
    },
  };
}

async function storageInfo(slots: CardSlots, storageId: number): Promise<StorageInfo> {
  await slots.ready();
  const slot = slots.slot(storageId);
  const present = slot.inserted && slot.catalogue;
  if (present && (storageId & 0xffff) === 0) throw new Refusal(Response.Store_Not_Available);
  const { capacity, free } = present ? await present.store.space() : { capacity: 0, free: 0 };
  return {
    ...STORAGE,
    accessCapability: present ? ACCESS[present.access] : 0,
    maxCapacity: BigInt(capacity),
    freeSpaceInBytes: BigInt(free),
    freeSpaceInImages: UNKNOWN,
    storageDescription: slot.model.label,
    volumeLabel: '',
  };
}

export function formatStore(context: StorageContext): Operation {
  return {
    params: 2,
    async run(transaction: Transaction) {
      await context.slots.ready();
      const card = context.slots.card(transaction.params[0] ?? 0);
      if (card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
      if (context.busy()) throw new Refusal(Response.Device_Busy);
      await card.format(context.now());
      await context.onContentChanged(card.storageId);
      return undefined;
    },
  };
}
