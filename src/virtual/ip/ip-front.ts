/** A camera's PTP/IP port: who may connect, which connection is which, one initiator at a time. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { messageOf } from '../../base/errors.ts';
import { ignore, sleep, within } from '../../base/time.ts';
import { formatGuid } from '../../ptp/index.ts';
import { encodePacket, PacketType, VERSION_1_0 } from '../../ptp/transport/ip-packets.ts';
import { PacketReader } from '../../ptp/transport/packet-reader.ts';
import type { Seat } from '../seat.ts';
import { IpLink, type IpLinkOptions } from './ip-link.ts';

/** A number is the milliseconds until the person at the camera says yes. */
export type AcceptMode = 'yes' | 'no' | 'ask' | number;

export interface IpFrontOptions extends IpLinkOptions {
  accept: AcceptMode;
  seat: Seat;
  guid: Uint8Array;
  /** The camera's nickname; short, because one initiator takes 127 bytes at most. */
  name: string;
  /** Called before an initiator is answered, so that work may begin early. */
  onConnect(): void;
}

const INIT_MS = 10_000;
const EVENT_MS = 5000;
const DECISION_MS = 90_000;
/** Every Canon body seen gives this number; one initiator sends it without looking. */
const CONNECTION_NUMBER = 1;

const InitFail = { Rejected: 1, Busy: 2, Unspecified: 3 } as const;

export class IpFront {
  /** False while the cable is out or the camera asleep: connections end at once. */
  reachable = true;
  #options: IpFrontOptions;
  #link: IpLink | undefined;
  /** Somebody is being asked about. */
  #asking: { decide(accepted: boolean): void } | undefined;

  constructor(options: IpFrontOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  get asking(): boolean {
    return this.#asking !== undefined;
  }

  /** Serves one incoming connection until it ends. Never rejects. */
  async serve(stream: ByteStream): Promise<void> {
    try {
      if (this.reachable) await this.#serve(stream);
    } catch (error) {
      this.#options.log(`connection from ${stream.name} ended: ${messageOf(error)}`);
    }
    await stream.close();
  }

  /** The person at the camera decides; false when nobody is asking. */
  decide(accepted: boolean): boolean {
    if (!this.#asking) return false;
    this.#asking.decide(accepted);
    return true;
  }

  sendEvent(code: number, params: readonly number[]): void {
    void this.#link?.sendEvent(code, params);
  }

  /** Ends whatever is connected. */
  async disconnect(): Promise<void> {
    this.#asking?.decide(false);
    await this.#link?.close();
  }

  async #serve(stream: ByteStream): Promise<void> {
    const { clock } = this.#options;
    const reader = new PacketReader(stream);
    const first = await within(this.#firstPacket(reader), {
      ms: INIT_MS,
      what: 'no first packet came',
      clock,
    });
    // It may have been unplugged, or fallen asleep, meanwhile.
    if (!first || !this.reachable) return;
    if ('guid' in first) await this.#onCommand(stream, reader, first.guid, first.name);
    else await this.#onEvent(stream, reader, first.connectionNumber);
  }

  async #firstPacket(reader: PacketReader) {
    const head = await reader.head();
    if (!head) return undefined;
    if (head.type === PacketType.InitCommandRequest) return reader.payload(head.type, head.size);
    if (head.type === PacketType.InitEventRequest) return reader.payload(head.type, head.size);
    throw await reader.unexpected(head, 'Init Command Request or Init Event Request');
  }

  async #onCommand(
    stream: ByteStream,
    reader: PacketReader,
    guid: Uint8Array,
    name: string,
  ): Promise<void> {
    const options = this.#options;
    if (this.#link || this.#asking || options.seat.isTaken) {
      await fail(stream, InitFail.Busy);
      return;
    }
    options.log(`"${name}" (${formatGuid(guid)}) connects from ${stream.name}`);
    options.onConnect();
    if (!(await this.#accepts(stream))) {
      options.log(`"${name}" is refused`);
      await fail(stream, InitFail.Rejected);
      return;
    }
    // Another link may have been quicker than the person at the camera.
    if (!options.seat.take(this)) {
      await fail(stream, InitFail.Busy);
      return;
    }
    const link = new IpLink(stream, reader, options);
    this.#link = link;
    void link.closed.then(() => {
      options.seat.leave(this);
      if (this.#link === link) this.#link = undefined;
    });
    const ack = encodePacket(PacketType.InitCommandAck, {
      connectionNumber: CONNECTION_NUMBER,
      guid: options.guid,
      name: options.name,
      version: VERSION_1_0,
    });
    await orEnd(link, stream.write(ack));
    const stop = options.clock.after(EVENT_MS, () => {
      if (link.event) return;
      options.log(`"${name}" opens no event connection`);
      void link.close();
    });
    await link.serveCommands();
    stop();
  }

  async #onEvent(stream: ByteStream, reader: PacketReader, number: number): Promise<void> {
    const link = this.#link;
    if (!link || link.event || number !== CONNECTION_NUMBER) {
      await fail(stream, InitFail.Unspecified);
      return;
    }
    link.event = stream;
    await orEnd(link, stream.write(encodePacket(PacketType.InitEventAck, {})));
    await link.serveEvents(stream, reader);
  }

  async #accepts(stream: ByteStream): Promise<boolean> {
    const { accept, clock, log } = this.#options;
    if (accept === 'yes') return true;
    if (accept === 'no') return false;
    const decided = new Promise<boolean>((resolve) => {
      this.#asking = { decide: resolve };
    });
    const stopped = new AbortController();
    const later =
      accept === 'ask'
        ? sleep(DECISION_MS, stopped.signal, clock).then(() => false)
        : sleep(accept, stopped.signal, clock).then(() => true);
    later.catch(ignore);
    if (accept === 'ask') log('waiting for "accept" or "refuse"');
    try {
      return await Promise.race([decided, later, stream.closed.then(() => false)]);
    } finally {
      stopped.abort();
      this.#asking = undefined;
    }
  }
}

/** An initiator that is gone before its ack must not hold the camera: its link ends with it. */
async function orEnd(link: IpLink, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function fail(stream: ByteStream, reason: number): Promise<void> {
  await stream.write(encodePacket(PacketType.InitFail, { reason }));
}
