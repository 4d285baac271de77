/** The objects on one card as the camera knows them: handles, formats, attributes, next free name. */
import { CanonObjectFormat, type EosObject, ObjectFlag } from '../../canon/ptp/index.ts';
import { ObjectFormat } from '../../ptp/index.ts';
import type { CardStore } from './card-store.ts';
import { fileNumber, folderNumber, HandleScheme } from './handles.ts';

export interface CardObject extends EosObject {
  kind: 'file' | 'folder';
  path: string;
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
  #scheme: HandleScheme;
  #objects = new Map<number, CardObject>();
  #children = new Map<number, CardObject[]>();
  /** Attributes that were changed, by path: the card itself does not keep them. */
  #flags = new Map<string, number>();
  /** The camera counts on, also when the last pictures were deleted. */
  #last = { folderNumber: 0, fileNumber: 0 };

  constructor(store: CardStore, storageId: number, handleBase: number) {
    this.store = store;
    this.storageId = storageId;
    this.#scheme = new HandleScheme(handleBase);
  }

  /** Reads the card. A card without DCIM gets one, as when it is put into a camera. */
  async load(time: number): Promise<void> {
    this.#objects.clear();
    this.#children.clear();
    this.#scheme.restart();
    await this.#walk('', 0);
    for (const name of ['DCIM', 'MISC']) {
      if ((this.#children.get(0) ?? []).some((object) => object.name === name)) continue;
      await this.store.makeFolder(name, time);
      this.#add([name], 'folder', 0, time, 0);
    }
  }

  get(handle: number): CardObject | undefined {
    return this.#objects.get(handle);
  }

  /** What lies in a folder; 0 is the root. */
  children(handle: number): readonly CardObject[] {
    return this.#children.get(handle) ?? [];
  }

  /** Everything, folders before what is in them. */
  *all(from = 0): Generator<CardObject> {
    for (const object of this.children(from)) {
      yield object;
      if (object.kind === 'folder') yield* this.all(object.handle);
    }
  }

  setFlags(object: CardObject, flags: number): void {
    const kept = object.flags & ObjectFlag.Folder;
    object.flags = kept | (flags & (ObjectFlag.New | ObjectFlag.Protected));
    this.#flags.set(object.path, object.flags);
  }

  /** Removes a file, or a folder that is empty. */
  async remove(object: CardObject): Promise<void> {
    await this.store.remove(object.path);
    this.#objects.delete(object.handle);
    const siblings = this.#children.get(object.parent) ?? [];
    const at = siblings.indexOf(object);
    if (at >= 0) siblings.splice(at, 1);
  }

  async format(time: number): Promise<void> {
    await this.store.format();
    await this.load(time);
  }

  /**
   * Folder and number of the next picture: one more than the last in the last folder; behind 9999
   * the next folder begins with 0001.
   */
  next(): { folderNumber: number; fileNumber: number } {
    const dcim = this.children(0).find((object) => object.name === 'DCIM');
    let folder = 100;
    let last = 0;
    for (const object of dcim ? this.children(dcim.handle) : []) {
      const number = object.kind === 'folder' ? folderNumber(object.name) : undefined;
      if (number === undefined || number < folder) continue;
      folder = number;
      last = 0;
      for (const file of this.children(object.handle)) {
        last = Math.max(last, fileNumber(file.name) ?? 0);
      }
    }
    if (this.#last.folderNumber >= folder) {
      if (this.#last.folderNumber > folder) last = 0;
      folder = this.#last.folderNumber;
      last = Math.max(last, this.#last.fileNumber);
    }
    return last < LAST_FILE
      ? { folderNumber: folder, fileNumber: last + 1 }
      : { folderNumber: folder + 1, fileNumber: 1 };
  }

  /** This number is spent; pictures that go to a computer spend one as well. */
  spend(next: { folderNumber: number; fileNumber: number }): void {
    this.#last = next;
  }

  /** The folder in DCIM with this number, made where there is none. */
  async folder(number: number, time: number): Promise<{ object: CardObject; created: boolean }> {
    const dcim = this.children(0).find((object) => object.name === 'DCIM');
    if (!dcim) throw new Error('the card has no DCIM');
    const found = this.children(dcim.handle).find(
      (object) => object.kind === 'folder' && folderNumber(object.name) === number,
    );
    if (found) return { object: found, created: false };
    const name = `${number}CANON`;
    await this.store.makeFolder(`DCIM/${name}`, time);
    return { object: this.#add(['DCIM', name], 'folder', 0, time, dcim.handle), created: true };
  }

  /** Writes a picture into a folder. */
  async write(
    folder: CardObject,
    name: string,
    bytes: Uint8Array,
    time: number,
  ): Promise<CardObject> {
    const path = `${folder.path}/${name}`;
    await this.store.write(path, bytes, time);
    const object = this.#add(path.split('/'), 'file', bytes.length, time, folder.handle);
    this.setFlags(object, ObjectFlag.New);
    return object;
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
  ): CardObject {
    const path = parts.join('/');
    const name = parts.at(-1) ?? '';
    const { handle, group } = this.#scheme.handleFor(parts, kind);
    const object: CardObject = {
      kind,
      path,
      handle,
      storageId: this.storageId,
      format: kind === 'folder' ? ObjectFormat.Association : formatOf(name),
      unknown: kind === 'folder' ? 1 : 0,
      // Folders of an EOS R are protected; files carry what was set.
      flags:
        kind === 'folder' ? ObjectFlag.Folder | ObjectFlag.Protected : (this.#flags.get(path) ?? 0),
      size,
      parent,
      group,
      name,
      time,
    };
    this.#objects.set(handle, object);
    if (kind === 'folder') this.#children.set(handle, this.#children.get(handle) ?? []);
    const siblings = this.#children.get(parent);
    if (siblings) siblings.push(object);
    else this.#children.set(parent, [object]);
    return object;
  }
}

function formatOf(name: string): number {
  const extension = name.slice(name.lastIndexOf('.') + 1).toUpperCase();
  return FORMATS[extension] ?? ObjectFormat.Undefined;
}
