/** The bulk OUT pipe: containers as one USB transfer each, ended by a short packet or an empty one. */
import { UsbTransferError } from '../../usb/errors.ts';
import type { UsbDevice } from '../../usb/port.ts';

/** Size of a write within a data phase: a multiple of every packet size. */
const WRITE = 256 << 10;

const NOTHING = new Uint8Array(0);

/** Thrown when the signal ended a write, or the camera halted the pipe: nothing more may be sent. */
export class WriteStopped extends Error {}

export class BulkOut {
  #device: UsbDevice;
  #endpoint: number;
  #packetSize: number;

  constructor(device: UsbDevice, endpointNumber: number, packetSize: number) {
    this.#device = device;
    this.#endpoint = endpointNumber;
    this.#packetSize = packetSize;
  }

  /** A whole container in one transfer; a halt is cleared and the container sent once more. */
  async send(container: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    if (!(await this.#write(container, signal))) {
      await this.clearHalt();
      if (!(await this.#write(container, signal))) {
        throw new UsbTransferError('the camera stalls its command pipe again and again');
      }
    }
    await this.#end(container.length, signal);
  }

  /** A transfer whose parts come bit by bit; `size` is the sum of them all. */
  transfer(size: number, signal: AbortSignal): OutTransfer {
    return new OutTransfer(
      Math.min(WRITE, size),
      async (bytes) => {
        if (!(await this.#write(bytes, signal))) throw new WriteStopped('stalled');
      },
      () => this.#end(size, signal),
    );
  }

  async clearHalt(): Promise<void> {
    await this.#device.clearHalt('out', this.#endpoint);
  }

  /** Without it a receiver waits for more where the last packet was a full one. */
  async #end(size: number, signal: AbortSignal): Promise<void> {
    if (size % this.#packetSize === 0) await this.#write(NOTHING, signal);
  }

  /** False when the camera has halted the pipe. */
  async #write(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) throw new WriteStopped('given up');
    const { transfers } = this.#device;
    const { status, bytesWritten } = transfers?.write
      ? await transfers.write(this.#endpoint, bytes, signal)
      : await this.#device.transferOut(this.#endpoint, bytes);
    if (status === 'stall') return false;
    if (status === 'cancelled' || signal.aborted) throw new WriteStopped('given up');
    if (bytesWritten !== bytes.length) {
      throw new UsbTransferError(`only ${bytesWritten} of ${bytes.length} bytes could be sent`);
    }
    return true;
  }
}

/** Gathers chunks to writes of full packets: only the last packet of all may be a short one. */
export class OutTransfer {
  #buffer: Uint8Array<ArrayBuffer>;
  #have = 0;
  #write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  #end: () => Promise<void>;

  constructor(
    bufferSize: number,
    write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
    end: () => Promise<void>,
  ) {
    this.#buffer = new Uint8Array(bufferSize);
    this.#write = write;
    this.#end = end;
  }

  async put(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.#buffer.length - this.#have);
      this.#buffer.set(part, this.#have);
      this.#have += part.length;
      at += part.length;
      if (this.#have === this.#buffer.length) await this.#flush();
    }
  }

  async end(): Promise<void> {
    if (this.#have > 0) await this.#flush();
    await this.#end();
  }

  async #flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#have);
    this.#have = 0;
    await this.#write(bytes);
  }
}
