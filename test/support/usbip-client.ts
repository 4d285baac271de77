/**
 * A USB/IP host of the tests' own, written from the kernel's Documentation/usb/usbip_protocol.rst: it
 * shares no code with the server that it speaks to. Gives the imported device WebUSB's shape.
 */
import { connect, type Socket } from 'node:net';
import { ignore } from '../../src/base/time.ts';
import type {
  UsbAlternate,
  UsbConfiguration,
  UsbControlSetup,
  UsbDevice,
  UsbDirection,
  UsbEndpoint,
  UsbInResult,
  UsbOutResult,
  UsbTransferStatus,
  UsbTransfers,
} from '../../src/usb/port.ts';

const VERSION = 0x0111;
const IMPORT_REQUEST = 0x8003;
const SUBMIT = 1;
const UNLINK = 2;
const SUBMIT_REPLY = 3;
const UNLINK_REPLY = 4;
const EPIPE = -32;
const EOVERFLOW = -75;
const ECONNRESET = -104;
const IN = 0x80;

interface Urb {
  direction: UsbDirection;
  /** It is no request to unlink another. */
  unlinkable: boolean;
  settle(status: number, actual: number, data: Buffer): void;
  fail(error: Error): void;
}

interface Done {
  status: UsbTransferStatus | 'cancelled';
  actual: number;
  data: Buffer;
}

/** The device that the server at this port exports as `busId`. */
export async function importUsbip(port: number, busId = '1-1'): Promise<UsbipDevice> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  const reader = new Pieces(socket);
  const request = Buffer.alloc(40);
  request.writeUInt16BE(VERSION, 0);
  request.writeUInt16BE(IMPORT_REQUEST, 2);
  request.write(busId, 8);
  socket.write(request);
  const head = await reader.take(8);
  const status = head.readUInt32BE(4);
  if (status !== 0) {
    socket.destroy();
    throw new Error(`import of ${busId} was refused: ${status}`);
  }
  const description = await reader.take(312);
  const device = new UsbipDevice(socket, reader, description);
  await device.readDescriptors();
  return device;
}

/** Bytes of a socket in pieces of stated size. */
class Pieces {
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = 0;
  #resolve: (() => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #error: Error | undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size >= this.#wanted) this.#resolve?.();
    });
    socket.on('error', () => {
      // What is to be told about it follows with 'close'.
    });
    socket.on('close', () => {
      this.#error = new Error('LIBUSB_ERROR_NO_DEVICE');
      this.#reject?.(this.#error);
    });
  }

  async take(size: number): Promise<Buffer> {
    if (this.#size < size) {
      if (this.#error) throw this.#error;
      this.#wanted = size;
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
      this.#resolve = undefined;
      this.#reject = undefined;
    }
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const rest = all.subarray(size);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return all.subarray(0, size);
  }
}

export class UsbipDevice implements UsbDevice {
  vendorId = 0;
  productId = 0;
  productName: string | undefined;
  serialNumber: string | undefined;
  configurations: UsbConfiguration[] = [];
  opened = false;
  readonly transfers: UsbTransfers;
  #socket: Socket;
  #reader: Pieces;
  #deviceId: number;
  #sequence = 0;
  #urbs = new Map<number, Urb>();
  #gone: Error | undefined;

