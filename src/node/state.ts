/** Where hotshoe keeps what it must remember: XDG folders, files that only their owner reads. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import { formatGuid, makeGuid, parseGuid } from '../ptp/index.ts';
import { fileError } from './file-error.ts';
import { keepFirst, readIfThere } from './private-file.ts';

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
  const file = join(stateFolder(env), 'identity.json');
  try {
    let text = await readIfThere(file);
    if (text === undefined) {
      const guid = formatGuid(makeGuid(randomBytes(6)));
      await keepFirst(file, `${JSON.stringify({ guid }, null, 2)}\n`);
      // Another process may have been first.
      text = await readFile(file, 'utf8');
    }
    const guid = parseGuid(guidText(text));
    if (guid) return { guid, name: hostname() };
  } catch (error) {
    throw fileError(error, 'use', file, 'XDG_STATE_HOME names another folder to keep it in.');
  }
  throw new HotshoeError('FILE', `cannot use ${file}: it holds no GUID`, {
    hint: 'Mend or delete it; cameras paired before must then be paired again.',
  });
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
