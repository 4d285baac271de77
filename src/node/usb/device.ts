/** A device of the package `usb` in the shape of WebUSB, with transfers that can be taken back. */
import { readFileSync } from 'node:fs';
import { ignore } from '../../base/time.ts';
import { heldByOther } from '../../usb/errors.ts';
import type {
  UsbConfiguration,
  UsbControlSetup,
  UsbDevice,
  UsbDirection,
  UsbEndpoint,
  UsbInResult,
  UsbOutResult,
  UsbReadResult,
  UsbTransferStatus,
  UsbTransfers,
} from '../../usb/port.ts';
import { describeHolders, findHolders } from './holders.ts';
import type { Native, NativeDevice } from './native.ts';

type NativeTransfer = InstanceType<Native['Transfer']>;

/** libusb_transfer_status, which the callback's error carries as `errno`. */
const TransferStatus = { Completed: 0, Cancelled: 3, Stall: 4, Overflow: 6 } as const;

const IN = 0x80;
const TRANSFER_CONTROL = 0;

/** For a control request, in the system; the transport has shorter ones of its own. */
const CONTROL_MS = 3000;

interface Done {
  status: UsbTransferStatus | 'cancelled';
  actual: number;
}

export class NodeUsbDevice implements UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly location: { bus: number; device: number };
  readonly transfers: UsbTransfers;
  manufacturerName: string | undefined;
  productName: string | undefined;
  serialNumber: string | undefined;
  readonly native: NativeDevice;
  #usb: Native;
  #opened = false;
  #claimed = new Set<number>();
  #configurations: UsbConfiguration[] | undefined;
  #active = new Set<NativeTransfer>();
  /** Everything that the system has not finished with: a device cannot be closed before. */
  #pending = new Set<Promise<unknown>>();

  constructor(native: NativeDevice, usb: Native) {
    this.native = native;
    this.#usb = usb;
    const { idVendor, idProduct } = native.deviceDescriptor;
    this.vendorId = idVendor;
    this.productId = idProduct;
    this.location = { bus: native.busNumber, device: native.deviceAddress };
    this.transfers = {
      read: async (endpoint, buffer, signal) => {
        const { status, actual } = await this.#transfer(endpoint | IN, buffer, signal);
        return { status, bytesRead: actual } satisfies UsbReadResult;
      },
      write: async (endpoint, data, signal) => {
        const { status, actual } = await this.#transfer(endpoint, data, signal);
        return { status, bytesWritten: actual };
      },
    };
  }

  get opened(): boolean {
    return this.#opened;
  }

  get configurations(): readonly UsbConfiguration[] {
    this.#configurations ??= this.native.allConfigDescriptors.map(toConfiguration);
    return this.#configurations;
  }

  get configuration(): UsbConfiguration | null {
    const active = this.native.configDescriptor?.bConfigurationValue;
    return (
      this.configurations.find(({ configurationValue }) => configurationValue === active) ?? null
    );
  }

  async open(): Promise<void> {
    if (this.#opened) return;
    this.native.open(false);
    this.#opened = true;
    this.native.timeout = CONTROL_MS;
    try {
      // What a kernel driver holds is given back by itself when the interface is released.
      this.native.setAutoDetachKernelDriver(true);
    } catch {
      // Neither macOS nor Windows knows it, and there is nothing to detach there.
    }
  }

  async close(): Promise<void> {
    if (!this.#opened) return;
    this.#opened = false;
    for (const transfer of this.#active) cancel(transfer);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    for (const number of [...this.#claimed]) await this.#release(number).catch(ignore);
    this.native.close();
  }

  async selectConfiguration(configurationValue: number): Promise<void> {
    await this.#call((done) => this.native.__setConfiguration(configurationValue, done));
  }

  /** Names the program that holds the interface, where the system lets it be known. */
  async claimInterface(interfaceNumber: number): Promise<void> {
    try {
      this.native.__claimInterface(interfaceNumber);
    } catch (error) {
      if ((error as { errno?: number }).errno !== this.#usb.LIBUSB_ERROR_BUSY) throw error;
      const name = this.productName ?? 'the camera';
      const holders = await findHolders(this.location);
      throw heldByOther(name, describeHolders(holders), process.platform, error);
    }
    this.#claimed.add(interfaceNumber);
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    for (const transfer of this.#active) cancel(transfer);
    await Promise.all(this.#pending);
    await this.#release(interfaceNumber);
  }

  async selectAlternateInterface(interfaceNumber: number, setting: number): Promise<void> {
    await this.#call((done) => this.native.__setInterface(interfaceNumber, setting, done));
  }

  async controlTransferIn(setup: UsbControlSetup, length: number): Promise<UsbInResult> {
    const bytes = new Uint8Array(8 + length);
    const { status, actual } = await this.#control(setup, IN, bytes, length);
    return { status, data: new DataView(bytes.buffer, 8, actual) };
  }

  async controlTransferOut(
    setup: UsbControlSetup,
    data: Uint8Array<ArrayBuffer> = new Uint8Array(0),
  ): Promise<UsbOutResult> {
    const bytes = new Uint8Array(8 + data.length);
    bytes.set(data, 8);
    const { status, actual } = await this.#control(setup, 0, bytes, data.length);
    return { status, bytesWritten: actual };
  }

  /** libusb's own call, not a control request: the host's data toggle has to follow. */
  async clearHalt(direction: UsbDirection, endpointNumber: number): Promise<void> {
    const address = endpointNumber | (direction === 'in' ? IN : 0);
    await this.#call((done) => this.native.__clearHalt(address, done));
  }

  async transferIn(endpointNumber: number, length: number): Promise<UsbInResult> {
    const bytes = new Uint8Array(length);
    const { status, actual } = await this.#transfer(endpointNumber | IN, bytes, undefined);
    if (status === 'cancelled') throw closedError();
    return { status, data: new DataView(bytes.buffer, 0, actual) };
  }

  async transferOut(endpointNumber: number, data: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    const { status, actual } = await this.#transfer(endpointNumber, data, undefined);
    if (status === 'cancelled') throw closedError();
    return { status, bytesWritten: actual };
  }

  async reset(): Promise<void> {
    for (const transfer of this.#active) cancel(transfer);
    await Promise.all(this.#pending);
    await this.#call((done) => this.native.reset(done));
  }

  /**
   * Reads the names and the serial number, from the system where it keeps them, else from the
   * device. What cannot be read stays unknown.
   */
  async readStrings(): Promise<void> {
    if (this.serialNumber !== undefined || this.productName !== undefined) return;
    const folder = sysfsFolder(this.native);
    this.manufacturerName = folder && readLine(`${folder}/manufacturer`);
    this.productName = folder && readLine(`${folder}/product`);
    this.serialNumber = folder && readLine(`${folder}/serial`);
    if (this.productName !== undefined || this.#opened) return;
    try {
      await this.open();
      const { iManufacturer, iProduct, iSerialNumber } = this.native.deviceDescriptor;
      this.manufacturerName = await this.#string(iManufacturer);
      this.productName = await this.#string(iProduct);
      this.serialNumber = await this.#string(iSerialNumber);
    } catch {
      // No permission, or another program's: the ids and the place are known all the same.
    } finally {
      await this.close();
    }
  }

  async #string(index: number): Promise<string | undefined> {
    if (index === 0) return undefined;
    return this.#track(
      new Promise<string | undefined>((resolve) => {
        this.native.getStringDescriptor(index, (_, value) => resolve(value || undefined));
      }),
    );
  }

  async #release(interfaceNumber: number): Promise<void> {
    if (!this.#claimed.delete(interfaceNumber)) return;
    await this.#call((done) => this.native.__releaseInterface(interfaceNumber, done));
  }

  async #control(
    setup: UsbControlSetup,
    direction: number,
    bytes: Uint8Array<ArrayBuffer>,
    length: number,
  ): Promise<{ status: UsbTransferStatus; actual: number }> {
    const view = new DataView(bytes.buffer);
    bytes[0] = direction | (TYPES[setup.requestType] << 5) | RECIPIENTS[setup.recipient];
    bytes[1] = setup.request;
    view.setUint16(2, setup.value, true);
    view.setUint16(4, setup.index, true);
    view.setUint16(6, length, true);
    const { status, actual } = await this.#submit(0, TRANSFER_CONTROL, CONTROL_MS, bytes);
    if (status === 'cancelled') throw closedError();
    return { status, actual };
  }

  #transfer(
    address: number,
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<Done> {
    return this.#submit(address, this.#typeOf(address), 0, bytes, signal);
  }

  #submit(
    address: number,
    type: number,
    timeoutMs: number,
    bytes: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal | undefined,
  ): Promise<Done> {
    if (signal?.aborted) return Promise.resolve({ status: 'cancelled', actual: 0 });
    return this.#track(
      new Promise<Done>((resolve, reject) => {
        const transfer = new this.#usb.Transfer(
          this.native,
          address,
          type,
          timeoutMs,
          (error, _, actual) => {
            this.#active.delete(transfer);
            signal?.removeEventListener('abort', onAbort);
            const status = statusOf(error);
            if (status) resolve({ status, actual });
            else reject(error);
          },
        );
        const onAbort = () => cancel(transfer);
        // Throws where the device is gone or closed.
        transfer.submit(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
        this.#active.add(transfer);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    );
  }

  #typeOf(address: number): number {
    for (const { interfaces } of this.configurations) {
      for (const { alternates } of interfaces) {
        for (const { endpoints } of alternates) {
          for (const { endpointNumber, direction, type } of endpoints) {
            const own = endpointNumber | (direction === 'in' ? IN : 0);
            if (own === address) return type === 'interrupt' ? 3 : 2;
          }
        }
      }
    }
    throw new RangeError(`the device has no endpoint 0x${address.toString(16)}`);
  }

  #call(start: (done: (error?: Error) => void) => void): Promise<void> {
    return this.#track(
      new Promise<void>((resolve, reject) => {
        start((error) => (error ? reject(error) : resolve()));
      }),
    );
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.then(ignore, ignore).then(() => {
      this.#pending.delete(settled);
    });
    this.#pending.add(settled);
    return promise;
  }
}

const TYPES = { standard: 0, class: 1, vendor: 2 } as const;
const RECIPIENTS = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;

function statusOf(error: { errno?: number } | undefined | null): Done['status'] | undefined {
  if (!error) return 'ok';
  switch (error.errno) {
    case TransferStatus.Completed:
      return 'ok';
    case TransferStatus.Cancelled:
      return 'cancelled';
    case TransferStatus.Stall:
      return 'stall';
    case TransferStatus.Overflow:
      return 'babble';
    default:
      return undefined;
  }
}

function cancel(transfer: NativeTransfer): void {
  try {
    transfer.cancel();
  } catch {
    // The device is gone: the transfer ends by itself.
  }
}

function closedError(): Error {
  return new Error('LIBUSB_TRANSFER_CANCELLED');
}

function toConfiguration(descriptor: import('usb').ConfigDescriptor): UsbConfiguration {
  return {
    configurationValue: descriptor.bConfigurationValue,
    interfaces: descriptor.interfaces.map((alternates) => ({
      interfaceNumber: alternates[0]?.bInterfaceNumber ?? 0,
      alternates: alternates.map((alternate) => ({
        alternateSetting: alternate.bAlternateSetting,
        interfaceClass: alternate.bInterfaceClass,
        interfaceSubclass: alternate.bInterfaceSubClass,
        interfaceProtocol: alternate.bInterfaceProtocol,
        endpoints: alternate.endpoints.flatMap(toEndpoint),
      })),
    })),
  };
}

function toEndpoint(descriptor: import('usb').EndpointDescriptor): UsbEndpoint[] {
  const type = (['control', 'isochronous', 'bulk', 'interrupt'] as const)[
    descriptor.bmAttributes & 3
  ];
  if (type === undefined || type === 'control') return [];
  return [
    {
      endpointNumber: descriptor.bEndpointAddress & 0x0f,
      direction: descriptor.bEndpointAddress & IN ? 'in' : 'out',
      type,
      // The bits above count further packets in a microframe.
      packetSize: descriptor.wMaxPacketSize & 0x7ff,
    },
  ];
}

/** Linux tells names and serial number to everybody, permission or not. */
function sysfsFolder(native: NativeDevice): string | undefined {
  if (process.platform !== 'linux' || !native.portNumbers?.length) return undefined;
  return `/sys/bus/usb/devices/${native.busNumber}-${native.portNumbers.join('.')}`;
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    // A device without that string has no such file.
    return undefined;
  }
}
