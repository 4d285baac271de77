/** Files of this computer on their way to a camera. */
import { type FileHandle, open } from 'node:fs/promises';
import { HotshoeError } from '../base/errors.ts';
import type { DataSource } from '../ptp/index.ts';
import { fileError } from './file-error.ts';

const PIECE = 1 << 20;

export interface FileSource extends AsyncDisposable {
  /** Bytes. */
  size: number;
  /** The file's bytes, once; `onProgress` gets how many were taken so far. */
  counted(onProgress: (bytes: number) => void): DataSource;
}

/** Opens a file for upload; close it with `await using`. */
export async function fileSource(path: string): Promise<FileSource> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  const info = await file.stat();
  if (!info.isFile()) {
    await file.close();
    throw new HotshoeError('FILE', `cannot read ${path}: it is not a file`);
  }
  const { size } = info;
  return {
    size,
    counted: (onProgress) => ({ size, chunks: chunksOf(file, size, onProgress) }),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function* chunksOf(
  file: FileHandle,
  size: number,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(PIECE, Math.max(size, 1)));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
    // Shorter than when it was opened: the session reports the missing bytes.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
    onProgress(at);
  }
}
