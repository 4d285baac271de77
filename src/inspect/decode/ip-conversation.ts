/**
 * One TCP connection that may carry PTP/IP.
 *
 * Where its beginning, or a part, is not in the capture, bytes are read again from the first place
 * where a packet must begin, and from no other, because payload may look like anything: PTP takes
 * turns, so the first bytes of the computer after some of the camera's are a request, and the
 * camera's next bytes are the answer, with the same transaction id.
 */
import { concat } from '../../base/byte-stream.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { codeNames, decodePacket, nameOf, PacketType, PTP_IP_PORT } from '../../ptp/index.ts';
import {
  decodeHead,
  HEAD,
  type PacketHead,
  UNKNOWN_TOTAL,
} from '../../ptp/transport/ip-packets.ts';
import type { Connection, Time } from '../traffic.ts';
import type { Ledger } from './ledger.ts';
import { PacketFlow } from './packet-flow.ts';
import type { Handshake, PacketSeen, Seen } from './seen.ts';

/** The longest response: head, code, transaction id and five parameters. */
const LONGEST_RESPONSE = 34;
const PACKET_NAMES = codeNames(PacketType);

export interface IpContext {
  emit(seen: Seen): void;
  packet: PacketSeen;
  /** The ledger of a new session, or that of the session to which an event connection belongs. */
  ledger(connection: Connection, initiatorIsClient: boolean): Ledger;
  eventLedger(connection: Connection, initiatorIsClient: boolean, number: number): Ledger;
  sessionNumber(connection: Connection, number: number, ledger: Ledger): void;
}

interface Side {
  readonly fromInitiator: boolean;
  readonly flow: PacketFlow;
  /** Bytes passed over since the last that could be read. */
  skipped: number;
  /** The last bytes passed over, where a response may stand. */
  tail: Uint8Array;
  time: Time;
}

