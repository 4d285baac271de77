/** The storage of any PTP camera, by the operations of the standard. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import {
  ALL,
  type DataSink,
  type DataSource,
  type NewObject,
  ObjectFormat,
  Operation,
  type PtpSession,
  Response,
  ResponseError,
} from '../../ptp/index.ts';
import type {
  CameraObject,
  CameraStorage,
  ListOptions,
  ReadOptions,
  StorageUnit,
  Upload,
  WaitOptions,
} from '../camera.ts';
import { splitLabel } from '../paths.ts';
import {
  type Entry,
  entryOf,
  formatOfName,
  SIZE_ELSEWHERE,
  type StorageMethods,
} from './storage-methods.ts';

/** Largest piece of one partial read: EOS R-class bodies fail with 5 MB. */
const LARGEST_PART = 4 << 20;
const SMALLEST_PART = 1 << 20;
/** Answers to an upload that mean: not on this body, or not there. */
const REFUSED: readonly number[] = [
  Response.Operation_Not_Supported,
  Response.Parameter_Not_Supported,
  Response.Invalid_ObjectFormatCode,
  Response.Access_Denied,
  Response.Specification_of_Destination_Unsupported,
];
/** AssociationType of a plain folder. */
const GENERIC_FOLDER = 1;
/** A piece that takes longer than this keeps the user's own actions waiting. */
const PART_MS = 150;

/** The optional ones are there where the body lists what they need. */
export class PtpStorage implements CameraStorage {
  declare put?: NonNullable<CameraStorage['put']>;
  declare makeFolder?: NonNullable<CameraStorage['makeFolder']>;
  declare remove?: NonNullable<CameraStorage['remove']>;
  declare protect?: NonNullable<CameraStorage['protect']>;
  declare markDownloaded?: NonNullable<CameraStorage['markDownloaded']>;
  declare format?: NonNullable<CameraStorage['format']>;
  #session: PtpSession;
  #methods: StorageMethods;

  constructor(session: PtpSession, methods: StorageMethods) {
    this.#session = session;
    this.#methods = methods;
    const { protect, markDownloaded } = methods;
    if (protect) {
      this.protect = (object, on, options = {}) => protect(object, on, options.signal);
    }
    if (markDownloaded) {
      this.markDownloaded = (object, options = {}) => markDownloaded(object, options.signal);
    }
    if (session.supports(Operation.DeleteObject)) {
      this.remove = (object, options = {}) => session.deleteObject(object.handle, options);
    }
    if (session.supports(Operation.FormatStore)) {
      this.format = (unit, options = {}) => session.formatStore(unit.id, 0, options);
    }
    if (session.supports(Operation.SendObjectInfo)) {
      this.put = (upload, options = {}) => this.#put(upload, options);
      this.makeFolder = (path, options = {}) => this.#makeFolder(path, options);
    }
  }

  async units(options: WaitOptions = {}): Promise<StorageUnit[]> {
    const ids = await this.#session.getStorageIds(options);
    const units: StorageUnit[] = [];
    for (const id of ids) {
      if (this.#methods.isMemory?.(id)) continue;
      const info = await this.#session.getStorageInfo(id, options).catch((error: unknown) => {
        if (error instanceof ResponseError && error.response === Response.Store_Not_Available) {
          return undefined;
        }
        throw error;
      });
      const present = (id & 0xffff) !== 0 && info !== undefined;
      units.push({
        id,
        label:
          info?.storageDescription ||
          info?.volumeLabel ||
          `store_${id.toString(16).padStart(8, '0')}`,
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
    if (path !== '' && !units.some(({ present }) => present)) {
      const slots = units.map(({ label }) => label).join(' or ');
      throw new HotshoeError('NOT_FOUND', `there is no card in ${slots || 'the camera'}`, {
        hint: '`hotshoe storage` lists the cards.',
      });
    }
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
    const { children, markDownloaded } = this.#methods;
    // True sizes and the mark of what is new stand in the folder's listing only.
    const unsized = entry.size === 0 || entry.size === SIZE_ELSEWHERE;
    if (entry.kind === 'file' && (unsized || markDownloaded)) {
      const siblings = await children(entry.storageId, entry.parent, options.signal);
      const listed = siblings.find((sibling) => sibling.handle === handle);
      entry.size = listed?.size ?? entry.size;
      entry.isNew = listed?.isNew;
    }
    return { ...entry, path: `/${[label, ...names].join('/')}` };
  }

  async read(
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    options: ReadOptions = {},
  ): Promise<number> {
    const { offset = 0, length, signal } = options;
    const end = Math.min(object.size, offset + (length ?? object.size));
    if (this.#methods.readPart && this.readsParts(object)) {
      return this.#readInParts(this.#methods.readPart, object, sink, { offset, end, signal });
    }
    if (offset > 0 || length !== undefined) {
      throw new UnsupportedError(
        `${this.#session.deviceInfo.model} cannot read part of an object`,
        { hint: 'Download it from the beginning.' },
      );
    }
    let bytes = 0;
    await this.#session.call(Operation.GetObject, [object.handle], {
      sink: {
        start: (size) => sink.start?.(size),
        write(chunk, keep) {
          bytes += chunk.length;
          return sink.write(chunk, keep);
        },
      },
      priority: 'background',
      signal,
    });
    return bytes;
  }

