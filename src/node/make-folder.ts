import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOfFileError } from './file-error.ts';

/**
 * Makes a folder and those above it. Node's own recursive mkdir never returns where a file system
 * answers ENOENT for a folder that it will not make, as /proc does.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (codeOfFileError(error) !== 'ENOENT' || above === path) throw error;
    if (!(await exists(above))) await makeFolder(above, mode);
    await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (codeOfFileError(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOfFileError(error) === 'ENOENT') return false;
    throw error;
  }
}
