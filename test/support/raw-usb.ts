/**
 * A USB initiator that knows bytes only: it shares no codec with src, so that a mistake there cannot
 * hide itself. What it receives it keeps as transfers of bulk IN, in the pieces that came.
 */
import type { UsbDevice, UsbInResult } from '../../src/usb/port.ts';
import { u32s } from './raw-initiator.ts';

const LITTLE = true;

export interface UsbReply {
  code: number;
  transactionId: number;
  params: number[];
  /** Payload of the data container; undefined without one. */
  data: Uint8Array | undefined;
}

/** `u32 length, u16 type, u16 code, u32 transaction id`, then the parts. */
export function container(
  type: number,
  code: number,
  transactionId: number,
  payload: Uint8Array = new Uint8Array(0),
  length = 12 + payload.length,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, LITTLE);
  view.setUint16(4, type, LITTLE);
  view.setUint16(6, code, LITTLE);
  view.setUint32(8, transactionId, LITTLE);
  bytes.set(payload, 12);
  return bytes;
}

export function command(code: number, transactionId: number, ...params: number[]) {
  return container(1, code, transactionId, u32s(...params));
}

export class RawUsb {
  readonly device: UsbDevice;
  /** wMaxPacketSize of the bulk endpoints. */
  readonly packetSize: number;
  nextId = 1;

  constructor(device: UsbDevice) {
    this.device = device;
    const [bulk] = device.configurations[0]?.interfaces[0]?.alternates[0]?.endpoints ?? [];
    this.packetSize = bulk?.packetSize ?? 0;
  }

  /** Opened and claimed; no session yet. */
  static async claim(device: UsbDevice): Promise<RawUsb> {
    await device.open();
    await device.claimInterface(0);
    return new RawUsb(device);
  }

  static async open(device: UsbDevice): Promise<RawUsb> {
    const usb = await RawUsb.claim(device);
    await usb.ok(0x1002, [1], { transactionId: 0 });
    return usb;
  }

  write(bytes: Uint8Array<ArrayBuffer>) {
    return this.device.transferOut(2, bytes);
  }

  /** One container as one transfer, with an empty one behind it where that is due. */
  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.write(bytes);
    if (bytes.length % this.packetSize === 0) await this.write(new Uint8Array(0));
  }

  read(length = 1 << 20): Promise<UsbInResult> {
    return this.device.transferIn(1, length);
  }

  /** The bytes of one transfer. */
  async bytes(length = 1 << 20): Promise<Uint8Array> {
    return bytesOf(await this.read(length));
  }

  async request(
    code: number,
    params: readonly number[] = [],
    options: { transactionId?: number; data?: Uint8Array } = {},
  ): Promise<number> {
    const transactionId = options.transactionId ?? this.nextId++;
    await this.send(command(code, transactionId, ...params));
    if (options.data) await this.send(container(2, code, transactionId, options.data));
    return transactionId;
  }

  /** Everything up to the response, whose transfer it is; data must end with a short packet. */
  async reply(): Promise<UsbReply> {
    let data: Uint8Array | undefined;
    for (;;) {
      const bytes = await this.bytes();
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const type = view.getUint16(4, LITTLE);
      if (view.getUint32(0, LITTLE) !== bytes.length) {
        throw new Error(`${bytes.length} bytes in a container of ${view.getUint32(0, LITTLE)}`);
      }
      if (type === 2) {
        data = bytes.subarray(12);
        continue;
      }
      if (type !== 3) throw new Error(`container of type ${type}`);
      const params: number[] = [];
      for (let at = 12; at < bytes.length; at += 4) params.push(view.getUint32(at, LITTLE));
      return {
        code: view.getUint16(6, LITTLE),
        transactionId: view.getUint32(8, LITTLE),
        params,
        data,
      };
    }
  }

  async op(
    code: number,
    params: readonly number[] = [],
    options: { transactionId?: number; data?: Uint8Array } = {},
  ): Promise<UsbReply> {
    await this.request(code, params, options);
    return this.reply();
  }

  /** As `op`; throws for every response but OK. */
  async ok(
    code: number,
    params: readonly number[] = [],
    options: { transactionId?: number; data?: Uint8Array } = {},
  ): Promise<UsbReply> {
    const reply = await this.op(code, params, options);
    if (reply.code !== 0x2001) {
      throw new Error(`0x${code.toString(16)} was answered 0x${reply.code.toString(16)}`);
    }
    return reply;
  }

  /** Get Device Status. */
  async status(length = 4): Promise<Uint8Array> {
    return bytesOf(await this.classIn(0x67, length));
  }

  classIn(request: number, length: number) {
    const recipient = 'interface';
    return this.device.controlTransferIn(
      { requestType: 'class', recipient, request, value: 0, index: 0 },
      length,
    );
  }

  classOut(request: number, data?: Uint8Array<ArrayBuffer>) {
    const recipient = 'interface';
    return this.device.controlTransferOut(
      { requestType: 'class', recipient, request, value: 0, index: 0 },
      data,
    );
  }

  /** Cancel Request. */
  cancel(transactionId: number) {
    return this.classOut(0x64, Uint8Array.of(0x01, 0x40, ...u32s(transactionId)));
  }
}

export function bytesOf({ data }: UsbInResult): Uint8Array {
  if (!data) return new Uint8Array(0);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