  constructor(socket: Socket, reader: Pieces, description: Buffer) {
    this.#socket = socket;
    this.#reader = reader;
    this.#deviceId = (description.readUInt32BE(288) << 16) | description.readUInt32BE(292);
    this.transfers = {
      read: async (endpoint, buffer, signal) => {
        const done = await this.#submit(
          endpoint,
          'in',
          buffer.length,
          undefined,
          undefined,
          signal,
        );
        buffer.set(done.data);
        return { status: done.status, bytesRead: done.data.length };
      },
      write: async (endpoint, data, signal) => {
        const done = await this.#submit(endpoint, 'out', data.length, data, undefined, signal);
        return { status: done.status, bytesWritten: done.actual };
      },
    };
    void this.#pump();
  }

  get configuration(): UsbConfiguration | null {
    return this.configurations[0] ?? null;
  }

  /** As the kernel does when a device is plugged in. */
  async readDescriptors(): Promise<void> {
    const device = await this.#descriptor(1, 0, 18);
    this.vendorId = device.readUInt16LE(8);
    this.productId = device.readUInt16LE(10);
    const head = await this.#descriptor(2, 0, 9);
    const whole = await this.#descriptor(2, 0, head.readUInt16LE(2));
    this.configurations = [parseConfiguration(whole)];
    this.productName = await this.#string(device[15] ?? 0);
    this.serialNumber = await this.#string(device[16] ?? 0);
    await this.#control(0, 9, head[5] ?? 1, 0, new Uint8Array(0));
  }

  async open(): Promise<void> {
    if (this.#gone) throw this.#gone;
    this.opened = true;
  }

  /** What a program leaves behind is taken back; the device stays attached. */
  async close(): Promise<void> {
    this.opened = false;
    for (const [sequence, urb] of this.#urbs) if (urb.unlinkable) this.#unlink(sequence);
  }

  detach(): void {
    this.#socket.destroy();
  }

  async selectConfiguration(value: number): Promise<void> {
    await this.#control(0, 9, value, 0, new Uint8Array(0));
  }

  async claimInterface(): Promise<void> {
    // The kernel's business: the bus hears nothing of it.
  }

  async releaseInterface(): Promise<void> {
    // As above.
  }

  async selectAlternateInterface(number: number, setting: number): Promise<void> {
    await this.#control(1, 11, setting, number, new Uint8Array(0));
  }

  async controlTransferIn(setup: UsbControlSetup, length: number): Promise<UsbInResult> {
    const done = await this.#submit(0, 'in', length, undefined, setupBytes(setup, IN, length));
    return inResult(done);
  }

  async controlTransferOut(
    setup: UsbControlSetup,
    data: Uint8Array<ArrayBuffer> = new Uint8Array(0),
  ): Promise<UsbOutResult> {
    const bytes = setupBytes(setup, 0, data.length);
    return outResult(await this.#submit(0, 'out', data.length, data, bytes));
  }

  async clearHalt(direction: UsbDirection, endpoint: number): Promise<void> {
    await this.#control(2, 1, 0, endpoint | (direction === 'in' ? IN : 0), new Uint8Array(0));
  }

  async transferIn(endpoint: number, length: number): Promise<UsbInResult> {
    return inResult(await this.#submit(endpoint, 'in', length));
  }

  async transferOut(endpoint: number, data: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    return outResult(await this.#submit(endpoint, 'out', data.length, data));
  }

  async reset(): Promise<void> {
    throw new Error('Unable to reset the device.');
  }

  async #descriptor(type: number, index: number, length: number): Promise<Buffer> {
    const setup = { requestType: 'standard', recipient: 'device', request: 6 } as const;
    const bytes = setupBytes({ ...setup, value: (type << 8) | index, index: 0 }, IN, length);
    return (await this.#submit(0, 'in', length, undefined, bytes)).data;
  }

  async #string(index: number): Promise<string | undefined> {
    if (index === 0) return undefined;
    const bytes = await this.#descriptor(3, index, 255);
    return bytes.subarray(2).toString('utf16le');
  }

  async #control(
    recipient: number,
    request: number,
    value: number,
    index: number,
    data: Uint8Array,
  ): Promise<void> {
    const setup = Buffer.alloc(8);
    setup.writeUInt8(recipient, 0);
    setup.writeUInt8(request, 1);
    setup.writeUInt16LE(value, 2);
    setup.writeUInt16LE(index, 4);
    const { status } = await this.#submit(0, 'out', 0, data, setup);
    if (status !== 'ok') throw new Error('LIBUSB_ERROR_PIPE');
  }

  #submit(
    endpoint: number,
    direction: UsbDirection,
    length: number,
    data?: Uint8Array,
    setup: Buffer = Buffer.alloc(8),
    signal?: AbortSignal,
  ): Promise<Done> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (signal?.aborted) {
      return Promise.resolve({ status: 'cancelled', actual: 0, data: Buffer.alloc(0) });
    }
    const sequence = ++this.#sequence;
    const head = Buffer.alloc(48);
    this.#head(head, SUBMIT, sequence, direction, endpoint);
    head.writeInt32BE(length, 24);
    setup.copy(head, 40);
    const unlink = () => this.#unlink(sequence);
    const done = new Promise<Done>((resolve, reject) => {
      const finish = () => {
        this.#urbs.delete(sequence);
        signal?.removeEventListener('abort', unlink);
      };
      this.#urbs.set(sequence, {
        direction,
        unlinkable: true,
        settle(status, actual, bytes) {
          finish();
          const word = statusOf(status);
          if (word) resolve({ status: word, actual, data: bytes });
          else reject(new Error(`LIBUSB_TRANSFER_ERROR (${status})`));
        },
        fail(error) {
          finish();
          reject(error);
        },
      });
    });
    signal?.addEventListener('abort', unlink, { once: true });
    this.#socket.write(data && direction === 'out' ? Buffer.concat([head, data]) : head);
    return done;
  }

  #unlink(victim: number): void {
    const sequence = ++this.#sequence;
    const head = Buffer.alloc(48);
    this.#head(head, UNLINK, sequence, 'out', 0);
    head.writeUInt32BE(victim, 20);
    const taken = (status: number) => {
      // Zero: its own reply has gone out before.
      if (status !== 0) this.#urbs.get(victim)?.settle(ECONNRESET, 0, Buffer.alloc(0));
    };
    this.#urbs.set(sequence, {
      direction: 'out',
      unlinkable: false,
      settle: (status) => {
        this.#urbs.delete(sequence);
        taken(status);
      },
      fail: ignore,
    });
    this.#socket.write(head);
  }

  #head(
    head: Buffer,
    command: number,
    sequence: number,
    direction: UsbDirection,
    endpoint: number,
  ): void {
    head.writeUInt32BE(command, 0);
    head.writeUInt32BE(sequence, 4);
    head.writeUInt32BE(this.#deviceId, 8);
    head.writeUInt32BE(direction === 'in' ? 1 : 0, 12);
    head.writeUInt32BE(endpoint, 16);
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#reader.take(48);
        const command = head.readUInt32BE(0);
        const urb = this.#urbs.get(head.readUInt32BE(4));
        const status = head.readInt32BE(20);
        if (command === UNLINK_REPLY) {
          urb?.settle(status, 0, Buffer.alloc(0));
          continue;
        }
        if (command !== SUBMIT_REPLY || !urb) throw new Error(`unexpected reply ${command}`);
        const actual = head.readInt32BE(24);
        const size = urb.direction === 'in' ? actual : 0;
        // A copy: settled promises are read later.
        const data = Buffer.from(size > 0 ? await this.#reader.take(size) : []);
        urb.settle(status, actual, data);
      }
    } catch (error) {
      this.#gone = error as Error;
      this.#socket.destroy();
      for (const urb of [...this.#urbs.values()]) urb.fail(this.#gone);
    }
  }
}

function statusOf(status: number): UsbTransferStatus | 'cancelled' | undefined {
  switch (status) {
    case 0:
      return 'ok';
    case EPIPE:
      return 'stall';
    case EOVERFLOW:
      return 'babble';
    case ECONNRESET:
      return 'cancelled';
    default:
      return undefined;
  }
}

function inResult({ status, data }: Done): UsbInResult {
  if (status === 'cancelled') throw new Error('LIBUSB_TRANSFER_CANCELLED');
  return { status, data: new DataView(new Uint8Array(data).buffer) };
}

function outResult({ status, actual }: Done): UsbOutResult {
  if (status === 'cancelled') throw new Error('LIBUSB_TRANSFER_CANCELLED');
  return { status, bytesWritten: actual };
}

function setupBytes(setup: UsbControlSetup, direction: number, length: number): Buffer {
  const type = { standard: 0, class: 1, vendor: 2 }[setup.requestType];
  const recipient = { device: 0, interface: 1, endpoint: 2, other: 3 }[setup.recipient];
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(direction | (type << 5) | recipient, 0);
  bytes.writeUInt8(setup.request, 1);
  bytes.writeUInt16LE(setup.value, 2);
  bytes.writeUInt16LE(setup.index, 4);
  bytes.writeUInt16LE(length, 6);
  return bytes;
}

/** Configuration, interface and endpoint descriptors, one behind the other (USB 2.0, 9.6). */
function parseConfiguration(bytes: Buffer): UsbConfiguration {
  const interfaces: { interfaceNumber: number; alternates: UsbAlternate[] }[] = [];
  let endpoints: UsbEndpoint[] = [];
  for (let at = 0; at < bytes.length; at += bytes[at] || 255) {
    const field = (offset: number) => bytes[at + offset] ?? 0;
    if (field(1) === 4) {
      endpoints = [];
      interfaces.push({
        interfaceNumber: field(2),
        alternates: [
          {
            alternateSetting: field(3),
            interfaceClass: field(5),
            interfaceSubclass: field(6),
            interfaceProtocol: field(7),
            endpoints,
          },
        ],
      });
    } else if (field(1) === 5) {
      endpoints.push({
        endpointNumber: field(2) & 0x0f,
        direction: field(2) & IN ? 'in' : 'out',
        type: (field(3) & 3) === 3 ? 'interrupt' : 'bulk',
        packetSize: bytes.readUInt16LE(at + 4) & 0x7ff,
      });
    }
  }
  return { configurationValue: bytes[5] ?? 1, interfaces };
}
