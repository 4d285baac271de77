/** Ports whose traffic is told to somebody, and that otherwise are what they stand for. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { HotshoeError } from '../../base/errors.ts';
import type {
  UsbControlSetup,
  UsbDevice,
  UsbTransferStatus,
  UsbTransfers,
} from '../../usb/port.ts';
import type { Connection, Time, Traffic, UsbTransfer } from '../traffic.ts';

type Emit = (traffic: Traffic) => void;

/** Milliseconds since 1970, with what the system knows of fractions. */
const now = (): Time => performance.timeOrigin + performance.now();

/** From here on, dynamic. */
const FIRST_PORT = 49_152;

/** Tells what passes on streams of one computer; see `tap`. */
export class StreamTap {
  #emit: Emit;
  #count = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** The same stream, whose bytes are told. */
  tap(stream: ByteStream): ByteStream {
    const emit = this.#emit;
    const connection = this.#connection(stream);
    const { name, host, closed } = stream;
    emit({ kind: 'open', time: now(), connection });
    const passed = (fromClient: boolean, bytes: Uint8Array) => {
      emit({ kind: 'bytes', time: now(), connection, fromClient, bytes });
    };
    void closed.then((error) => {
      emit({ kind: 'close', time: now(), connection, how: error ? 'reset' : 'orderly' });
    });
    return {
      name,
      host,
      closed,
      async read() {
        const bytes = await stream.read();
        if (bytes) passed(false, bytes);
        return bytes;
      },
      ...(stream.keep && { keep: stream.keep.bind(stream) }),
      write(...parts) {
        for (const part of parts) passed(true, part);
        return stream.write(...parts);
      },
      close: () => stream.close(),
    };
  }

  #connection({ name }: ByteStream): Connection {
    const id = ++this.#count;
    const [, address, port] = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(name) ?? [];
    return {
      id,
      // Nobody asks a socket for its own end.
      client: { address: '10.0.0.1', port: FIRST_PORT + id },
      server: { address: address ?? '10.0.0.2', port: Number(port ?? 15_740) },
      fromStart: true,
    };
  }
}

/** As Linux calls them. */
const Status = { Ok: 0, Stall: -32, Babble: -75, Cancelled: -2, Gone: -108, Failed: -71 } as const;

/** The same device, whose transfers are told. */
export function tapUsb(device: UsbDevice, emit: Emit): UsbDevice {
  return new Proxy(device, new UsbTap(device, emit));
}

type Told = Pick<UsbTransfer, 'type' | 'endpoint' | 'direction' | 'setup'>;

interface Outcome {
  status: number;
  size: number;
  bytes: Uint8Array;
}

class UsbTap implements ProxyHandler<UsbDevice> {
  #emit: Emit;
  #device: UsbDevice;
  #place: UsbTransfer['place'];
  #methods: Partial<UsbDevice>;

  constructor(device: UsbDevice, emit: Emit) {
    this.#emit = emit;
    this.#device = device;
    this.#place = device.location ?? { bus: 1, device: 1 };
    this.#methods = {
      controlTransferIn: (setup, length) => this.#controlIn(setup, length),
      controlTransferOut: (setup, data) => this.#controlOut(setup, data),
      transferIn: (endpoint, length) =>
        this.#told(this.#pipe(endpoint, 'in'), device.transferIn(endpoint, length), inOutcome),
      transferOut: (endpoint, data) =>
        this.#told(this.#pipe(endpoint, 'out'), device.transferOut(endpoint, data), (result) => ({
          ...{ status: statusOf(result.status), size: result.bytesWritten, bytes: data },
        })),
      ...(device.transfers && { transfers: this.#transfers(device.transfers) }),
    };
  }

  get(target: UsbDevice, key: string | symbol): unknown {
    const own = this.#methods[key as keyof UsbDevice];
    if (own !== undefined) return own;
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
  }

  #transfers({ read, write, ...rest }: UsbTransfers): UsbTransfers {
    const { transfers } = this.#device;
    return {
      ...rest,
      read: (endpoint, buffer, signal) =>
        this.#told(
          this.#pipe(endpoint, 'in'),
          read.call(transfers, endpoint, buffer, signal),
          ({ status, bytesRead }) => ({
            ...{ status: statusOf(status), size: bytesRead, bytes: buffer.subarray(0, bytesRead) },
          }),
        ),
      ...(write && {
        write: (endpoint, data, signal) =>
          this.#told(
            this.#pipe(endpoint, 'out'),
            write.call(transfers, endpoint, data, signal),
            ({ status, bytesWritten }) => ({
              ...{ status: statusOf(status), size: bytesWritten, bytes: data },
            }),
          ),
      }),
    };
  }

  #controlIn(setup: UsbControlSetup, length: number) {
    return this.#told(
      this.#control(setup, 'in', length),
      this.#device.controlTransferIn(setup, length),
      inOutcome,
    );
  }

  #controlOut(setup: UsbControlSetup, data?: Uint8Array<ArrayBuffer>) {
    const bytes = data ?? new Uint8Array(0);
    return this.#told(
      this.#control(setup, 'out', bytes.length),
      this.#device.controlTransferOut(setup, data),
      ({ status, bytesWritten }) => ({ status: statusOf(status), size: bytesWritten, bytes }),
    );
  }

  #control(setup: UsbControlSetup, direction: 'in' | 'out', length: number): Told {
    return { type: 'control', endpoint: 0, direction, setup: { ...setup, direction, length } };
  }

  #pipe(endpoint: number, direction: 'in' | 'out'): Told {
    const type = this.#device.configuration?.interfaces
      .flatMap(({ alternates }) => alternates)
      .flatMap(({ endpoints }) => endpoints)
      .find((one) => one.endpointNumber === endpoint && one.direction === direction)?.type;
    return { type: type ?? 'bulk', endpoint, direction, setup: undefined };
  }

  async #told<T>(told: Told, running: Promise<T>, outcome: (result: T) => Outcome): Promise<T> {
    const asked = now();
    const emit = (ended: Outcome) => {
      const bytes = ended.bytes.subarray(0, ended.size);
      const { status, size } = ended;
      this.#emit({
        kind: 'usb',
        time: now(),
        asked,
        place: this.#place,
        ...told,
        status,
        size,
        bytes,
      });
    };
    try {
      const result = await running;
      emit(outcome(result));
      return result;
    } catch (error) {
      const gone = error instanceof HotshoeError && error.code === 'LINK_LOST';
      emit({ status: gone ? Status.Gone : Status.Failed, size: 0, bytes: new Uint8Array(0) });
      throw error;
    }
  }
}

function inOutcome({
  data,
  status,
}: {
  data?: DataView | undefined;
  status?: UsbTransferStatus | undefined;
}): Outcome {
  const bytes = data
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(0);
  return { status: statusOf(status), size: bytes.length, bytes };
}

function statusOf(status: UsbTransferStatus | 'cancelled' | undefined): number {
  switch (status) {
    case 'stall':
      return Status.Stall;
    case 'babble':
      return Status.Babble;
    case 'cancelled':
      return Status.Cancelled;
    default:
      return Status.Ok;
  }
}
