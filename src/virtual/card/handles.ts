/**
 * Object handles as Canon bodies give them: a folder of DCIM is the card's base and its number << 18,
 * a file its folder, its number << 4 and the member of its group. Checked against handles of a 60D, an
 * R6 and an IXUS 180.
 */
import type { HandleSpace } from '../models/model.ts';

const MISC_OFFSET = 0x10080000;
/** Where handles begin of whatever has no number in its name; behind MISC. */
const OTHER_OFFSET = 0x10100000;

/** Member of a group that is no JPEG file: CR3 files of an R6. */
const OTHER_MEMBER = 1;
/** Files in the root that have handles of their own kind; behind them DCIM begins. */
const ROOT_FILES = 0x3fff;

/** "100CANON", "101EOSR6", "104___07". */
export function folderNumber(name: string): number | undefined {
  const match = /^([1-9]\d\d)[0-9A-Z_]{5}$/i.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** "2U4A0001.JPG". */
export function fileNumber(name: string): number | undefined {
  const match = /^[0-9A-Z_]{4}(\d{4})\.[0-9A-Z]{1,3}$/i.exec(name);
  const number = match ? Number(match[1]) : 0;
  return number === 0 ? undefined : number;
}

/** Gives out the handles of one card; the same names get the same handles. */
export class HandleScheme {
  #space: HandleSpace;
  #taken = new Set<number>();
  #others = new Map<string, number>();
  #otherCount = 0;
  #rootFiles = new Map<string, number>();

  constructor(space: HandleSpace) {
    this.#space = space;
  }

  /** `parts` is the path. */
  handleFor(parts: readonly string[], kind: 'file' | 'folder'): { handle: number; group: number } {
    const wanted = this.#byScheme(parts, kind);
    if (wanted !== undefined && !this.#taken.has(wanted)) {
      this.#taken.add(wanted);
      return { handle: wanted, group: kind === 'file' ? wanted - (wanted & 15) : wanted };
    }
    const path = parts.join('/');
    let handle = this.#others.get(path);
    // Deleted and written again: a handle is not used twice.
    if (handle === undefined || this.#taken.has(handle)) {
      handle = this.#space.base + OTHER_OFFSET + 16 * this.#otherCount++;
      this.#others.set(path, handle);
    }
    this.#taken.add(handle);
    return { handle, group: handle };
  }

  /** Of a folder in DCIM. */
  folderHandle(number: number): number {
    return this.#space.base + (number << 18);
  }

  /** The same names may be looked up anew. */
  restart(): void {
    this.#taken.clear();
  }

  #byScheme(parts: readonly string[], kind: 'file' | 'folder'): number | undefined {
    const [top = '', folder, file] = parts;
    const { base, dcim = 0 } = this.#space;
    if (parts.length === 1) {
      if (kind === 'file') return this.#rootFile(top);
      if (top === 'DCIM') return base + dcim;
      return top === 'MISC' ? base + MISC_OFFSET : undefined;
    }
    if (top !== 'DCIM' || folder === undefined) return undefined;
    const number = folderNumber(folder);
    if (number === undefined) return undefined;
    const folderHandle = this.folderHandle(number);
    if (parts.length === 2) return kind === 'folder' ? folderHandle : undefined;
    if (parts.length !== 3 || kind !== 'file' || file === undefined) return undefined;
    // A second folder of the same number has handles of its own, and so have its files.
    const sequence = this.#others.has(`${top}/${folder}`) ? undefined : fileNumber(file);
    if (sequence === undefined) return undefined;
    const extension = file.slice(file.lastIndexOf('.') + 1).toUpperCase();
    const group = folderHandle + (sequence << 4);
    const first = extension === 'JPG' ? this.#space.jpegMember : OTHER_MEMBER;
    for (let member = first; member < 16; member++) {
      if (!this.#taken.has(group + member)) return group + member;
    }
    return undefined;
  }

  /** One after the other, whatever their names are. */
  #rootFile(name: string): number | undefined {
    const { base, rootFiles } = this.#space;
    if (rootFiles === undefined) return undefined;
    let index = this.#rootFiles.get(name);
    if (index === undefined) {
      index = this.#rootFiles.size;
      if (index >= ROOT_FILES - 2) return undefined;
      this.#rootFiles.set(name, index);
    }
    return base + rootFiles + (index << 4);
  }
}
