/** How the storage of a PTP body is listed, read and changed; drivers exchange what differs. */
import { ProtocolError } from '../../bytes/index.ts';
import {
  ALL,
  type DataSink,
  DataType,
  MtpOperation,
  MtpResponse,
  ObjectFormat,
  type ObjectInfo,
  type ObjectPropElement,
  ObjectProperty,
  Operation,
  type PtpSession,
  parseDateTime,
  Response,
  ResponseError,
} from '../../ptp/index.ts';
import type { CameraObject } from '../camera.ts';

/** What 32 bits say of the size of a larger file. */
export const SIZE_ELSEWHERE = 0xffffffff;

/** Where the offsets of the standard's partial reads end. */
export const FOUR_GIB = 2 ** 32;

/** What a listing yields before paths are known. */
export type Entry = Omit<CameraObject, 'path'>;

/** How a driver lists and reads; the rest is common. */
export interface StorageMethods {
  /** Direct children; parent 0 is the root. */
  children(storageId: number, parent: number, signal: AbortSignal | undefined): Promise<Entry[]>;
  /** At most `size` bytes from `offset` into the sink. */
  readPart?: ReadPart;
  /** The largest file that `readPart` reads to its end, in bytes; any where it is absent. */
  reach?: number | undefined;
  protect?(object: CameraObject, on: boolean, signal: AbortSignal | undefined): Promise<void>;
  markDownloaded?(object: CameraObject, signal: AbortSignal | undefined): Promise<void>;
  /** Storages that are no card: memory, in which pictures wait. */
  isMemory?(storageId: number): boolean;
  /** What a body wants uploads to be, where it wants something of its own. */
  uploadFormat?(
    toRoot: boolean,
  ): { format: number; place: { storageId: number; parent: number } } | undefined;
}

export type ReadPart = (
  handle: number,
  offset: number,
  size: number,
  sink: DataSink,
  signal: AbortSignal | undefined,
) => Promise<void>;

type Children = StorageMethods['children'];

/** Everything that the standard offers and the body lists. */
export function standardMethods(session: PtpSession): StorageMethods {
  const one = childrenByInfo(session);
  return {
    children: session.supports(MtpOperation.GetObjectPropList)
      ? childrenByPropList(session, one)
      : one,
    ...(session.supports(Operation.GetPartialObject) && {
      readPart: partReader(session),
      reach: FOUR_GIB,
    }),
    ...(session.supports(Operation.SetObjectProtection) && {
      async protect(object, on, signal) {
        await session.setObjectProtection(object.handle, on ? 1 : 0, { signal });
      },
    }),
  };
}

/**
 * Children by GetObjectHandles and one GetObjectInfo each. EOS bodies answer a question for the root
 * with the whole tree, others ignore the parent: what lies elsewhere is filtered out.
 */
function childrenByInfo(session: PtpSession): Children {
  return async (storageId, parent, signal) => {
    const entries: Entry[] = [];
    for (const handle of await childHandles(session, storageId, parent, signal)) {
      const info = await session.getObjectInfo(handle, { signal });
      const itsParent =
        info.parentObject === storageId || info.parentObject === handle ? 0 : info.parentObject;
      if (itsParent === parent) entries.push(entryOf(handle, info));
    }
    return withTrueSizes(session, entries, signal);
  };
}

/** Sizes that 32 bits do not hold, and those that were left out, by the property of 64 bits. */
export async function withTrueSizes(
  session: PtpSession,
  entries: Entry[],
  signal: AbortSignal | undefined,
): Promise<Entry[]> {
  if (!session.supports(MtpOperation.GetObjectPropValue)) return entries;
  for (const entry of entries) {
    const unknown = entry.size === 0 || entry.size === SIZE_ELSEWHERE;
    if (entry.kind === 'file' && unknown) {
      entry.size = (await sizeByProperty(session, entry.handle, signal)) ?? entry.size;
    }
  }
  return entries;
}

