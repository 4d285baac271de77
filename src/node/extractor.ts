/** The objects and live view pictures of a capture, written to a folder. */
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { decodeLiveView, EosOperation, LiveViewRecord } from '../canon/ptp/index.ts';
import {
  type DataWatcher,
  objectFacts,
  objectPiece,
  type Told,
  type Transaction,
} from '../inspect/index.ts';
import { Operation } from '../ptp/index.ts';
import { nameFile, safeName } from './download.ts';
import { fileError } from './file-error.ts';

export interface Extracted {
  file: string;
  /** Of the file. */
  bytes: number;
  /** Bytes that did not pass, as ranges: "1024-2047"; the file is called NAME.part then. */
  missing: string | undefined;
}

interface Growing {
  /** Where its bytes are until it is known to be whole. */
  readonly temporary: string;
  readonly label: string;
  /** [from, to) that passed, in order, none touching another. */
  ranges: [from: number, to: number][];
  name: string | undefined;
  size: number | undefined;
}

export class Extractor {
  #folder: string;
  #work: string;
  #objects = new Map<string, Growing>();
  /** By link: the handle that SendObjectInfo gave. */
  #sending = new Map<number, number>();
  #open: { temporary: string; fd: number } | undefined;
  #pictures: Promise<Extracted>[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      this.#work = mkdtempSync(path.join(folder, '.extracting-'));
    } catch (error) {
      throw fileError(error, 'write', folder, 'Choose another folder with --extract.');
    }
  }

  /** Sees the data of transactions that carry pieces of objects. */
  watch(transaction: Transaction): DataWatcher | undefined {
    const { code, params, link } = transaction;
    if (code === undefined) return undefined;
    const piece =
      code === Operation.SendObject
        ? { handle: this.#sending.get(link.id) ?? 0, offset: 0 }
        : objectPiece(code, params);
    if (!piece) return undefined;
    const object = this.#object(link.id, piece.handle);
    let { offset } = piece;
    return {
      bytes: (bytes) => {
        this.#write(object, offset, bytes);
        offset += bytes.length;
      },
      missing: (size) => {
        offset += size;
      },
    };
  }

  learn({ seen }: Told): void {
    if (seen.kind !== 'transaction') return;
    for (const { handle, name, size } of objectFacts(seen)) {
      if (seen.code === Operation.SendObjectInfo) this.#sending.set(seen.link.id, handle);
      const object = this.#object(seen.link.id, handle);
      object.name = name || object.name;
      object.size = size ?? object.size;
    }
    if (seen.code === EosOperation.GetViewFinderData && seen.data?.bytes) {
      for (const { type, payload } of decodeLiveView(seen.data.bytes)) {
        if (type === LiveViewRecord.Jpeg || type === LiveViewRecord.Jpeg2) this.#picture(payload);
      }
    }
  }

  /** Gives everything that passed its name. */
  async finish(): Promise<Extracted[]> {
    this.#close();
    const files = await Promise.all(this.#pictures.splice(0));
    for (const object of this.#objects.values()) {
      if (object.ranges.length > 0) files.push(await this.#name(object));
    }
    this.#objects.clear();
    return files;
  }

  [Symbol.dispose](): void {
    this.#close();
    rmSync(this.#work, { recursive: true, force: true });
  }

  #object(link: number, handle: number): Growing {
    const key = `${link}-${handle.toString(16).padStart(8, '0')}`;
    let object = this.#objects.get(key);
    if (!object) {
      const temporary = path.join(this.#work, key);
      const label = `object-${key}`;
      object = { temporary, label, ranges: [], name: undefined, size: undefined };
      this.#objects.set(key, object);
    }
    return object;
  }

  async #name({ temporary, label, ranges, name, size }: Growing): Promise<Extracted> {
    const bytes = ranges.at(-1)?.[1] ?? 0;
    const wanted = safeName(name ?? `${label}${extensionOf(temporary)}`);
    const missing = missingOf(ranges, size);
    const target = path.join(this.#folder, missing === undefined ? wanted : `${wanted}.part`);
    return { file: await nameFile(temporary, target), bytes, missing };
  }

  #picture(payload: Uint8Array): void {
    const number = String(this.#pictures.length + 1).padStart(6, '0');
    const temporary = path.join(this.#work, `live-${number}`);
    this.#put(temporary, 0, payload);
    const bytes = payload.length;
    const target = path.join(this.#folder, `live-${number}.jpg`);
    this.#close();
    this.#pictures.push(
      nameFile(temporary, target).then((file) => ({ file, bytes, missing: undefined })),
    );
  }

  #write(object: Growing, offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#put(object.temporary, offset, bytes);
    object.ranges = withRange(object.ranges, offset, offset + bytes.length);
  }

  #put(temporary: string, offset: number, bytes: Uint8Array): void {
    try {
      if (this.#open?.temporary !== temporary) {
        this.#close();
        const flags = constants.O_RDWR | constants.O_CREAT;
        this.#open = { temporary, fd: openSync(temporary, flags) };
      }
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#open.fd, bytes, at, bytes.length - at, offset + at);
      }
    } catch (error) {
      throw fileError(error, 'write', temporary, 'Choose another folder with --extract.');
    }
  }

  #close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }
}

/** `ranges` and one more; ranges that touch become one. */
function withRange(ranges: Growing['ranges'], from: number, to: number): Growing['ranges'] {
  const last = ranges.at(-1);
  if (last && from >= last[0] && from <= last[1]) {
    last[1] = Math.max(last[1], to);
    return ranges;
  }
  const sorted = [...ranges, [from, to] as [number, number]].sort((a, b) => a[0] - b[0]);
  const joined: Growing['ranges'] = [];
  for (const range of sorted) {
    const before = joined.at(-1);
    if (before && range[0] <= before[1]) before[1] = Math.max(before[1], range[1]);
    else joined.push(range);
  }
  return joined;
}

function missingOf(ranges: Growing['ranges'], size: number | undefined): string | undefined {
  const gaps: string[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from > at) gaps.push(`${at}-${from - 1}`);
    at = to;
  }
  if (size !== undefined && at < size) gaps.push(`${at}-${size - 1}`);
  return gaps.length > 0 ? gaps.join(', ') : undefined;
}

const JPEG = 'ffd8ff';
const TIFF = '49492a00';

/** For objects whose name did not pass, by how they begin. */
function extensionOf(file: string): string {
  const head = Buffer.alloc(12);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  const hex = head.toString('hex');
  if (hex.startsWith(JPEG)) return '.jpg';
  if (hex.startsWith(TIFF)) return head.toString('latin1', 8, 10) === 'CR' ? '.cr2' : '.tif';
  return head.toString('latin1', 4, 8) === 'ftyp' ? '.mp4' : '.bin';
}