export class IpConversation {
  readonly connection: Connection;
  #context: IpContext;
  #ledger: Ledger | undefined;
  /** `undefined`: not known yet whether this is PTP/IP. */
  #initiatorIsClient: boolean | undefined;
  #initiator: Side;
  #responder: Side;
  #lastFromClient: boolean | undefined;
  /** A request in a stream whose beginning is missing counts when its answer has its number. */
  #doubted: number | undefined;
  /** Bytes of both directions from before it was known. */
  #unknown = { client: 0, server: 0 };
  #time: Time = 0;
  /** Fewer first bytes than a head has. */
  #begun: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection, context: IpContext) {
    this.connection = connection;
    this.#context = context;
    this.#initiator = this.#side(true);
    this.#responder = this.#side(false);
  }

  /** It was recognised as PTP/IP. */
  get known(): boolean {
    return this.#ledger !== undefined;
  }

  /** Bytes that passed before it was recognised. */
  get unknownBytes(): number {
    return this.#unknown.client + this.#unknown.server;
  }

  bytes(time: Time, fromClient: boolean, piece: Uint8Array): void {
    const bytes = this.#fromHead(fromClient, piece);
    if (!bytes) return;
    const turn = this.#lastFromClient !== fromClient;
    this.#lastFromClient = fromClient;
    this.#time = time;
    if (this.#initiatorIsClient === undefined && !this.#recognise(fromClient, bytes, turn)) {
      this.#unknown[fromClient ? 'client' : 'server'] += bytes.length;
      return;
    }
    const side = fromClient === this.#initiatorIsClient ? this.#initiator : this.#responder;
    side.time = time;
    if (turn) this.#turn(side, bytes);
    if (side.flow.synced) {
      side.flow.push(bytes);
    } else {
      side.skipped += bytes.length;
      side.tail = tailOf(side.tail, bytes);
    }
  }

  /** What a connection begins with tells what it is: its first bytes wait for the rest of a head. */
  #fromHead(fromClient: boolean, piece: Uint8Array): Uint8Array | undefined {
    const begins = this.connection.fromStart && fromClient && this.unknownBytes === 0;
    if (this.#initiatorIsClient !== undefined || !begins) return piece;
    const bytes = concat([this.#begun, piece]);
    this.#begun = bytes.length < HEAD ? bytes : new Uint8Array(0);
    return bytes.length < HEAD ? undefined : bytes;
  }

  hole(time: Time, fromClient: boolean, size: number | undefined): void {
    this.#time = time;
    if (this.#initiatorIsClient === undefined) return;
    const side = fromClient === this.#initiatorIsClient ? this.#initiator : this.#responder;
    side.time = time;
    side.tail = new Uint8Array(0);
    side.flow.hole(size);
    this.#unread(side, 'hole', size);
  }

  end(): void {
    if (!this.known) return;
    this.#answerFromTail();
    if (this.#doubted === undefined) this.#ledger?.end();
    else this.#ledger?.drop();
    for (const side of [this.#initiator, this.#responder]) this.#tellSkipped(side);
  }

  /** Is this the beginning of a packet that only PTP/IP has? */
  #recognise(fromClient: boolean, bytes: Uint8Array, turn: boolean): boolean {
    const { connection } = this;
    const first = this.unknownBytes === 0;
    const begin = first && connection.fromStart;
    if (begin) return fromClient && isInit(bytes) && this.#known(true);
    // At 15740 sits the camera, whoever has the higher port.
    const { client, server } = connection;
    const fromCamera =
      (fromClient ? client : server).port === PTP_IP_PORT &&
      (fromClient ? server : client).port !== PTP_IP_PORT;
    if (turn && !fromCamera && requestIn(bytes) !== undefined) return this.#known(fromClient);
    if (!first) return false;
    const from = senderOf(bytes);
    if (from === undefined) return false;
    return this.#known(from === 'initiator' ? fromClient : !fromClient, true);
  }

  #known(initiatorIsClient: boolean, sound = false): true {
    this.#initiatorIsClient = initiatorIsClient;
    this.#ledger = this.#context.ledger(this.connection, initiatorIsClient);
    const { client, server } = this.#unknown;
    this.#initiator.skipped = initiatorIsClient ? client : server;
    this.#responder.skipped = initiatorIsClient ? server : client;
    this.#initiator.time = this.#time;
    this.#responder.time = this.#time;
    if (sound || this.connection.fromStart) {
      this.#initiator.flow.sync();
      this.#responder.flow.sync();
    }
    return true;
  }

  /** The other side has begun to send. */
  #turn(side: Side, bytes: Uint8Array): void {
    if (side === this.#responder) {
      const asked = this.#ledger?.current?.transactionId;
      if (!side.flow.synced && asked !== undefined && answers(bytes, asked)) this.#sync(side);
      return;
    }
    this.#answerFromTail();
    if (this.#doubted !== undefined) this.#takeBack();
    if (side.flow.synced) return;
    const transactionId = requestIn(bytes);
    if (transactionId === undefined) return;
    this.#ledger?.end();
    this.#sync(side);
    this.#doubted = transactionId;
  }

  #sync(side: Side): void {
    this.#tellSkipped(side);
    side.flow.sync();
  }

  /** After a hole, the last bytes before the next request are the response, if they look so. */
  #answerFromTail(): void {
    const { tail, time, flow } = this.#responder;
    const transactionId = this.#ledger?.current?.transactionId;
    this.#responder.tail = new Uint8Array(0);
    if (flow.synced || transactionId === undefined) return;
    for (let size = 14; size <= Math.min(LONGEST_RESPONSE, tail.length); size += 4) {
      const packet = tail.subarray(tail.length - size);
      const response = wholeOf(packet);
      if (response?.type !== PacketType.OperationResponse) continue;
      if (response.transactionId !== transactionId) continue;
      this.#responder.skipped -= size;
      this.#settleMissing();
      this.#context.packet(false, nameOfPacket(response.type));
      this.#ledger?.response(time, response.code, transactionId, response.params);
      return;
    }
  }

  /** What was announced and did not come is missing. */
  #settleMissing(): void {
    const data = this.#ledger?.current?.data;
    if (data?.announced !== undefined && data.announced > data.size) {
      this.#ledger?.missing(data.announced - data.size);
    }
  }

  #side(fromInitiator: boolean): Side {
    const side: Side = {
      fromInitiator,
      skipped: 0,
      tail: new Uint8Array(0),
      time: 0,
      flow: new PacketFlow(fromInitiator, {
        packet: (type, packet) => this.#packet(side, type, packet),
        dataPacket: (type, transactionId) => {
          this.#context.packet(fromInitiator, nameOfPacket(type));
          if (!fromInitiator) this.#confirm(transactionId);
          const direction = fromInitiator ? 'out' : 'in';
          this.#ledger?.data(this.#time, transactionId, direction, undefined);
        },
        payload: (bytes) => this.#ledger?.bytes(this.#time, bytes),
        missing: (size) => this.#ledger?.missing(size),
        lost: (size) => {
          side.skipped += size;
          this.#ledger?.broken();
        },
      }),
    };
    return side;
  }

  #packet(side: Side, type: number, bytes: Uint8Array): void {
    const { fromInitiator } = side;
    const packet = wholeOf(bytes);
    const ledger = this.#ledger;
    if (!packet || !ledger) {
      side.skipped += bytes.length;
      return;
    }
    this.#context.packet(fromInitiator, nameOfPacket(type));
    const time = this.#time;
    switch (packet.type) {
      case PacketType.OperationRequest:
        ledger.request(time, packet.code, packet.transactionId, packet.params);
        return;
      case PacketType.StartData: {
        if (!fromInitiator) this.#confirm(packet.transactionId);
        const total = packet.total === UNKNOWN_TOTAL ? undefined : Number(packet.total);
        const direction = fromInitiator ? 'out' : 'in';
        ledger.data(time, packet.transactionId, direction, total);
        return;
      }
      case PacketType.OperationResponse:
        this.#confirm(packet.transactionId);
        this.#settleMissing();
        ledger.response(time, packet.code, packet.transactionId, packet.params);
        return;
      case PacketType.Event: {
        const { code, transactionId, params } = packet;
        this.#context.emit({ kind: 'event', link: ledger.link, time, code, transactionId, params });
        return;
      }
      case PacketType.Cancel:
        if (ledger.current?.transactionId === packet.transactionId) ledger.current.cancelled = true;
        return;
      default:
        this.#handshake(fromInitiator, packet, bytes);
    }
  }

  #handshake(fromInitiator: boolean, packet: Whole, bytes: Uint8Array): void {
    const { connection } = this;
    let ledger = this.#ledger as Ledger;
    if (packet.type === PacketType.InitCommandAck) {
      this.#context.sessionNumber(connection, packet.connectionNumber, ledger);
    } else if (packet.type === PacketType.InitEventRequest) {
      const isClient = this.#initiatorIsClient ?? true;
      ledger = this.#context.eventLedger(connection, isClient, packet.connectionNumber);
      this.#ledger = ledger;
    }
    const type = packet.type as Handshake['type'];
    const { link } = ledger;
    this.#context.emit({
      ...{ kind: 'handshake', link, time: this.#time, fromInitiator, type },
      connection: connectionName(connection, this.#initiatorIsClient ?? true),
      packet: bytes.slice(),
    });
  }

  /** The camera's answer shows whether what was taken for a request was one. */
  #confirm(transactionId: number): void {
    if (this.#doubted === undefined) return;
    if (this.#doubted === transactionId) this.#doubted = undefined;
    else this.#takeBack();
  }

  /** That was no request. */
  #takeBack(): void {
    this.#doubted = undefined;
    this.#ledger?.drop();
    this.#initiator.flow.synced = false;
  }

  #tellSkipped(side: Side): void {
    if (side.skipped > 0) this.#unread(side, 'skipped', side.skipped);
    side.skipped = 0;
  }

  #unread({ fromInitiator, time }: Side, why: 'hole' | 'skipped', size: number | undefined): void {
    const link = this.#ledger?.link;
    if (link) this.#context.emit({ kind: 'unread', link, time, fromInitiator, why, size });
  }
}

