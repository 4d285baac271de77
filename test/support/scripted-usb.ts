/**
 * A USB device in memory, packet by packet, whose answers a test writes down. It keeps to the rules
 * of a bus: a read ends when it is full or with a short packet, a packet that does not fit is babble,
 * a halted pipe stalls until the halt is cleared.
 */
import type {
  UsbConfiguration,
  UsbControlSetup,
  UsbDevice,
  UsbInResult,
  UsbOutResult,
  UsbReadResult,
  UsbTransferStatus,
  UsbTransfers,
} from '../../src/usb/port.ts';

export interface ScriptedUsbOptions {
  /** Of both bulk pipes. Default 512. */
  packetSize?: number;
  /** Of the interrupt pipe. Default 8, as Canon's. */
  interruptPacketSize?: number;
  /** With `transfers`, as in Node, or without, as in a browser. Default true. */
  transfers?: boolean;
  /** Called with each USB transfer that has come whole. */
  onTransfer?: (bytes: Uint8Array, device: ScriptedUsb) => void;
  /** Answers class requests; what it gives for IN is the data, 'stall' is a stall. */
  onControl?: (
    setup: UsbControlSetup,
    data: Uint8Array | undefined,
    device: ScriptedUsb,
  ) => Uint8Array | 'stall' | undefined | Promise<never>;
  serialNumber?: string;
  productId?: number;
}

interface PendingRead {
  length: number;
  /** What has come. */
  have: number;
  parts: Uint8Array[];
  settle: (status: UsbTransferStatus | 'cancelled') => void;
  reject: (error: Error) => void;
}

const INTERFACE = 0;
const BULK_IN = 1;
const BULK_OUT = 2;
const INTERRUPT_IN = 3;

export class ScriptedUsb implements UsbDevice {
  readonly vendorId = 0x04a9;
  readonly productId: number;
  readonly manufacturerName = 'Canon Inc.';
  readonly productName = 'Canon Digital Camera';
  readonly serialNumber: string | undefined;
  readonly configurations: UsbConfiguration[];
  readonly transfers: UsbTransfers | undefined;
  opened = false;
  /** What the host did, in order: 'open', 'claim 0', 'cancel 5', 'clearHalt in 1', 'read 16384'. */
  readonly log: string[] = [];
  /** Every USB transfer that came whole. */
  readonly received: Uint8Array[] = [];
  /** Sizes of the single writes. */
  readonly writes: number[] = [];
  configured = true;
  /** Thrown by the next call of that name, once. */
  readonly failures = new Map<string, Error>();
  /** Writes are not taken from the host while this is set. */
  deaf = false;
  #options: ScriptedUsbOptions;
  #packetSize: number;
  #packets: Uint8Array[] = [];
  #reads: PendingRead[] = [];
  #interrupts: Uint8Array[] = [];
  #interruptReads: PendingRead[] = [];
  #halted = new Set<'in' | 'out' | 'interrupt'>();
  #outParts: Uint8Array[] = [];
  #deafWrites: (() => void)[] = [];
  #gone: Error | undefined;

  constructor(options: ScriptedUsbOptions = {}) {
    this.#options = options;
    this.productId = options.productId ?? 0x32b4;
    this.serialNumber = options.serialNumber;
    this.#packetSize = options.packetSize ?? 512;
    this.configurations = [
      {
        configurationValue: 1,
        interfaces: [
          {
            interfaceNumber: INTERFACE,
            alternates: [
              {
                alternateSetting: 0,
                interfaceClass: 6,
                interfaceSubclass: 1,
                interfaceProtocol: 1,
                endpoints: [
                  {
                    endpointNumber: BULK_IN,
                    direction: 'in',
                    type: 'bulk',
                    packetSize: this.#packetSize,
                  },
                  {
                    endpointNumber: BULK_OUT,
                    direction: 'out',
                    type: 'bulk',
                    packetSize: this.#packetSize,
                  },
                  {
                    endpointNumber: INTERRUPT_IN,
                    direction: 'in',
                    type: 'interrupt',
                    packetSize: options.interruptPacketSize ?? 8,
                  },
                ],
              },
            ],
          },
        ],
      },
    ];
    if (options.transfers !== false) {
      this.transfers = {
        read: (endpoint, buffer, signal) => this.#readInto(endpoint, buffer, signal),
        write: async (endpoint, data, signal) => {
          if (signal?.aborted) return { status: 'cancelled', bytesWritten: 0 };
          const cancelled = new Promise<{ status: 'cancelled'; bytesWritten: number }>(
            (resolve) => {
              signal?.addEventListener('abort', () =>
                resolve({ status: 'cancelled', bytesWritten: 0 }),
              );
            },
          );
          const written = this.transferOut(endpoint, data).then(({ status, bytesWritten }) => ({
            status: status ?? 'ok',
            bytesWritten,
          }));
          return Promise.race([written, cancelled]);
        },
      };
    }
  }

