/** Where holders are found: a socket for each in a folder that nobody else may enter. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rmdir, stat, unlink } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, messageOf } from '../base/errors.ts';
import { ignore, sleep, within } from '../base/time.ts';
import { codeOfFileError, fileError } from '../node/file-error.ts';
import { makeFolder } from '../node/make-folder.ts';
import { connectPath, socketStream } from '../node/tcp.ts';

const SOCKET = /^[0-9a-f]{16}\.sock$/;
/** Of the system's struct; Linux has 108, others 104. */
const PATH_LIMIT = 103;
const CONNECT_MS = 2000;
const LISTEN_TRIES = 5;
/** Longer than it takes to ask, many times. */
const LOCK_MS = 10_000;
const LOCK_PAUSE_MS = 20;

/** `$XDG_RUNTIME_DIR/hotshoe`; where there is none, a folder of this user in the temporary one. */
function runtimeFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_RUNTIME_DIR } = env;
  if (XDG_RUNTIME_DIR) return join(XDG_RUNTIME_DIR, 'hotshoe');
  return join(tmpdir(), `hotshoe-${userInfo().uid}`);
}

export function socketPath(address: string, env?: NodeJS.ProcessEnv): string {
  const digest = createHash('sha256').update(address).digest('hex').slice(0, 16);
  return join(runtimeFolder(env), `${digest}.sock`);
}

/** Of holders that run, or have run. */
export async function socketPaths(env?: NodeJS.ProcessEnv): Promise<string[]> {
  const folder = runtimeFolder(env);
  try {
    if (!(await isOurs(folder))) return [];
    const names = await readdir(folder);
    return names.filter((name) => SOCKET.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if (codeOfFileError(error) === 'ENOENT') return [];
    throw fileError(error, 'read', folder);
  }
}

/** Whether it is worth a look: without holders commands need not know where a camera is on USB. */
export async function anyHolder(env?: NodeJS.ProcessEnv): Promise<boolean> {
  return (await socketPaths(env)).length > 0;
}

/**
 * The holder at the other end; undefined where there is none. A socket that a killed one left is
 * removed.
 */
export async function connectHolder(path: string): Promise<ByteStream | undefined> {
  const found = await knock(path);
  return found === 'stale' ? await removeStale(path) : found;
}

async function knock(path: string): Promise<ByteStream | 'stale' | undefined> {
  try {
    return await within(connectPath(path, 'the holder'), {
      ms: CONNECT_MS,
      what: `no answer at ${path}`,
    });
  } catch (error) {
    const code = codeOfFileError(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ECONNREFUSED') return 'stale';
    throw fileError(error, 'use', path);
  }
}

/**
 * Nobody can listen at a path before its socket is removed, but two may be about to remove it, and
 * the second would take away what the first one has put there: one at a time asks again, and removes.
 */
async function removeStale(path: string): Promise<ByteStream | undefined> {
  const lock = `${path}.lock`;
  await takeLock(lock);
  try {
    const found = await knock(path);
    if (found !== 'stale') return found;
    await unlink(path);
    return undefined;
  } finally {
    await rmdir(lock);
  }
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      return await mkdir(lock);
    } catch (error) {
      if (codeOfFileError(error) !== 'EEXIST') throw fileError(error, 'write', lock);
    }
    // Whoever had it was killed.
    const made = await stat(lock).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > LOCK_MS) await rmdir(lock).catch(ignore);
    else await sleep(LOCK_PAUSE_MS);
  }
}

export interface HolderSocket {
  path: string;
  /** No new connections, and no socket any more. */
  close(): Promise<void>;
}

/** Rejects with a BUSY error where another process listens there. */
export async function listenHolder(
  address: string,
  onClient: (stream: ByteStream) => void,
  env?: NodeJS.ProcessEnv,
): Promise<HolderSocket> {
  const path = socketPath(address, env);
  if (Buffer.byteLength(path) > PATH_LIMIT) {
    throw new HotshoeError('LISTEN', `the path of the socket is too long: ${path}`, {
      hint: 'XDG_RUNTIME_DIR names the folder that it lies in; choose a shorter one.',
    });
  }
  await prepareFolder(runtimeFolder(env));
  const server = net.createServer((socket) => onClient(socketStream(socket, 'a command')));
  // Of a connection that could not be accepted; it is tried again by who made it.
  server.on('error', ignore);
  for (let tries = 1; ; tries++) {
    const other = await connectHolder(path);
    if (other) {
      await other.close();
      throw new HotshoeError('BUSY', `${address} is held by another process`, {
        hint: '`hotshoe list` shows it, `hotshoe release` ends it.',
      });
    }
    try {
      await listenAt(server, path);
      break;
    } catch (error) {
      // Somebody has begun at the same moment: it holds, unless it is gone again.
      if (codeOfFileError(error) === 'EADDRINUSE' && tries < LISTEN_TRIES) continue;
      throw new HotshoeError('LISTEN', `cannot listen at ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  await chmod(path, 0o600);
  return {
    path,
    async close() {
      // Node removes the socket with it.
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listenAt(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    throw fileError(error, 'use', folder, 'XDG_RUNTIME_DIR names the folder it lies in.');
  }
  if (await isOurs(folder)) return;
  throw new HotshoeError('FILE', `cannot use ${folder}: others may write there`, {
    hint: 'It must belong to you and have the mode 0700.',
  });
}

async function isOurs(folder: string): Promise<boolean> {
  const stats = await lstat(folder);
  if (process.platform === 'win32') return stats.isDirectory();
  return stats.isDirectory() && stats.uid === userInfo().uid && (stats.mode & 0o077) === 0;
}