type Whole = ReturnType<typeof decodePacket>;

/** The packet that `bytes` are, if they are one and nothing else. */
function wholeOf(bytes: Uint8Array): Whole | undefined {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function isInit(bytes: Uint8Array): boolean {
  const head = headOf(bytes);
  return head?.type === PacketType.InitCommandRequest || head?.type === PacketType.InitEventRequest;
}

function headOf(bytes: Uint8Array): PacketHead | undefined {
  if (bytes.length < HEAD) return undefined;
  try {
    return decodeHead(bytes.subarray(0, HEAD));
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** The transaction id of the request that `bytes` begin with, alone or before its data. */
function requestIn(bytes: Uint8Array): number | undefined {
  const head = headOf(bytes);
  if (head?.type !== PacketType.OperationRequest) return undefined;
  const end = HEAD + head.size;
  const request = wholeOf(bytes.subarray(0, end));
  if (request?.type !== PacketType.OperationRequest) return undefined;
  // Codes of operations have the bits 0001 or 1001 at their top (ISO 15740, 10.2).
  if ((request.code & 0x7000) !== 0x1000) return undefined;
  const { transactionId } = request;
  const next = bytes.subarray(end);
  return next.length === 0 || startsData(next, transactionId) ? transactionId : undefined;
}

function startsData(bytes: Uint8Array, transactionId: number): boolean {
  return headOf(bytes)?.type === PacketType.StartData && u32At(bytes, HEAD) === transactionId;
}

/** Do `bytes` begin the camera's answer to that transaction? */
function answers(bytes: Uint8Array, transactionId: number): boolean {
  if (startsData(bytes, transactionId)) return true;
  // Behind the response code.
  return (
    headOf(bytes)?.type === PacketType.OperationResponse && u32At(bytes, HEAD + 2) === transactionId
  );
}

function u32At(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

const SENDERS: Readonly<Record<number, 'initiator' | 'responder'>> = {
  [PacketType.InitCommandRequest]: 'initiator',
  [PacketType.InitCommandAck]: 'responder',
  [PacketType.InitEventRequest]: 'initiator',
  [PacketType.InitEventAck]: 'responder',
  [PacketType.InitFail]: 'responder',
  [PacketType.Event]: 'responder',
};

/** Who sends the packet that `bytes` are; undefined where they are none, or either could. */
function senderOf(bytes: Uint8Array): 'initiator' | 'responder' | undefined {
  const packet = wholeOf(bytes);
  // Codes of events have the bits 0100 or 1100 at their top.
  if (packet?.type === PacketType.Event && (packet.code & 0x7000) !== 0x4000) return undefined;
  return packet && SENDERS[packet.type];
}

function tailOf(tail: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length >= LONGEST_RESPONSE) return bytes.slice(-LONGEST_RESPONSE);
  return concat([tail, bytes]).slice(-LONGEST_RESPONSE);
}

function nameOfPacket(type: number): string {
  return nameOf(PACKET_NAMES, type);
}

/** "192.168.0.54:1113 > 192.168.0.46:15740", the computer first. */
export function connectionName({ client, server }: Connection, initiatorIsClient: boolean): string {
  const [from, to] = initiatorIsClient ? [client, server] : [server, client];
  return `${from.address}:${from.port} > ${to.address}:${to.port}`;
}
