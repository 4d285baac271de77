/** The transfers of a session: control, bulk and interrupt, each with a timeout. */
import { LinkError, TimeoutError } from '../../base/errors.ts';
import { type Clock, ignore, within } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { usbError } from '../../usb/errors.ts';
import type { UsbDevice } from '../../usb/port.ts';
import type { PtpInterface } from '../../usb/ptp-interface.ts';
import { controlRequest } from './codes.ts';
import type { NormalTransferSeen } from './tap.ts';

export interface PipesOptions {
  device: UsbDevice;
  name: string;
  pipes: PtpInterface;
  clock: Clock;
  platform: string | undefined;
  seen(transfer: NormalTransferSeen): void;
}

/** A read that nobody waits for any more, on a port that cannot take it back. */
interface Orphan {
  length: number;
  result: Promise<Uint8Array>;
}

export class Pipes {
  /** wMaxPacketSize of the bulk pipes. */
  readonly packetSize: number;
  #options: PipesOptions;
  #orphan: Orphan | undefined;

  constructor(options: PipesOptions) {
    this.#options = options;
    this.packetSize = options.pipes.bulkIn.packetSize;
  }

  /** Rejects where fewer than `length` bytes come. */
  async controlIn(value: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    const { device } = this.#options;
    const setup = { ...VENDOR, request: controlRequest(length), value };
    const bytes = await this.#timed(
      `no answer to request 0x${value.toString(16)}`,
      timeoutMs,
      { type: 'control', direction: 'in', request: setup.request, value },
      async () => {
        const { status, data } = await device.controlTransferIn(setup, length);
        if (status === 'stall') throw this.#refused(value);
        return viewOf(data);
      },
    );
    if (bytes.length >= length) return bytes;
    const what = `request 0x${value.toString(16)} was answered with ${bytes.length} bytes`;
    throw new ProtocolError('TRUNCATED', `${what} instead of ${length}`, bytes, bytes.length);
  }

  async controlOut(
    value: number,
    bytes: Uint8Array<ArrayBuffer>,
    timeoutMs: number,
  ): Promise<void> {
    const { device } = this.#options;
    const setup = { ...VENDOR, request: controlRequest(bytes.length), value };
    await this.#timed(
      'the camera took no command',
      timeoutMs,
      { type: 'control', direction: 'out', request: setup.request, value },
      async () => {
        const { status } = await device.controlTransferOut(setup, bytes);
        if (status === 'stall') throw this.#refused(value);
        return bytes;
      },
    );
  }

  async bulkOut(bytes: Uint8Array<ArrayBuffer>, timeoutMs: number): Promise<void> {
    const { device, pipes, name } = this.#options;
    await this.#timed(
      'the camera took no data',
      timeoutMs,
      { type: 'bulk', direction: 'out' },
      async () => {
        const { status } = await device.transferOut(pipes.bulkOut.endpointNumber, bytes);
        if (status === 'stall') {
          await device.clearHalt('out', pipes.bulkOut.endpointNumber);
          throw new LinkError(`${name} refused data (stall)`);
        }
        return bytes;
      },
    );
  }

  /**
   * One transfer of at most `length` bytes; empty where the camera ends one with an empty packet. The
   * bytes are the caller's. Rejects with a TimeoutError when nothing comes, a ProtocolError on babble
   * and on a stall, which is cleared.
   */
  async bulkIn(length: number, timeoutMs: number, what: string): Promise<Uint8Array> {
    const stop = new AbortController();
    try {
      return await this.#timed(
        what,
        timeoutMs,
        { type: 'bulk', direction: 'in' },
        () => this.#readBulk(length, stop.signal),
        () => stop.abort(),
      );
    } finally {
      stop.abort();
    }
  }

  /** The next piece of the interrupt pipe; may be empty. Not timed: it ends with the device. */
  async interrupt(signal: AbortSignal): Promise<Uint8Array> {
    const { device, pipes } = this.#options;
    const endpoint = pipes.interruptIn;
    if (!endpoint)
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(EMPTY)));
    const { endpointNumber, packetSize } = endpoint;
    if (device.transfers) {
      const buffer = new Uint8Array(packetSize);
      const { bytesRead } = await device.transfers.read(endpointNumber, buffer, signal);
      return buffer.subarray(0, bytesRead);
    }
    const { data } = await device.transferIn(endpointNumber, packetSize);
    return viewOf(data);
  }

  /** Throws away what the camera still had to say, so that the next answer is the next one. */
  async resync(quietMs: number): Promise<void> {
    const { device, pipes } = this.#options;
    const { bulkIn, bulkOut } = pipes;
    await device.clearHalt('in', bulkIn.endpointNumber).catch(ignore);
    await device.clearHalt('out', bulkOut.endpointNumber).catch(ignore);
    for (let reads = 0; reads < MOST_STALE_READS; reads++) {
      try {
        await this.bulkIn(STALE_READ, quietMs, 'nothing was left over');
      } catch (error) {
        if (error instanceof TimeoutError) return;
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
  }

  async #readBulk(length: number, signal: AbortSignal): Promise<Uint8Array> {
    const { device, pipes, name } = this.#options;
    const { endpointNumber } = pipes.bulkIn;
    if (device.transfers) {
      const buffer = new Uint8Array(length);
      const { status, bytesRead } = await device.transfers.read(endpointNumber, buffer, signal);
      if (status === 'stall') await device.clearHalt('in', endpointNumber);
      return checked(buffer.subarray(0, bytesRead), status, name, length);
    }
    // What was asked for before comes first, whatever becomes of it.
    const orphan = this.#orphan ?? { length, result: this.#transferIn(length) };
    this.#orphan = orphan;
    const bytes = await orphan.result.finally(() => {
      if (this.#orphan === orphan) this.#orphan = undefined;
    });
    return bytes;
  }

  async #transferIn(length: number): Promise<Uint8Array> {
    const { device, pipes, name } = this.#options;
    const { endpointNumber } = pipes.bulkIn;
    const { data, status = 'ok' } = await device.transferIn(endpointNumber, length);
    if (status === 'stall') await device.clearHalt('in', endpointNumber);
    return checked(viewOf(data), status, name, length);
  }

  #refused(value: number): LinkError {
    const { name } = this.#options;
    return new LinkError(`${name} refused request 0x${value.toString(16)} (stall)`, {
      hint: 'Unplug the camera and plug it in again.',
    });
  }

  async #timed(
    what: string,
    ms: number,
    told: Omit<NormalTransferSeen, 'bytes' | 'ms'>,
    move: () => Promise<Uint8Array>,
    giveUp: () => void = ignore,
  ): Promise<Uint8Array> {
    const { name, platform, clock, seen } = this.#options;
    const from = clock.now();
    try {
      const bytes = await within(move(), {
        ms,
        what: `${what} from ${name}`,
        hint: 'Switch the camera off and on, then try again.',
        clock,
      });
      seen({ ...told, bytes, ms: clock.now() - from });
      return bytes;
    } catch (error) {
      giveUp();
      throw usbError(error, name, 'did not answer', platform);
    }
  }
}

const VENDOR = { requestType: 'vendor', recipient: 'device', index: 0 } as const;
const EMPTY = new Uint8Array(0);
/** A multiple of each packet size. */
const STALE_READ = 16 << 10;
const MOST_STALE_READS = 256;

function checked(bytes: Uint8Array, status: string, name: string, asked: number): Uint8Array {
  if (status === 'ok' || status === 'cancelled') return bytes;
  const why =
    status === 'stall' ? 'the pipe stalled' : `more came than the ${asked} bytes asked for`;
  throw new ProtocolError('INVALID_DATA', `${name}: ${why}`, EMPTY, 0);
}

function viewOf(data: DataView | undefined): Uint8Array {
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : EMPTY;
}
