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

/**
 * What becomes of a second computer while one is connected: it hears that the camera is busy, or that
 * it is rejected; it takes the place of the first; or it does so if the first does not answer a probe,
 * as the standard has it. Most programs answer none.
 */
export type SecondMode = 'busy' | 'reject' | 'replace' | 'probe';

/** The Wi-Fi that a computer comes by. */
export interface IpGate {
  /** Whether this computer is let in without a question. */
  knows(guid: Uint8Array): boolean;
  /** It was let in. */
  began(guid: Uint8Array): void;
  /** It was not: resolves when it may hear that. */
  refused(): Promise<void>;
  /** It has heard it. */
  turnedAway(): Promise<void>;
  /** It has gone. */
  ended(): Promise<void>;
}

export interface IpFrontOptions extends IpLinkOptions {
  accept: AcceptMode;
  second: SecondMode;
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
const PROBE_MS = 10_000;
/** A data phase in which nothing has moved for so long: what initiators wait for a camera, too. */
const STALLED_MS = 15_000;
/** Connections that have not yet said what they are for; more are not listened to. */
const UNKNOWN_CONNECTIONS = 4;
/** Every Canon body seen gives this number; one initiator sends it without looking. */
const CONNECTION_NUMBER = 1;

const InitFail = { Rejected: 1, Busy: 2 } as const;

export class IpFront {
  /** False while the cable is out or the camera asleep: connections end at once. */
  reachable = true;
  /** Present where the camera is in a network of its own accord. */
  gate: IpGate | undefined;
  #options: IpFrontOptions;
  #link: IpLink | undefined;
  /** An initiator is being let in. */
  #admitting = false;
  /** Somebody is being asked about. */
  #asking: { decide(accepted: boolean): void } | undefined;
  #unknown = 0;

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
    const reader = new PacketReader(stream);
    const first = await this.#introduction(stream, reader);
    // It may have been unplugged, or fallen asleep, meanwhile.
    if (!first || !this.reachable) return;
    if ('guid' in first) await this.#onCommand(stream, reader, first.guid, first.name);
    else await this.#onEvent(stream, reader, first.connectionNumber);
  }

  /** What a connection says first; nobody may hold many of them open by saying nothing. */
  async #introduction(stream: ByteStream, reader: PacketReader) {
    const { clock, log } = this.#options;
    if (this.#unknown >= UNKNOWN_CONNECTIONS) {
      log(`connection from ${stream.name} is one too many`);
      return undefined;
    }
    this.#unknown++;
    try {
      return await within(this.#firstPacket(reader), {
        ms: INIT_MS,
        what: 'no first packet came',
        clock,
      });
    } finally {
      this.#unknown--;
    }
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
    if (!(await this.#makeRoom(name))) {
      await fail(stream, options.second === 'reject' ? InitFail.Rejected : InitFail.Busy);
      return;
    }
    options.log(`"${name}" (${formatGuid(guid)}) connects from ${stream.name}`);
    options.onConnect();
    const link = await this.#admit(stream, reader, guid);
    if (!(link instanceof IpLink)) {
      options.log(`"${name}" is refused`);
      if (link === InitFail.Rejected) await this.gate?.refused();
      await fail(stream, link);
      await stream.close();
      if (link === InitFail.Rejected) await this.gate?.turnedAway();
      return;
    }
    const ack = encodePacket(PacketType.InitCommandAck, {
      connectionNumber: CONNECTION_NUMBER,
      guid: options.guid,
      name: options.name,
      version: VERSION_1_0,
    });
    await orEnd(link, stream.write(ack));
    this.gate?.began(guid);
    void link.closed.then(() => this.gate?.ended());
    const stop = options.clock.after(EVENT_MS, () => {
      if (link.event) return;
      options.log(`"${name}" opens no event connection`);
      void link.close();
    });
    await link.serveCommands();
    stop();
  }

  /** Whether the place is free now, and the caller's to take; see `SecondMode`. */
  async #makeRoom(name: string): Promise<boolean> {
    const { second, seat, log } = this.#options;
    const link = this.#link;
    // Whoever is connected by the cable is not driven away.
    if (this.#admitting || (!link && seat.isTaken)) return false;
    this.#admitting = true;
    if (!link) return true;
    const gone = link.stalledMs >= STALLED_MS;
    if (gone || second === 'replace' || (second === 'probe' && !(await link.probe(PROBE_MS)))) {
      log(`"${name}" takes the place of ${link.command.name}${gone ? ', which stands still' : ''}`);
      void link.close();
      await link.closed;
      // Unplugged meanwhile: then there is no place at all.
      this.#admitting = this.reachable;
    } else this.#admitting = false;
    return this.#admitting;
  }

  /** Or the reason why not. */
  async #admit(
    stream: ByteStream,
    reader: PacketReader,
    guid: Uint8Array,
  ): Promise<IpLink | number> {
    const { seat } = this.#options;
    try {
      const known = this.gate?.knows(guid) ?? false;
      if (!known && !(await this.#accepts(stream))) return InitFail.Rejected;
      const link = new IpLink(stream, reader, this.#options);
      // The cable may have been quicker than the person at the camera.
      if (!seat.take(link)) return InitFail.Busy;
      this.#link = link;
      void link.closed.then(() => {
        seat.leave(link);
        if (this.#link === link) this.#link = undefined;
      });
      return link;
    } finally {
      this.#admitting = false;
    }
  }

  /**
   * The number is always the same, hence easily guessed: only whoever holds the command connection
   * may have the events of it.
   */
  async #onEvent(stream: ByteStream, reader: PacketReader, number: number): Promise<void> {
    const link = this.#link;
    const rightful = number === CONNECTION_NUMBER && stream.host === link?.command.host;
    if (link && !link.event && rightful) await link.serveEvents(stream, reader);
    else await fail(stream, InitFail.Rejected);
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
