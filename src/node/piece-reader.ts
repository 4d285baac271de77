/** Reading files in pieces: the next one while the one before it is in use. */
import { type FileHandle, open } from 'node:fs/promises';
import { ignore } from '../base/time.ts';
import { transferBuffer } from './transfer-buffer.ts';

const PIECE = 1 << 20;
/** Buffers that are kept; making one anew for each piece takes longer than filling it. */
const SPARE_BUFFERS = 4;

interface Piece {
  buffer: Uint8Array;
  size: number;
}

export class PieceReader {
  #spare: Uint8Array[] = [];

  /** A piece is valid until the next one is asked for: its memory is used again. */
  async *read(path: string, offset: number, size: number): AsyncGenerator<Uint8Array> {
    const file = await open(path, 'r');
    const end = offset + size;
    const begin = (at: number): Promise<Piece> | undefined => {
      if (at >= end) return undefined;
      const piece = this.#fill(file, at, Math.min(PIECE, end - at));
      // Whether it failed is asked when its turn comes, if it does.
      piece.catch(ignore);
      return piece;
    };
    let next = begin(offset);
    try {
      for (let at = offset; next; ) {
        const piece: Piece = await next;
        at += piece.size;
        next = piece.size > 0 ? begin(at) : undefined;
        try {
          if (piece.size > 0) yield piece.buffer.subarray(0, piece.size);
        } finally {
          this.#giveBack(piece.buffer);
        }
      }
    } finally {
      const unused = await next?.catch(ignore);
      if (unused) this.#giveBack(unused.buffer);
      await file.close();
    }
  }

  async #fill(file: FileHandle, at: number, want: number): Promise<Piece> {
    const buffer = this.#spare.pop() ?? transferBuffer(PIECE);
    const { bytesRead } = await file.read(buffer, 0, want, at);
    return { buffer, size: bytesRead };
  }

  #giveBack(buffer: Uint8Array): void {
    if (this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
  }
}
