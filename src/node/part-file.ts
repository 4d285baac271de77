/**
 * The file that a download grows in: `NAME.part`, kept when the download breaks so that the next one
 * can go on. One process at a time has it; another that wants the same name gets a part of its own,
 * which is not kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ignore } from '../base/time.ts';
import { codeOfFileError, fileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';
import { stateFolder } from './state.ts';

export interface PartFile {
  path: string;
  file: FileHandle;
  /** Bytes that an earlier download left in it. */
  have: number;
  /** Worth keeping when the download breaks: the next one will find it. */
  resumable: boolean;
  /** Closes the file if it is still open, and lets others have it; `remove` deletes it. */
  release(options: { remove: boolean }): Promise<void>;
}

export interface PartOptions {
  /** Other names to try where the part of the wanted one is taken. */
  names: Iterable<string>;
  /** Can go on with what an earlier download left; else that is left for one that can. */
  resume: boolean;
}

/** Opens the part of `wanted`. */
export async function openPartFile(wanted: string, options: PartOptions): Promise<PartFile> {
  const path = `${wanted}.part`;
  const unlock = await lock(path);
  if (!unlock) return ownPart(options.names);
  try {
    const file = await openOrMake(path, options.resume);
    if (!file) {
      await unlock();
      return await ownPart(options.names);
    }
    const { size } = await file.stat();
    return {
      path,
      file,
      have: size,
      resumable: true,
      async release({ remove }) {
        await file.close().catch(ignore);
        if (remove) await unlink(path).catch(ignore);
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw fileError(error, 'write', path);
  }
}

/** Undefined where the file is there and may not be gone on with. */
async function openOrMake(path: string, resume: boolean): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx+');
  } catch (error) {
    if (codeOfFileError(error) !== 'EEXIST') throw error;
    return resume ? open(path, 'r+') : undefined;
  }
}

/** Beside the part of another process: made new, and gone with this download. */
async function ownPart(names: Iterable<string>): Promise<PartFile> {
  for (const name of names) {
    const path = `${name}.${randomBytes(3).toString('hex')}.part`;
    try {
      const file = await open(path, 'wx+');
      return {
        path,
        file,
        have: 0,
        resumable: false,
        async release({ remove }) {
          await file.close().catch(ignore);
          if (remove) await unlink(path).catch(ignore);
        },
      };
    } catch (error) {
      if (codeOfFileError(error) !== 'EEXIST') throw fileError(error, 'write', path);
    }
  }
  throw new Error('no name is left for a part');
}

/** Parts that this process writes to now. */
const held = new Set<string>();

/**
 * Undefined where somebody writes to the part already. A process that was killed leaves its lock
 * behind; that it is gone is seen by its process id.
 */
async function lock(part: string): Promise<(() => Promise<void>) | undefined> {
  const path = resolve(part);
  if (held.has(path)) return undefined;
  held.add(path);
  const folder = join(stateFolder(), 'locks');
  const file = join(folder, createHash('sha1').update(path).digest('hex'));
  const token = `${process.pid} ${randomBytes(6).toString('hex')}`;
  const release = async () => {
    held.delete(path);
    if ((await readFile(file, 'utf8').catch(ignore)) === token) await unlink(file).catch(ignore);
  };
  try {
    await makeFolder(folder, 0o700);
    if (!(await take(file, token))) {
      held.delete(path);
      return undefined;
    }
  } catch {
    // Without a state folder there is no lock between processes, only within this one.
  }
  return release;
}

async function take(file: string, token: string): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(file, token, { flag: 'wx', mode: 0o600 });
      // Two that both removed a dead process's lock: the one whose token stands has it.
      return (await readFile(file, 'utf8')) === token;
    } catch (error) {
      if (codeOfFileError(error) !== 'EEXIST') throw error;
    }
    const owner = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (owner !== process.pid && isAlive(owner)) return false;
    await unlink(file).catch(ignore);
  }
  return false;
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process, but alive.
    return codeOfFileError(error) === 'EPERM';
  }
}
