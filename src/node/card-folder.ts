/** A folder of this computer as the memory card of a virtual camera. */
import { constants } from 'node:fs';
import {
  access,
  lstat,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  statfs,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import type { CardAccess, CardContent, CardEntry, CardStore } from '../virtual/card/card-store.ts';
import { fileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';
import { PieceReader } from './piece-reader.ts';

/** Files that are looked at together: four times as fast as one after the other. */
const AT_ONCE = 64;

/** A PTP string holds no more. */
const LONGEST_NAME = 254;

/**
 * Checks that the folder is there. Links and hidden files in it are passed over: a card has none. A
 * folder that cannot be written to is a card whose lock is set.
 */
export async function folderCard(folder: string): Promise<CardStore> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw fileError(error, 'read', folder);
  });
  if (!(await lstat(root)).isDirectory()) {
    throw new HotshoeError('FILE', `${folder} is not a folder`, {
      hint: 'Give the folder that holds DCIM, or an empty one.',
    });
  }
  const writable = await access(root, constants.W_OK).then(
    () => true,
    () => false,
  );
  return new FolderCard(root, writable ? 'read-write' : 'read-only');
}

class FolderCard implements CardStore {
  readonly access: CardAccess;
  #root: string;
  #reader = new PieceReader();

  constructor(root: string, access: CardAccess) {
    this.#root = root;
    this.access = access;
  }

  async space(): Promise<{ capacity: number; free: number }> {
    const { blocks, bavail, bsize } = await statfs(this.#root);
    return { capacity: blocks * bsize, free: bavail * bsize };
  }

  async list(folder: string): Promise<CardEntry[]> {
    const names = (await readdir(this.#path(folder)))
      .filter((name) => !name.startsWith('.') && name.length <= LONGEST_NAME)
      .sort();
    const entries: CardEntry[] = [];
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      const found = await Promise.all(some.map((name) => this.#entry(folder, name)));
      for (const entry of found) if (entry) entries.push(entry);
    }
    return entries;
  }

  async #entry(folder: string, name: string): Promise<CardEntry | undefined> {
    const info = await lstat(this.#path(join(folder, name)));
    const time = cameraSeconds(info.mtime);
    if (info.isFile()) return { name, kind: 'file', size: info.size, time };
    return info.isDirectory() ? { name, kind: 'folder', size: 0, time } : undefined;
  }

  read(path: string, offset: number, size: number): AsyncGenerator<Uint8Array> {
    return this.#reader.read(this.#path(path), offset, size);
  }

  async write(path: string, content: CardContent, time: number): Promise<void> {
    const target = this.#path(path);
    // Something that the camera does not see, or the user put there since: not to be replaced.
    if (await exists(target)) throw new HotshoeError('FILE', `${target} is there already`);
    await makeFolder(dirname(target));
    const draft = join(dirname(target), `.${basename(target)}.part`);
    try {
      await writeFile(draft, content);
      await utimes(draft, fileSeconds(time), fileSeconds(time));
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async makeFolder(path: string, time: number): Promise<void> {
    const target = this.#path(path);
    await makeFolder(target);
    if (!(await lstat(target)).isDirectory()) {
      throw new HotshoeError('FILE', `${target} is a link: no card has one`);
    }
    await utimes(target, fileSeconds(time), fileSeconds(time));
  }

  async remove(path: string): Promise<void> {
    const target = this.#path(path);
    if ((await lstat(target)).isDirectory()) await rmdir(target);
    else await unlink(target);
  }

  /** Only the camera's own folders: the user's may hold other things, which no camera may delete. */
  async format(): Promise<void> {
    for (const name of ['DCIM', 'MISC']) {
      await rm(this.#path(name), { recursive: true, force: true });
    }
  }

  /** Names come from whoever is connected: nothing outside the folder is ever touched. */
  #path(path: string): string {
    const target = resolve(this.#root, path);
    if (target !== this.#root && !target.startsWith(this.#root + sep)) {
      throw new HotshoeError('FILE', `"${path}" lies outside the card`);
    }
    return target;
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** A camera's clock shows local time and knows no zone: its seconds count as if it were UTC. */
function cameraSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) - date.getTimezoneOffset() * 60;
}

function fileSeconds(time: number): number {
  return time + new Date(time * 1000).getTimezoneOffset() * 60;
}
