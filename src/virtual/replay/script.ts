/**
 * What a recorded camera answers, and when. Requests that change something are answered once each,
 * in any order that the recording allows; requests that only ask are answered as the camera did
 * after what had been changed by then, as often as they come.
 */
import { EosOperation, PowerShotOperation } from '../../canon/ptp/index.ts';
import { objectPiece } from '../../inspect/index.ts';
import { MtpOperation, Operation, Response } from '../../ptp/index.ts';
import type { Recorded, RecordedEvent, Recording } from './recording.ts';

export interface Reply {
  readonly code: number;
  readonly params: readonly number[];
  readonly data: Uint8Array | undefined;
  readonly events: readonly RecordedEvent[];
}

/** Asked again and again until something has happened: each answer is given once, in its turn. */
const POLLS: ReadonlySet<number> = new Set([
  EosOperation.GetEvent,
  EosOperation.GetViewFinderData,
  PowerShotOperation.CheckEvent,
]);

/** Asks, and changes nothing. */
const QUERIES: ReadonlySet<number> = new Set([
  Operation.GetDeviceInfo,
  Operation.GetStorageIDs,
  Operation.GetStorageInfo,
  Operation.GetNumObjects,
  Operation.GetObjectHandles,
  Operation.GetObjectInfo,
  Operation.GetObject,
  Operation.GetThumb,
  Operation.GetDevicePropDesc,
  Operation.GetDevicePropValue,
  Operation.GetPartialObject,
  MtpOperation.GetObjectPropsSupported,
  MtpOperation.GetObjectPropDesc,
  MtpOperation.GetObjectPropValue,
  MtpOperation.GetObjectPropList,
  MtpOperation.GetObjectReferences,
  EosOperation.GetStorageIDs,
  EosOperation.GetStorageInfo,
  EosOperation.GetObjectInfoEx,
  EosOperation.GetObjectInfoEx64,
  EosOperation.GetObject,
  EosOperation.GetPartialObject,
  EosOperation.GetThumbEx,
  EosOperation.GetDeviceInfoEx,
]);

/** The session's own: answered whatever the recording says. */
const SESSION: ReadonlySet<number> = new Set([Operation.OpenSession, Operation.CloseSession]);

/** Parameters that tell of the computer, not of what is wanted. */
const OF_THE_COMPUTER: ReadonlySet<number> = new Set([EosOperation.PCHDDCapacity]);

/** No event: the end record alone. */
const NO_EVENT = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0);

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Fewer bytes came than were asked for: the object ends with them. */
  readonly last: boolean;
}

export class Script {
  readonly recording: Recording;
  #keys: readonly string[];
  /** By index, those that were given and cannot be given again. */
  #used: boolean[] = [];
  /** Index of the first change that was not asked for yet. */
  #epoch = 0;
  #pieces = new Map<number, Piece[]>();

  constructor(recording: Recording) {
    this.recording = recording;
    this.#keys = recording.transactions.map(({ code, params, sent }) => keyOf(code, params, sent));
    for (const recorded of recording.transactions) this.#learnPiece(recorded);
    this.restart();
  }

  /** The whole recording can be asked for again. */
  restart(): void {
    this.#used = this.recording.transactions.map(({ code }) => SESSION.has(code));
    this.#epoch = 0;
    this.#advance();
  }

  /** Does the operation bring data from the computer? */
  takesData(code: number): boolean {
    return this.recording.transactions.some((one) => one.code === code && one.sent);
  }

  /** Undefined where the recording does not cover the request now. */
  answer(code: number, params: readonly number[], sent: Uint8Array | undefined): Reply | undefined {
    if (SESSION.has(code)) return { code: Response.OK, params: [], data: undefined, events: [] };
    const key = keyOf(code, params, sent);
    if (POLLS.has(code)) return this.#poll(key, code);
    if (QUERIES.has(code)) return this.#query(key) ?? this.#piece(code, params);
    return this.#change(key);
  }

