/** The class requests of still image devices on endpoint 0 (Still Image Capture Device 1.0, 5.2). */
import { TimeoutError } from '../../base/errors.ts';
import { type Clock, sleep, within } from '../../base/time.ts';
import { Reader, Writer } from '../../bytes/index.ts';
import type { UsbControlSetup, UsbDevice, UsbDirection, UsbInResult } from '../../usb/port.ts';
import { Response } from '../codes/responses.ts';

const Request = { Cancel: 0x64, Reset: 0x66, Status: 0x67 } as const;

/** Of a Cancel Request: the code of the event that it stands for. */
const CANCELLATION_CODE = 0x4001;

/** What Windows and libmtp allow a class request. */
const CONTROL_MS = 300;
/** Device Reset may take a camera its time. */
const RESET_MS = 3000;
const BUSY_RETRY_MS = 200;
const BUSY_RETRIES = 15;
/** As Windows asks: room for eight stalled endpoints behind the code. */
const STATUS_BYTES = 36;

export interface DeviceStatus {
  code: number;
  /** Addresses of halted endpoints; bit 7 set for IN. */
  endpoints: number[];
}

export class UsbControl {
  #device: UsbDevice;
  #interface: number;
  #clock: Clock;

  constructor(device: UsbDevice, interfaceNumber: number, clock: Clock) {
    this.#device = device;
    this.#interface = interfaceNumber;
    this.#clock = clock;
  }

  /** Asks the camera to give up the transaction. False where it does not know the request. */
  async cancel(transactionId: number): Promise<boolean> {
    const data = new Writer(6).u16(CANCELLATION_CODE).u32(transactionId).finish();
    const { status } = await this.#within(
      this.#device.controlTransferOut(this.#setup(Request.Cancel), data as Uint8Array<ArrayBuffer>),
      CONTROL_MS,
    );
    return status !== 'stall';
  }

  /** Undefined where the camera does not know the request, or answers nonsense. */
  async status(): Promise<DeviceStatus | undefined> {
    const result: UsbInResult = await this.#within(
      this.#device.controlTransferIn(this.#setup(Request.Status), STATUS_BYTES),
      CONTROL_MS,
    );
    return result.status === 'stall' || !result.data ? undefined : decodeStatus(result.data);
  }

  /**
   * Waits until the camera has cleaned up, clearing the halts that it names. False where it does not
   * say, which is no failure.
   */
  async ready(): Promise<boolean> {
    for (let attempt = 0; attempt < BUSY_RETRIES; attempt++) {
      const status = await this.status();
      if (!status) return false;
      for (const address of status.endpoints) {
        const direction: UsbDirection = address & 0x80 ? 'in' : 'out';
        await this.#device.clearHalt(direction, address & 0x0f);
      }
      if (status.code !== Response.Device_Busy) return true;
      await sleep(BUSY_RETRY_MS, undefined, this.#clock);
    }
    throw new TimeoutError('the camera stays busy after a cancelled transaction');
  }

  /** Device Reset: no session, no transaction, no halted pipe. */
  async reset(): Promise<void> {
    await this.#within(this.#device.controlTransferOut(this.#setup(Request.Reset)), RESET_MS);
  }

  #setup(request: number): UsbControlSetup {
    return {
      requestType: 'class',
      recipient: 'interface',
      request,
      value: 0,
      index: this.#interface,
    };
  }

  #within<T>(transfer: Promise<T>, ms: number): Promise<T> {
    return within(transfer, {
      ms,
      what: 'the camera did not answer a control request',
      clock: this.#clock,
    });
  }
}

/** `u16 length, u16 code`, then halted endpoints as u32, which is how Windows and libgphoto2 read it. */
function decodeStatus(data: DataView): DeviceStatus | undefined {
  if (data.byteLength < 4) return undefined;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const reader = new Reader(bytes, 'device status');
  const length = Math.min(reader.u16(), bytes.length);
  const code = reader.u16();
  const endpoints: number[] = [];
  while (reader.offset + 4 <= length) endpoints.push(reader.u32() & 0xff);
  return { code, endpoints };
}
