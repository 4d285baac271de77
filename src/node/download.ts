/** Files from the camera onto the disk: never half-written under their final name. */
import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import { ignore } from '../base/time.ts';
import type { DataSink } from '../ptp/index.ts';
import { codeOfFileError, fileError } from './file-error.ts';
import { FileSink } from './file-sink.ts';
import { makeFolder } from './make-folder.ts';
import { openPartFile, type PartFile } from './part-file.ts';

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
  /** Just taken: no file that is there already can be the same, whatever its size. */
  fresh?: boolean | undefined;
  /** True for a file that is another picture of the same name: this one goes beside it. */
  isOther?: ((path: string) => boolean) | undefined;
  /** Bytes in the file so far, after each chunk; what was there already counts. */
  onProgress?: ((bytes: number) => void) | undefined;
  /** Brings the bytes from `offset` on (0 unless `readRange` is given); resolves with their number. */
  read(sink: DataSink, offset: number): Promise<number>;
  /**
   * Brings a piece: with it a download that broke is gone on with, after a look at whether what is
   * there is what the camera has.
   */
  readRange?: ((offset: number, size: number) => Promise<Uint8Array>) | undefined;
}

export interface DownloadResult {
  /** Where the file is now. */
  path: string;
  bytes: number;
  /** It was there already and was left alone. */
  skipped: boolean;
  /** Bytes that an earlier, broken download had brought. */
  resumed: number;
}

/**
 * Downloads into `NAME.part`, checks the size, syncs, and only then gives the file its name. A file
 * of the same name and size is taken for the same and skipped.
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadResult> {
  const { folder, onExists = 'rename', isOther } = options;
  const names = () => namesLike(join(folder, safeName(options.name)), isOther);
  await makeFolder(folder).catch((error: unknown) => {
    throw fileError(error, 'write', folder);
  });
  const there = await alreadyThere(names(), options);
  if (there) return { ...there, skipped: true, resumed: 0 };
  const wanted = names().next().value as string;
  const part = await openPartFile(wanted, {
    names: names(),
    resume: options.readRange !== undefined,
  });
  // Worth keeping is what the next download can go on with.
  let keep = false;
  try {
    const resumed = await startOf(part, options);
    keep = part.resumable && options.readRange !== undefined;
    const bytes = await fill(part, resumed, options).catch((error: unknown) => {
      // What came is not what was listed: nothing to go on with.
      if (error instanceof HotshoeError && error.code === 'INVALID_DATA') keep = false;
      throw error;
    });
    await part.file.close();
    const path = await giveName(part.path, names(), onExists);
    await part.release({ remove: false });
    return { path, bytes, skipped: false, resumed };
  } catch (error) {
    const empty = (await stat(part.path).catch(ignore))?.size === 0;
    await part.release({ remove: !keep || empty });
    throw fileError(error, 'write', part.path);
  }
}

/** Bytes compared at each end of what an earlier download left. */
const COMPARED = 64 << 10;

/**
 * How much of the part is the beginning of this very file. Name and size must fit, and so must the
 * first and the last bytes: a file that was killed in the middle of a write may end in rubbish.
 */
async function startOf(part: PartFile, { size, readRange }: DownloadOptions): Promise<number> {
  const { file, have } = part;
  const usable = readRange && size !== undefined && have > 0 && have <= size ? have : 0;
  if (usable > 0 && readRange) {
    const piece = Math.min(COMPARED, usable);
    const same =
      (await samePiece(file, 0, piece, readRange)) &&
      (await samePiece(file, usable - piece, piece, readRange));
    if (same) return usable;
  }
  await file.truncate(0);
  return 0;
}

async function samePiece(
  file: FileHandle,
  offset: number,
  size: number,
  readRange: NonNullable<DownloadOptions['readRange']>,
): Promise<boolean> {
  const here = Buffer.alloc(size);
  const { bytesRead } = await file.read(here, 0, size, offset);
  return bytesRead === size && here.equals(await readRange(offset, size));
}

