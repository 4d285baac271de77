/** Listings of the card: a stream of entries in which folders are entered and left again. */
import { ProtocolError, Reader, Writer } from '../../bytes/index.ts';
import { Attribute } from './codes.ts';
import { decodeText, encodeText } from './text.ts';

export interface DirectoryEntry {
  attributes: number;
  /** Bytes; 0 for folders. */
  size: number;
  /** Seconds since 1970 by the camera's clock; 0 where it has none for it. */
  time: number;
  name: string;
}

/** A file or a folder in its place: "D:\\DCIM\\204CANON\\IMG_0408.JPG". */
export interface ListedFile extends DirectoryEntry {
  kind: 'file' | 'folder';
  /** As the camera writes it, from the drive on. */
  path: string;
  /** The folder it is in, as the camera writes it. */
  folder: string;
}

export const SEPARATOR = '\\';
/** A longer listing is no listing: a card of this time holds some ten thousand files. */
export const LONGEST_LISTING = 16 << 20;

export function encodeListing(entries: readonly DirectoryEntry[]): Uint8Array {
  const writer = new Writer(1024);
  for (const entry of [...entries, TERMINATOR]) {
    writer.u8(entry.attributes).u8(0).u32(entry.size).u32(entry.time);
    writer.put(encodeText(entry.name)).u8(0);
  }
  return writer.finish();
}

const TERMINATOR: DirectoryEntry = { attributes: 0, size: 0, time: 0, name: '' };

/** Without the terminator. Throws a ProtocolError where an entry is cut. */
export function decodeListing(bytes: Uint8Array): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  const reader = new Reader(bytes, 'listing');
  while (reader.remaining > 0) {
    const attributes = reader.u16() & 0xff;
    const size = reader.u32();
    const time = reader.u32();
    const end = bytes.indexOf(0, reader.offset);
    if (end < 0) {
      throw new ProtocolError('TRUNCATED', 'a listing ends in a name', bytes, reader.offset);
    }
    const name = decodeText(reader.take(end + 1 - reader.offset));
    if (attributes === 0 && size === 0 && time === 0 && name === '') return entries;
    entries.push({ attributes, size, time, name });
  }
  return entries;
}

export interface Listing {
  /** Undefined where the folder is not there. */
  self: DirectoryEntry | undefined;
  /** Folders before what is in them. */
  files: ListedFile[];
}

/** Finds out what lies where. `path` is the one that was asked for. */
export function readListing(entries: readonly DirectoryEntry[], path: string): Listing {
  let self: DirectoryEntry | undefined;
  const files: ListedFile[] = [];
  const open = [path];
  for (const entry of entries) {
    const { attributes, name } = entry;
    if (!self && (name.includes(':') || name === path)) {
      self = entry;
      continue;
    }
    const folder = open.at(-1) ?? path;
    // Also for the listed folder itself, on some bodies.
    if (name === '..') {
      if (open.length > 1) open.pop();
      continue;
    }
    const isEntered = name.startsWith(`.${SEPARATOR}`);
    const bare = isEntered ? name.slice(2) : name;
    const isFolder = isEntered || (attributes & (Attribute.Folder | Attribute.Entered)) !== 0;
    const place = joinPath(folder, bare);
    files.push({ ...entry, name: bare, kind: isFolder ? 'folder' : 'file', path: place, folder });
    if (isEntered) open.push(place);
  }
  return { self, files };
}

/** "D:" and "DCIM" -> "D:\\DCIM". */
export function joinPath(folder: string, name: string): string {
  return `${folder}${SEPARATOR}${name}`;
}

/** "D:\\DCIM\\A.JPG" -> ["D:\\DCIM", "A.JPG"]. */
export function splitPath(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf(SEPARATOR);
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}

/** Eight characters and three, as the cards of these cameras have them. */
export function isShortName(name: string): boolean {
  return /^[A-Z0-9_~!@#$%^&()'`{}-]{1,8}(\.[A-Z0-9_~!@#$%^&()'`{}-]{1,3})?$/.test(name);
}
