/** Listing and reading on EOS bodies: a whole folder in one transaction. */
import {
  DirectoryEntrySize,
  decodeDirectory,
  type EosObject,
  EosOperation,
  ObjectFlag,
} from '../../canon/ptp/index.ts';
import { ALL, ObjectFormat, type PtpSession } from '../../ptp/index.ts';
import { type Entry, type StorageMethods, standardMethods } from './ptp-storage.ts';

/** Largest answer asked for, as EOS Utility and libgphoto2 ask. */
const MAX_ANSWER_64 = 0x00200000;
const MAX_ANSWER = 0x00100000;

const HALF = 2 ** 32;

/** The fewest operations that this body lists for the purpose. */
export function eosMethods(session: PtpSession): StorageMethods {
  const standard = withLargeParts(session, standardMethods(session));
  const wide = session.supports(EosOperation.GetObjectInfoEx64);
  if (!wide && !session.supports(EosOperation.GetObjectInfoEx)) return standard;
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
      return decodeDirectory(data, size).map((object) => entryOf(object, parent));
    },
  };
}

/** Beyond 4 GiB, where the offset of the standard's operation ends. */
function withLargeParts(session: PtpSession, standard: StorageMethods): StorageMethods {
  const { readPart } = standard;
  if (!readPart || !session.supports(EosOperation.GetPartialObjectEx64)) return standard;
  return {
    ...standard,
    async readPart(handle, offset, size, sink, signal) {
      if (offset < HALF) return readPart(handle, offset, size, sink, signal);
      const place = [offset % HALF, Math.floor(offset / HALF)];
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
    size: folder ? 0 : object.size,
    date: object.time === 0 ? undefined : new Date(object.time * 1000).toISOString().slice(0, 19),
    protected: (object.flags & ObjectFlag.Protected) !== 0,
  };
}
