/** The objects on one card as the camera knows them: handles, formats, attributes, next free name. */
import { CanonObjectFormat, type EosObject, ObjectFlag } from '../../canon/ptp/index.ts';
import { ObjectFormat } from '../../ptp/index.ts';
import type { FolderNames, HandleSpace } from '../models/model.ts';
import type { CardAccess, CardContent, CardStore } from './card-store.ts';
import { fileNumber, folderNumber, HandleScheme } from './handles.ts';
import { ShortNames } from './short-names.ts';

/** `name` is the full one; directory entries have room for `short` only. */
export interface CardObject extends EosObject {
  kind: 'file' | 'folder';
  path: string;
  short: string;
}

/** As the body's own directories and event records have it. */
export function entryOf(object: CardObject): EosObject {
  const { handle, storageId, format, unknown, flags, size, parent, group, short, time } = object;
  return { handle, storageId, format, unknown, flags, size, parent, group, name: short, time };
}

interface Folder {
  byName: Map<string, CardObject>;
  shortNames: ShortNames;
  /** As `CardCatalogue.revision` was when something in it changed last. */
  revision: number;
}

/** What of the card is the camera's way of seeing it. */
export interface CardView {
  storageId: number;
  handles: HandleSpace;
  folderNames: FolderNames;
  /** Format of files in the root, whatever their names are. */
  rootFormat?: number | undefined;
}

/** Where the next picture goes. */
export interface NextPicture {
  folderNumber: number;
  fileNumber: number;
}

const FORMATS: Readonly<Record<string, number>> = {
  JPG: ObjectFormat.EXIF_JPEG,
  JPEG: ObjectFormat.EXIF_JPEG,
  CR2: CanonObjectFormat.CR2,
  CR3: CanonObjectFormat.CR3,
  CRW: CanonObjectFormat.CRW,
  MOV: CanonObjectFormat.MOV,
  MP4: CanonObjectFormat.MP4,
  WAV: ObjectFormat.WAV,
  AVI: ObjectFormat.AVI,
  MRK: ObjectFormat.DPOF,
};

/** Files in a folder before the next one is begun. */
const LAST_FILE = 9999;

export class CardCatalogue {
  readonly store: CardStore;
  readonly storageId: number;
  #view: CardView;
  #scheme: HandleScheme;
  #objects = new Map<number, CardObject>();
  /** By handle; 0 is the root. */
  #folders = new Map<number, Folder>();
  /** Attributes that were changed, by path: the card itself does not keep them. */
  #flags = new Map<string, number>();
  /** The camera counts on, also when the last pictures were deleted. */
  #last: NextPicture = { folderNumber: 0, fileNumber: 0 };
  #revision = 0;

  constructor(store: CardStore, view: CardView) {
    this.store = store;
    this.storageId = view.storageId;
    this.#view = view;
    this.#scheme = new HandleScheme(view.handles);
  }

  get access(): CardAccess {
    return this.store.access ?? 'read-write';
  }

  /** Another number whenever anything on the card has changed. */
  get revision(): number {
    return this.#revision;
  }

  /** The same for the entries of one folder; 0 is the root. */
  revisionOf(folder: number): number {
    return this.#folders.get(folder)?.revision ?? 0;
  }

  /** Reads the card. A card without DCIM gets one, as when it is put into a camera. */
  async load(time: number): Promise<void> {
    this.#revision++;
    this.#objects.clear();
    this.#folders.clear();
    this.#scheme.restart();
    await this.#walk('', 0);
    if (this.access !== 'read-write') return;
    for (const name of ['DCIM', 'MISC']) {
      if (this.child(0, name)) continue;
      await this.store.makeFolder(name, time);
      this.#add([name], 'folder', 0, time, 0);
    }
  }

  get(handle: number): CardObject | undefined {
    return this.#objects.get(handle);
  }

