/** A USB/IP server that exports virtual cameras: to Linux kernels, and to what speaks like them. */
import { ByteReader, type ByteStream } from '../../base/byte-stream.ts';
import { LinkError, messageOf } from '../../base/errors.ts';
import { type Clock, ignore, systemClock, within } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import type { UsbGadget } from '../usb/gadget.ts';
import { UrbLink } from './urb-link.ts';
import {
  BUS_ID_SIZE,
  type ExportedDevice,
  encodeImport,
  encodeList,
  encodeRefusal,
  OPERATION_HEAD,
  Operation,
  OperationStatus,
  readBusId,
  readOperation,
} from './wire.ts';

export interface UsbipServerOptions {
  clock?: Clock | undefined;
  /** One line for whatever happens. */
  log?: ((line: string) => void) | undefined;
}

/** How long a host may take to say what it wants. */
const REQUEST_MS = 10_000;

export class UsbipServer {
  /** In the order of their bus ids: 1-1, 1-2, … */
  readonly devices: readonly ExportedDevice[];
  #clock: Clock;
  #log: (line: string) => void;
  /** Devices that a host has. */
  #imported = new Set<ExportedDevice>();

  constructor(cameras: readonly { readonly usb: UsbGadget }[], options: UsbipServerOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? ignore;
    this.devices = cameras.map(({ usb }, i) => ({
      busId: `1-${i + 1}`,
      bus: 1,
      device: i + 2,
      gadget: usb,
    }));
  }

  /** Serves one connection until it ends. Never rejects. */
  async serve(stream: ByteStream): Promise<void> {
    try {
      await this.#serve(stream);
    } catch (error) {
      // A host that just goes away is no news.
      const gone = error instanceof LinkError && error.code === 'LINK_LOST';
      if (!gone) this.#log(`USB/IP with ${stream.name} ended: ${messageOf(error)}`);
    }
    await stream.close();
  }

  async #serve(stream: ByteStream): Promise<void> {
    const reader = new ByteReader(stream);
    const request = await within(readRequest(reader), {
      ms: REQUEST_MS,
      what: 'no request came',
      clock: this.#clock,
    });
    if (!request) return;
    if (request.busId === undefined) {
      // What is unplugged, and what another host has, is not to be had.
      const free = this.devices.filter(
        (device) => device.gadget.attached && !this.#imported.has(device),
      );
      await stream.write(encodeList(free));
      return;
    }
    const device = this.devices.find(({ busId }) => busId === request.busId);
    if (!device?.gadget.attached) {
      await stream.write(encodeRefusal(OperationStatus.NoDevice));
    } else if (this.#imported.has(device)) {
      await stream.write(encodeRefusal(OperationStatus.Busy));
    } else {
      await this.#import(stream, reader, device);
    }
  }

  async #import(stream: ByteStream, reader: ByteReader, device: ExportedDevice): Promise<void> {
    const { gadget, busId } = device;
    this.#imported.add(device);
    this.#log(`${stream.name} attaches ${busId}`);
    const stop = gadget.watch((attached) => {
      if (!attached) void stream.close();
    });
    try {
      await stream.write(encodeImport(device));
      await new UrbLink(stream, reader, gadget).serve();
    } finally {
      stop();
      this.#imported.delete(device);
      gadget.busReset();
      this.#log(`${stream.name} has detached ${busId}`);
    }
  }
}

/** Undefined at the end of the stream; `busId` undefined: the list is asked for. */
async function readRequest(reader: ByteReader): Promise<{ busId?: string } | undefined> {
  const head = await reader.exactly(OPERATION_HEAD, cut);
  if (!head) return undefined;
  switch (readOperation(head)) {
    case Operation.ListRequest:
      return {};
    case Operation.ImportRequest: {
      const busId = await reader.exactly(BUS_ID_SIZE, cut);
      if (!busId) throw cut();
      return { busId: readBusId(busId) };
    }
    default:
      throw new ProtocolError('INVALID_DATA', 'no request of USB/IP', head, 2);
  }
}

function cut(): LinkError {
  return new LinkError('the USB/IP host went away within its request');
}
