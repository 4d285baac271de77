/** Files of the state folder: whole or not at all, and for their owner's eyes only. */
import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOfFileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';

/** Undefined where there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOfFileError(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the file unless somebody else has; readers see it whole or not at all. */
export async function keepFirst(file: string, text: string): Promise<void> {
  const draft = await writeDraft(file, text);
  try {
    await link(draft, file);
  } catch (error) {
    if (codeOfFileError(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

/** Puts the text in the file's place. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = await writeDraft(file, text);
  try {
    await rename(draft, file);
  } catch (error) {
    await unlink(draft);
    throw error;
  }
}

async function writeDraft(file: string, text: string): Promise<string> {
  await makeFolder(dirname(file), 0o700);
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.part`;
  await writeFile(draft, text, { mode: 0o600 });
  // Whatever the umask made of it.
  await chmod(draft, 0o600);
  return draft;
}
