/** Listing and reading on EOS bodies: a whole folder in one transaction. */
import {
  CanonObjectFormat,
  DirectoryEntrySize,
  decodeDirectory,
  type EosObject,
  EosOperation,
  ObjectFlag,
} from '../../canon/ptp/index.ts';
import { ALL, ObjectFormat, Operation, type PtpSession } from '../../ptp/index.ts';
import { hasQuirk } from './eos-quirks.ts';
import {
  type Entry,
  FOUR_GIB,
  SIZE_ELSEWHERE,
  type StorageMethods,
  standardMethods,
  withTrueSizes,
} from './storage-methods.ts';

/** Largest answer asked for, as EOS Utility and libgphoto2 ask. */
const MAX_ANSWER_64 = 0x00200000;
const MAX_ANSWER = 0x00100000;

/** The fewest operations that this body lists for the purpose. */
export function eosMethods(session: PtpSession): StorageMethods {
  const standard = { ...withLargeParts(session, standardMethods(session)), ...marks(session) };
  const wide = hasQuirk(session.deviceInfo, 'listsWide');
  if (!wide && !hasQuirk(session.deviceInfo, 'listsFolders')) return standard;
  return {
    ...standard,
    async children(storageId, parent, signal) {
      const folder = parent === 0 ? ALL : parent;
      const { data } = wide
        ? await session.call(EosOperation.GetObjectInfoEx64, [storageId, folder, MAX_ANSWER_64], {
            signal,
          })
        : await session.call(EosOperation.GetObjectInfoEx, [storageId, folder, MAX_ANSWER], {
            signal,
          });
      const size = wide ? DirectoryEntrySize.Bits64 : DirectoryEntrySize.Bits32;
      // As much as was allowed: there may be more, and no way to ask for it so.
      if (data.length + size > (wide ? MAX_ANSWER_64 : MAX_ANSWER)) {
        return standard.children(storageId, parent, signal);
      }
      const entries = decodeDirectory(data, size).map((object) => entryOf(object, parent));
      return wide ? entries : withTrueSizes(session, entries, signal);
    },
  };
}

/**
 * Protection where the standard's operation is missing, and the mark of what is new: one operation
 * sets both. Uploads: a body that lists the format 0xBF01 takes files in its root only so, and only
 * where it may choose the place itself (IXUS 180).
 */
function marks(session: PtpSession): Partial<StorageMethods> {
  const upload = {
    format: CanonObjectFormat.CanonInternal1,
    place: { storageId: 0, parent: 0 },
  };
  const takesUploads = hasQuirk(session.deviceInfo, 'takesUploads');
  const methods: Partial<StorageMethods> = {
    uploadFormat: (toRoot) => (takesUploads && toRoot ? upload : undefined),
  };
  if (!session.supports(EosOperation.SetObjectAttributes)) return methods;
  const set = async (handle: number, flags: number, signal: AbortSignal | undefined) => {
    await session.call(EosOperation.SetObjectAttributes, [handle, flags], { signal });
  };
  methods.markDownloaded = (object, signal) =>
    set(object.handle, object.protected ? ObjectFlag.Protected : 0, signal);
  if (!session.supports(Operation.SetObjectProtection)) {
    methods.protect = (object, on, signal) =>
      set(
        object.handle,
        (on ? ObjectFlag.Protected : 0) | (object.isNew ? ObjectFlag.New : 0),
        signal,
      );
  }
  return methods;
}

/** Beyond 4 GiB, where the offset of the standard's operation ends. */
function withLargeParts(session: PtpSession, standard: StorageMethods): StorageMethods {
  const { readPart } = standard;
  if (!readPart || !hasQuirk(session.deviceInfo, 'readsWide')) return standard;
  return {
    ...standard,
    reach: undefined,
    async readPart(handle, offset, size, sink, signal) {
      if (offset < FOUR_GIB) return readPart(handle, offset, size, sink, signal);
      const place = [offset % FOUR_GIB, Math.floor(offset / FOUR_GIB)];
      await session.call(EosOperation.GetPartialObjectEx64, [handle, ...place, size], {
        sink,
        priority: 'background',
        signal,
      });
    },
  };
}

function entryOf(object: EosObject, parent: number): Entry {
  const folder = object.format === ObjectFormat.Association;
  return {
    handle: object.handle,
    storageId: object.storageId,
    // Bodies put other words here for the root; the folder that was asked for is certain.
    parent,
    kind: folder ? 'folder' : 'file',
    name: object.name,
    format: object.format,
    // All ones in 64 bits.
    size: folder ? 0 : Number.isSafeInteger(object.size) ? object.size : SIZE_ELSEWHERE,
    date: object.time === 0 ? undefined : new Date(object.time * 1000).toISOString().slice(0, 19),
    protected: (object.flags & ObjectFlag.Protected) !== 0,
    isNew: folder ? undefined : (object.flags & ObjectFlag.New) !== 0,
  };
}