  #poll(key: string, code: number): Reply | undefined {
    const { transactions } = this.recording;
    let last: Recorded | undefined;
    for (const [index, recorded] of transactions.entries()) {
      if (index > this.#epoch) break;
      if (this.#keys[index] !== key) continue;
      last = recorded;
      if (this.#used[index]) continue;
      this.#used[index] = true;
      return replyOf(recorded);
    }
    if (!this.#keys.includes(key)) return undefined;
    if (code !== EosOperation.GetEvent) return last && { ...replyOf(last), events: [] };
    return { code: Response.OK, params: [], data: NO_EVENT, events: [] };
  }

  /** The answer that the camera gave last, before the next change. */
  #query(key: string): Reply | undefined {
    const { transactions } = this.recording;
    let found: number | undefined;
    for (let index = 0; index < transactions.length && index <= this.#epoch; index++) {
      if (this.#keys[index] !== key) continue;
      found = index;
      // Those of one state come in the order in which they came.
      if (!this.#used[index] && this.#isCurrent(index)) break;
    }
    if (found === undefined) return undefined;
    const again = this.#used[found] === true;
    this.#used[found] = true;
    const reply = replyOf(transactions[found] as Recorded);
    return again ? { ...reply, events: [] } : reply;
  }

  /** Does no change that was made lie between it and now? */
  #isCurrent(index: number): boolean {
    for (let later = index + 1; later < this.#epoch; later++) {
      const { code } = this.recording.transactions[later] as Recorded;
      if (isChange(code)) return false;
    }
    return true;
  }

  #change(key: string): Reply | undefined {
    const { transactions } = this.recording;
    const index = transactions.findIndex((_, i) => !this.#used[i] && this.#keys[i] === key);
    if (index < 0) return undefined;
    this.#used[index] = true;
    this.#advance();
    return replyOf(transactions[index] as Recorded);
  }

  #advance(): void {
    const { transactions } = this.recording;
    while (this.#epoch < transactions.length) {
      const { code } = transactions[this.#epoch] as Recorded;
      if (isChange(code) && !this.#used[this.#epoch]) return;
      this.#epoch++;
    }
  }

  /** A piece of an object that was read in other pieces. */
  #piece(code: number, params: readonly number[]): Reply | undefined {
    const wanted = objectPiece(code, params);
    if (wanted?.size === undefined) return undefined;
    const { handle, offset, size } = wanted;
    const bytes = this.#assemble(this.#pieces.get(handle) ?? [], offset, size);
    if (!bytes) return undefined;
    const one = this.recording.transactions.find((recorded) => recorded.code === code);
    // The standard's operation tells how much came, Canon's do not.
    const tells = one ? one.response.params.length > 0 : code === Operation.GetPartialObject;
    return { code: Response.OK, params: tells ? [bytes.length] : [], data: bytes, events: [] };
  }

  #assemble(pieces: readonly Piece[], offset: number, size: number): Uint8Array | undefined {
    const end = pieces.find(({ last }) => last);
    const limit = end ? end.offset + end.bytes.length : Number.POSITIVE_INFINITY;
    const to = Math.min(offset + size, limit);
    if (to < offset || to === Number.POSITIVE_INFINITY) return undefined;
    const whole = new Uint8Array(Math.min(to - offset, totalOf(pieces)));
    if (whole.length < to - offset) return undefined;
    for (let at = offset; at < to; ) {
      const piece = pieces.find(
        ({ offset: from, bytes }) => from <= at && at < from + bytes.length,
      );
      if (!piece) return undefined;
      const part = piece.bytes.subarray(at - piece.offset, to - piece.offset);
      whole.set(part, at - offset);
      at += part.length;
    }
    return whole;
  }

  #learnPiece({ code, params, received, response }: Recorded): void {
    const piece = objectPiece(code, params);
    if (!piece || !received || response.code !== Response.OK) return;
    const { handle, offset, size: asked } = piece;
    const pieces = this.#pieces.get(handle) ?? [];
    pieces.push({ offset, bytes: received, last: asked === undefined || received.length < asked });
    this.#pieces.set(handle, pieces);
  }
}

function isChange(code: number): boolean {
  return !POLLS.has(code) && !QUERIES.has(code) && !SESSION.has(code);
}

/** Parameters that are left out are 0. */
function keyOf(code: number, params: readonly number[], sent: Uint8Array | undefined): string {
  const told = OF_THE_COMPUTER.has(code) ? [] : [...params];
  while (told.at(-1) === 0) told.pop();
  return `${code} ${told.join(' ')} ${sent ? `${sent.length} ${digest(sent)}` : ''}`;
}

/** 64 bits of FNV-1a, in two halves that begin differently: uploads are long, and keys are many. */
function digest(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x050c5d1f];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000197);
  }
  return `${a >>> 0} ${b >>> 0}`;
}

function totalOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function replyOf({ response, received, events }: Recorded): Reply {
  return { ...response, data: received, events };
}
