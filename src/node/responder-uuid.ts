/** The uuid by which PowerShots know this computer: they connect only to one they have met. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import { keepFirst, readIfThere } from './private-file.ts';
import { stateFolder } from './state.ts';

/** As ptpip-canon-upnp-helper calls its file. */
const NAME = 'ptpip-canon-helper.uuid';

export interface ResponderUuid {
  uuid: string;
  file: string;
  created: boolean;
}

/**
 * From that program's file in the current folder if there is one, so that cameras paired with it
 * need no new pairing; else from the state folder, where one is made once and kept.
 */
export async function responderUuid(env: NodeJS.ProcessEnv = process.env): Promise<ResponderUuid> {
  const own = join(stateFolder(env), NAME);
  const others = resolve(NAME);
  for (const file of [others, own]) {
    try {
      const text = await readIfThere(file);
      if (text !== undefined) return { uuid: checked(text, file), file, created: false };
    } catch (error) {
      throw fileError(error, 'use', file);
    }
  }
  try {
    await keepFirst(own, `${randomUUID()}\n`);
    // Another process may have been first.
    return { uuid: checked(await readFile(own, 'utf8'), own), file: own, created: true };
  } catch (error) {
    throw fileError(error, 'use', own, 'XDG_STATE_HOME names another folder to keep it in.');
  }
}

/** Never made anew over something that cannot be read: paired cameras would be lost by that. */
function checked(text: string, file: string): string {
  const uuid = text.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return uuid;
  throw new HotshoeError('FILE', `cannot use ${file}: it holds no uuid`, {
    hint: 'Mend or delete it; PowerShots paired before must then be paired again.',
  });
}
