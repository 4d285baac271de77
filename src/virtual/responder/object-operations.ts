/** Operations on objects: counting, listing, reading, deleting. */
import { Writer } from '../../bytes/index.ts';
import { ObjectFlag } from '../../canon/ptp/index.ts';
import {
  type DataSource,
  formatDateTime,
  ObjectFormat,
  ObjectInfo,
  Response,
  U32Array,
} from '../../ptp/index.ts';
import type { CardCatalogue, CardObject } from '../card/catalogue.ts';
import type { FoundObject, Objects } from '../card/objects.ts';
import { ALL_STORAGES } from '../card/slots.ts';
import { type Operation, Refusal } from './transaction.ts';

const ALL = 0xffffffff;
const ROOT = 0xffffffff;
/** Sizes that do not fit into 32 bits. */
const TOO_LARGE = 0xffffffff;

export interface ObjectContext {
  objects: Objects;
  /** Formats that may be filtered by. */
  formats: readonly number[];
  /** The contents of this storage changed by order of the initiator. */
  onContentChanged(storageId: number): Promise<void>;
}

export function getNumObjects(context: ObjectContext): Operation {
  return {
    params: 3,
    async run({ params }) {
      await context.objects.slots.ready();
      return [select(context, params).length];
    },
  };
}

export function getObjectHandles(context: ObjectContext): Operation {
  return {
    params: 3,
    async run(transaction) {
      await context.objects.slots.ready();
      const handles = select(context, transaction.params).map(({ handle }) => handle);
      await transaction.send(U32Array.encode(handles));
      return undefined;
    },
  };
}

/**
 * `trailingBytes` follow the dataset: an EOS R ends the answer to 0x9170 with four, perhaps the
 * upper half of the size.
 */
export function getObjectInfo(context: ObjectContext, wide = false): Operation {
  return {
    params: 1,
    async run(transaction) {
      const { objects } = context;
      await objects.slots.ready();
      const found = objects.find(transaction.params[0] ?? 0);
      const writer = new Writer();
      ObjectInfo.write(writer, await objectInfo(objects, found));
      if (wide) writer.u32(Math.floor(found.object.size / 2 ** 32));
      await transaction.send(writer.finish());
      return undefined;
    },
  };
}

export function getObject(context: ObjectContext): Operation {
  return {
    params: 1,
    async run(transaction) {
      await context.objects.slots.ready();
      const found = context.objects.file(transaction.params[0] ?? 0);
      await transaction.send(range(found, 0, found.object.size));
      return undefined;
    },
  };
}

export interface RangeParams {
  offset: number;
  size: number;
}

/** Where the operations of this kind differ is the order of their parameters. */
export function getPartialObject(
  context: ObjectContext,
  paramCount: number,
  read: (params: readonly number[]) => RangeParams,
): Operation {
  return {
    params: paramCount,
    async run(transaction) {
      await context.objects.slots.ready();
      const found = context.objects.file(transaction.params[0] ?? 0);
      const { offset, size } = read(transaction.params);
      const length = Math.max(0, Math.min(size, found.object.size - offset));
      await transaction.send(range(found, offset, length));
      return [length];
    },
  };
}

/** GetThumb and GetThumbEx; `limited`: the second parameter is the largest size. */
export function getThumb(context: ObjectContext, limited = false): Operation {
  return {
    params: limited ? 2 : 1,
    async run(transaction) {
      const { objects } = context;
      await objects.slots.ready();
      const [handle = 0, limit = 0] = transaction.params;
      const found = objects.find(handle);
      const thumbnail = (await objects.head(found))?.thumbnail;
      if (!thumbnail) throw new Refusal(Response.No_Thumbnail_Present);
      if (limited && limit !== 0 && thumbnail.size > limit) {
        throw new Refusal(Response.Invalid_Parameter);
      }
      await transaction.send(range(found, thumbnail.offset, thumbnail.size));
      return undefined;
    },
  };
}

export function deleteObject(context: ObjectContext): Operation {
  return {
    params: 2,
    async run({ params }) {
      const { objects } = context;
      await objects.slots.ready();
      const [handle = 0, format = 0] = params;
      const targets =
        handle === ALL
          ? objects.slots.cards(ALL_STORAGES).flatMap((card) => everyFile(card, context, format))
          : tree(objects.find(handle));
      const readOnly = targets.some(({ card }) => card.access === 'read-only');
      if (readOnly) throw new Refusal(Response.Store_Read_Only);
      let kept = 0;
      for (const { card, object } of targets) {
        if (object.kind === 'file' && object.flags & ObjectFlag.Protected) kept++;
        // A folder that still holds something stays.
        else if (!card.isEmpty(object.handle)) kept++;
        else await card.remove(object);
      }
      for (const card of new Set(targets.map((target) => target.card))) {
        await context.onContentChanged(card.storageId);
      }
      if (kept === 0) return undefined;
      throw new Refusal(
        targets.length === 1 ? Response.Object_WriteProtected : Response.Partial_Deletion,
      );
    },
  };
}

