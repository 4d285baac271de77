/**
 * A camera as a device on a USB bus, from the bus's side: descriptors, endpoint 0, and the pipes of
 * its function. A host is whatever moves transfers: `MemoryUsbDevice`, a USB/IP server.
 */
import { HotshoeError } from '../../base/errors.ts';
import type { UsbIdentity } from '../models/model.ts';
import { answerControl, type Setup } from './control.ts';
import {
  CONFIGURATION_VALUE,
  type Descriptors,
  EndpointAddress,
  INTERFACE_NUMBER,
  makeDescriptors,
  speedOf,
  type UsbSpeed,
} from './descriptors.ts';
import type { InPipe, InResult, InSink } from './in-pipe.ts';
import type { OutPipe, OutResult } from './out-pipe.ts';
import type { UsbFunction } from './usb-function.ts';

export interface GadgetOptions {
  identity: UsbIdentity;
  /** wMaxPacketSize of the bulk pipes. */
  packetSize: number;
  /** What it does. `unplug` has the cable come out. */
  makeFunction(unplug: () => void): UsbFunction;
}

export class UsbGadget {
  readonly identity: UsbIdentity;
  readonly speed: UsbSpeed;
  readonly packetSize: number;
  readonly descriptors: Descriptors;
  #function: UsbFunction;
  #attached = true;
  #configuration = 0;
  #watchers = new Set<(attached: boolean) => void>();

  constructor(options: GadgetOptions) {
    const { identity, packetSize } = options;
    const speed = speedOf(packetSize);
    if (!speed) {
      throw new HotshoeError('USAGE', `no USB device has bulk packets of ${packetSize} bytes`, {
        hint: 'Sizes: 8, 16, 32, 64, 512, 1024.',
      });
    }
    this.identity = identity;
    this.speed = speed;
    this.packetSize = packetSize;
    this.descriptors = makeDescriptors(identity, packetSize);
    this.#function = options.makeFunction(() => this.detach());
  }

  /** The cable is in and the camera awake. */
  get attached(): boolean {
    return this.#attached;
  }

  /** A computer has the body through this link. */
  get connected(): boolean {
    return this.#function.connected;
  }

  /** bConfigurationValue of what was chosen; 0 while nothing is. */
  get configuration(): number {
    return this.#configuration;
  }

  /** The cable goes in, or the camera wakes. */
  attach(): void {
    if (this.#attached) return;
    this.#attached = true;
    for (const tell of [...this.#watchers]) tell(true);
  }

  /** The cable comes out, or the camera falls asleep: whatever the host waits for ends. */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#disconnect();
    for (const tell of [...this.#watchers]) tell(false);
  }

  /** Calls `tell` at each change; the function returned ends that. */
  watch(tell: (attached: boolean) => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }

  // What a host does

  /** A reset of the bus, or the loss of its power. */
  busReset(): void {
    this.#disconnect();
  }

  /** The host waits for nothing any more. The camera does not learn of it. */
  cancelTransfers(): void {
    this.#function.endTransfers('cancelled');
  }

  /** A transfer on endpoint 0; undefined: it stalled. */
  control(setup: Setup, data: Uint8Array = new Uint8Array(0)): Uint8Array | undefined {
    return answerControl(
      {
        configuration: this.#configuration,
        selfPowered: (this.identity.attributes & 0x40) !== 0,
        descriptor: (type, index) => this.descriptors.find(type, index),
        selectConfiguration: (value) => this.#selectConfiguration(value),
        selectAlternate: (number, alternate) => this.#selectAlternate(number, alternate),
        hasInterface: (number) => this.#hasInterface(number),
        halted: (address) => this.#pipe(address)?.halted,
        setHalt: (address, halted) => this.#setHalt(address, halted),
        request: (other, payload) =>
          this.#configuration === 0 ? undefined : this.#function.request(other, payload),
      },
      setup,
      data,
    );
  }

  /** A transfer on an IN endpoint; undefined where there is none at this address. */
  read(address: number, sink: InSink, signal?: AbortSignal): Promise<InResult> | undefined {
    const pipe = this.#inPipe(address);
    if (!this.#attached) return Promise.resolve({ status: 'gone', bytesRead: 0 });
    return pipe?.read(sink, signal);
  }

  /** A transfer on an OUT endpoint, as `read`. `zeroPacket`: with an empty packet at its end. */
  write(
    address: number,
    data: Uint8Array,
    zeroPacket = false,
    signal?: AbortSignal,
  ): Promise<OutResult> | undefined {
    if (address !== EndpointAddress.BulkOut) return undefined;
    if (!this.#attached) return Promise.resolve({ status: 'gone', bytesWritten: 0 });
    return this.#function.write(data, zeroPacket, signal);
  }

  #disconnect(): void {
    this.#configuration = 0;
    this.#function.disconnect();
  }

  #selectConfiguration(value: number): boolean {
    if (value !== 0 && value !== CONFIGURATION_VALUE) return false;
    // The same one once more resets the function all the same.
    this.#function.reset('configured anew');
    this.#configuration = value;
    return true;
  }

  #selectAlternate(number: number, alternate: number): boolean {
    if (!this.#hasInterface(number) || alternate !== 0) return false;
    for (const address of Object.values(EndpointAddress)) this.#setHalt(address, false);
    return true;
  }

  #hasInterface(number: number): boolean {
    return this.#configuration !== 0 && number === INTERFACE_NUMBER;
  }

  #inPipe(address: number): InPipe | undefined {
    if (address === EndpointAddress.BulkIn) return this.#function.bulkIn;
    if (address === EndpointAddress.InterruptIn) return this.#function.interruptIn;
    return undefined;
  }

  #pipe(address: number): InPipe | OutPipe | undefined {
    if (address === EndpointAddress.BulkOut) return this.#function.bulkOut;
    return this.#inPipe(address);
  }

  #setHalt(address: number, halted: boolean): void {
    const pipe = this.#pipe(address);
    if (halted) pipe?.halt();
    else pipe?.clearHalt();
  }
}
