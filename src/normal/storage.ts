/** The card, by paths as the camera writes them: "D:\\DCIM\\200CANON". */

import { HotshoeError } from '../base/errors.ts';
import { type ListedFile, type NormalFiles, splitPath } from '../canon/normal/index.ts';
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
    const place = path ?? (await this.drive);
    const { self, files } = await this.#files().list(place, depth);
    if (self) return files;
    throw new HotshoeError('NOT_FOUND', `there is no folder ${place} on the card`);
  }

  /** Each folder with what lies in it, from this one down. */
  async *walk(path?: string): AsyncGenerator<Walked, void, undefined> {
    const place = path ?? (await this.drive);
    const inside = await this.ls(place);
    const folders = inside.filter(({ kind }) => kind === 'folder');
    yield { path: place, folders, files: inside.filter(({ kind }) => kind === 'file') };
    for (const folder of folders) yield* this.walk(folder.path);
  }

  /** Into a sink, as it comes; resolves with the number of bytes. */
  getFile(path: string, sink: DataSink, signal?: AbortSignal): Promise<number> {
    return this.#files().read(path, sink, { signal });
  }

  /** A JPEG of 160 by 120 pixels. */
  getThumbnail(path: string): Promise<Uint8Array> {
    return this.#files().thumbnail(path);
  }

  /** Its folder must be there. `time` by the camera's clock, in seconds since 1970. */
  putFile(path: string, content: DataSource, time: number): Promise<void> {
    return this.#files().write(path, content, time);
  }

  mkdir(path: string): Promise<void> {
    return this.#files().makeFolder(path);
  }

  /** An empty one. */
  rmdir(path: string): Promise<void> {
    return this.#files().removeFolder(path);
  }

  rm(path: string): Promise<void> {
    return this.#files().remove(path);
  }

  /** Bits: 0x01 protected, 0x20 not downloaded yet. */
  setAttributes(path: string, attributes: number): Promise<void> {
    return this.#files().setAttributes(path, attributes);
  }

  /** "IMG_0408.JPG". */
  basename(path: string): string {
    return splitPath(path)[1];
  }
}