/** Only 0, none, and 1, read-only, are protections that a card knows. */
export function setObjectProtection({ objects }: ObjectContext): Operation {
  return {
    params: 2,
    async run({ params }) {
      await objects.slots.ready();
      const [handle = 0, status = 0] = params;
      const { card, object } = objects.find(handle);
      if (status > 1) throw new Refusal(Response.Invalid_Parameter);
      if (!card) throw new Refusal(Response.Access_Denied);
      if (card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
      card.setFlags(object, (object.flags & ~ObjectFlag.Protected) | status);
      return undefined;
    },
  };
}

interface OnCard {
  card: CardCatalogue;
  object: CardObject;
}

function everyFile(card: CardCatalogue, context: ObjectContext, format: number): OnCard[] {
  checkFormat(context, format);
  return card
    .all()
    .filter((object) => object.kind === 'file' && isOfFormat(object, format))
    .map((object) => ({ card, object }));
}

/** A folder's contents before itself. */
function tree({ card, object }: FoundObject): OnCard[] {
  // A picture in memory goes away by TransferComplete or CancelTransfer.
  if (!card) throw new Refusal(Response.Access_Denied);
  return [...card.all(object.handle).reverse(), object].map((each) => ({
    card,
    object: each,
  }));
}

/** Which objects GetNumObjects and GetObjectHandles speak of. */
function select(context: ObjectContext, params: readonly number[]): CardObject[] {
  const [storageId = 0, format = 0, parent = 0] = params;
  const cards = context.objects.slots.cards(storageId);
  checkFormat(context, format);
  return below(context, cards, parent).filter((object) => isOfFormat(object, format));
}

function below({ objects }: ObjectContext, cards: CardCatalogue[], parent: number): CardObject[] {
  if (parent === 0) return cards.flatMap((card) => card.all());
  if (parent === ROOT) return cards.flatMap((card) => card.children(0));
  const { object, card } = objects.find(parent);
  if (object.kind !== 'folder' || !card) throw new Refusal(Response.Invalid_ParentObject);
  return cards.includes(card) ? card.children(parent) : [];
}

/** 0 is any, 0xFFFFFFFF every image. */
export function isOfFormat(object: CardObject, format: number): boolean {
  if (format === 0) return true;
  return format === ALL ? isImage(object.format) : object.format === format;
}

export function checkFormat({ formats }: ObjectContext, format: number): void {
  if (format === 0 || format === ALL || formats.includes(format)) return;
  if (format > 0xffff) throw new Refusal(Response.Invalid_Code_Format);
  switch (format >> 12) {
    case 3:
      throw new Refusal(Response.Specification_By_Format_Unsupported);
    case 0xb:
      throw new Refusal(Response.Unknown_Vendor_Code);
    default:
      throw new Refusal(Response.Invalid_Code_Format);
  }
}

function isImage(format: number): boolean {
  return (
    (format & 0xff00) === 0x3800 || format === 0xb101 || format === 0xb103 || format === 0xb108
  );
}

/** A part of a file, read only while it is being sent. */
function range({ read }: FoundObject, offset: number, size: number): DataSource {
  return { size, chunks: read(offset, size) };
}

async function objectInfo(objects: Objects, found: FoundObject): Promise<ObjectInfo> {
  const { object } = found;
  const head = await objects.head(found);
  const thumbnail = head?.thumbnail;
  const date = dateOf(object.time);
  return {
    storageId: object.storageId,
    objectFormat: object.format,
    protectionStatus: object.flags & ObjectFlag.Protected,
    objectCompressedSize: Math.min(object.size, TOO_LARGE),
    thumbFormat: thumbnail ? ObjectFormat.JFIF : 0,
    thumbCompressedSize: thumbnail?.size ?? 0,
    thumbPixWidth: thumbnail?.width ?? 0,
    thumbPixHeight: thumbnail?.height ?? 0,
    imagePixWidth: head?.width ?? 0,
    imagePixHeight: head?.height ?? 0,
    imageBitDepth: head ? 24 : 0,
    parentObject: object.parent,
    associationType: object.kind === 'folder' ? 1 : 0,
    associationDesc: 0,
    sequenceNumber: 0,
    filename: object.name,
    captureDate: date,
    modificationDate: date,
    keywords: '',
  };
}

export function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return formatDateTime({
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  });
}
