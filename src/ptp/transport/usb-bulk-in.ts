/** The bulk IN pipe: reads under way, in their order, whatever the port can do. */
import { ignore } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { UsbTransferError } from '../../usb/errors.ts';
import type { UsbDevice, UsbReadResult, UsbTransferStatus } from '../../usb/port.ts';
import type { KeepChunk } from './transport.ts';

/** What one read gave. Valid until `done`, or longer by `keep`. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** A short packet, or none at all: the sender's USB transfer ends here. */
  readonly short: boolean;
  readonly keep: KeepChunk;
  done(): void;
}

export interface BulkInOptions {
  endpointNumber: number;
  packetSize: number;
  /** Size of a read within a data phase, in bytes. */
  readSize: number;
  /** Reads under way at once within a data phase whose length is known. */
  readsInFlight: number;
}

/**
 * Size of a read when nobody knows what comes: most answers whole, in what Linux moves in one piece.
 * Above all it is not smaller than a packet of any speed, which would be babble.
 */
const FIRST_READ = 16 << 10;

interface Read {
  length: number;
  /** Halts that had been cleared when this read went out. */
  halts: number;
  /** Undefined where the port brings its own memory. */
  buffer: Uint8Array<ArrayBuffer> | undefined;
  result: Promise<Outcome>;
}

type Outcome =
  | { status: UsbTransferStatus | 'cancelled'; bytes: Uint8Array }
  | { status: 'failed'; error: unknown };

/** Thrown by `next` when `interrupt` was called. */
export class Interrupted extends Error {}