  readsParts({ size }: Pick<CameraObject, 'size'>): boolean {
    const { readPart, reach = Number.POSITIVE_INFINITY } = this.#methods;
    return readPart !== undefined && size > 0 && size !== SIZE_ELSEWHERE && size <= reach;
  }

  async thumbnail(
    object: Pick<CameraObject, 'handle'>,
    options: WaitOptions = {},
  ): Promise<Uint8Array> {
    return this.#session.getThumb(object.handle, options);
  }

  async #put(upload: Upload, { signal }: WaitOptions): Promise<CameraObject> {
    const { name, content, folder = '' } = upload;
    const place = await this.#place(folder, signal);
    const special = this.#methods.uploadFormat?.(place.folder === undefined);
    return this.#send(
      { filename: name, objectFormat: upload.format ?? special?.format ?? formatOfName(name) },
      content,
      special?.place ?? { storageId: place.unit.id, parent: place.folder?.handle ?? ALL },
      signal,
    );
  }

  async #makeFolder(path: string, { signal }: WaitOptions): Promise<CameraObject> {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop();
    if (name === undefined) throw new HotshoeError('USAGE', 'the new folder has no name');
    const place = await this.#place(parts.join('/'), signal);
    return this.#send(
      { filename: name, objectFormat: ObjectFormat.Association, associationType: GENERIC_FOLDER },
      undefined,
      { storageId: place.unit.id, parent: place.folder?.handle ?? ALL },
      signal,
    );
  }

  /** Bodies list the operation and refuse it: the error says which body, and what it refuses. */
  async #send(
    info: NewObject,
    content: DataSource | undefined,
    place: { storageId: number; parent: number },
    signal: AbortSignal | undefined,
  ): Promise<CameraObject> {
    const session = this.#session;
    try {
      const { handle } = await session.sendObject(info, content, place, { signal });
      return await this.object(handle, { signal });
    } catch (error) {
      if (!(error instanceof ResponseError) || !REFUSED.includes(error.response)) throw error;
      const folder = content === undefined;
      const what = folder ? 'a new folder' : 'the upload of';
      throw new UnsupportedError(
        `${session.deviceInfo.model} refuses ${what} "${info.filename}": ${error.responseName}`,
        {
          cause: error,
          hint: folder
            ? 'Canon bodies make their folders themselves, as they need them.'
            : 'Most Canon bodies take no uploads; some take them in the root of the card only.',
        },
      );
    }
  }

  /** Where an upload goes: a card, and a folder on it unless it is the root. */
  async #place(
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ unit: StorageUnit; folder: CameraObject | undefined }> {
    const { units, parts } = splitLabel(path, await this.units({ signal }));
    for (const unit of units) {
      if (!unit.present) continue;
      if (parts.length === 0) return { unit, folder: undefined };
      const folder = await this.#resolve(unit, parts, signal);
      if (folder?.kind === 'folder') return { unit, folder };
    }
    const what = parts.length === 0 ? 'no card in the camera' : `no folder "${path}" on the camera`;
    throw new HotshoeError('NOT_FOUND', `there is ${what}`, {
      hint: '`hotshoe ls` lists what is there, `hotshoe info` the cards.',
    });
  }

  async #readInParts(
    readPart: NonNullable<StorageMethods['readPart']>,
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    range: { offset: number; end: number; signal: AbortSignal | undefined },
  ): Promise<number> {
    const { offset, end, signal } = range;
    sink.start?.(end - offset);
    let part = SMALLEST_PART;
    let at = offset;
    while (at < end) {
      const wanted = Math.min(part, end - at);
      let got = 0;
      const from = performance.now();
      await readPart(
        object.handle,
        at,
        wanted,
        {
          write(chunk, keep) {
            got += chunk.length;
            return sink.write(chunk, keep);
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
      isNew: undefined,
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

  /** Not by recursion: each level of nested generators costs every object some turns of its own. */
  async *#walk(
    storageId: number,
    start: number,
    path: string,
    recursive: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<CameraObject> {
    const entriesOf = async (handle: number) =>
      (await this.#methods.children(storageId, handle, signal)).values();
    const open = [{ handle: start, path, entries: await entriesOf(start) }];
    for (let folder = open.at(-1); folder; folder = open.at(-1)) {
      const { done, value: entry } = folder.entries.next();
      if (done) {
        open.pop();
        continue;
      }
      const object = { ...entry, path: `${folder.path}/${entry.name}` };
      yield object;
      if (recursive && entry.kind === 'folder' && entry.handle !== folder.handle) {
        open.push({ ...object, entries: await entriesOf(entry.handle) });
      }
    }
  }
}

/** All ones, in 32 or 64 bit, means unknown. */
function bytesOf(value: bigint): number | undefined {
  return value === 0xffffffffn || value >= BigInt(Number.MAX_SAFE_INTEGER)
    ? undefined
    : Number(value);
}