async function sizeByProperty(
  session: PtpSession,
  handle: number,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    const { ObjectSize } = ObjectProperty;
    const type = DataType.UINT64;
    const size = Number(await session.mtp.getObjectPropValue(handle, ObjectSize, type, { signal }));
    return Number.isSafeInteger(size) && size > 0 && size !== SIZE_ELSEWHERE ? size : undefined;
  } catch (error) {
    // No such property for this object, or one of another width: the size stays unknown.
    if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function childHandles(
  session: PtpSession,
  storageId: number,
  parent: number,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  return session.getObjectHandles({ storageId, parent: parent === 0 ? ALL : parent }, { signal });
}

/** Answers with which bodies say that they cannot list so. */
const NO_BULK: readonly number[] = [
  Response.Operation_Not_Supported,
  Response.Parameter_Not_Supported,
  Response.Invalid_ObjectHandle,
  Response.Invalid_Parameter,
  MtpResponse.Specification_By_Group_Unsupported,
  MtpResponse.Specification_By_Depth_Unsupported,
];

/**
 * A whole folder by GetObjectPropList. Many devices answer it with part of the truth, so the first
 * answers are held against GetObjectHandles; a body that fails once is asked object by object.
 */
function childrenByPropList(session: PtpSession, oneByOne: Children): Children {
  let usable = true;
  let checked = false;
  return async (storageId, parent, signal) => {
    if (usable) {
      const entries = await propListEntries(session, storageId, parent, signal);
      if (entries && !checked) {
        const handles = await childHandles(session, storageId, parent, signal);
        const known = new Set(entries.map(({ handle }) => handle));
        usable = handles.length >= entries.length && handles.every((handle) => known.has(handle));
        // An empty folder proves nothing.
        checked = usable && handles.length > 0;
      } else usable = entries !== undefined;
      if (usable && entries) return entries;
    }
    return oneByOne(storageId, parent, signal);
  };
}

/** Undefined where the body refuses, or leaves out what a listing needs. */
async function propListEntries(
  session: PtpSession,
  storageId: number,
  parent: number,
  signal: AbortSignal | undefined,
): Promise<Entry[] | undefined> {
  let elements: ObjectPropElement[];
  try {
    elements = await session.mtp.getObjectPropList({ handle: parent, depth: 1 }, { signal });
  } catch (error) {
    if (error instanceof ResponseError && NO_BULK.includes(error.response)) return undefined;
    throw error;
  }
  const objects = new Map<number, Map<number, ObjectPropElement['value']>>();
  for (const { objectHandle, propertyCode, value } of elements) {
    const object = objects.get(objectHandle) ?? new Map();
    objects.set(objectHandle, object.set(propertyCode, value));
  }
  const entries: Entry[] = [];
  for (const [handle, values] of objects) {
    const name = values.get(ObjectProperty.ObjectFileName);
    const format = values.get(ObjectProperty.ObjectFormat);
    const size = values.get(ObjectProperty.ObjectSize);
    const storage = values.get(ObjectProperty.StorageID);
    if (typeof name !== 'string' || typeof format !== 'number' || size === undefined) {
      return undefined;
    }
    if (handle === parent || (storage !== undefined && storage !== storageId)) continue;
    const folder = format === ObjectFormat.Association;
    entries.push({
      handle,
      storageId,
      parent,
      kind: folder ? 'folder' : 'file',
      name,
      format,
      size: folder ? 0 : Number(size),
      date: isoDate(
        String(
          values.get(ObjectProperty.DateModified) ?? values.get(ObjectProperty.DateCreated) ?? '',
        ),
      ),
      protected: (Number(values.get(ObjectProperty.ProtectionStatus) ?? 0) & 1) !== 0,
      isNew: undefined,
    });
  }
  return entries;
}

function partReader(session: PtpSession): ReadPart {
  return async (handle, offset, size, sink, signal) => {
    await session.call(Operation.GetPartialObject, [handle, offset, size], {
      sink,
      priority: 'background',
      signal,
    });
  };
}

export function entryOf(handle: number, info: ObjectInfo): Entry {
  const folder = info.objectFormat === ObjectFormat.Association;
  return {
    handle,
    storageId: info.storageId,
    parent: info.parentObject,
    kind: folder ? 'folder' : 'file',
    name: info.filename,
    format: info.objectFormat,
    size: folder ? 0 : info.objectCompressedSize,
    date: isoDate(info.modificationDate) ?? isoDate(info.captureDate),
    protected: (info.protectionStatus & 1) !== 0,
    isNew: undefined,
  };
}

/** "20120202T141654.0" -> "2012-02-02T14:16:54", still without a zone. */
function isoDate(text: string): string | undefined {
  const date = parseDateTime(text);
  if (!date) return undefined;
  const two = (n: number) => String(n).padStart(2, '0');
  return (
    `${String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}` +
    `T${two(date.hour)}:${two(date.minute)}:${two(date.second)}`
  );
}

const FORMATS: Readonly<Record<string, number>> = {
  jpg: ObjectFormat.EXIF_JPEG,
  jpeg: ObjectFormat.EXIF_JPEG,
  tif: ObjectFormat.TIFF,
  tiff: ObjectFormat.TIFF,
  png: ObjectFormat.PNG,
  gif: ObjectFormat.GIF,
  bmp: ObjectFormat.BMP,
  txt: ObjectFormat.Text,
  html: ObjectFormat.HTML,
  wav: ObjectFormat.WAV,
  avi: ObjectFormat.AVI,
  mrk: ObjectFormat.DPOF,
};

/** Object format by the extension of a name; 0x3000 for what is not known. */
export function formatOfName(name: string): number {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return FORMATS[extension] ?? ObjectFormat.Undefined;
}
