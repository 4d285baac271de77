/** The card, by paths as the camera writes them, "D:\\DCIM", or like "DCIM/204CANON". */

import { HotshoeError } from '../base/errors.ts';
import { joinPath, type ListedFile, type NormalFiles, SEPARATOR } from '../canon/normal/index.ts';
import type { DataSink, DataSource } from '../ptp/index.ts';

export interface Walked {
  /** The folder. */
  path: string;
  folders: ListedFile[];
  files: ListedFile[];
}

export class NormalStorage {
  #files: () => NormalFiles;

  constructor(files: () => NormalFiles) {
    this.#files = files;
  }

  /** "D:"; empty without a card. */
  get drive(): Promise<string> {
    return this.#files().drive();
  }

  /** Bytes; undefined without a card. */
  get space(): Promise<{ capacity: number; free: number } | undefined> {
    return this.#files().space();
  }

  /** What lies in a folder; default the drive. `depth` levels below it as well. */
  async ls(path?: string, depth = 0): Promise<ListedFile[]> {
    const place = await this.#place(path);
    const { self, files } = await this.#files().list(place, depth);
    if (self) return files;
    throw new HotshoeError('NOT_FOUND', `there is no folder ${place} on the card`);
  }

  /** Each folder with what lies in it, from this one down. */
  async *walk(path?: string): AsyncGenerator<Walked, void, undefined> {
    const place = await this.#place(path);
    const inside = await this.ls(place);
    const folders = inside.filter(({ kind }) => kind === 'folder');
    yield { path: place, folders, files: inside.filter(({ kind }) => kind === 'file') };
    for (const folder of folders) yield* this.walk(folder.path);
  }

  /** Into a sink, as it comes; resolves with the number of bytes. */
  async getFile(path: string, sink: DataSink, signal?: AbortSignal): Promise<number> {
    return this.#files().read(await this.#place(path), sink, { signal });
  }

  /** A JPEG of 160 by 120 pixels. */
  async getThumbnail(path: string): Promise<Uint8Array> {
    return this.#files().thumbnail(await this.#place(path));
  }

  /** Its folder must be there. `time` by the camera's clock, in seconds since 1970. */
  async putFile(path: string, content: DataSource, time: number): Promise<void> {
    return this.#files().write(await this.#place(path), content, time);
  }

  async mkdir(path: string): Promise<void> {
    return this.#files().makeFolder(await this.#place(path));
  }

  /** An empty one. */
  async rmdir(path: string): Promise<void> {
    return this.#files().removeFolder(await this.#place(path));
  }

  async rm(path: string): Promise<void> {
    return this.#files().remove(await this.#place(path));
  }

  /** Bits: 0x01 protected, 0x20 not downloaded yet. */
  async setAttributes(path: string, attributes: number): Promise<void> {
    return this.#files().setAttributes(await this.#place(path), attributes);
  }

  async #place(path = ''): Promise<string> {
    const drive = await this.drive;
    const place = path.replaceAll('/', SEPARATOR).replace(/^\\+|\\+$/g, '');
    if (place.toUpperCase().startsWith(drive.toUpperCase())) return place;
    return place === '' ? drive : joinPath(drive, place);
  }
}
