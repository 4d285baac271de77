/** The storage of any PTP camera, by the operations of the standard. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import { hex32 } from '../../bytes/index.ts';
import {
  ALL,
  type DataSink,
  ObjectFormat,
  type ObjectInfo,
  Operation,
  type PtpSession,
  parseDateTime,
  Response,
  ResponseError,
} from '../../ptp/index.ts';
import type {
  CameraObject,
  CameraStorage,
  ListOptions,
  ReadOptions,
  StorageUnit,
  WaitOptions,
} from '../camera.ts';
import { splitLabel } from '../paths.ts';

/** What a listing yields before paths are known. */
export type Entry = Omit<CameraObject, 'path'>;

/** How a driver lists and reads; the rest is common. */
export interface StorageMethods {
  /** Direct children; parent 0 is the root. */
  children(storageId: number, parent: number, signal: AbortSignal | undefined): Promise<Entry[]>;
  /** At most `size` bytes from `offset` into the sink; resolves with their number. */
  readPart?(
    handle: number,
    offset: number,
    size: number,
    sink: DataSink,
    signal: AbortSignal | undefined,
  ): Promise<void>;
}

/** Largest piece of one partial read: EOS R-class bodies fail with 5 MB. */
const LARGEST_PART = 4 << 20;
const SMALLEST_PART = 1 << 20;
/** What ObjectInfo says of a file of 4 GiB or more. */
const SIZE_ELSEWHERE = 0xffffffff;
/** A piece that takes longer than this keeps the user's own actions waiting. */
const PART_MS = 150;

export class PtpStorage implements CameraStorage {
  #session: PtpSession;
  #methods: StorageMethods;

  constructor(session: PtpSession, methods: StorageMethods) {
    this.#session = session;
    this.#methods = methods;
  }

