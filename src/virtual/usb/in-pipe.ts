/** An IN endpoint: what the camera sends meets what the host asks for, packet by packet. */
import type { UsbReadResult } from '../../usb/port.ts';

/** `gone`: the device was unplugged, or the bus reset. */
export type InStatus = UsbReadResult['status'] | 'gone';

/** Where the bytes of one transfer go. */
export interface InSink {
  /** What the host asks for. */
  readonly length: number;
  /** At most `length` bytes in all; the chunk is valid during the call only. */
  write(chunk: Uint8Array): void;
}

export interface InResult {
  status: InStatus;
  /** Written into the sink. */
  bytesRead: number;
}

interface PendingRead {
  sink: InSink;
  filled: number;
  finish(status: InStatus): void;
}

export class InPipe {
  /** wMaxPacketSize. */
  readonly packetSize: number;
  #halted = false;
  #reads: PendingRead[] = [];
  /** Each is one short packet (an empty one too), or any number of full ones. */
  #packets: Uint8Array[] = [];
  /** The packet that is not full yet. */
  #begun: Uint8Array | undefined;
  #begunSize = 0;
  #babbles = false;
  #waiting: ((taken: boolean) => void)[] = [];

  constructor(packetSize: number) {
    this.packetSize = packetSize;
  }

  get halted(): boolean {
    return this.#halted;
  }

  // The host's side

  /** As one transfer of the host: ends when it is full, or with a short packet. Never rejects. */
  read(sink: InSink, signal?: AbortSignal): Promise<InResult> {
    return new Promise((resolve) => {
      const read: PendingRead = {
        sink,
        filled: 0,
        finish: (status) => {
          signal?.removeEventListener('abort', cancel);
          this.#reads = this.#reads.filter((other) => other !== read);
          resolve({ status, bytesRead: read.filled });
        },
      };
      const cancel = () => read.finish('cancelled');
      if (signal?.aborted) {
        cancel();
        return;
      }
      signal?.addEventListener('abort', cancel, { once: true });
      this.#reads.push(read);
      this.#pump();
    });
  }

  /** Ends what the host waits for. */
  endReads(status: InStatus): void {
    for (const read of [...this.#reads]) read.finish(status);
  }

  // The camera's side

  /**
   * Part of a transfer. Resolves when the host has taken all full packets that there are by now;
   * false when they were thrown away. What is left over of the chunk is copied.
   */
  put(chunk: Uint8Array): Promise<boolean> {
    let rest = chunk;
    if (this.#begun) {
      const size = Math.min(this.packetSize - this.#begunSize, rest.length);
      this.#begun.set(rest.subarray(0, size), this.#begunSize);
      this.#begunSize += size;
      rest = rest.subarray(size);
      if (this.#begunSize === this.packetSize) this.#takeBegun();
    }
    const left = rest.length % this.packetSize;
    if (rest.length > left) this.#packets.push(rest.subarray(0, rest.length - left));
    if (left > 0) {
      this.#begun = new Uint8Array(this.packetSize);
      this.#begun.set(rest.subarray(rest.length - left));
      this.#begunSize = left;
    }
    return this.#handOver();
  }

  /** The end of a transfer, with an empty packet where one is needed. Resolves as `put` does. */
  end(zeroPacket = true): Promise<boolean> {
    if (this.#begun) this.#takeBegun();
    else if (zeroPacket) this.#packets.push(new Uint8Array(0));
    return this.#handOver();
  }

  /** Throws away what the host has not taken. */
  flush(): void {
    this.#packets = [];
    this.#begun = undefined;
    this.#settle(false);
  }

  halt(): void {
    this.#halted = true;
    this.endReads('stall');
  }

  clearHalt(): void {
    this.#halted = false;
    this.#pump();
  }

  /** The next packet is longer than what is asked for, whatever that is. */
  babbleNext(): void {
    this.#babbles = true;
  }

  #takeBegun(): void {
    if (this.#begun) this.#packets.push(this.#begun.subarray(0, this.#begunSize));
    this.#begun = undefined;
  }

  #handOver(): Promise<boolean> {
    if (this.#packets.length === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#pump();
    });
  }

  #settle(taken: boolean): void {
    for (const resume of this.#waiting.splice(0)) resume(taken);
  }

  #pump(): void {
    for (let read = this.#reads[0]; read; read = this.#reads[0]) {
      if (this.#halted) read.finish('stall');
      else if (this.#packets[0]) this.#move(this.#packets[0], read);
      else break;
    }
    if (this.#packets.length === 0) this.#settle(true);
  }

  #move(packets: Uint8Array, read: PendingRead): void {
    const { sink } = read;
    const room = sink.length - read.filled;
    const packet = Math.min(this.packetSize, packets.length);
    if (packet > room || this.#babbles) {
      // What does not fit is lost: the host saw an error, the camera none.
      this.#babbles = false;
      this.#give(packets.subarray(0, Math.min(room, packet)), read);
      this.#consume(packets, packet);
      read.finish('babble');
      return;
    }
    const size =
      packets.length <= room
        ? packets.length
        : Math.floor(room / this.packetSize) * this.packetSize;
    this.#give(packets.subarray(0, size), read);
    this.#consume(packets, size);
    if (packet < this.packetSize || read.filled === sink.length) read.finish('ok');
  }

  #give(bytes: Uint8Array, read: PendingRead): void {
    if (bytes.length > 0) read.sink.write(bytes);
    read.filled += bytes.length;
  }

  #consume(packets: Uint8Array, size: number): void {
    if (size < packets.length) this.#packets[0] = packets.subarray(size);
    else this.#packets.shift();
  }
}

/** Into memory of the caller's. */
export function bufferSink(buffer: Uint8Array): InSink {
  let at = 0;
  return {
    length: buffer.length,
    write(chunk) {
      buffer.set(chunk, at);
      at += chunk.length;
    },
  };
}
