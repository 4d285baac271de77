/**
 * What was downloaded before, for cameras without a mark of their own: one file a camera, one line a
 * picture.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraIdentity, CameraObject } from '../camera/camera.ts';
import { codeOfFileError, fileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';
import { stateFolder } from './state.ts';

export class DownloadRecord {
  #file: string;
  #lines: Set<string>;

  private constructor(file: string, lines: Set<string>) {
    this.#file = file;
    this.#lines = lines;
  }

  static async open(camera: CameraIdentity): Promise<DownloadRecord> {
    const name = `${camera.model}-${camera.serialNumber}`.replace(/[^A-Za-z0-9.-]+/g, '_');
    const folder = join(stateFolder(), 'downloaded');
    const file = join(folder, name);
    try {
      await makeFolder(folder, 0o700);
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (codeOfFileError(error) === 'ENOENT') return '';
        throw error;
      });
      return new DownloadRecord(file, new Set(text.split('\n')));
    } catch (error) {
      throw fileError(error, 'use', file, 'XDG_STATE_HOME names another folder to keep it in.');
    }
  }

  has(object: CameraObject): boolean {
    return this.#lines.has(lineOf(object));
  }

  async add(object: CameraObject): Promise<void> {
    const line = lineOf(object);
    if (this.#lines.has(line)) return;
    this.#lines.add(line);
    try {
      await appendFile(this.#file, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      throw fileError(error, 'write', this.#file);
    }
  }
}

/** Handles may change between sessions; these do not. */
function lineOf({ path, size, date }: CameraObject): string {
  return [path, size, date ?? ''].join('\t');
}