  async units(options: WaitOptions = {}): Promise<StorageUnit[]> {
    const ids = await this.#session.getStorageIds(options);
    const units: StorageUnit[] = [];
    for (const id of ids) {
      const info = await this.#session.getStorageInfo(id, options).catch((error: unknown) => {
        if (error instanceof ResponseError && error.response === Response.Store_Not_Available) {
          return undefined;
        }
        throw error;
      });
      const present = (id & 0xffff) !== 0 && info !== undefined;
      units.push({
        id,
        label: info?.storageDescription || `store_${id.toString(16).padStart(8, '0')}`,
        present,
        capacity: present ? bytesOf(info.maxCapacity) : undefined,
        free: present ? bytesOf(info.freeSpaceInBytes) : undefined,
        readOnly: present && info.accessCapability !== 0,
      });
    }
    // Two slots of one name: the label must still name one of them.
    for (const unit of units) {
      if (units.filter(({ label }) => label === unit.label).length > 1) {
        unit.label = `store_${unit.id.toString(16).padStart(8, '0')}`;
      }
    }
    return units;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<CameraObject> {
    const { path = '', recursive = true, signal } = options;
    const { units, parts } = splitLabel(path, await this.units({ signal }));
    let found = parts.length === 0;
    for (const unit of units) {
      if (!unit.present) continue;
      const start = await this.#resolve(unit, parts, signal);
      if (!start) continue;
      found = true;
      if (start.kind === 'file') yield start;
      else yield* this.#walk(unit.id, start.handle, start.path, recursive, signal);
    }
    if (!found) {
      throw new HotshoeError('NOT_FOUND', `there is no "${path}" on the camera`, {
        hint: '`hotshoe ls` lists what is there.',
      });
    }
  }

  async object(handle: number, options: WaitOptions = {}): Promise<CameraObject> {
    const info = await this.#session.getObjectInfo(handle, options);
    const names = [info.filename];
    // A parent that is the object itself or the storage id means the root on some bodies.
    const seen = new Set([handle, info.storageId]);
    for (let parent = info.parentObject; parent !== 0 && parent !== ALL && !seen.has(parent); ) {
      seen.add(parent);
      const folder = await this.#session.getObjectInfo(parent, options);
      names.unshift(folder.filename);
      parent = folder.parentObject;
    }
    const unit = (await this.units(options)).find(({ id }) => id === info.storageId);
    const label = unit?.label ?? `store_${info.storageId.toString(16).padStart(8, '0')}`;
    const entry = entryOf(handle, info);
    if (entry.size === SIZE_ELSEWHERE) {
      const { children } = this.#methods;
      const siblings = await children(entry.storageId, entry.parent, options.signal);
      entry.size = siblings.find((sibling) => sibling.handle === handle)?.size ?? entry.size;
    }
    return { ...entry, path: `/${[label, ...names].join('/')}` };
  }

  async read(
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    options: ReadOptions = {},
  ): Promise<number> {
    const { offset = 0, signal } = options;
    if (this.#methods.readPart && object.size > 0) {
      return this.#readInParts(this.#methods.readPart, object, sink, offset, signal);
    }
    if (offset > 0) {
      throw new UnsupportedError(
        `${this.#session.deviceInfo.model} cannot read part of an object`,
        { hint: 'Download it from the beginning.' },
      );
    }
    let bytes = 0;
    await this.#session.call(Operation.GetObject, [object.handle], {
      sink: {
        start: (size) => sink.start?.(size),
        write(chunk) {
          bytes += chunk.length;
          return sink.write(chunk);
        },
      },
      priority: 'background',
      signal,
    });
    return bytes;
  }

  async thumbnail(
    object: Pick<CameraObject, 'handle'>,
    options: WaitOptions = {},
  ): Promise<Uint8Array> {
    return this.#session.getThumb(object.handle, options);
  }

  async #readInParts(
    readPart: NonNullable<StorageMethods['readPart']>,
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    offset: number,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    sink.start?.(object.size - offset);
    let part = SMALLEST_PART;
    let at = offset;
    while (at < object.size) {
      const wanted = Math.min(part, object.size - at);
      let got = 0;
      const from = performance.now();
      await readPart(
        object.handle,
        at,
        wanted,
        {
          write(chunk) {
            got += chunk.length;
            return sink.write(chunk);
          },
        },
        signal,
      );
      if (got === 0 || got > wanted) {
        throw new HotshoeError(
          'INVALID_DATA',
          `${object.name}: the camera sent ${got} bytes where ${wanted} were asked for at ${at}`,
          { hint: 'The file may have changed on the card; list it again.' },
        );
      }
      at += got;
      if (performance.now() - from < PART_MS) part = Math.min(2 * part, LARGEST_PART);
      else part = Math.max(part / 2, SMALLEST_PART);
    }
    return at - offset;
  }

  async #resolve(
    unit: StorageUnit,
    parts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<CameraObject | undefined> {
    let at: CameraObject = {
      handle: 0,
      storageId: unit.id,
      parent: 0,
      kind: 'folder',
      name: '',
      path: `/${unit.label}`,
      format: ObjectFormat.Association,
      size: 0,
      date: undefined,
      protected: false,
    };
    for (const part of parts) {
      const entries: Entry[] =
        at.kind === 'folder' ? await this.#methods.children(unit.id, at.handle, signal) : [];
      const entry = entries.find(({ name }) => name.toLowerCase() === part.toLowerCase());
      if (!entry) return undefined;
      at = { ...entry, path: `${at.path}/${entry.name}` };
    }
    return at;
  }

  async *#walk(
    storageId: number,
    parent: number,
    path: string,
    recursive: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<CameraObject> {
    for (const entry of await this.#methods.children(storageId, parent, signal)) {
      const object = { ...entry, path: `${path}/${entry.name}` };
      yield object;
      if (recursive && entry.kind === 'folder' && entry.handle !== parent) {
        yield* this.#walk(storageId, entry.handle, object.path, true, signal);
      }
    }
  }
}

/**
 * Children by GetObjectHandles and one GetObjectInfo each. EOS bodies answer a question for the root
 * with the whole tree, others ignore the parent: what lies elsewhere is filtered out.
 */
export function standardMethods(session: PtpSession): StorageMethods {
  const children: StorageMethods['children'] = async (storageId, parent, signal) => {
    const handles = await session.getObjectHandles(
      { storageId, parent: parent === 0 ? ALL : parent },
      { signal },
    );
    const entries: Entry[] = [];
    for (const handle of handles) {
      const info = await session.getObjectInfo(handle, { signal });
      const itsParent =
        info.parentObject === storageId || info.parentObject === handle ? 0 : info.parentObject;
      if (itsParent === parent) entries.push(entryOf(handle, info));
    }
    return entries;
  };
  if (!session.supports(Operation.GetPartialObject)) return { children };
  return {
    children,
    async readPart(handle, offset, size, sink, signal) {
      if (offset > 0xffffffff) {
        throw new UnsupportedError(
          `${session.deviceInfo.model} cannot read object ${hex32(handle)} beyond 4 GiB in parts`,
        );
      }
      await session.call(Operation.GetPartialObject, [handle, offset, size], {
        sink,
        priority: 'background',
        signal,
      });
    },
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

/** All ones, in 32 or 64 bit, means unknown. */
function bytesOf(value: bigint): number | undefined {
  return value === 0xffffffffn || value >= BigInt(Number.MAX_SAFE_INTEGER)
    ? undefined
    : Number(value);
}
