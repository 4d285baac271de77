/** Containers out of the bulk IN pipe, wherever the pipe cuts and joins them. */
import { ProtocolError } from '../../bytes/index.ts';
import type { KeepChunk } from './transport.ts';
import type { BulkIn, Piece } from './usb-bulk-in.ts';
import {
  CONTAINER_HEAD,
  type ContainerHead,
  ContainerType,
  decodeContainerHead,
} from './usb-containers.ts';

/** Empty transfers in a row: one may be left over from before, so many are no camera. */
const EMPTY_LIMIT = 16;

/** What the transaction waits for: finds its way back after something was cut off. */
export interface Awaited {
  code: number;
  transactionId: number;
}

export class ContainerReader {
  readonly pipe: BulkIn;
  #piece: Piece | undefined;
  #at = 0;
  /** The head was a USB transfer of its own: the payload is the next one. */
  headApart = false;

  constructor(pipe: BulkIn) {
    this.pipe = pipe;
  }

  /** Forgets what has come; before a transaction, and when one was given up. */
  reset(): void {
    this.#piece?.done();
    this.#piece = undefined;
    this.#at = 0;
  }

  /**
   * The next container's head. Bytes behind a container that begin none are dropped: some devices
   * send a byte too many, others glue the response to the data. Throws a ProtocolError where a
   * transfer begins with something that is no container.
   */
  async head(awaited: Awaited): Promise<ContainerHead> {
    const bytes = new Uint8Array(CONTAINER_HEAD);
    let have = 0;
    let fresh = false;
    for (let empty = 0; ; ) {
      const piece = this.#piece;
      if (!piece || this.#at >= piece.bytes.length) {
        // What ended within a head is surplus, not the beginning of the next.
        if (piece?.short) have = 0;
        const next = await this.#next(undefined);
        if (next.bytes.length === 0 && ++empty > EMPTY_LIMIT) throw this.#noContainer(bytes, 0);
        this.#startOf(next, awaited);
        // Surplus that filled its packet just so.
        if (have > 0 && beginsAnswer(next.bytes, awaited)) have = 0;
        fresh = have === 0;
        continue;
      }
      const part = piece.bytes.subarray(this.#at, this.#at + CONTAINER_HEAD - have);
      bytes.set(part, have);
      have += part.length;
      this.#at += part.length;
      if (have < CONTAINER_HEAD) continue;
      const head = decodeContainerHead(bytes);
      if (head) {
        this.headApart =
          piece.short && piece.bytes.length === CONTAINER_HEAD && head.length > CONTAINER_HEAD;
        return head;
      }
      if (fresh) throw this.#noContainer(bytes, have);
      have = 0;
      await this.#dropTransfer();
    }
  }

  /**
   * The next bytes of a payload of which `left` are still to come (Infinity where nobody knows);
   * undefined when the transfer has ended. Valid until the next call.
   */
  async some(left: number): Promise<Uint8Array | undefined> {
    let piece = this.#piece as Piece;
    if (this.#at >= piece.bytes.length) {
      if (piece.short && !this.headApart) return undefined;
      this.headApart = false;
      piece = await this.#next(left);
      if (piece.bytes.length === 0) return undefined;
    }
    const bytes = piece.bytes.subarray(this.#at, this.#at + Math.min(left, piece.bytes.length));
    this.#at += bytes.length;
    if (!piece.short) this.pipe.prefetch(left - bytes.length);
    return bytes;
  }

  /** Keeps what `some` gave last. */
  readonly keep: KeepChunk = (until) => this.#piece?.keep(until);

  /** Up to `size` bytes of a payload, all of it that comes. */
  async upTo(size: number): Promise<Uint8Array> {
    const whole = new Uint8Array(size);
    let have = 0;
    while (have < size) {
      const part = await this.some(size - have);
      if (!part) break;
      whole.set(part, have);
      have += part.length;
    }
    return whole.subarray(0, have);
  }

  /**
   * Behind a head that came apart: whether the response has come in place of the payload, because
   * the camera could not read what was asked for. Waits for the payload's first piece.
   */
  async responseInstead(head: ContainerHead): Promise<boolean> {
    if (!this.headApart) return false;
    const payload = head.length - CONTAINER_HEAD;
    const { bytes, short } = await this.#next(payload);
    this.headApart = false;
    if (!short || bytes.length < CONTAINER_HEAD || bytes.length === payload) return false;
    const answer = decodeContainerHead(bytes);
    return (
      answer?.type === ContainerType.Response &&
      answer.length === bytes.length &&
      answer.transactionId === head.transactionId
    );
  }

  async #next(expected: number | undefined): Promise<Piece> {
    this.#piece?.done();
    this.#piece = undefined;
    this.#at = 0;
    const piece = await this.pipe.next(expected);
    this.#piece = piece;
    return piece;
  }

  /** A read left over from a cancelled transaction may hold the rest of it before our answer. */
  #startOf(piece: Piece, awaited: Awaited): void {
    if (!this.pipe.stale || piece.bytes.length === 0) return;
    for (let at = 0; at < piece.bytes.length; at += this.pipe.packetSize) {
      if (beginsAnswer(piece.bytes.subarray(at), awaited)) {
        this.pipe.stale = false;
        this.#at = at;
        return;
      }
    }
    this.#at = piece.bytes.length;
  }

  async #dropTransfer(): Promise<void> {
    while (!this.#piece?.short) await this.#next(undefined);
    this.#at = this.#piece.bytes.length;
  }

  #noContainer(bytes: Uint8Array, have: number): ProtocolError {
    return new ProtocolError(
      'INVALID_DATA',
      have === 0 ? 'only empty transfers came' : 'what came is no PTP container',
      bytes.slice(0, have),
      0,
    );
  }
}

/** Response or data of the transaction that is awaited. */
function beginsAnswer(bytes: Uint8Array, { code, transactionId }: Awaited): boolean {
  const head =
    bytes.length < CONTAINER_HEAD
      ? undefined
      : decodeContainerHead(bytes.subarray(0, CONTAINER_HEAD));
  if (head?.transactionId !== transactionId) return false;
  return (
    head.type === ContainerType.Response || (head.type === ContainerType.Data && head.code === code)
  );
}
