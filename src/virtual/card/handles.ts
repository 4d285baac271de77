/**
 * Object handles as Canon bodies give them: DCIM is the slot's base, a folder in it adds its number
 * << 18, a file its number << 4 and the member of its group. Checked against handles of a 60D, an R6
 * and an IXUS 180.
 */

const MISC_OFFSET = 0x10080000;
/** Where handles begin of whatever has no number in its name; behind MISC. */
const OTHER_OFFSET = 0x10100000;

/** Members of a group: CR3 files of an R6 have 1, JPEG files of a 60D 2 beside their CR2. */
const JPEG_MEMBER = 2;
const OTHER_MEMBER = 1;

/** "100CANON", "101EOSR6". */
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
  #base: number;
  #taken = new Set<number>();
  #others = new Map<string, number>();

  constructor(base: number) {
    this.#base = base;
  }

  /** `parts` is the path, `parent` the handle of the folder it lies in. */
  handleFor(parts: readonly string[], kind: 'file' | 'folder'): { handle: number; group: number } {
    const wanted = this.#byScheme(parts, kind);
    if (wanted !== undefined && !this.#taken.has(wanted)) {
      this.#taken.add(wanted);
      return { handle: wanted, group: kind === 'file' ? wanted - (wanted & 15) : wanted };
    }
    const path = parts.join('/');
    let handle = this.#others.get(path);
    if (handle === undefined) {
      handle = this.#base + OTHER_OFFSET + 16 * this.#others.size;
      this.#others.set(path, handle);
    }
    return { handle, group: handle };
  }

  /** The same names may be looked up anew. */
  restart(): void {
    this.#taken.clear();
  }

  #byScheme(parts: readonly string[], kind: 'file' | 'folder'): number | undefined {
    const [top, folder, file] = parts;
    if (parts.length === 1) {
      if (kind !== 'folder') return undefined;
      if (top === 'DCIM') return this.#base;
      return top === 'MISC' ? this.#base + MISC_OFFSET : undefined;
    }
    if (top !== 'DCIM' || folder === undefined) return undefined;
    const number = folderNumber(folder);
    if (number === undefined) return undefined;
    const folderHandle = this.#base + (number << 18);
    if (parts.length === 2) return kind === 'folder' ? folderHandle : undefined;
    if (parts.length !== 3 || kind !== 'file' || file === undefined) return undefined;
    // A second folder of the same number has handles of its own, and so have its files.
    const sequence = this.#others.has(`${top}/${folder}`) ? undefined : fileNumber(file);
    if (sequence === undefined) return undefined;
    const extension = file.slice(file.lastIndexOf('.') + 1).toUpperCase();
    const group = folderHandle + (sequence << 4);
    for (let member = extension === 'JPG' ? JPEG_MEMBER : OTHER_MEMBER; member < 16; member++) {
      if (!this.#taken.has(group + member)) return group + member;
    }
    return undefined;
  }
}
