/** Pictures that pass as data phases, whole or in pieces: masked by what their beginning shows. */
import { concat } from '../../base/byte-stream.ts';
import type { ObjectPiece } from '../describe/index.ts';
import { findSecrets, type Secret } from './exif.ts';
import { maskText } from './mask.ts';

/** Bytes at the beginning of an object that are looked at; where the rest is masked they say. */
export const OBJECT_HEAD = 256 << 10;
/** Objects of which pieces may still come. */
const REMEMBERED = 8;

interface Known {
  /** As it came, without masks. */
  head: Uint8Array;
  secrets: readonly Secret[];
}

/** Of one link. */
export class KnownObjects {
  #objects = new Map<number, Known>();

  /** Looks at the beginning of a data phase; the mask is for all of it. */
  mask(piece: ObjectPiece | undefined, beginning: Uint8Array): ObjectMask {
    if (!piece) return new ObjectMask(findSecrets(beginning), 0);
    const { handle, offset } = piece;
    const known = this.#objects.get(handle);
    if (offset > 0 && (!known || offset > known.head.length)) {
      // The beginning was not seen, or is far away: what can be found in the piece alone.
      const secrets = findSecrets(beginning).map((one) => ({ ...one, at: one.at + offset }));
      return new ObjectMask([...(known?.secrets ?? []), ...secrets], offset);
    }
    const before =
      offset === 0 ? new Uint8Array(0) : (known?.head.subarray(0, offset) ?? beginning);
    const head = concat([before, beginning]).slice(0, OBJECT_HEAD);
    const secrets = findSecrets(head);
    this.#objects.delete(handle);
    this.#objects.set(handle, { head, secrets });
    for (const oldest of this.#objects.keys()) {
      if (this.#objects.size <= REMEMBERED) break;
      this.#objects.delete(oldest);
    }
    return new ObjectMask(secrets, offset);
  }
}

/** Masks bytes of an object that follow each other. */
export class ObjectMask {
  #secrets: readonly Secret[];
  #at: number;

  constructor(secrets: readonly Secret[], offset: number) {
    this.#secrets = secrets;
    this.#at = offset;
  }

  /** In place. */
  next(bytes: Uint8Array): void {
    for (const { at, size, text } of this.#secrets) {
      const from = Math.max(0, at - this.#at);
      const to = Math.min(bytes.length, at + size - this.#at);
      if (to <= from) continue;
      const part = bytes.subarray(from, to);
      if (text) maskText(part);
      else part.fill(0);
    }
    this.#at += bytes.length;
  }

  /** Bytes that the capture has not. */
  pass(size: number): void {
    this.#at += size;
  }
}
