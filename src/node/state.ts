/** Where hotshoe keeps what it must remember: XDG folders, files that only their owner reads. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { HotshoeError, messageOf } from '../base/errors.ts';
import { formatGuid, makeGuid, parseGuid } from '../ptp/index.ts';

/** `$XDG_STATE_HOME/hotshoe`, by default `~/.local/state/hotshoe`. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'hotshoe');
}

export interface Identity {
  /** 16 bytes that cameras remember this computer by. */
  guid: Uint8Array;
  /** Shown on the camera's screen. */
  name: string;
}

/**
 * This computer as cameras know it. Made once and kept: a camera that was paired with it refuses any
 * other.
 */
export async function identity(env: NodeJS.ProcessEnv = process.env): Promise<Identity> {
  const folder = stateFolder(env);
  const file = join(folder, 'identity.json');
  const name = hostname();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(file, error);
    const guid = makeGuid(randomBytes(6));
    await writePrivate(folder, file, `${JSON.stringify({ guid: formatGuid(guid) }, null, 2)}\n`);
    return { guid, name };
  }
  const guid = parseGuid(guidText(text));
  if (!guid) throw unreadable(file, new Error('it holds no GUID'));
  return { guid, name };
}

function guidText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const guid = typeof value === 'object' && value !== null && 'guid' in value ? value.guid : '';
    return typeof guid === 'string' ? guid : '';
  } catch {
    // Not JSON: reported by the caller, which knows the file's name.
    return '';
  }
}

function unreadable(file: string, error: unknown): HotshoeError {
  return new HotshoeError('FILE', `cannot use ${file}: ${messageOf(error)}`, {
    cause: error,
    hint: 'Mend or delete it; cameras paired before must then be paired again.',
  });
}

async function writePrivate(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.part`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}
