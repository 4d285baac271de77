/**
 * The packets of PTP/IP (CIPA DC-X005-2005), each declared once for both sides. `u32 length, u32
 * type` stands before every payload; the length counts itself.
 */
import { ignore } from '../../base/time.ts';
import {
  bytes,
  type Codec,
  dataset,
  ProtocolError,
  Reader,
  type Struct,
  struct,
  u16,
  u32,
  u64,
  Writer,
} from '../../bytes/index.ts';

export const PacketType = {
  InitCommandRequest: 1,
  InitCommandAck: 2,
  InitEventRequest: 3,
  InitEventAck: 4,
  InitFail: 5,
  OperationRequest: 6,
  OperationResponse: 7,
  Event: 8,
  StartData: 9,
  Data: 10,
  Cancel: 11,
  EndData: 12,
  ProbeRequest: 13,
  ProbeResponse: 14,
} as const;

export const HEAD = 8;

/** Total of a Start Data packet whose sender does not know the size. */
export const UNKNOWN_TOTAL = 0xffffffffffffffffn;

/** Protocol version 1.0: major in the high half. */
export const VERSION_1_0 = 0x00010000;

/** Name lengths seen from real initiators go up to 80 characters; the standard allows 39. */
const MAX_NAME_UNITS = 80;
const MAX_NAME = 39;

/**
 * UTF-16 up to a zero unit. Real peers leave out the terminator or the version behind it, or both:
 * the name then ends with the packet.
 */
