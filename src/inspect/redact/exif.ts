/**
 * Where pictures name a person, a body or a place: in the EXIF of JPEG, TIFF, CR2, CR3 and movies.
 * Tags by Exif 2.32 (CIPA DC-008) and, for Canon's maker note, by what ExifTool documents.
 */

/** Offsets in the picture; what is found may lie beyond the bytes that were looked at. */
export interface Secret {
  readonly at: number;
  readonly size: number;
  /** Text keeps its form, other values become zeros. */
  readonly text: boolean;
}

type Directory = 'image' | 'gps' | 'canon';

/** Makers of hostile files want work without end: no camera writes as many of any of these. */
const SECRETS = 256;
const SECRET_SIZE = 1 << 16;
const HEADERS = 64;
const DIRECTORIES = 16;
const ENTRIES = 512;

/** The directories of Exif and GPS, and the maker note, which is one on Canon's cameras. */
const BELOW: Readonly<Record<number, Directory>> = {
  ...{ 34665: 'image', 34853: 'gps', 37500: 'canon' },
};
const GPS_VERSION = 0;

const TAGS: Readonly<Record<Exclude<Directory, 'gps'>, ReadonlySet<number>>> = {
  image: new Set([
    ...[0x013b, 0x013c, 0x8298], // Artist, HostComputer, Copyright
    ...[0x9c9d, 0xa430, 0xa431, 0xa435, 0xa437], // XPAuthor, owner, body, lens, photographer
  ]),
  // OwnerName, SerialNumber, InternalSerialNumber, LensInfo with the lens's serial number.
  canon: new Set([0x0009, 0x000c, 0x0096, 0x4019]),
};

const SIZES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1 },
};
const ASCII = 2;
const UTF8 = 129;

/** In CR3, each box holds a TIFF whose first directory is the one that the name says. */
const BOXES: Readonly<Record<string, Directory>> = {
  ...{ CMT1: 'image', CMT2: 'image', CMT3: 'canon', CMT4: 'gps' },
};

/** What stands in the beginning of a picture, or points from there. */
export function findSecrets(head: Uint8Array): Secret[] {
  const secrets: Secret[] = [];
  for (const { at, directory } of tiffHeaders(head)) {
    new Tiff(head, at, secrets).walk(directory);
  }
  return secrets;
}

/** TIFF headers: at the beginning, behind "Exif\0\0", and in the boxes of CR3. */
function tiffHeaders(head: Uint8Array): { at: number; directory: Directory }[] {
  const found: { at: number; directory: Directory }[] = [];
  if (isTiff(head, 0)) found.push({ at: 0, directory: 'image' });
  for (const [mark, directory] of [['Exif\0\0', 'image'] as const, ...Object.entries(BOXES)]) {
    for (const at of placesOf(head, mark)) {
      if (found.length >= HEADERS) return found;
      if (isTiff(head, at)) found.push({ at, directory });
    }
  }
  return found;
}

/** Where `mark` ends. */
function* placesOf(bytes: Uint8Array, mark: string): Generator<number, void, undefined> {
  const codes = Array.from(mark, (letter) => letter.charCodeAt(0));
  const first = codes[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (codes.every((code, i) => bytes[at + i] === code)) yield at + codes.length;
  }
}

function isTiff(bytes: Uint8Array, at: number): boolean {
  const [a, b, c, d] = bytes.subarray(at, at + 4);
  return (
    (a === 0x49 && b === 0x49 && c === 0x2a && d === 0) ||
    (a === 0x4d && b === 0x4d && c === 0 && d === 0x2a)
  );
}

class Tiff {
  #start: number;
  #view: DataView;
  #little: boolean;
  #secrets: Secret[];
  #seen = new Set<number>();

  constructor(bytes: Uint8Array, start: number, secrets: Secret[]) {
    this.#start = start;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
    this.#little = bytes[start] === 0x49;
    this.#secrets = secrets;
  }

  walk(first: Directory): void {
    const { byteLength } = this.#view;
    if (byteLength < 8) return;
    for (let at = this.#u32(4); at !== 0; ) at = this.#directory(at, first);
  }

  /** Returns where the next one stands; 0: there is none. */
  #directory(at: number, directory: Directory): number {
    const { byteLength } = this.#view;
    if (this.#seen.has(at) || this.#seen.size >= DIRECTORIES || at + 2 > byteLength) return 0;
    this.#seen.add(at);
    const count = this.#u16(at);
    for (let i = 0; i < Math.min(count, ENTRIES); i++) {
      const entry = at + 2 + 12 * i;
      if (entry + 12 > byteLength) return 0;
      this.#entry(entry, directory);
    }
    const next = at + 2 + 12 * count;
    // Behind the maker note stands no pointer on some bodies.
    return directory === 'canon' || next + 4 > byteLength ? 0 : this.#u32(next);
  }

  #entry(at: number, directory: Directory): void {
    const tag = this.#u16(at);
    const type = this.#u16(at + 2);
    const size = this.#u32(at + 4) * (SIZES[type] ?? 1);
    const place = size <= 4 ? at + 8 : this.#u32(at + 8);
    const below = directory === 'image' ? BELOW[tag] : undefined;
    if (below) {
      this.#directory(this.#u32(at + 8), below);
    } else if (directory === 'gps' ? tag !== GPS_VERSION : TAGS[directory].has(tag)) {
      this.#secret(place, size, directory !== 'gps' && (type === ASCII || type === UTF8));
    }
  }

  #secret(place: number, size: number, text: boolean): void {
    if (this.#secrets.length >= SECRETS) return;
    this.#secrets.push({ at: this.#start + place, size: Math.min(size, SECRET_SIZE), text });
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }
}
