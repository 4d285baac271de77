/** A folder of this computer as the memory card of a virtual camera. */
import {
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  statfs,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import type { CardEntry, CardStore } from '../virtual/card/card-store.ts';
import { fileError } from './file-error.ts';

const PIECE = 1 << 20;

/** Checks that the folder is there. Links in it are passed over: a card has none. */
export async function folderCard(folder: string): Promise<CardStore> {
  const root = resolve(folder);
  const info = await lstat(root).catch((error: unknown) => {
    throw fileError(error, 'read', folder);
  });
  if (!info.isDirectory()) {
    throw new HotshoeError('FILE', `${folder} is not a folder`, {
      hint: 'Give the folder that holds DCIM, or an empty one.',
    });
  }
  return new FolderCard(root);
}

class FolderCard implements CardStore {
  #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async space(): Promise<{ capacity: number; free: number }> {
    const { blocks, bavail, bsize } = await statfs(this.#root);
    return { capacity: blocks * bsize, free: bavail * bsize };
  }

  async list(folder: string): Promise<CardEntry[]> {
    const entries: CardEntry[] = [];
    for (const name of await readdir(this.#path(folder))) {
      const info = await lstat(this.#path(join(folder, name)));
      const time = cameraSeconds(info.mtime);
      if (info.isFile()) entries.push({ name, kind: 'file', size: info.size, time });
      else if (info.isDirectory()) entries.push({ name, kind: 'folder', size: 0, time });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *read(path: string, offset: number, size: number): AsyncGenerator<Uint8Array> {
    const file = await open(this.#path(path), 'r');
    try {
      for (let left = size; left > 0; ) {
        const want = Math.min(PIECE, left);
        const piece = Buffer.allocUnsafeSlow(want);
        const { bytesRead } = await file.read(piece, 0, want, offset + size - left);
        if (bytesRead === 0) return;
        left -= bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async write(path: string, bytes: Uint8Array, time: number): Promise<void> {
    const target = this.#path(path);
    await mkdir(join(target, '..'), { recursive: true });
    const draft = `${target}.part`;
    await writeFile(draft, bytes);
    await utimes(draft, fileSeconds(time), fileSeconds(time));
    await rename(draft, target);
  }

  async makeFolder(path: string, time: number): Promise<void> {
    const target = this.#path(path);
    await mkdir(target, { recursive: true });
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

/** A camera's clock shows local time and knows no zone: its seconds count as if it were UTC. */
function cameraSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) - date.getTimezoneOffset() * 60;
}

function fileSeconds(time: number): number {
  return time + new Date(time * 1000).getTimezoneOffset() * 60;
}