/** The file that makes this download superfluous, if there is one. */
async function alreadyThere(
  names: Iterable<string>,
  { size, onExists = 'rename', fresh = false }: DownloadOptions,
): Promise<{ path: string; bytes: number } | undefined> {
  for (const path of names) {
    const bytes = await sizeOf(path);
    if (bytes === undefined) return undefined;
    if (bytes === size && !fresh) return { path, bytes };
    if (onExists === 'skip') return { path, bytes };
    if (onExists === 'fail') throw exists(path);
    // Under another name it may be there since the last time.
    if (onExists !== 'rename') return undefined;
  }
  return undefined;
}

async function fill(
  { file, path }: PartFile,
  resumed: number,
  options: DownloadOptions,
): Promise<number> {
  const { size } = options;
  const complete = resumed > 0 && resumed === size;
  const sink = new FileSink(file, path, resumed, options.onProgress);
  const read = () => options.read(sink, resumed).finally(() => sink.settled());
  const bytes = resumed + (complete ? 0 : await read());
  await sink.end();
  if (size !== undefined && bytes !== size) {
    throw new HotshoeError(
      'INVALID_DATA',
      `${options.name}: ${bytes} bytes came, the camera lists it with ${size}`,
      { hint: 'The file may have changed on the card; list it again.' },
    );
  }
  const time = options.date ? Date.parse(options.date) : Number.NaN;
  if (!Number.isNaN(time)) await file.utimes(time / 1000, time / 1000);
  await file.sync();
  return bytes;
}

/** Renames without ever replacing a file that somebody else made meanwhile. */
async function giveName(
  part: string,
  names: Iterable<string>,
  onExists: OnExists,
): Promise<string> {
  for (const path of names) {
    try {
      if (onExists === 'overwrite') await rename(part, path);
      else await linkOrCreate(part, path);
      return path;
    } catch (error) {
      if (codeOfFileError(error) !== 'EEXIST') throw fileError(error, 'write', path);
      if (onExists === 'fail') throw exists(path);
    }
  }
  throw new Error('names never end');
}

/** Gives a finished part the name `wanted`, or one like it where that is taken; resolves with it. */
export function nameFile(part: string, wanted: string): Promise<string> {
  return giveName(part, namesLike(wanted, undefined), 'rename');
}

/** IMG_0001.JPG, IMG_0001-1.JPG, IMG_0001-2.JPG … but for those of other pictures. */
function* namesLike(path: string, isOther: DownloadOptions['isOther']): Generator<string> {
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  for (let copy = 0; ; copy++) {
    const name = copy === 0 ? path : `${stem}-${copy}${extension}`;
    if (!isOther?.(name)) yield name;
  }
}

/** A hard link fails where the name is taken, in one step; not every file system has them. */
async function linkOrCreate(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (codeOfFileError(error) === 'EEXIST') throw error;
    const reserved = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY);
    await reserved.close();
    await rename(part, path);
    return;
  }
  await unlink(part);
}

/** Of a file; -1 for anything else of that name, undefined for nothing. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : -1;
  } catch (error) {
    if (codeOfFileError(error) === 'ENOENT') return undefined;
    throw fileError(error, 'write', path);
  }
}

/** Paths, streams and wildcards of any system; control characters, those of direction too. */
const UNSAFE = /[\\/:*?"<>|\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Names of devices on Windows, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Names from a camera are not to be trusted with the disk, nor with whoever lists it. */
export function safeName(name: string): string {
  // Windows drops dots and blanks at the end, and two names become one.
  const plain = name.replace(UNSAFE, '_').replace(/[. ]+$/, '_');
  return plain === '' || DEVICE.test(plain) ? `_${plain}` : plain;
}

function exists(path: string): HotshoeError {
  return new HotshoeError('FILE', `${path} exists already`, {
    hint: 'Choose with --on-exists: rename, skip, overwrite or fail.',
  });
}
