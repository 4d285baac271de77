/** One data phase that may name somebody: collected until it can be masked. */

import { EosOperation } from '../../canon/ptp/index.ts';
import type { DataWatcher, Transaction } from '../decode/seen.ts';
import { carriesObject, objectPiece } from '../describe/index.ts';
import { Collected } from './collected.ts';
import { maskGuessed, maskOf } from './datasets.ts';
import { type KnownObjects, OBJECT_HEAD, type ObjectMask } from './object-mask.ts';

/** Something for whose sake items are held back. */
export interface Held {
  /** Masks what has come; the rest of it is masked as it comes. */
  settle(): void;
}

/** Undefined where the data names nobody. `done`: nothing has to be held back for it any more. */
export function dataPhase(
  transaction: Transaction,
  objects: KnownObjects,
  done: () => void,
): (DataWatcher & Held) | undefined {
  const { code, params } = transaction;
  if (code === undefined) return new ObjectPhase(undefined, objects, done, maskGuessed);
  const mask = maskOf(code);
  if (mask) return new DatasetPhase((bytes) => mask(bytes, params[0] ?? 0), done);
  // Pictures of the live view have the EXIF of the picture to come on some bodies.
  if (!carriesObject(code) && code !== EosOperation.GetViewFinderData) return undefined;
  return new ObjectPhase(objectPiece(code, params), objects, done);
}

/** A dataset is masked as a whole; what comes when it is too late for that becomes zeros. */
class DatasetPhase implements DataWatcher, Held {
  #mask: (bytes: Uint8Array) => void;
  #done: () => void;
  #held = new Collected();
  #settled = false;

  constructor(mask: (bytes: Uint8Array) => void, done: () => void) {
    this.#mask = mask;
    this.#done = done;
  }

  bytes(view: Uint8Array): void {
    if (this.#settled) view.fill(0);
    else this.#held.push(view);
  }

  missing(): void {
    this.settle();
  }

  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#held.change(this.#mask);
    this.#done();
  }
}

class ObjectPhase implements DataWatcher, Held {
  #piece: ReturnType<typeof objectPiece>;
  #objects: KnownObjects;
  #done: () => void;
  #also: ((bytes: Uint8Array) => void) | undefined;
  #held = new Collected();
  #mask: ObjectMask | undefined;

  constructor(
    piece: ReturnType<typeof objectPiece>,
    objects: KnownObjects,
    done: () => void,
    also?: (bytes: Uint8Array) => void,
  ) {
    this.#piece = piece;
    this.#objects = objects;
    this.#done = done;
    this.#also = also;
  }

  bytes(view: Uint8Array): void {
    if (this.#mask) {
      this.#mask.next(view);
      return;
    }
    this.#held.push(view);
    if (this.#held.size >= OBJECT_HEAD) this.settle();
  }

  missing(size: number): void {
    this.settle();
    this.#mask?.pass(size);
  }

  settle(): void {
    if (this.#mask) return;
    this.#held.change((bytes) => {
      this.#mask = this.#objects.mask(this.#piece, bytes.subarray(0, OBJECT_HEAD));
      this.#mask.next(bytes);
      this.#also?.(bytes);
    });
    this.#done();
  }
}
