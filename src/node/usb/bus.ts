/** The USB of this computer, in the shape of WebUSB's `USB`. */
import { HotshoeError } from '../../base/errors.ts';
import { usbCamera } from '../../usb/cameras.ts';
import type { UsbBus, UsbBusEvent, UsbBusListener, UsbDevice } from '../../usb/port.ts';
import { NodeUsbDevice } from './device.ts';
import { loadNative, type Native, type NativeDevice } from './native.ts';

/** Throws an UNSUPPORTED error where the package `usb` is missing. */
export async function nodeUsb(): Promise<UsbBus> {
  return new NodeUsb(await loadNative());
}

class NodeUsb implements UsbBus {
  #usb: Native;
  #listeners: { type: UsbBusEvent; listener: UsbBusListener }[] = [];
  #known = new Map<NativeDevice, NodeUsbDevice>();
  #stop: (() => void) | undefined;

  constructor(usb: Native) {
    this.#usb = usb;
  }

  /** No USB at all, as in a container, is an empty list. */
  async getDevices(): Promise<UsbDevice[]> {
    if (this.#usb.INIT_ERROR !== 0) return [];
    let natives: NativeDevice[];
    try {
      natives = this.#usb.getDeviceList();
    } catch {
      // libusb found no bus.
      return [];
    }
    return Promise.all(natives.map((native) => this.#named(native)));
  }

  addEventListener(type: UsbBusEvent, listener: UsbBusListener): void {
    this.#stop ??= this.#listen();
    this.#listeners.push({ type, listener });
  }

  /** With the last listener gone nothing keeps the process alive any more. */
  removeEventListener(type: UsbBusEvent, listener: UsbBusListener): void {
    this.#listeners = this.#listeners.filter(
      (own) => own.type !== type || own.listener !== listener,
    );
    if (this.#listeners.length > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #listen(): () => void {
    if (this.#usb.INIT_ERROR !== 0) {
      throw new HotshoeError('UNSUPPORTED', 'this system has no USB that could be watched', {
        hint: 'Run `hotshoe doctor`.',
      });
    }
    const attached = (native: NativeDevice) => {
      void this.#named(native).then((device) => this.#tell('connect', device));
    };
    const detached = (native: NativeDevice) => {
      const device = this.#deviceOf(native);
      this.#known.delete(native);
      this.#tell('disconnect', device);
    };
    this.#usb.on('attach', attached);
    this.#usb.on('detach', detached);
    return () => {
      this.#usb.off('attach', attached);
      this.#usb.off('detach', detached);
    };
  }

  #tell(type: UsbBusEvent, device: UsbDevice): void {
    for (const own of this.#listeners) if (own.type === type) own.listener({ device });
  }

  /** Only cameras are asked for their names: other devices are none of our business. */
  async #named(native: NativeDevice): Promise<NodeUsbDevice> {
    const device = this.#deviceOf(native);
    if (isCamera(device)) await device.readStrings();
    return device;
  }

  #deviceOf(native: NativeDevice): NodeUsbDevice {
    const known = this.#known.get(native);
    if (known) return known;
    const device = new NodeUsbDevice(native, this.#usb);
    this.#known.set(native, device);
    return device;
  }
}

function isCamera(device: NodeUsbDevice): boolean {
  try {
    return usbCamera(device) !== undefined;
  } catch {
    // A device that vanished while its descriptors were read.
    return false;
  }
}
