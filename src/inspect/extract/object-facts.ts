/** What a capture tells of objects besides their bytes: names and sizes, by handle. */
import { ProtocolError } from '../../bytes/index.ts';
import {
  DirectoryEntrySize,
  decodeDirectory,
  EosOperation,
  readEvents,
} from '../../canon/ptp/index.ts';
import { ObjectInfo, Operation } from '../../ptp/index.ts';
import type { Transaction } from '../decode/seen.ts';

export interface ObjectFacts {
  readonly handle: number;
  readonly name: string;
  /** Bytes; undefined where it is not known. */
  readonly size: number | undefined;
}

const UNKNOWN_SIZE = 0xffffffff;

/** The objects that a transaction tells of. */
export function objectFacts({ code, params, data, response }: Transaction): ObjectFacts[] {
  const bytes = data?.bytes;
  if (!bytes) return [];
  try {
    switch (code) {
      case Operation.GetObjectInfo:
        return [fromInfo(params[0], bytes)];
      case Operation.SendObjectInfo:
        // Storage, parent and handle.
        return [fromInfo(response?.params[2], bytes)];
      case EosOperation.GetEvent:
        return readEvents(bytes).events.flatMap((event) => {
          if (event.kind === 'objectAdded') return [facts(event.object)];
          return event.kind === 'requestTransfer' ? [facts(event.request)] : [];
        });
      case EosOperation.GetObjectInfoEx:
        return decodeDirectory(bytes, DirectoryEntrySize.Bits32).map(facts);
      case EosOperation.GetObjectInfoEx64:
        return decodeDirectory(bytes, DirectoryEntrySize.Bits64).map(facts);
      default:
        return [];
    }
  } catch (error) {
    // What is wrong with it is told where it is described.
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

function fromInfo(handle = 0, bytes: Uint8Array): ObjectFacts {
  const { filename, objectCompressedSize } = ObjectInfo.decode(bytes);
  return facts({ handle, name: filename, size: objectCompressedSize });
}

function facts({
  handle,
  name,
  size,
}: {
  handle: number;
  name: string;
  size: number;
}): ObjectFacts {
  return { handle, name, size: size === 0 || size >= UNKNOWN_SIZE ? undefined : size };
}