  /** What lies in a folder; 0 is the root. */
  children(handle: number): CardObject[] {
    return [...(this.#folders.get(handle)?.byName.values() ?? [])];
  }

  child(handle: number, name: string): CardObject | undefined {
    return this.#folders.get(handle)?.byName.get(name);
  }

  isEmpty(handle: number): boolean {
    return (this.#folders.get(handle)?.byName.size ?? 0) === 0;
  }

  /** Everything, folders before what is in them. */
  all(from = 0): CardObject[] {
    const found: CardObject[] = [];
    const walk = (folder: number) => {
      for (const object of this.#folders.get(folder)?.byName.values() ?? []) {
        found.push(object);
        if (object.kind === 'folder') walk(object.handle);
      }
    };
    walk(from);
    return found;
  }

  setFlags(object: CardObject, flags: number): void {
    const kept = object.flags & ObjectFlag.Folder;
    object.flags = kept | (flags & (ObjectFlag.New | ObjectFlag.Protected));
    this.#flags.set(object.path, object.flags);
    this.#touch(this.#folders.get(object.parent));
  }

  /** Seconds of the camera's clock; the card itself keeps what it has. */
  setTime(object: CardObject, time: number): void {
    object.time = time;
    this.#touch(this.#folders.get(object.parent));
  }

  /** Removes a file, or a folder that is empty. */
  async remove(object: CardObject): Promise<void> {
    await this.store.remove(object.path);
    this.#objects.delete(object.handle);
    const folder = this.#folders.get(object.parent);
    folder?.byName.delete(object.name);
    folder?.shortNames.delete(object.short);
    this.#touch(folder);
    this.#folders.delete(object.handle);
    this.#flags.delete(object.path);
  }

  async format(time: number): Promise<void> {
    await this.store.format();
    this.#flags.clear();
    await this.load(time);
  }

  /**
   * Folder and number of the next picture: one more than the last in the last folder; behind 9999
   * the next folder begins with 0001. Where folders are named by month, a new month begins a folder
   * and the numbers go on.
   */
  next(time: number): NextPicture {
    const dcim = this.child(0, 'DCIM');
    let folder = 100;
    let last = 0;
    let isOld = false;
    for (const object of dcim ? this.children(dcim.handle) : []) {
      const number = object.kind === 'folder' ? folderNumber(object.name) : undefined;
      if (number === undefined || number < folder) continue;
      folder = number;
      last = 0;
      isOld = this.#view.folderNames === 'month' && !object.name.endsWith(month(time));
      for (const name of this.#folders.get(object.handle)?.byName.keys() ?? []) {
        last = Math.max(last, fileNumber(name) ?? 0);
      }
    }
    if (this.#last.folderNumber >= folder) {
      if (this.#last.folderNumber > folder) last = 0;
      folder = this.#last.folderNumber;
      last = Math.max(last, this.#last.fileNumber);
    }
    if (last >= LAST_FILE) return { folderNumber: folder + 1, fileNumber: 1 };
    return { folderNumber: isOld ? folder + 1 : folder, fileNumber: last + 1 };
  }

  /** This number is spent; pictures that go to a computer spend one as well. */
  spend(next: NextPicture): void {
    this.#last = next;
  }

  /** Handle of the folder with this number, there or not. */
  folderHandle(number: number): number {
    return this.#scheme.folderHandle(number);
  }

  /** The folder in DCIM with this number, made where there is none. */
  async folder(number: number, time: number): Promise<{ object: CardObject; created: boolean }> {
    const dcim = this.child(0, 'DCIM');
    if (!dcim) throw new Error('the card has no DCIM');
    const found = this.children(dcim.handle).find(
      (object) => object.kind === 'folder' && folderNumber(object.name) === number,
    );
    if (found) return { object: found, created: false };
    const name = folderName(number, this.#view.folderNames, time);
    await this.store.makeFolder(`DCIM/${name}`, time);
    return { object: this.#add(['DCIM', name], 'folder', 0, time, dcim.handle), created: true };
  }

  /** Writes a picture into a folder. */
  async write(
    folder: CardObject,
    name: string,
    content: CardContent,
    time: number,
  ): Promise<CardObject> {
    const path = `${folder.path}/${name}`;
    let size = content instanceof Uint8Array ? content.length : 0;
    async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        yield chunk;
      }
    }
    const bytes = content instanceof Uint8Array ? content : counted(content);
    await this.store.write(path, bytes, time);
    const object = this.#add(path.split('/'), 'file', size, time, folder.handle);
    this.setFlags(object, ObjectFlag.New);
    return object;
  }

  /** A handle for a file that is to come into the root. */
  reserve(name: string): { handle: number; group: number } {
    return this.#scheme.handleFor([name], 'file');
  }

  /** Writes a file into the root, under a handle that was reserved for it. */
  async writeRoot(
    file: { name: string; handle: number; group: number; size: number; time: number },
    content: CardContent,
  ): Promise<CardObject> {
    await this.store.write(file.name, content, file.time);
    return this.#add([file.name], 'file', file.size, file.time, 0, file);
  }

  async #walk(path: string, parent: number): Promise<void> {
    for (const entry of await this.store.list(path)) {
      const parts = path === '' ? [entry.name] : [...path.split('/'), entry.name];
      const object = this.#add(parts, entry.kind, entry.size, entry.time, parent);
      if (entry.kind === 'folder') await this.#walk(object.path, object.handle);
    }
  }

  #add(
    parts: readonly string[],
    kind: 'file' | 'folder',
    size: number,
    time: number,
    parent: number,
    reserved?: { handle: number; group: number },
  ): CardObject {
    const path = parts.join('/');
    const name = parts.at(-1) ?? '';
    const { handle, group } = reserved ?? this.#scheme.handleFor(parts, kind);
    const folder = this.#folder(parent);
    const object: CardObject = {
      kind,
      path,
      handle,
      storageId: this.storageId,
      format: kind === 'folder' ? ObjectFormat.Association : this.#formatOf(parts),
      unknown: kind === 'folder' ? 1 : 0,
      // Folders of an EOS R are protected; files carry what was set.
      flags:
        kind === 'folder' ? ObjectFlag.Folder | ObjectFlag.Protected : (this.#flags.get(path) ?? 0),
      size,
      parent,
      group,
      name,
      short: folder.shortNames.add(name),
      time,
    };
    this.#objects.set(handle, object);
    if (kind === 'folder') this.#folder(handle);
    folder.byName.set(name, object);
    this.#touch(folder);
    return object;
  }

  #touch(folder: Folder | undefined): void {
    this.#revision++;
    if (folder) folder.revision = this.#revision;
  }

  #folder(handle: number): Folder {
    let folder = this.#folders.get(handle);
    if (!folder) {
      folder = { byName: new Map(), shortNames: new ShortNames(), revision: this.#revision };
      this.#folders.set(handle, folder);
    }
    return folder;
  }

  #formatOf(parts: readonly string[]): number {
    if (parts.length === 1 && this.#view.rootFormat !== undefined) return this.#view.rootFormat;
    const name = parts.at(-1) ?? '';
    const extension = name.slice(name.lastIndexOf('.') + 1).toUpperCase();
    return FORMATS[extension] ?? ObjectFormat.Undefined;
  }
}

/** "100CANON"; by month "100___07". */
export function folderName(number: number, names: FolderNames, time: number): string {
  return number + (names === 'month' ? month(time) : names);
}

/** "___07": the month of a time by the camera's clock. */
function month(time: number): string {
  return `___${String(new Date(time * 1000).getUTCMonth() + 1).padStart(2, '0')}`;
}