  get configuration(): UsbConfiguration | null {
    return this.configured ? (this.configurations[0] ?? null) : null;
  }

  /** Reads of the bulk pipe that are under way. */
  get pendingReads(): number {
    return this.#reads.length;
  }

  /** One USB transfer to the host; `end: false` leaves out the empty packet behind full ones. */
  send(bytes: Uint8Array, { end = true } = {}): void {
    for (let at = 0; at < bytes.length; at += this.#packetSize) {
      this.#packets.push(bytes.slice(at, at + this.#packetSize));
    }
    if (end && bytes.length % this.#packetSize === 0) this.#packets.push(new Uint8Array(0));
    this.#serve();
  }

  /** One packet of the interrupt pipe. */
  interrupt(packet: Uint8Array): void {
    this.#interrupts.push(packet);
    this.#serveInterrupts();
  }

  halt(pipe: 'in' | 'out' | 'interrupt'): void {
    this.#halted.add(pipe);
    this.#serve();
    this.#serveInterrupts();
  }

  /** A packet larger than any read has room for. */
  babble(): void {
    this.#packets.push(new Uint8Array(1 << 26));
    this.#serve();
  }

  /** Forgets what it had to send, as a camera does at a Cancel. */
  flush(): void {
    this.#packets = [];
    this.#outParts = [];
  }

  hear(): void {
    this.deaf = false;
    for (const resume of this.#deafWrites.splice(0)) resume();
  }

  unplug(error: Error = new DOMException('The device was disconnected.', 'NotFoundError')): void {
    this.#gone = error;
    for (const read of [...this.#reads.splice(0), ...this.#interruptReads.splice(0)]) {
      read.reject(error);
    }
  }

  async open(): Promise<void> {
    this.#step('open');
    this.opened = true;
  }

  async close(): Promise<void> {
    this.log.push('close');
    this.opened = false;
    const closed = new DOMException('The transfer was cancelled.', 'AbortError');
    for (const read of [...this.#reads.splice(0), ...this.#interruptReads.splice(0)]) {
      read.reject(closed);
    }
  }

  async selectConfiguration(value: number): Promise<void> {
    this.#step('configure', value);
    this.configured = true;
  }

  async claimInterface(number: number): Promise<void> {
    this.#step('claim', number);
  }

  async releaseInterface(number: number): Promise<void> {
    this.#step('release', number);
  }

  async selectAlternateInterface(number: number, setting: number): Promise<void> {
    this.#step('alternate', `${number} ${setting}`);
  }

  async controlTransferIn(setup: UsbControlSetup, length: number): Promise<UsbInResult> {
    this.#step(setup.request === 0x67 ? 'status' : `control ${setup.request}`);
    const answer = await this.#options.onControl?.(setup, undefined, this);
    if (answer === 'stall') return { status: 'stall' };
    const data = (answer ?? new Uint8Array([4, 0, 1, 0x20])).slice(0, length);
    return { status: 'ok', data: new DataView(data.buffer) };
  }

  async controlTransferOut(
    setup: UsbControlSetup,
    data?: Uint8Array<ArrayBuffer>,
  ): Promise<UsbOutResult> {
    const bytes = data?.slice();
    const words = { 100: 'cancel', 102: 'reset' } as Record<number, string>;
    const id = bytes?.length === 6 ? new DataView(bytes.buffer).getUint32(2, true) : '';
    this.#step(words[setup.request] ?? `control ${setup.request}`, id);
    const answer = await this.#options.onControl?.(setup, bytes, this);
    return { status: answer === 'stall' ? 'stall' : 'ok', bytesWritten: data?.length ?? 0 };
  }

  async clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void> {
    this.#step('clearHalt', `${direction} ${endpoint}`);
    this.#halted.delete(direction === 'out' ? 'out' : endpoint === BULK_IN ? 'in' : 'interrupt');
  }

  transferIn(endpoint: number, length: number): Promise<UsbInResult> {
    return new Promise((resolve, reject) => {
      const read: PendingRead = {
        length,
        have: 0,
        parts: [],
        reject,
        settle: (status) => {
          const data = new Uint8Array(Buffer.concat(read.parts));
          resolve({
            status: status === 'cancelled' ? 'ok' : status,
            data: new DataView(data.buffer),
          });
        },
      };
      this.#queue(endpoint, read);
    });
  }

  async transferOut(endpoint: number, data: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    if (endpoint !== BULK_OUT) throw new Error(`no OUT endpoint ${endpoint}`);
    this.#step('write');
    if (this.deaf) await new Promise<void>((resolve) => this.#deafWrites.push(resolve));
    this.log.pop();
    if (this.#gone) throw this.#gone;
    if (this.#halted.has('out')) return { status: 'stall', bytesWritten: 0 };
    this.writes.push(data.length);
    this.#outParts.push(data.slice());
    if (data.length % this.#packetSize !== 0 || data.length === 0) {
      const whole = new Uint8Array(Buffer.concat(this.#outParts.splice(0)));
      this.received.push(whole);
      this.#options.onTransfer?.(whole, this);
    }
    return { status: 'ok', bytesWritten: data.length };
  }

  async reset(): Promise<void> {
    this.#step('port reset');
    this.flush();
  }

  #readInto(
    endpoint: number,
    buffer: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<UsbReadResult> {
    return new Promise((resolve, reject) => {
      const read: PendingRead = {
        length: buffer.length,
        have: 0,
        parts: [],
        reject(error) {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
        settle(status) {
          signal?.removeEventListener('abort', onAbort);
          buffer.set(Buffer.concat(read.parts));
          resolve({ status, bytesRead: read.have });
        },
      };
      const onAbort = () => {
        if (!this.#reads.includes(read)) return;
        this.#reads = this.#reads.filter((other) => other !== read);
        read.settle('cancelled');
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue(endpoint, read);
    });
  }

  #queue(endpoint: number, read: PendingRead): void {
    if (this.#gone) {
      read.reject(this.#gone);
      return;
    }
    if (endpoint === INTERRUPT_IN) {
      this.#interruptReads.push(read);
      this.#serveInterrupts();
      return;
    }
    if (endpoint !== BULK_IN) throw new Error(`no IN endpoint ${endpoint}`);
    if (read.length % this.#packetSize !== 0 || read.length === 0) {
      throw new Error(`a read of ${read.length} bytes at packets of ${this.#packetSize}`);
    }
    this.log.push(`read ${read.length}`);
    this.#reads.push(read);
    this.#serve();
  }

  #serve(): void {
    while (this.#reads.length > 0) {
      const read = this.#reads[0] as PendingRead;
      if (this.#halted.has('in')) {
        this.#reads.shift();
        read.settle('stall');
        continue;
      }
      const packet = this.#packets.shift();
      if (!packet) return;
      if (packet.length > read.length - read.have) {
        this.#reads.shift();
        read.settle('babble');
        continue;
      }
      read.parts.push(packet);
      read.have += packet.length;
      if (packet.length < this.#packetSize || read.have === read.length) {
        this.#reads.shift();
        read.settle('ok');
      }
    }
  }

  #serveInterrupts(): void {
    while (this.#interruptReads.length > 0) {
      const halted = this.#halted.has('interrupt');
      const packet = this.#interrupts[0];
      if (!packet && !halted) return;
      const read = this.#interruptReads.shift() as PendingRead;
      if (halted) read.settle('stall');
      else if ((packet as Uint8Array).length > read.length) {
        this.#interrupts.shift();
        read.settle('babble');
      } else {
        read.parts.push(this.#interrupts.shift() as Uint8Array);
        read.settle('ok');
      }
    }
  }

  #step(name: string, detail: string | number = ''): void {
    this.log.push(`${name} ${detail}`.trim());
    if (this.#gone) throw this.#gone;
    const failure = this.failures.get(name);
    if (!failure) return;
    this.failures.delete(name);
    throw failure;
  }
}

/** A container, from its parts. */
export function container(
  type: number,
  code: number,
  transactionId: number,
  payload: Uint8Array | number[] = [],
  length?: number,
): Uint8Array {
  const body = Array.isArray(payload) ? new Uint8Array(Uint32Array.from(payload).buffer) : payload;
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length ?? bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, code, true);
  view.setUint32(8, transactionId, true);
  bytes.set(body, 12);
  return bytes;
}

export const data = (code: number, id: number, payload: Uint8Array) =>
  container(2, code, id, payload);
export const response = (code: number, id: number, params: number[] = []) =>
  container(3, code, id, params);

export interface SeenCommand {
  code: number;
  transactionId: number;
  params: number[];
}

/** The command in a transfer; undefined for a data container or a lone payload. */
function commandOf(transfer: Uint8Array): SeenCommand | undefined {
  const view = new DataView(transfer.buffer, transfer.byteOffset, transfer.byteLength);
  if (transfer.length < 12 || view.getUint16(4, true) !== 1) return undefined;
  const params: number[] = [];
  for (let at = 12; at + 4 <= transfer.length; at += 4) params.push(view.getUint32(at, true));
  return { code: view.getUint16(6, true), transactionId: view.getUint32(8, true), params };
}

/** A device that answers each command by `script`. */
export function scriptedUsb(
  script: (command: SeenCommand, device: ScriptedUsb) => void,
  options: ScriptedUsbOptions = {},
): ScriptedUsb {
  return new ScriptedUsb({
    ...options,
    onTransfer: (bytes, device) => {
      const command = commandOf(bytes);
      if (command) script(command, device);
      else options.onTransfer?.(bytes, device);
    },
  });
}
