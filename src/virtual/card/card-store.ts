/**
 * What a memory card is to the camera: folders and files by path. In memory here; on disk where
 * something outside gives an implementation.
 */
import { concat } from '../../base/byte-stream.ts';

export interface CardEntry {
  name: string;
  kind: 'file' | 'folder';
  /** Bytes; 0 for folders. */
  size: number;
  /** Seconds since 1970 by the camera's clock, which knows no zone. */
  time: number;
}

/** What may be changed on a card: its lock lets nothing be written, and on some nothing deleted. */
export type CardAccess = 'read-write' | 'read-only' | 'read-and-delete';

/** Paths are relative to the card's root, with slashes: "DCIM/100CANON/2U4A0001.JPG". */
export interface CardStore {
  /** Read and write unless it says otherwise. */
  readonly access?: CardAccess | undefined;
  /** Bytes of the card, and of what is free on it. */
  space(): Promise<{ capacity: number; free: number }>;
  /** Entries of a folder, sorted by name; "" is the root. */
  list(folder: string): Promise<CardEntry[]>;
  /**
   * The bytes of a file from `offset`, `size` of them at most. Large files come in pieces, each of
   * them valid until the next one is asked for.
   */
  read(
    path: string,
    offset: number,
    size: number,
  ): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /**
   * Writes a new file; folders on the way are made. A chunk is valid until the next one is asked
   * for. When the chunks or the writing fail, there is no file.
   */
  write(path: string, content: CardContent, time: number): Promise<void>;
  makeFolder(path: string, time: number): Promise<void>;
  /** Removes a file or an empty folder. */
  remove(path: string): Promise<void>;
  /** Empties the card. */
  format(): Promise<void>;
}

/** The bytes of a new file: as a whole, or in chunks as they come. */
export type CardContent = Uint8Array | AsyncIterable<Uint8Array>;

/** Collects `size` bytes of a file, or as many as there are. */
export async function readBytes(
  store: CardStore,
  path: string,
  offset: number,
  size: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(path, offset, size)) parts.push(part.slice());
  return parts.length === 1 && parts[0] ? parts[0] : concat(parts);
}
