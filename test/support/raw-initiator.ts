/**
 * A PTP/IP initiator that knows bytes only: it shares no codec with src, so that a mistake there
 * cannot hide itself. Everything it receives is kept as it came.
 */
import { type ByteStream, memoryPipe } from '../../src/base/byte-stream.ts';
import type { VirtualCamera } from '../../src/virtual/index.ts';
import { fromHex, hexFixture } from './hex-fixture.ts';

export interface Packet {
  type: number;
  bytes: Uint8Array;
}

export interface Reply {
  code: number;
  transactionId: number;
  params: number[];
  data: Uint8Array;
  /** Types of the packets, in order: [9, 12, 7]. */
  types: number[];
  /** Total of Start Data; undefined without one. */
  total: bigint | undefined;
}

export interface OperationOptions {
  transactionId?: number;
  /** Data phase info; 1, or 2 with data. */
  info?: number;
  data?: Uint8Array;
}

export const LIBGPHOTO2_INIT = hexFixture('ptpip/init-command-request-libgphoto2.hex');
const EVENT_INIT = fromHex('0c000000 03000000 01000000');

const LITTLE = true;

export function u32s(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, LITTLE);
  return new Uint8Array(view.buffer);
}

/** `u32 length, u32 type`, then the parts. */
export function packet(type: number, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 8);
  const bytes = new Uint8Array(size);
  bytes.set(u32s(size, type));
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function operationRequest(
  code: number,
  params: readonly number[],
  transactionId: number,
  info: number,
): Uint8Array {
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint32(0, info, LITTLE);
  view.setUint16(4, code, LITTLE);
  view.setUint32(6, transactionId, LITTLE);
  return packet(6, head, u32s(...params));
}

/** Cuts what a stream gives into packets. */
export class PacketCutter {
  readonly stream: ByteStream;
  /** Sizes of the pieces that the stream gave, as they were written. */
  readonly writes: number[] = [];
  /** Every packet that was cut out. */
  readonly packets: Packet[] = [];
  #bytes = new Uint8Array(0);

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  /** Undefined at the end of the stream. */
  async next(): Promise<Packet | undefined> {
    const head = await this.take(8);
    if (!head) return undefined;
    const view = new DataView(head.buffer);
    const size = view.getUint32(0, LITTLE);
    const rest = (await this.take(size - 8)) ?? new Uint8Array(0);
    const bytes = new Uint8Array(8 + rest.length);
    bytes.set(head);
    bytes.set(rest, 8);
    const next = { type: view.getUint32(4, LITTLE), bytes };
    this.packets.push(next);
    return next;
  }