export class BulkIn {
  readonly packetSize: number;
  /** Counts what has come: whether the pipe is quiet shows by its standing still. */
  activity = 0;
  /**
   * Reads of an earlier transaction are still under way and may hold the beginning of something
   * that nobody wants; the port cannot take them back.
   */
  stale = false;
  #device: UsbDevice;
  #endpoint: number;
  #readSize: number;
  #depth: number;
  #reads: Read[] = [];
  /** Sum of the lengths of `#reads`. */
  #asked = 0;
  #halts = 0;
  #stalledInARow = 0;
  /** Memory for reads, small and large. */
  #free: { small: Uint8Array<ArrayBuffer>[]; large: Uint8Array<ArrayBuffer>[] } = {
    small: [],
    large: [],
  };
  #cancel = new AbortController();
  #interrupt: () => void = ignore;
  #interrupted = false;

  constructor(device: UsbDevice, options: BulkInOptions) {
    this.#device = device;
    this.#endpoint = options.endpointNumber;
    this.packetSize = options.packetSize;
    this.#readSize = this.#packets(options.readSize);
    this.#depth = Math.max(1, options.readsInFlight);
  }

  /**
   * Has reads go out for what is still to come: `expected` bytes of one container, Infinity where
   * its length is unknown, undefined where nothing is known yet. Never more than that, because what
   * comes behind may be no longer than an answer.
   */
  prefetch(expected: number | undefined): void {
    if (expected === undefined || expected === Number.POSITIVE_INFINITY) {
      if (this.#reads.length > 0) return;
      this.#submit(expected === undefined ? this.#packets(FIRST_READ) : this.#readSize);
      return;
    }
    while (this.#reads.length < this.#depth && this.#asked < expected) {
      this.#submit(Math.min(this.#readSize, this.#packets(expected - this.#asked)));
    }
  }

  /**
   * The next piece, in the order of the reads. A stall reads as the end of a transfer, with the halt
   * cleared. Throws what the port threw, a ProtocolError for babble, `Interrupted`.
   */
  async next(expected: number | undefined): Promise<Piece> {
    for (;;) {
      if (this.#interrupted) throw new Interrupted();
      this.prefetch(expected);
      const read = this.#reads[0] as Read;
      const interrupted = new Promise<undefined>((resolve) => {
        this.#interrupt = () => resolve(undefined);
      });
      const outcome = await Promise.race([read.result, interrupted]);
      if (!outcome) throw new Interrupted();
      this.#reads.shift();
      this.#asked -= read.length;
      if (outcome.status === 'failed') {
        this.#recycle(read);
        throw outcome.error;
      }
      // Reads that went out before the halt was cleared only repeat the stall.
      if (outcome.status === 'stall' && read.halts < this.#halts && outcome.bytes.length === 0) {
        this.#recycle(read);
        continue;
      }
      this.activity++;
      if (outcome.status === 'babble') {
        this.#recycle(read);
        throw new ProtocolError(
          'INVALID_DATA',
          `more came than the ${read.length} bytes of a read (babble)`,
          new Uint8Array(0),
          0,
        );
      }
      if (outcome.status === 'stall') await this.#clearStall();
      else if (outcome.bytes.length > 0) this.#stalledInARow = 0;
      return this.#piece(read, outcome.bytes, outcome.status);
    }
  }

  /**
   * Ends the waiting of `next`, now or when it is called, until `resume`. The read stays under way
   * for whoever asks then.
   */
  interrupt(): void {
    this.#interrupted = true;
    this.#interrupt();
  }

  resume(): void {
    this.#interrupted = false;
  }

  /**
   * Takes back the reads under way and throws away what they hold; on a port that cannot, they stay
   * and are noted as stale.
   */
  async discard(): Promise<void> {
    if (!this.#device.transfers) {
      this.stale ||= this.#reads.length > 0;
      return;
    }
    this.#cancel.abort();
    this.#cancel = new AbortController();
    const reads = this.#reads.splice(0);
    this.#asked = 0;
    await Promise.all(reads.map(({ result }) => result));
    for (const read of reads) this.#recycle(read);
  }

  /** Clears a halt, which is no harm where there is none. */
  async clearHalt(): Promise<void> {
    this.#halts++;
    this.#stalledInARow = 0;
    await this.#device.clearHalt('in', this.#endpoint);
  }

  async #clearStall(): Promise<void> {
    if (++this.#stalledInARow > 1) {
      throw new UsbTransferError('the camera stalls its data pipe again and again');
    }
    this.#halts++;
    await this.#device.clearHalt('in', this.#endpoint);
  }

  #piece(read: Read, bytes: Uint8Array, status: UsbTransferStatus | 'cancelled'): Piece {
    let users = 1;
    const done = () => {
      users--;
      if (users === 0) this.#recycle(read);
    };
    return {
      bytes,
      short: status === 'stall' || (status === 'ok' && bytes.length < read.length),
      keep(until) {
        users++;
        until.then(done, done);
      },
      done,
    };
  }

  #submit(length: number): void {
    const { transfers } = this.#device;
    const buffer = transfers && this.#memory(length);
    this.#asked += length;
    const result = buffer
      ? transfers.read(this.#endpoint, buffer.subarray(0, length), this.#cancel.signal).then(
          ({ status, bytesRead }: UsbReadResult) => ({
            status,
            bytes: buffer.subarray(0, bytesRead),
          }),
          failed,
        )
      : this.#device
          .transferIn(this.#endpoint, length)
          .then(
            ({ status, data }) => ({ status: status ?? ('ok' as const), bytes: viewOf(data) }),
            failed,
          );
    this.#reads.push({ length, halts: this.#halts, buffer, result });
  }

  #memory(length: number): Uint8Array<ArrayBuffer> {
    const small = this.#packets(FIRST_READ);
    return length <= small
      ? (this.#free.small.pop() ?? new Uint8Array(small))
      : (this.#free.large.pop() ?? new Uint8Array(Math.max(this.#readSize, length)));
  }

  #recycle({ buffer }: Read): void {
    if (!buffer) return;
    const { small, large } = this.#free;
    (buffer.length === this.#packets(FIRST_READ) ? small : large).push(buffer);
  }

  /** Rounded up to whole packets: a read that is not is babble waiting to happen. */
  #packets(length: number): number {
    return Math.max(1, Math.ceil(length / this.packetSize)) * this.packetSize;
  }
}

function failed(error: unknown): Outcome {
  return { status: 'failed', error };
}

function viewOf(data: DataView | undefined): Uint8Array {
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0);
}
