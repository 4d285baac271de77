/** Operations of the older Canon extension that all PowerShots list. */
import { Reader, Writer } from '../../bytes/index.ts';
import { CheckedEvent, FolderEntry, PowerShotOperation } from '../../canon/ptp/index.ts';
import { ptpString, Response } from '../../ptp/index.ts';
import type { CardObject } from '../card/catalogue.ts';
import { ALL_STORAGES } from '../card/slots.ts';
import { type Operation, Refusal, receive } from '../responder/transaction.ts';
import type { BodyEvent, BodyParts } from './body.ts';

const PATH_LIMIT = 1024;
/** Second parameter of GetPartialObjectInfo. */
const THUMBNAIL = 1;

/** What they need of a body. */
export interface OlderBody {
  readonly parts: Pick<BodyParts, 'objects'>;
  /** Events for CheckEvent. */
  readonly keptEvents: BodyEvent[];
}

export function powerShotOperations(body: OlderBody): [number, Operation][] {
  const { objects } = body.parts;
  const ready = () => objects.slots.ready();

  return [
    [
      PowerShotOperation.CheckEvent,
      {
        params: 0,
        async run(transaction) {
          const event = body.keptEvents.shift();
          const { transactionId } = transaction;
          await transaction.send(CheckedEvent.encode(event && { ...event, transactionId }));
          return undefined;
        },
      },
    ],
    [
      PowerShotOperation.GetPartialObjectInfo,
      {
        params: 2,
        async run({ params: [handle = 0, kind = 0] }) {
          await ready();
          const found = objects.file(handle);
          if (kind !== THUMBNAIL) return [Math.min(found.object.size, 0xffffffff), 0];
          const thumbnail = (await objects.head(found))?.thumbnail;
          if (!thumbnail) throw new Refusal(Response.No_Thumbnail_Present);
          return [thumbnail.size, 0];
        },
      },
    ],
    [
      PowerShotOperation.SetObjectArchive,
      {
        params: 2,
        async run({ params: [handle = 0, flags = 0] }) {
          await ready();
          const { card, object } = objects.file(handle);
          if (card && card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
          card?.setFlags(object, flags);
          return undefined;
        },
      },
    ],
    [
      PowerShotOperation.SetObjectTime,
      {
        params: 2,
        async run({ params: [handle = 0, time = 0] }) {
          await ready();
          const { card, object } = objects.find(handle);
          if (card && card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
          card?.setTime(object, time);
          return undefined;
        },
      },
    ],
    [
      PowerShotOperation.GetObjectHandleByName,
      {
        takesData: true,
        params: 0,
        async run(transaction) {
          const bytes = await receive(transaction, PATH_LIMIT);
          await ready();
          const object = byPath(body, textOf(bytes));
          if (!object) throw new Refusal(Response.Invalid_ObjectHandle);
          return [object.handle];
        },
      },
    ],
    [
      PowerShotOperation.GetObjectInfoEx,
      {
        params: 4,
        async run(transaction) {
          await ready();
          const [storageId = 0, , parent = 0, handle = 0] = transaction.params;
          const cards = objects.slots.cards(storageId === 0 ? ALL_STORAGES : storageId);
          const all = cards.flatMap((card) => card.children(parent));
          const entries = handle === 0 ? all : all.filter((object) => object.handle === handle);
          const writer = new Writer(28 * entries.length);
          for (const { short: name, ...entry } of entries) {
            FolderEntry.write(writer, { ...entry, name: name.slice(0, 12) });
          }
          await transaction.send(writer.finish());
          return [entries.length];
        },
      },
    ],
  ];
}

function textOf(bytes: Uint8Array): string {
  return ptpString.read(new Reader(bytes, 'path'));
}

/** "A:\DCIM\100CANON\IMG_0001.JPG", in upper case. */
function byPath(body: OlderBody, path: string): CardObject | undefined {
  const parts = path.split('\\').slice(1);
  for (const card of body.parts.objects.slots.cards(ALL_STORAGES)) {
    let found: CardObject | undefined;
    for (const part of parts) {
      found = card
        .children(found?.handle ?? 0)
        .find(({ short }) => short.toUpperCase() === part.toUpperCase());
      if (!found) break;
    }
    if (found) return found;
  }
  return undefined;
}
