/**
 * One device on a USB that may speak Canon's protocol from before PTP: commands out of control
 * transfers, their answers out of bulk transfers, events out of interrupt transfers.
 */

import { concat } from '../../base/byte-stream.ts';
import { Reader } from '../../bytes/index.ts';
import {
  Commands,
  Control,
  decodeCommand,
  decodeEvent,
  decodeReply,
  decodeUploadAnnouncement,
  encodeText,
  findCommand,
  findRemote,
  NormalEventJoiner,
  PREFIX,
  ReplyKind,
  replySize,
} from '../../canon/normal/index.ts';
import type { UsbTransfer } from '../traffic.ts';
import type { Link, NormalExchange, Seen } from './seen.ts';

const NEW_GENERATION = 0x10;
/** What is kept of data, to be said what they are. */
const KEPT = 64 << 10;

export interface NormalContext {
  emit(seen: Seen): void;
  link(): Link;
  packet(fromHost: boolean, name: string): void;
}

interface Running {
  exchange: NormalExchange;
  /** What has come of the answer. */
  parts: Uint8Array[];
  /** Bytes that have come, and that are to come; undefined until the head tells. */
  got: number;
  size: number | undefined;
}

export class NormalConversation {
  #context: NormalContext;
  #link: Link | undefined;
  #running: Running | undefined;
  #events = new NormalEventJoiner();

  constructor(context: NormalContext) {
    this.#context = context;
  }

  /** A vendor's control transfer has shown that it speaks this. */
  get known(): boolean {
    return this.#link !== undefined;
  }

  transfer(transfer: UsbTransfer): void {
    const { type, direction, size } = transfer;
    if (type === 'control') this.#control(transfer);
    else if (!this.#link || size === 0) return;
    else if (type === 'interrupt') this.#interrupt(transfer);
    else if (type === 'bulk' && direction === 'in') this.#answer(transfer);
  }

  end(): void {
    this.#finish();
  }

  #control(transfer: UsbTransfer): void {
    const { setup, bytes, time, status } = transfer;
    if (setup?.requestType !== 'vendor' || setup.recipient !== 'device' || setup.index !== 0)
      return;
    const name = REQUESTS[setup.value];
    const isOut = setup.direction === 'out';
    if (setup.value === Control.Command && isOut) {
      this.#command(transfer);
      return;
    }
    // 0x01 and 0x55 are numbers that anybody may use: only as long as they should be.
    if (!name || isOut !== (setup.value === Control.Activate)) return;
    if (!this.#link && setup.length !== LENGTHS[setup.value]) return;
    const link = this.#known();
    this.#context.packet(isOut, name);
    this.#context.emit({ kind: 'normal-request', link, time, name, bytes: bytes.slice(), status });
  }

  #command(transfer: UsbTransfer): void {
    const { time, asked, bytes } = transfer;
    const announced = decodeUploadAnnouncement(bytes);
    if (bytes.length < PREFIX + 16 && announced === undefined) return;
    this.#finish();
    const link = this.#known();
    this.#context.packet(true, 'Command');
    const exchange = announced === undefined ? commandSeen(bytes) : uploadSeen(announced);
    this.#running = {
      exchange: {
        ...{ kind: 'normal-exchange', link, time, asked: asked ?? time, answered: undefined },
        ...{ status: undefined, size: 0, missing: false, data: new Uint8Array(0), ...exchange },
      },
      ...{ parts: [], got: 0, size: undefined },
    };
  }

  #answer({ time, bytes, size }: UsbTransfer): void {
    const running = this.#running;
    if (!running) return;
    if (running.got < KEPT) running.parts.push(bytes.slice());
    running.got += size;
    running.exchange.time = time;
    running.exchange.answered = time;
    running.size ??= sizeOf(running);
    if (running.size !== undefined && running.got >= running.size) this.#finish();
  }

  #finish(): void {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    const { exchange, parts, got, size } = running;
    const whole = concat(parts);
    exchange.missing = size === undefined || got < size;
    if (exchange.replyKind === ReplyKind.Data) {
      exchange.data = whole.subarray(PREFIX);
      exchange.size = Math.max(0, got - PREFIX);
    } else if (exchange.replyKind === ReplyKind.Fixed && !exchange.missing) {
      const { status, data } = decodeReply(whole);
      Object.assign(exchange, { status, data, size: data.length });
    }
    if (exchange.answered !== undefined) this.#context.packet(false, 'Reply');
    this.#context.emit(exchange);
  }

  #interrupt({ time, bytes }: UsbTransfer): void {
    const link = this.#known();
    for (const packet of this.#events.push(bytes)) {
      try {
        const event = decodeEvent(packet);
        this.#context.packet(false, 'Event');
        this.#context.emit({ kind: 'normal-event', link, time, event });
      } catch {
        // Cut by the capture.
      }
    }
  }

  #known(): Link {
    this.#link ??= this.#context.link();
    return this.#link;
  }
}

const REQUESTS: Readonly<Record<number, string>> = {
  [Control.Status]: 'Status',
  [Control.Hello]: 'Hello',
  [Control.Limits]: 'Limits',
  [Control.Activate]: 'Activate',
};
const LENGTHS: Readonly<Record<number, number>> = {
  [Control.Status]: 1,
  [Control.Hello]: 0x58,
  [Control.Limits]: 0x50,
  [Control.Activate]: 0x50,
};

type Told = Pick<
  NormalExchange,
  'name' | 'subcommand' | 'code' | 'group' | 'replyKind' | 'id' | 'payload' | 'generation'
>;

function commandSeen(bytes: Uint8Array): Told {
  const { code, group, kind, id, mark, payload } = decodeCommand(bytes);
  const generation = (mark & 0xf0) >= NEW_GENERATION ? 'new' : 'old';
  const command = findCommand(generation, code, group);
  const isRemote = command === Commands.RemoteControl && payload.length >= 4;
  const number = isRemote ? new Reader(payload).u32() : undefined;
  const subcommand =
    number === undefined ? undefined : (findRemote(number)?.name ?? `0x${number.toString(16)}`);
  return {
    ...{ name: command?.name, subcommand, code, group, replyKind: kind, id, generation },
    payload: payload.slice(),
  };
}

function uploadSeen(size: number): Told {
  return {
    ...{ name: 'UploadBlock', subcommand: undefined, code: 0x03, group: 0x11, id: undefined },
    ...{ replyKind: ReplyKind.Upload, generation: 'old', payload: encodeText(`${size} bytes`) },
  };
}

/** What the answer comes to, prefix included; undefined while its head is not there. */
function sizeOf({ exchange, parts }: Running): number | undefined {
  const head = concat(parts);
  if (head.length < PREFIX) return undefined;
  if (exchange.replyKind === ReplyKind.Data) {
    return PREFIX + new DataView(head.buffer, head.byteOffset).getUint32(6, true);
  }
  if (exchange.replyKind === ReplyKind.Upload) return PREFIX + 0x5c;
  try {
    return replySize(head);
  } catch {
    return undefined;
  }
}
