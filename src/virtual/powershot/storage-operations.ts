/** Storages of a PowerShot: its card, and under release control the memory for pictures. */
import { Response, StorageInfo, U32Array } from '../../ptp/index.ts';
import { type Operation, Refusal } from '../responder/transaction.ts';
import type { PowerShotBody } from './body.ts';
import { MEMORY_STORAGE } from './release.ts';

const UNKNOWN = 0xffffffff;
/** Built-in memory, of a kind of its own (SD100). */
const MEMORY: StorageInfo = {
  storageType: 3,
  filesystemType: 0x8001,
  accessCapability: 0,
  maxCapacity: 0n,
  freeSpaceInBytes: 0n,
  freeSpaceInImages: UNKNOWN,
  storageDescription: '',
  volumeLabel: 'V',
};

/** A slot without a card is no storage. */
export function getStorageIds(body: PowerShotBody): Operation {
  return {
    params: 0,
    async run(transaction) {
      const cards = body.parts.objects.slots.ids().filter((id) => (id & 0xffff) !== 0);
      const ids = body.releaseControl ? [...cards, MEMORY_STORAGE] : cards;
      await transaction.send(U32Array.encode(ids));
      return undefined;
    },
  };
}

export function getStorageInfo(body: PowerShotBody): Operation {
  return {
    params: 1,
    async run(transaction) {
      const [id = 0] = transaction.params;
      const info = id === MEMORY_STORAGE ? memory(body) : await card(body, id);
      await transaction.send(StorageInfo.encode(info));
      return undefined;
    },
  };
}

function memory(body: PowerShotBody): StorageInfo {
  if (!body.releaseControl) throw new Refusal(Response.Invalid_StorageID);
  return MEMORY;
}

async function card(body: PowerShotBody, id: number): Promise<StorageInfo> {
  const { slots } = body.parts.objects;
  await slots.ready();
  const { store, access } = slots.card(id);
  const { capacity, free } = await store.space();
  return {
    storageType: 4,
    filesystemType: 3,
    accessCapability: access === 'read-write' ? 0 : access === 'read-only' ? 1 : 2,
    maxCapacity: BigInt(capacity),
    freeSpaceInBytes: BigInt(free),
    freeSpaceInImages: body.shotsLeft(),
    storageDescription: '',
    volumeLabel: slots.slot(id).model.label,
  };
}
