/** The card of a body from before PTP. It knows paths; handles are made of them, the same each time. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import {
  Attribute,
  Commands,
  EVERYTHING,
  isShortName,
  joinPath,
  type ListedFile,
  type NormalFiles,
  type NormalSession,
  SEPARATOR,
} from '../../canon/normal/index.ts';
import { type DataSink, ObjectFormat } from '../../ptp/index.ts';
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
import { formatOfName } from './storage-methods.ts';

const UNIT_ID = 1;

export class NormalStorage implements CameraStorage {
  declare put?: NonNullable<CameraStorage['put']>;
  declare makeFolder?: NonNullable<CameraStorage['makeFolder']>;
  declare protect?: NonNullable<CameraStorage['protect']>;
  declare markDownloaded?: NonNullable<CameraStorage['markDownloaded']>;
  #session: NormalSession;
  #files: NormalFiles;
  /** As the camera writes it, by handle. */
  #paths = new Map<number, string>();

  constructor(session: NormalSession, files: NormalFiles) {
    this.#session = session;
    this.#files = files;
    // What class 6 wants for these nobody knows; its own command for attributes changes nothing.
    if (session.generation === 'new') return;
    this.put = (upload, options = {}) => this.#put(upload, options);
    if (session.knows(Commands.MakeDirectory)) {
      this.makeFolder = (path, options = {}) => this.#makeFolder(path, options);
    }
    this.protect = async (object, on, options = {}) => {
      const isNew = object.isNew ? Attribute.New : 0;
      await this.#setAttributes(object, (on ? Attribute.Protected : 0) | isNew, options);
    };
    this.markDownloaded = (object, options = {}) =>
      this.#setAttributes(object, object.protected ? Attribute.Protected : 0, options);
  }

  async units(options: WaitOptions = {}): Promise<StorageUnit[]> {
    const drive = await this.#files.drive(options);
    const space = await this.#files.space(options);
    return [
      {
        id: UNIT_ID,
        label: labelOf(drive),
        present: space !== undefined,
        capacity: space?.capacity,
        free: space?.free,
        readOnly: false,
      },
    ];
  }

  async *list(options: ListOptions = {}): AsyncGenerator<CameraObject> {
    const { path = '', recursive = true, signal } = options;
    const { drive, parts } = await this.#split(path, signal);
    const found = parts.length === 0 ? undefined : await this.#resolve(drive, parts, signal);
    if (parts.length > 0 && !found) throw notFound(path);
    if (found?.kind === 'file') {
      yield this.#object(found);
      return;
    }
    const top = found?.path ?? drive;
    const { self, files } = await this.#files.list(top, recursive ? EVERYTHING : 0, { signal });
    if (!self && path !== '' && !(await this.#files.space({ signal }))) {
      throw new HotshoeError('NOT_FOUND', 'there is no card in the camera');
    }
    for (const file of files) yield this.#object(file);
  }

  async object(handle: number, options: WaitOptions = {}): Promise<CameraObject> {
    const drive = await this.#files.drive(options);
    const { files } = await this.#files.list(drive, EVERYTHING, options);
    const found = files.find(({ path }) => handleOf(path) === handle);
    if (found) return this.#object(found);
    throw new HotshoeError('NOT_FOUND', `nothing on the card has the handle ${handle}`, {
      hint: '`hotshoe ls -l` lists what is there.',
    });
  }

  async read(
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    { offset = 0, length, signal }: ReadOptions = {},
  ): Promise<number> {
    if (offset > 0 || length !== undefined) {
      throw new UnsupportedError(`${this.#session.name} cannot read part of a file`, {
        hint: 'Download it from the beginning.',
      });
    }
    const path = await this.#pathOf(object, { signal });
    const bytes = await this.#files.read(path, sink, { signal });
    if (bytes === 0 && object.size > 0) {
      throw new HotshoeError('NOT_FOUND', `${object.name} is not on the card any more`);
    }
    return bytes;
  }

  readsParts(): boolean {
    return false;
  }

  async thumbnail(
    object: Pick<CameraObject, 'handle'>,
    options: WaitOptions = {},
  ): Promise<Uint8Array> {
    return this.#files.thumbnail(await this.#pathOf(object, options), options);
  }

  /** Of a folder first all that is in it: the camera removes empty ones alone. */
  async remove(object: Pick<CameraObject, 'handle'>, options: WaitOptions = {}): Promise<void> {
    const { kind, path: shown } = await this.object(object.handle, options);
    const path = await this.#pathOf(object, options);
    if (kind === 'file') return this.#files.remove(path, options);
    if (!this.#session.knows(Commands.RemoveDirectory)) {
      throw new UnsupportedError(`nobody knows how ${this.#session.name} removes folders`, {
        hint: 'Its pictures can be deleted.',
      });
    }
    const { files, self } = await this.#files.list(path, EVERYTHING, options);
    if (!self) throw notFound(shown);
    for (const file of files.reverse()) {
      if (file.kind === 'file') await this.#files.remove(file.path, options);
      else await this.#files.removeFolder(file.path, options);
    }
    await this.#files.removeFolder(path, options);
  }

  /** As the rest of hotshoe sees it. */
  objectOf(file: ListedFile): CameraObject {
    return this.#object(file);
  }

  async #put(upload: Upload, options: WaitOptions): Promise<CameraObject> {
    const { folder, name } = await this.#place(upload.folder ?? '', upload.name, options);
    const path = joinPath(folder, name);
    const { seconds } = await this.#session.call(Commands.GetTime, undefined, options);
    await this.#files.write(path, upload.content, seconds, options);
    return this.#made(folder, name, options);
  }

  async #makeFolder(path: string, options: WaitOptions): Promise<CameraObject> {
    const parts = path.split('/').filter((part) => part !== '');
    const place = await this.#place(parts.slice(0, -1).join('/'), parts.at(-1) ?? '', options);
    const made = joinPath(place.folder, place.name);
    await this.#files.makeFolder(made, options);
    return this.#made(place.folder, place.name, options);
  }

  /** Where something new is to come, with a name that a card of this time can hold. */
  async #place(
    where: string,
    name: string,
    { signal }: WaitOptions,
  ): Promise<{ folder: string; name: string }> {
    const upper = name.toUpperCase();
    if (!isShortName(upper)) {
      throw new HotshoeError('USAGE', `"${name}" is no name for this camera's card`, {
        hint: 'It takes eight letters or digits and three behind a dot: AUT_0001.JPG.',
      });
    }
    const { drive, parts } = await this.#split(where, signal);
    if (parts.length === 0) return { folder: drive, name: upper };
    const found = await this.#resolve(drive, parts, signal);
    if (found?.kind !== 'folder') throw notFound(where);
    return { folder: found.path, name: upper };
  }

  async #made(folder: string, name: string, options: WaitOptions): Promise<CameraObject> {
    const { files } = await this.#files.list(folder, 0, options);
    const made = files.find((file) => file.name.toUpperCase() === name);
    if (made) return this.#object(made);
    throw new HotshoeError('RESPONSE', `the camera said yes, and ${name} is not on the card`);
  }

  async #setAttributes(
    object: Pick<CameraObject, 'handle'>,
    attributes: number,
    options: WaitOptions,
  ): Promise<void> {
    await this.#files.setAttributes(await this.#pathOf(object, options), attributes, options);
  }

  async #pathOf({ handle }: Pick<CameraObject, 'handle'>, options: WaitOptions): Promise<string> {
    if (!this.#paths.has(handle)) await this.object(handle, options);
    const path = this.#paths.get(handle);
    if (path === undefined) throw new HotshoeError('NOT_FOUND', 'the file is not on the card');
    return path;
  }

  async #split(
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ drive: string; parts: string[] }> {
    const drive = await this.#files.drive({ signal });
    if (drive === '') throw new HotshoeError('NO_CARD', 'there is no card in the camera');
    const unit = { label: labelOf(drive) } as StorageUnit;
    return { drive, parts: splitLabel(path, [unit]).parts };
  }

  /** By names in any case, level by level. */
  async #resolve(
    drive: string,
    parts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ListedFile | undefined> {
    let at: ListedFile | undefined;
    for (const part of parts) {
      if (at?.kind === 'file') return undefined;
      const { files } = await this.#files.list(at?.path ?? drive, 0, { signal });
      at = files.find(({ name }) => name.toLowerCase() === part.toLowerCase());
      if (!at) return undefined;
    }
    return at;
  }

  #object(file: ListedFile): CameraObject {
    const { kind, name, path, folder, size, time, attributes } = file;
    const handle = handleOf(path);
    this.#paths.set(handle, path);
    const isFolder = kind === 'folder';
    return {
      handle,
      storageId: UNIT_ID,
      parent: folder.includes(SEPARATOR) ? handleOf(folder) : 0,
      kind,
      name,
      path: `/${path.replace(':', '').replaceAll(SEPARATOR, '/')}`,
      format: isFolder ? ObjectFormat.Association : formatOfName(name),
      size: isFolder ? 0 : size,
      date: time === 0 ? undefined : new Date(time * 1000).toISOString().slice(0, 19),
      protected: (attributes & Attribute.Protected) !== 0,
      // Class 6 lets nobody clear it.
      isNew:
        isFolder || this.#session.generation === 'new'
          ? undefined
          : (attributes & Attribute.New) !== 0,
    };
  }
}

/** "D:" -> "D". */
function labelOf(drive: string): string {
  return drive.replace(/:$/, '');
}

/** FNV-1a of the path, in 32 bits. */
function handleOf(path: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) {
    hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0 || 1;
}

function notFound(path: string): HotshoeError {
  return new HotshoeError('NOT_FOUND', `there is no "${path}" on the camera`, {
    hint: '`hotshoe ls` lists what is there.',
  });
}
