/** Files from the camera onto the disk: never half-written under their final name. */
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, stat, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { HotshoeError, messageOf } from '../base/errors.ts';
import type { DataSink } from '../ptp/index.ts';

/** What to do about a file that is there already, with another size. */
export type OnExists = 'rename' | 'skip' | 'overwrite' | 'fail';
export const ON_EXISTS: readonly OnExists[] = ['rename', 'skip', 'overwrite', 'fail'];

export interface DownloadOptions {
  folder: string;
  /** As the camera calls it; made safe for the disk here. */
  name: string;
  /** Bytes; undefined where the camera does not know. */
  size: number | undefined;
  /** The camera's date, ISO 8601 without a zone; becomes the file's. */
  date?: string | undefined;
  onExists?: OnExists | undefined;
  /** Bytes written so far, after each chunk. */
  onProgress?: ((bytes: number) => void) | undefined;
  /** Brings the bytes; resolves with their number. */
  read(sink: DataSink): Promise<number>;
}

export interface DownloadResult {
  /** Where the file is now. */
  path: string;
  bytes: number;
  /** It was there already and was left alone. */
  skipped: boolean;
}

/**
 * Downloads into `NAME.part`, checks the size, syncs, and only then gives the file its name. A file
 * of the same name and size is taken for the same and skipped.
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadResult> {
  const { folder, size, onExists = 'rename' } = options;
  const wanted = join(folder, safeName(options.name));
  await mkdir(folder, { recursive: true });
  const there = await sizeOf(wanted);
  if (there !== undefined) {
    if (there === size || onExists === 'skip') return { path: wanted, bytes: there, skipped: true };
    if (onExists === 'fail') throw exists(wanted);
  }
  const part = `${wanted}.part`;
  const file = await openPart(part);
  let bytes: number;
  try {
    bytes = await options.read(fileSink(file, part, options.onProgress));
    if (size !== undefined && bytes !== size) {
      throw new HotshoeError(
        'INVALID_DATA',
        `${options.name}: ${bytes} bytes came, the camera lists it with ${size}`,
        { hint: 'The file may have changed on the card; list it again.' },
      );
    }
    const time = options.date ? Date.parse(options.date) : Number.NaN;
    if (!Number.isNaN(time)) await utimes(part, time / 1000, time / 1000);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(part);
    throw diskError(error, part);
  }
  await file.close();
  const path = await giveName(part, wanted, onExists);
  return { path, bytes, skipped: false };
}

function fileSink(
  file: FileHandle,
  path: string,
  onProgress: ((bytes: number) => void) | undefined,
): DataSink {
  let written = 0;
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at, chunk.length - at).catch((error) => {
          throw diskError(error, path);
        });
        at += bytesWritten;
      }
      written += chunk.length;
      onProgress?.(written);
    },
  };
}

/** Renames without ever replacing a file that somebody else made meanwhile. */
async function giveName(part: string, wanted: string, onExists: OnExists): Promise<string> {
  if (onExists === 'overwrite') {
    await rename(part, wanted);
    return wanted;
  }
  const extension = extname(wanted);
  const stem = join(dirname(wanted), basename(wanted, extension));
  for (let copy = 0; ; copy++) {
    const path = copy === 0 ? wanted : `${stem}-${copy}${extension}`;
    try {
      await linkOrCreate(part, path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, path);
      if (onExists === 'fail') {
        await unlink(part);
        throw exists(wanted);
      }
    }
  }
}

/** A hard link fails where the name is taken, in one step; not every file system has them. */
async function linkOrCreate(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
    await unlink(part);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw error;
    const reserved = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY);
    await reserved.close();
    await rename(part, path);
  }
}

async function openPart(part: string): Promise<FileHandle> {
  try {
    return await open(part, 'w');
  } catch (error) {
    throw diskError(error, part);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
}

/** Names from a camera are not to be trusted with the disk: no paths, no control characters. */
export function safeName(name: string): string {
  const plain = Array.from(name, (char) =>
    char === '/' || char === '\\' || char < ' ' || char === '\x7f' ? '_' : char,
  ).join('');
  return plain === '' || plain === '.' || plain === '..' ? '_' : plain;
}

function exists(path: string): HotshoeError {
  return new HotshoeError('FILE', `${path} exists already`, {
    hint: 'Choose with --on-exists: rename, skip, overwrite or fail.',
  });
}

function diskError(error: unknown, path: string): unknown {
  if (error instanceof HotshoeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return error;
  const reason = code === 'ENOSPC' ? 'the disk is full' : messageOf(error);
  return new HotshoeError('FILE', `cannot write ${path}: ${reason}`, {
    cause: error,
    hint: code === 'ENOSPC' ? 'Make room, or choose another folder with -o.' : undefined,
  });
}
