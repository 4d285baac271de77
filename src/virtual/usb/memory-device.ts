/** A virtual camera in the shape of WebUSB's `USBDevice`: the host's side of a gadget, in memory. */
import { concat } from '../../base/byte-stream.ts';
import type {
  UsbConfiguration,
  UsbControlSetup,
  UsbDevice,
  UsbDirection,
  UsbInResult,
  UsbOutResult,
  UsbTransfers,
} from '../../usb/port.ts';
import type { Setup } from './control.ts';
import { DescriptorType, EndpointAddress, INTERFACE_NUMBER } from './descriptors.ts';
import type { UsbGadget } from './gadget.ts';
import { bufferSink, type InSink, type InStatus } from './in-pipe.ts';
import { readConfiguration, readString } from './read-descriptors.ts';

export interface MemoryDeviceOptions {
  /** Have `transfers`, as devices of Node have; a browser's have not. Default true. */
  transfers?: boolean | undefined;
  location?: { bus: number; device: number } | undefined;
}

const TYPES = { standard: 0, class: 1, vendor: 2 } as const;
const RECIPIENTS = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;
const IN = 0x80;

/** Interfaces that programs have claimed: one program each. */
const claims = new WeakMap<UsbGadget, MemoryUsbDevice>();

/** Errors are DOMExceptions with WebUSB's names. */
export class MemoryUsbDevice implements UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturerName: string | undefined;
  readonly productName: string | undefined;
  readonly serialNumber: string | undefined;
  readonly configurations: readonly UsbConfiguration[];
  readonly transfers: UsbTransfers | undefined;
  readonly location: { readonly bus: number; readonly device: number } | undefined;
  #gadget: UsbGadget;
  #opened = false;
  /** Unplugged; what is plugged in later is another device. */
  #gone = false;
  #claimed = false;

  constructor(gadget: UsbGadget, options: MemoryDeviceOptions = {}) {
    const view = new DataView(gadget.descriptors.device.slice().buffer);
    const string = (at: number) =>
      readString(gadget.descriptors.find(DescriptorType.String, view.getUint8(at)));
    this.vendorId = view.getUint16(8, true);
    this.productId = view.getUint16(10, true);
    this.manufacturerName = string(14);
    this.productName = string(15);
    this.serialNumber = view.getUint8(16) === 0 ? undefined : string(16);
    this.configurations = [readConfiguration(gadget.descriptors.configuration)];
    this.location = options.location;
    this.transfers =
      (options.transfers ?? true)
        ? { read: (endpoint, buffer, signal) => this.#readInto(endpoint, buffer, signal) }
        : undefined;
    this.#gadget = gadget;
    this.#gone = !gadget.attached;
    const stop = gadget.watch(() => {
      stop();
      this.#gone = true;
      this.#forget();
    });
  }

  get opened(): boolean {
    return this.#opened;
  }

  get configuration(): UsbConfiguration | null {
    const value = this.#gadget.configuration;
    return this.configurations.find((each) => each.configurationValue === value) ?? null;
  }

  async open(): Promise<void> {
    this.#requirePresent();
    this.#opened = true;
    // As the system does when a device is plugged in.
    if (this.#gadget.configuration === 0) this.#select(1);
  }

  async close(): Promise<void> {
    this.#forget();
  }

  async selectConfiguration(configurationValue: number): Promise<void> {
    this.#requireOpen();
    if (!this.configurations.some((each) => each.configurationValue === configurationValue)) {
      throw notFound('The configuration value provided is not supported by the device.');
    }
    this.#release();
    this.#select(configurationValue);
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#requireOpen();
    this.#requireInterface(interfaceNumber);
    if (this.#claimed) return;
    if (claims.has(this.#gadget)) {
      throw new DOMException('Unable to claim interface.', 'NetworkError');
    }
    claims.set(this.#gadget, this);
    this.#claimed = true;
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    this.#requireOpen();
    this.#requireInterface(interfaceNumber);
    this.#release();
  }

  async selectAlternateInterface(interfaceNumber: number, alternate: number): Promise<void> {
    this.#requireClaim();
    this.#requireInterface(interfaceNumber);
    if (alternate !== 0) {
      throw notFound('The alternate setting provided is not supported by the device.');
    }
    this.#require(this.#control(0x01, 11, alternate, interfaceNumber));
  }

  async controlTransferIn(setup: UsbControlSetup, length: number): Promise<UsbInResult> {
    const answer = this.#request(setup, IN, new Uint8Array(0), length);
    if (!answer) return { status: 'stall' };
    return { data: new DataView(answer.slice().buffer), status: 'ok' };
  }

  async controlTransferOut(
    setup: UsbControlSetup,
    data: Uint8Array<ArrayBuffer> = new Uint8Array(0),
  ): Promise<UsbOutResult> {
    const answer = this.#request(setup, 0, data, data.length);
    return answer
      ? { bytesWritten: data.length, status: 'ok' }
      : { bytesWritten: 0, status: 'stall' };
  }

  async clearHalt(direction: UsbDirection, endpointNumber: number): Promise<void> {
    this.#requireClaim();
    const address = this.#address(endpointNumber, direction);
    this.#require(this.#control(0x02, 1, 0, address));
  }

  async transferIn(endpointNumber: number, length: number): Promise<UsbInResult> {
    const parts: Uint8Array[] = [];
    // The memory is made of what comes, not of what was asked for.
    const sink = { length, write: (chunk: Uint8Array) => void parts.push(chunk.slice()) };
    const { status } = await this.#read(endpointNumber, sink);
    if (status === 'cancelled') throw cancelled();
    const data = parts.length === 1 ? parts[0] : concat(parts);
    return { data: new DataView((data ?? new Uint8Array(0)).buffer as ArrayBuffer), status };
  }

  async transferOut(endpointNumber: number, data: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    this.#requireClaim();
    const address = this.#address(endpointNumber, 'out');
    const written = this.#gadget.write(address, data);
    if (!written) throw notFound(NO_ENDPOINT);
    const { status, bytesWritten } = await written;
    this.#requireStill(status);
    if (status === 'ok' || status === 'stall') return { bytesWritten, status };
    throw cancelled();
  }

  async reset(): Promise<void> {
    this.#requireOpen();
    this.#gadget.busReset();
    // What was configured is so again behind a reset.
    this.#select(1);
  }

  async #readInto(
    endpointNumber: number,
    buffer: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<{ status: 'ok' | 'stall' | 'babble' | 'cancelled'; bytesRead: number }> {
    return this.#read(endpointNumber, bufferSink(buffer), signal);
  }

  async #read(endpointNumber: number, sink: InSink, signal?: AbortSignal) {
    this.#requireClaim();
    const read = this.#gadget.read(this.#address(endpointNumber, 'in'), sink, signal);
    if (!read) throw notFound(NO_ENDPOINT);
    const { status, bytesRead } = await read;
    this.#requireStill(status);
    if (status === 'gone' || (status === 'cancelled' && !signal?.aborted)) throw cancelled();
    return { status, bytesRead };
  }

  #request(
    setup: UsbControlSetup,
    direction: number,
    data: Uint8Array,
    length: number,
  ): Uint8Array | undefined {
    this.#requireOpen();
    const { recipient, request, value, index } = setup;
    if (recipient === 'interface' || recipient === 'endpoint') this.#requireClaim();
    const requestType = direction | (TYPES[setup.requestType] << 5) | RECIPIENTS[recipient];
    return this.#control(requestType, request, value, index, data, length);
  }

  #control(
    requestType: Setup['requestType'],
    request: number,
    value: number,
    index: number,
    data: Uint8Array = new Uint8Array(0),
    length = data.length,
  ): Uint8Array | undefined {
    return this.#gadget.control({ requestType, request, value, index, length }, data);
  }

  #select(configurationValue: number): void {
    this.#require(this.#control(0, 9, configurationValue, 0));
  }

  #require(answer: Uint8Array | undefined): void {
    if (!answer) throw new DOMException('A transfer error has occurred.', 'NetworkError');
  }

  #address(endpointNumber: number, direction: UsbDirection): number {
    const address = endpointNumber | (direction === 'in' ? IN : 0);
    const known: readonly number[] = Object.values(EndpointAddress);
    if (known.includes(address)) return address;
    throw notFound(NO_ENDPOINT);
  }

  #requirePresent(): void {
    if (this.#gone) throw disconnected();
  }

  #requireOpen(): void {
    this.#requirePresent();
    if (!this.#opened) throw new DOMException('The device must be opened first.', STATE);
  }

  #requireClaim(): void {
    this.#requireOpen();
    if (!this.#claimed) throw new DOMException('The interface must be claimed first.', STATE);
  }

  #requireInterface(interfaceNumber: number): void {
    if (interfaceNumber === INTERFACE_NUMBER) return;
    throw notFound('The interface number provided is not supported by the device.');
  }

  /** `gone` may be a reset of the bus, too. */
  #requireStill(status: InStatus): void {
    if (status === 'gone' && this.#gone) throw disconnected();
  }

  #release(): void {
    if (!this.#claimed) return;
    claims.delete(this.#gadget);
    this.#claimed = false;
    this.#gadget.cancelTransfers();
  }

  #forget(): void {
    this.#release();
    this.#opened = false;
  }
}

const STATE = 'InvalidStateError';
const NO_ENDPOINT =
  'The specified endpoint is not part of a claimed and selected alternate interface.';

function notFound(message: string): DOMException {
  return new DOMException(message, 'NotFoundError');
}

function disconnected(): DOMException {
  return notFound('The device was disconnected.');
}

function cancelled(): DOMException {
  return new DOMException('The transfer was cancelled.', 'AbortError');
}