  async take(size: number): Promise<Uint8Array | undefined> {
    while (this.#bytes.length < size) {
      const chunk = await this.stream.read();
      if (!chunk) return undefined;
      this.writes.push(chunk.length);
      const grown = new Uint8Array(this.#bytes.length + chunk.length);
      grown.set(this.#bytes);
      grown.set(chunk, this.#bytes.length);
      this.#bytes = grown;
    }
    const taken = this.#bytes.slice(0, size);
    this.#bytes = this.#bytes.slice(size);
    return taken;
  }
}

/** Opens one connection to the camera, from an address where the camera is to see one. */
export function dial(camera: VirtualCamera, host?: string): PacketCutter {
  const [here, there] = memoryPipe('camera', 'test');
  void camera.servePtpIp(Object.assign(there, { host }));
  return new PacketCutter(here);
}

export class RawInitiator {
  readonly command: PacketCutter;
  readonly event: PacketCutter;
  #nextId = 1;

  private constructor(command: PacketCutter, event: PacketCutter) {
    this.command = command;
    this.event = event;
  }

  /** Both connections; no session yet. */
  static async connect(camera: VirtualCamera, init = LIBGPHOTO2_INIT): Promise<RawInitiator> {
    const command = dial(camera);
    await command.stream.write(init);
    const ack = await command.next();
    if (ack?.type !== 2) throw new Error(`packet of type ${ack?.type} in place of the ack`);
    const event = dial(camera);
    await event.stream.write(EVENT_INIT);
    const eventAck = await event.next();
    if (eventAck?.type !== 4) throw new Error(`packet of type ${eventAck?.type} for events`);
    return new RawInitiator(command, event);
  }

  /** Both connections and a session, in remote mode with events on unless told otherwise. */
  static async open(camera: VirtualCamera, remote = true): Promise<RawInitiator> {
    const initiator = await RawInitiator.connect(camera);
    await initiator.ok(0x1002, [1], { transactionId: 0 });
    if (remote) {
      await initiator.ok(0x9114, [1]);
      await initiator.ok(0x9115, [1]);
      await initiator.ok(0x913d, [0x1fff]);
      await initiator.ok(0x9116);
    }
    return initiator;
  }

  send(...parts: Uint8Array[]): Promise<void> {
    return this.command.stream.write(...parts);
  }

  async request(
    code: number,
    params: readonly number[] = [],
    options: OperationOptions = {},
  ): Promise<number> {
    const { data, info = data ? 2 : 1 } = options;
    const transactionId = options.transactionId ?? this.#nextId++;
    await this.send(operationRequest(code, params, transactionId, info));
    if (data) {
      await this.send(packet(9, u32s(transactionId, data.length, 0)));
      await this.send(packet(12, u32s(transactionId), data));
    }
    return transactionId;
  }

  /** Everything up to the response. */
  async reply(): Promise<Reply> {
    const types: number[] = [];
    const parts: Uint8Array[] = [];
    let total: bigint | undefined;
    for (;;) {
      const next = await this.command.next();
      if (!next) throw new Error(`the camera ended the connection after packets ${types}`);
      types.push(next.type);
      const view = new DataView(next.bytes.buffer);
      if (next.type === 9) total = view.getBigUint64(12, LITTLE);
      if (next.type === 10 || next.type === 12) parts.push(next.bytes.subarray(12));
      if (next.type !== 7) continue;
      const params: number[] = [];
      for (let at = 14; at < next.bytes.length; at += 4) params.push(view.getUint32(at, LITTLE));
      return {
        code: view.getUint16(8, LITTLE),
        transactionId: view.getUint32(10, LITTLE),
        params,
        data: joined(parts),
        types,
        total,
      };
    }
  }

  async op(
    code: number,
    params: readonly number[] = [],
    options: OperationOptions = {},
  ): Promise<Reply> {
    await this.request(code, params, options);
    return this.reply();
  }

  /** As `op`; throws for every response but OK. */
  async ok(
    code: number,
    params: readonly number[] = [],
    options: OperationOptions = {},
  ): Promise<Reply> {
    const reply = await this.op(code, params, options);
    if (reply.code !== 0x2001) {
      throw new Error(`0x${code.toString(16)} was answered 0x${reply.code.toString(16)}`);
    }
    return reply;
  }

  /** The block of SetDevicePropValueEx for a scalar. */
  set(property: number, value: number): Promise<Reply> {
    return this.op(0x9110, [], { data: u32s(12, property, value) });
  }

  /** GetEvent, cut into records: [code, first word, second word …]. */
  async events(): Promise<EventRecord[]> {
    return recordsOf((await this.ok(0x9116)).data);
  }

  /** GetEvent until nothing has come for a while, or `until` is content. */
  async eventsUntil(until: (records: readonly EventRecord[]) => boolean): Promise<EventRecord[]> {
    const records: EventRecord[] = [];
    for (let i = 0; i < 200; i++) {
      records.push(...(await this.events()));
      if (until(records)) return records;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`awaited events did not come; got ${records.map(showRecord).join(' ')}`);
  }

  close(): Promise<unknown> {
    return Promise.all([this.event.stream.close(), this.command.stream.close()]);
  }
}

/** The records of an answer to GetEvent. */
export function recordsOf(data: Uint8Array): EventRecord[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const records: EventRecord[] = [];
  for (let at = 0; ; ) {
    const size = view.getUint32(at, LITTLE);
    const code = view.getUint32(at + 4, LITTLE);
    if (code === 0) {
      if (at + 8 !== data.length) throw new Error('bytes behind the terminator');
      return records;
    }
    records.push({ code, payload: data.slice(at + 8, at + size) });
    at += size;
  }
}

export interface EventRecord {
  code: number;
  payload: Uint8Array;
}

/** A PTP string. */
export function ptpText(text: string): Uint8Array {
  if (text === '') return Uint8Array.of(0);
  const units = [...text, '\0'].flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]);
  return Uint8Array.of(text.length + 1, ...units);
}

/** The dataset of SendObjectInfo for a file. */
export function objectInfo(name: string, format: number, size: number): Uint8Array {
  const fixed = new Uint8Array(52);
  const view = new DataView(fixed.buffer);
  view.setUint16(4, format, LITTLE);
  view.setUint32(8, size, LITTLE);
  return joined([fixed, ptpText(name), new Uint8Array(3)]);
}

/** Word `index` of a record's payload. */
export function word({ payload }: EventRecord, index: number): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(4 * index, LITTLE);
}

/** "c189 d11b=4" */
export function showRecord(record: EventRecord): string {
  const code = record.code.toString(16);
  if (record.code === 0xc189 && record.payload.length === 8) {
    return `${word(record, 0).toString(16)}=${word(record, 1).toString(16)}`;
  }
  if (record.code === 0xc18a) return `${word(record, 0).toString(16)}[${word(record, 2)}]`;
  if (record.code === 0xc1a5) return `olc:${word(record, 1).toString(16)}`;
  if (record.payload.length === 4) return `${code}:${word(record, 0).toString(16)}`;
  return code;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
