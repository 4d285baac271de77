/** An OUT endpoint: transfers of the host, taken when the camera is ready for them. */

export interface OutResult {
  status: 'ok' | 'stall' | 'cancelled' | 'gone';
  bytesWritten: number;
}

/** What one transfer of the host brought. */
export interface OutPiece {
  /** Valid until the next piece is asked for. */
  bytes: Uint8Array;
  /** It ended with a packet that is not full, hence so did what it belongs to. */
  short: boolean;
}

interface PendingWrite extends OutPiece {
  finish(status: OutResult['status']): void;
}

export class OutPipe {
  /** wMaxPacketSize. */
  readonly packetSize: number;
  #halted = false;
  #writes: PendingWrite[] = [];
  #current: PendingWrite | undefined;
  #reader: ((piece: OutPiece | undefined) => void) | undefined;

  constructor(packetSize: number) {
    this.packetSize = packetSize;
  }

  get halted(): boolean {
    return this.#halted;
  }

  // The host's side

  /**
   * One transfer of the host. Resolves when the camera is through with it; what fits into one packet
   * is taken at once when nothing else waits, as hardware buffers a packet. Never rejects. `zeroPacket`: with an empty packet
   * behind full ones.
   */
  write(data: Uint8Array, zeroPacket = false, signal?: AbortSignal): Promise<OutResult> {
    if (this.#halted) return Promise.resolve({ status: 'stall', bytesWritten: 0 });
    const short = data.length % this.packetSize !== 0 || data.length === 0 || zeroPacket;
    const fits =
      data.length <= this.packetSize && this.#writes.every((write) => write === this.#current);
    return new Promise((resolve) => {
      const write: PendingWrite = {
        bytes: fits ? data.slice() : data,
        short,
        finish: (status) => {
          signal?.removeEventListener('abort', cancel);
          this.#writes = this.#writes.filter((other) => other !== write);
          resolve({ status, bytesWritten: status === 'ok' ? data.length : 0 });
        },
      };
      const cancel = () => {
        // What the camera is looking at has arrived.
        if (this.#current !== write) write.finish('cancelled');
      };
      if (signal?.aborted) {
        write.finish('cancelled');
        return;
      }
      if (fits) resolve({ status: 'ok', bytesWritten: data.length });
      else signal?.addEventListener('abort', cancel, { once: true });
      this.#writes.push(write);
      this.#pump();
    });
  }

  /** Ends what the host waits for. */
  endWrites(status: OutResult['status']): void {
    for (const write of [...this.#writes]) write.finish(status);
  }

  // The camera's side

  /** The next piece; undefined when `interrupt` has ended the wait. */
  next(): Promise<OutPiece | undefined> {
    this.#current?.finish('ok');
    this.#current = undefined;
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#pump();
    });
  }

  /** Drops what has come, and ends the camera's wait. */
  interrupt(): void {
    this.endWrites('ok');
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(undefined);
  }

  halt(): void {
    this.#halted = true;
    this.endWrites('stall');
  }

  clearHalt(): void {
    this.#halted = false;
  }

  #pump(): void {
    const write = this.#writes[0];
    const reader = this.#reader;
    if (!write || !reader) return;
    this.#reader = undefined;
    this.#current = write;
    reader(write);
  }
}
