/** A memory card in memory. Files may be bytes, made when first needed, or made as they are read. */
import { concat } from '../../base/byte-stream.ts';
import type { CardAccess, CardContent, CardEntry, CardStore } from './card-store.ts';

/** Bytes made on demand: an 8 GiB movie needs no memory. */
export interface GeneratedContent {
  size: number;
  /** At most `size` bytes from `offset`; may give fewer, but not none. */
  read(offset: number, size: number): Uint8Array;
}

/** Made when its size or its bytes are first asked for, then kept. */
export interface RenderedContent {
  render(): Uint8Array | Promise<Uint8Array>;
}

export type FileContent = Uint8Array | GeneratedContent | RenderedContent;

/** Reading gives views of this size, so that one of them makes one packet. */
const PIECE = 1 << 20;
/** Files take up whole clusters. */
const CLUSTER = 32 << 10;

const DEFAULT_CAPACITY = 31_914_983_424;

type Node =
  | { kind: 'folder'; time: number; children: Map<string, Node> }
  | { kind: 'file'; time: number; content: FileContent };

type Folder = Node & { kind: 'folder' };

export class MemoryCard implements CardStore {
  #root: Folder = { kind: 'folder', time: 0, children: new Map() };
  #capacity: number;
  /** As the lock at its side has it; `addFile` works all the same. */
  readonly access: CardAccess;

  constructor(options: { capacity?: number; access?: CardAccess } = {}) {
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.access = options.access ?? 'read-write';
  }

  /** Puts a file on the card, folders on the way included. */
  addFile(path: string, content: FileContent, time = 0): void {
    const { folder, name } = this.#place(path, time);
    folder.children.set(name, { kind: 'file', time, content });
  }

  /** Every path on the card, for tests. */
  paths(): string[] {
    const found: string[] = [];
    const walk = (folder: Folder, prefix: string) => {
      for (const [name, node] of folder.children) {
        found.push(prefix + name);
        if (node.kind === 'folder') walk(node, `${prefix}${name}/`);
      }
    };
    walk(this.#root, '');
    return found.sort();
  }

  async space(): Promise<{ capacity: number; free: number }> {
    const used = await usedBy(this.#root);
    return { capacity: this.#capacity, free: Math.max(0, this.#capacity - used) };
  }

  async list(path: string): Promise<CardEntry[]> {
    const entries: CardEntry[] = [];
    for (const [name, node] of this.#folder(path).children) {
      const size = node.kind === 'folder' ? 0 : (knownSize(node) ?? (await sizeOf(node)));
      entries.push({ name, kind: node.kind, size, time: node.time });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *read(path: string, offset: number, size: number): AsyncGenerator<Uint8Array> {
    const node = this.#find(path);
    if (node?.kind !== 'file') throw new Error(`no file ${path}`);
    if ('render' in node.content) await sizeOf(node);
    const { content } = node;
    const end = Math.min(offset + size, await sizeOf(node));
    for (let at = offset; at < end; ) {
      const want = Math.min(PIECE, end - at);
      const piece =
        content instanceof Uint8Array
          ? content.subarray(at, at + want)
          : (content as GeneratedContent).read(at, want);
      yield piece;
      at += piece.length;
    }
  }

  async write(path: string, content: CardContent, time: number): Promise<void> {
    const bytes = content instanceof Uint8Array ? content : await collect(content);
    if (bytes.length > (await this.space()).free) throw new Error('the card is full');
    this.addFile(path, bytes, time);
  }

  makeFolder(path: string, time: number): Promise<void> {
    const { folder, name } = this.#place(path, time);
    if (!folder.children.has(name)) {
      folder.children.set(name, { kind: 'folder', time, children: new Map() });
    }
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    const { folder, name } = this.#place(path, 0);
    folder.children.delete(name);
    return Promise.resolve();
  }

  format(): Promise<void> {
    this.#root.children.clear();
    return Promise.resolve();
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      node = node?.kind === 'folder' ? node.children.get(name) : undefined;
    }
    return node;
  }

  #folder(path: string): Folder {
    const node = this.#find(path);
    if (node?.kind !== 'folder') throw new Error(`no folder ${path}`);
    return node;
  }

  #place(path: string, time: number): { folder: Folder; name: string } {
    const names = path.split('/');
    const name = names.pop() ?? '';
    let folder = this.#root;
    for (const each of names) {
      let next = folder.children.get(each);
      if (next?.kind !== 'folder') {
        next = { kind: 'folder', time, children: new Map() };
        folder.children.set(each, next);
      }
      folder = next;
    }
    return { folder, name };
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return concat(parts);
}

type File = Node & { kind: 'file' };

async function sizeOf(node: File): Promise<number> {
  if ('render' in node.content) node.content = await node.content.render();
  return knownSize(node) ?? 0;
}

/** Undefined until it was made. Without a wait: a card may hold ten thousand. */
function knownSize({ content }: File): number | undefined {
  if (content instanceof Uint8Array) return content.length;
  return 'size' in content ? content.size : undefined;
}

async function usedBy(folder: Folder): Promise<number> {
  let used = CLUSTER;
  for (const node of folder.children.values()) {
    used +=
      node.kind === 'folder'
        ? await usedBy(node)
        : Math.ceil((knownSize(node) ?? (await sizeOf(node))) / CLUSTER) * CLUSTER;
  }
  return used;
}

/** A prime, so that no cut at a power of two falls on the same byte twice. */
const PERIOD = 65_521;
let pattern: Uint8Array | undefined;

/** A file of any size that needs no memory: byte n is n modulo 65521, modulo 256. */
export function patternContent(size: number): GeneratedContent {
  return {
    size,
    read(offset, want) {
      pattern ??= Uint8Array.from({ length: PIECE + PERIOD }, (_, i) => i % PERIOD);
      const from = offset % PERIOD;
      return pattern.subarray(from, from + Math.min(want, PIECE));
    },
  };
}
