/** What stands in for `navigator.usb` in a test: a bus in memory, with virtual cameras plugged in. */
import type { UsbBus, UsbBusListener } from '../../usb/port.ts';
import type { UsbGadget } from './gadget.ts';
import { type MemoryDeviceOptions, MemoryUsbDevice } from './memory-device.ts';

/** The part of WebUSB's filters that tells cameras apart. */
export interface UsbDeviceFilter {
  vendorId?: number | undefined;
  productId?: number | undefined;
  classCode?: number | undefined;
  subclassCode?: number | undefined;
  protocolCode?: number | undefined;
  serialNumber?: string | undefined;
}

export interface UsbDeviceRequest {
  filters: readonly UsbDeviceFilter[];
  exclusionFilters?: readonly UsbDeviceFilter[] | undefined;
}

export interface MemoryBusOptions extends Pick<MemoryDeviceOptions, 'transfers'> {
  /** Devices need no `requestDevice` before `getDevices` shows them. Default true. */
  granted?: boolean | undefined;
}

/** In WebUSB's shape: `device` of a connection event. */
export class UsbConnectionEvent extends Event {
  readonly device: MemoryUsbDevice;

  constructor(type: 'connect' | 'disconnect', device: MemoryUsbDevice) {
    super(type);
    this.device = device;
  }
}

interface Port {
  gadget: UsbGadget;
  device: MemoryUsbDevice | undefined;
  granted: boolean;
}

export class MemoryUsbBus extends EventTarget implements UsbBus {
  onconnect: ((event: UsbConnectionEvent) => void) | null = null;
  ondisconnect: ((event: UsbConnectionEvent) => void) | null = null;
  #options: MemoryBusOptions;
  #ports: Port[] = [];
  #lastDevice = 0;

  constructor(gadgets: readonly UsbGadget[], options: MemoryBusOptions = {}) {
    super();
    this.#options = options;
    for (const gadget of gadgets) this.#add(gadget);
  }

  async getDevices(): Promise<MemoryUsbDevice[]> {
    return this.#ports.flatMap(({ device, granted }) => (device && granted ? [device] : []));
  }

  /** The first device that a filter fits is what the user chooses. */
  async requestDevice(request: UsbDeviceRequest): Promise<MemoryUsbDevice> {
    const { filters, exclusionFilters = [] } = request;
    const port = this.#ports.find(
      ({ device }) =>
        device &&
        (filters.length === 0 || filters.some((filter) => fits(device, filter))) &&
        !exclusionFilters.some((filter) => fits(device, filter)),
    );
    if (!port?.device) throw new DOMException('No device selected.', 'NotFoundError');
    port.granted = true;
    return port.device;
  }

  override addEventListener(
    type: string,
    listener: Parameters<EventTarget['addEventListener']>[1] | UsbBusListener,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void {
    super.addEventListener(
      type,
      listener as Parameters<EventTarget['addEventListener']>[1],
      options,
    );
  }

  override removeEventListener(
    type: string,
    listener: Parameters<EventTarget['removeEventListener']>[1] | UsbBusListener,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void {
    super.removeEventListener(
      type,
      listener as Parameters<EventTarget['addEventListener']>[1],
      options,
    );
  }

  #add(gadget: UsbGadget): void {
    const port: Port = {
      gadget,
      device: undefined,
      granted: this.#options.granted ?? true,
    };
    this.#ports.push(port);
    if (gadget.attached) port.device = this.#device(gadget);
    gadget.watch((attached) => this.#onChange(port, attached));
  }

  #onChange(port: Port, attached: boolean): void {
    const before = port.device;
    port.device = attached ? this.#device(port.gadget) : undefined;
    const device = port.device ?? before;
    // Pages hear of devices only that they may use.
    if (device && port.granted) this.#tell(attached ? 'connect' : 'disconnect', device);
  }

  #device(gadget: UsbGadget): MemoryUsbDevice {
    const location = { bus: 1, device: ++this.#lastDevice };
    return new MemoryUsbDevice(gadget, { transfers: this.#options.transfers, location });
  }

  #tell(type: 'connect' | 'disconnect', device: MemoryUsbDevice): void {
    const event = new UsbConnectionEvent(type, device);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}

function fits(device: MemoryUsbDevice, filter: UsbDeviceFilter): boolean {
  const { vendorId, productId, serialNumber, classCode, subclassCode, protocolCode } = filter;
  const same = <T>(wanted: T | undefined, has: T) => wanted === undefined || wanted === has;
  return (
    same(vendorId, device.vendorId) &&
    same(productId, device.productId) &&
    (serialNumber === undefined || serialNumber === device.serialNumber) &&
    device.configurations.some(({ interfaces }) =>
      interfaces.some(({ alternates }) =>
        alternates.some(
          (alternate) =>
            same(classCode, alternate.interfaceClass) &&
            same(subclassCode, alternate.interfaceSubclass) &&
            same(protocolCode, alternate.interfaceProtocol),
        ),
      ),
    )
  );
}