const name: Codec<string> = {
  read(reader) {
    let text = '';
    for (let units = 0; units < MAX_NAME_UNITS && reader.remaining >= 2; units++) {
      const unit = reader.u16();
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return text;
  },
  write(writer, text) {
    const kept = cutName(text);
    for (let i = 0; i < kept.length; i++) writer.u16(kept.charCodeAt(i));
    writer.u16(0);
  },
};

/** What the standard lets a name hold, without half a character and without text behind a NUL. */
function cutName(text: string): string {
  const name = text.split('\0', 1)[0] ?? '';
  return name.length > MAX_NAME ? name.slice(0, MAX_NAME).replace(/[\ud800-\udbff]$/, '') : name;
}

/** The last four bytes, where there are four; nobody refuses on its value. */
const version: Codec<number | undefined> = {
  read(reader) {
    if (reader.remaining < 4) return undefined;
    reader.take(reader.remaining - 4);
    return reader.u32();
  },
  write(writer, value) {
    if (value !== undefined) writer.u32(value);
  },
};

/** As many u32 as the packet still holds, at most `limit`; what is behind them is ignored. */
/* @__NO_SIDE_EFFECTS__ */
const params = (limit: number): Codec<number[]> => ({
  read(reader) {
    const values: number[] = [];
    while (values.length < limit && reader.remaining >= 4) values.push(reader.u32());
    reader.rest();
    return values;
  },
  write(writer, values) {
    for (const value of values.slice(0, limit)) writer.u32(value);
  },
});

/** 16 and 20 bytes long packets are both met: one client writes the total as u32. */
const total: Codec<bigint> = {
  read: (reader) => (reader.remaining < 8 ? BigInt(reader.u32()) : reader.u64()),
  write: u64.write,
};

const nothing: Struct<Record<never, never>> = dataset('packet without payload', {
  read: () => ({}),
  write: ignore,
});

/** Payload of each packet that is taken whole; Data and End Data are streamed instead. */
const Packets = {
  [PacketType.InitCommandRequest]: struct('Init Command Request', {
    guid: bytes(16),
    name,
    version,
  }),
  [PacketType.InitCommandAck]: struct('Init Command Ack', {
    connectionNumber: u32,
    guid: bytes(16),
    name,
    version,
  }),
  [PacketType.InitEventRequest]: struct('Init Event Request', { connectionNumber: u32 }),
  [PacketType.InitEventAck]: { ...nothing, name: 'Init Event Ack' },
  [PacketType.InitFail]: struct('Init Fail', { reason: u32 }),
  [PacketType.OperationRequest]: struct('Operation Request', {
    dataPhaseInfo: u32,
    code: u16,
    transactionId: u32,
    params: params(5),
  }),
  [PacketType.OperationResponse]: struct('Operation Response', {
    code: u16,
    transactionId: u32,
    params: params(5),
  }),
  [PacketType.Event]: struct('Event', { code: u16, transactionId: u32, params: params(3) }),
  [PacketType.StartData]: struct('Start Data', { transactionId: u32, total }),
  [PacketType.Cancel]: struct('Cancel', { transactionId: u32 }),
  [PacketType.ProbeRequest]: { ...nothing, name: 'Probe Request' },
  [PacketType.ProbeResponse]: { ...nothing, name: 'Probe Response' },
  [PacketType.Data]: struct('Data', { transactionId: u32, payload: restOfPacket() }),
  [PacketType.EndData]: struct('End Data', { transactionId: u32, payload: restOfPacket() }),
} as const;

type PacketsByType = typeof Packets;
export type KnownPacketType = keyof PacketsByType;
export type PacketFields<T extends KnownPacketType> =
  PacketsByType[T] extends Struct<infer V> ? V : never;

/** [shortest, longest] packet that makes sense, before anything is allocated for it. */
const LIMITS: Readonly<Record<KnownPacketType, readonly [number, number]>> = {
  [PacketType.InitCommandRequest]: [24, 4096],
  [PacketType.InitCommandAck]: [28, 4096],
  [PacketType.InitEventRequest]: [12, 64],
  [PacketType.InitEventAck]: [8, 64],
  [PacketType.InitFail]: [12, 64],
  [PacketType.OperationRequest]: [18, 64],
  [PacketType.OperationResponse]: [14, 64],
  [PacketType.Event]: [14, 64],
  [PacketType.StartData]: [16, 64],
  [PacketType.Data]: [12, 0xffffffff],
  [PacketType.Cancel]: [12, 64],
  [PacketType.EndData]: [12, 0xffffffff],
  [PacketType.ProbeRequest]: [8, 64],
  [PacketType.ProbeResponse]: [8, 64],
};

export function isKnownPacketType(type: number): type is KnownPacketType {
  return type in Packets;
}

export function packetName(type: number): string {
  return isKnownPacketType(type) ? Packets[type].name : `packet of unknown type ${type}`;
}

export function encodePacket<T extends KnownPacketType>(
  type: T,
  fields: PacketFields<T>,
): Uint8Array {
  const writer = new Writer();
  writer.u32(0).u32(type);
  (Packets[type] as unknown as Codec<PacketFields<T>>).write(writer, fields);
  return writer.patchU32(0, writer.length).finish();
}

/** The twelve bytes before the payload of a Data or End Data packet. */
export function dataHead(
  type: typeof PacketType.Data | typeof PacketType.EndData,
  transactionId: number,
  payloadSize: number,
): Uint8Array {
  return new Writer(12)
    .u32(12 + payloadSize)
    .u32(type)
    .u32(transactionId)
    .finish();
}

export interface PacketHead {
  type: number;
  /** Bytes behind the head. */
  size: number;
}

/**
 * Reads the eight bytes of a head and checks the length against the packet's type. Throws a
 * ProtocolError for a length that cannot be, before anything is allocated for it.
 */
export function decodeHead(head: Uint8Array): PacketHead {
  const reader = new Reader(head, 'PTP/IP packet');
  const length = reader.u32();
  const type = reader.u32();
  if (length < HEAD) throw reader.invalid(`length ${length} is shorter than the packet's head`, 0);
  if (isKnownPacketType(type)) {
    const [shortest, longest] = LIMITS[type];
    if (length < shortest || length > longest) {
      throw reader.invalid(`length ${length} is impossible for ${packetName(type)}`, 0);
    }
  }
  return { type, size: length - HEAD };
}

/** Decodes the payload of a packet of known type. */
export function decodePayload<T extends KnownPacketType>(
  type: T,
  payload: Uint8Array,
): PacketFields<T> {
  return (Packets[type] as unknown as Struct<PacketFields<T>>).decode(payload);
}

/** Decodes one whole packet; its length field must agree with the bytes given. */
export function decodePacket(
  packet: Uint8Array,
): { [T in KnownPacketType]: { type: T } & PacketFields<T> }[KnownPacketType] {
  const { type, size } = decodeHead(packet);
  if (size !== packet.length - HEAD) {
    throw new ProtocolError(
      size > packet.length - HEAD ? 'TRUNCATED' : 'INVALID_DATA',
      `${packetName(type)}: length field says ${size + HEAD}`,
      packet,
      0,
    );
  }
  if (!isKnownPacketType(type)) {
    throw new ProtocolError('INVALID_DATA', packetName(type), packet, 4);
  }
  const fields = decodePayload(type, packet.subarray(HEAD));
  return { type, ...fields } as ReturnType<typeof decodePacket>;
}

/* @__NO_SIDE_EFFECTS__ */
function restOfPacket(): Codec<Uint8Array> {
  return {
    read: (reader) => reader.rest(),
    write: (writer, value) => void writer.put(value),
  };
}
