/** Listing and reading on PowerShots: a folder in two transactions, the mark of what is new. */
import { ProtocolError, Reader } from '../../bytes/index.ts';
import { FolderEntry, ObjectFlag, PowerShotOperation } from '../../canon/ptp/index.ts';
import { ALL, ObjectFormat, Operation, type PtpSession, ResponseError } from '../../ptp/index.ts';
import {
  type Entry,
  FOUR_GIB,
  type ReadPart,
  type StorageMethods,
  standardMethods,
} from './storage-methods.ts';

/** Where pictures for the computer wait, under release control. */
export const MEMORY_STORAGE = 0x80000001;
/** Last parameter of GetPartialObjectEx: which part of the object it is. */
const Position = { First: 1, Middle: 2, Last: 3 } as const;

export function powerShotMethods(session: PtpSession): StorageMethods {
  const standard = standardMethods(session);
  const { readPart = partReader(session) } = standard;
  return {
    ...standard,
    ...(readPart && { readPart, reach: FOUR_GIB }),
    isMemory: (storageId) => storageId === MEMORY_STORAGE,
    children: childrenByEntries(session, standard.children),
    ...(session.supports(PowerShotOperation.SetObjectArchive) && {
      async markDownloaded(object, signal) {
        const flags = object.protected ? ObjectFlag.Protected : 0;
        await session.call(PowerShotOperation.SetObjectArchive, [object.handle, flags], { signal });
      },
    }),
  };
}

/** Where the standard's partial read is missing. */
function partReader(session: PtpSession): ReadPart | undefined {
  if (!session.supports(PowerShotOperation.GetPartialObjectEx)) return undefined;
  return async (handle, offset, size, sink, signal) => {
    // Nobody here knows the end of the object; cameras answer the same whatever it says.
    const position = offset === 0 ? Position.First : Position.Middle;
    const params = [handle, offset, size, position];
    const options = { sink, priority: 'background', signal } as const;
    await session.call(PowerShotOperation.GetPartialObjectEx, params, options);
  };
}

/**
 * Children by GetObjectInfoEx (0x9021), which is known to tell of a single object (libgphoto2 asks
 * so); of a whole folder it is believed only where it names those that GetObjectHandles names.
 */
function childrenByEntries(
  session: PtpSession,
  standard: StorageMethods['children'],
): StorageMethods['children'] {
  let trusted = session.supports(PowerShotOperation.GetObjectInfoEx);
  return async (storageId, parent, signal) => {
    if (!trusted || !session.supports(Operation.GetObjectHandles)) {
      return standard(storageId, parent, signal);
    }
    const handles = await session.getObjectHandles(
      { storageId, parent: parent === 0 ? ALL : parent },
      { signal },
    );
    const entries = await folderEntries(session, storageId, parent, signal);
    const named = new Set(entries?.map(({ handle }) => handle));
    if (entries?.length === handles.length && handles.every((handle) => named.has(handle))) {
      return entries;
    }
    trusted = false;
    return standard(storageId, parent, signal);
  };
}

async function folderEntries(
  session: PtpSession,
  storageId: number,
  parent: number,
  signal: AbortSignal | undefined,
): Promise<Entry[] | undefined> {
  try {
    const { GetObjectInfoEx } = PowerShotOperation;
    const { data } = await session.call(GetObjectInfoEx, [storageId, 0, parent, 0], { signal });
    const reader = new Reader(data, 'folder entries');
    const entries: Entry[] = [];
    while (reader.remaining > 0) {
      entries.push(entryOf(FolderEntry.read(reader), storageId, parent));
    }
    return entries;
  } catch (error) {
    if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function entryOf(entry: FolderEntry, storageId: number, parent: number): Entry {
  const { handle, format, flags, size, time, name } = entry;
  const folder = format === ObjectFormat.Association;
  return {
    handle,
    storageId,
    parent,
    kind: folder ? 'folder' : 'file',
    name,
    format,
    size: folder ? 0 : size,
    date: time === 0 ? undefined : new Date(time * 1000).toISOString().slice(0, 19),
    protected: (flags & ObjectFlag.Protected) !== 0,
    isNew: folder ? undefined : (flags & ObjectFlag.New) !== 0,
  };
}
