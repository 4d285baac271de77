/** The card as bodies from before PTP see it: "D:\\DCIM\\200CANON\\IMG_0001.JPG", with attributes. */
import { Attribute, type DirectoryEntry, SEPARATOR } from '../../canon/normal/index.ts';
import type { CardContent, CardStore } from '../card/card-store.ts';
import type { NormalModel } from '../models/normal-model.ts';

/** Two seconds, as file systems of such cards keep times. */
const TIME_STEP = 2;
const PICTURES_IN_FOLDER = 100;

export interface FoundEntry extends DirectoryEntry {
  kind: 'file' | 'folder';
  /** On the card: "DCIM/200CANON/IMG_0001.JPG". */
  path: string;
}

export class NormalCard {
  readonly store: CardStore;
  inserted = true;
  #model: NormalModel;
  /** What the card itself does not keep, by path. */
  #attributes = new Map<string, number>();
  /** Of the last picture; the camera counts on when it is deleted. */
  #last = 0;

  constructor(store: CardStore, model: NormalModel) {
    this.store = store;
    this.#model = model;
  }

  /** A card without DCIM gets one, as when it is put into a camera. */
  async prepare(time: number): Promise<void> {
    const found = await this.store.list('');
    if ((this.store.access ?? 'read-write') !== 'read-write') return;
    for (const name of ['DCIM', 'MISC']) {
      if (!found.some((entry) => entry.name === name)) await this.store.makeFolder(name, time);
    }
  }

  /** "D:\\DCIM" -> "DCIM"; undefined for another drive. */
  pathOf(place: string): string | undefined {
    const plain = place.replaceAll('/', SEPARATOR).replace(/\\+$/, '');
    const { drive } = this.#model;
    if (plain.slice(0, drive.length).toUpperCase() !== drive) return undefined;
    const names = plain.slice(drive.length).split(SEPARATOR);
    return names.filter((name) => name !== '' && name !== '.' && name !== '..').join('/');
  }

  async find(path: string): Promise<FoundEntry | undefined> {
    if (!this.inserted) return undefined;
    if (path === '') return { kind: 'folder', path, attributes: 0, size: 0, time: 0, name: '' };
    const [folder, name] = split(path);
    return (await this.children(folder)).find((each) => each.name === name);
  }

  /** Empty where the folder is not there. */
  async children(folder: string): Promise<FoundEntry[]> {
    if (!this.inserted) return [];
    const entries = await this.store.list(folder).catch(() => []);
    return entries.map(({ name, kind, size, time }) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      const attributes =
        kind === 'folder' ? Attribute.Folder : (this.#attributes.get(path) ?? Attribute.New);
      return { kind, path, name, size: Math.min(size, 0xffffffff), time: onGrid(time), attributes };
    });
  }

  /** The entries of a listing; of a folder that is not there, none at all. */
  async listing(place: string, depth: number): Promise<DirectoryEntry[]> {
    const path = this.pathOf(place);
    const top = path === undefined ? undefined : await this.find(path);
    if (path === undefined || top?.kind !== 'folder') return [];
    const { driveAttributes, closesTop } = this.#model.listing;
    const attributes = path === '' ? driveAttributes : Attribute.Entered;
    const entries: DirectoryEntry[] = [{ attributes, size: 0, time: top.time, name: place }];
    const enter = async (folder: string, level: number) => {
      for (const child of await this.children(folder)) {
        const { name, size, time } = child;
        const isFolder = child.kind === 'folder';
        const inside = isFolder && level > 0 ? await this.children(child.path) : [];
        if (inside.length === 0) {
          entries.push({ attributes: child.attributes, size, time, name });
          continue;
        }
        const entered = { attributes: Attribute.Entered, size: 0, time };
        entries.push({ ...entered, name: `.${SEPARATOR}${name}` });
        await enter(child.path, level - 1);
        entries.push({ ...entered, time: 0, name: '..' });
      }
    };
    await enter(path, depth);
    if (closesTop) entries.push({ attributes: Attribute.Entered, size: 0, time: 0, name: '..' });
    return entries;
  }

  setAttributes(path: string, attributes: number): void {
    this.#attributes.set(path, attributes & (Attribute.Protected | Attribute.New));
  }

  async remove(path: string): Promise<void> {
    await this.store.remove(path);
    this.#attributes.delete(path);
  }

  async space(): Promise<{ capacity: number; free: number }> {
    if (!this.inserted) return { capacity: 0, free: 0 };
    return this.store.space();
  }

  async write(path: string, content: CardContent, time: number): Promise<void> {
    await this.store.write(path, content, onGrid(time));
    this.setAttributes(path, Attribute.New);
  }

  /** Number, folder and name of the next picture: one more than the highest on the card. */
  async next(): Promise<{ counter: number; path: string }> {
    let highest = this.#last;
    for (const folder of await this.children('DCIM')) {
      if (!/^\d{3}/.test(folder.name) || folder.kind !== 'folder') continue;
      for (const { name } of await this.children(folder.path)) {
        const number = /^.{4}(\d{4})\./.exec(name)?.[1];
        highest = Math.max(highest, Number(number ?? 0));
      }
    }
    const counter = (highest % 9999) + 1;
    this.#last = counter;
    return { counter, path: this.picturePath(counter) };
  }

  picturePath(counter: number): string {
    const { firstFolder, filePrefix } = this.#model;
    const folder = firstFolder + Math.floor((counter - 1) / PICTURES_IN_FOLDER);
    return `DCIM/${folder}CANON/${filePrefix}${String(counter).padStart(4, '0')}.JPG`;
  }
}

function onGrid(time: number): number {
  return Math.max(0, time - (time % TIME_STEP));
}

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
