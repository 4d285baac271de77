/**
 * Packets: a command goes out as one control transfer; the answer comes in by the bulk pipe, as one
 * block with a status ("fixed"), or as a head of 64 bytes and data of any length behind it.
 */
import { ProtocolError, Reader, Writer } from '../../bytes/index.ts';
import { Group, ReplyKind } from './codes.ts';
import { decodeText, encodeText } from './text.ts';

/** In front of what counts; zeros but for the lengths. */
export const PREFIX = 0x40;
/** Prefix, and the head that command and reply share. */
export const PACKET_HEAD = 0x50;

const BLOCK_HEAD = PACKET_HEAD - PREFIX;
/** Reply codes are those of the command with this on top. */
const GROUP_REPLY = 0x10;
const KIND_REPLY = 0x100;

export interface CommandPacket {
  code: number;
  group: number;
  kind: number;
  /** Chosen by the host, repeated in a fixed reply. */
  id: number;
  /** Byte 0x46: what bodies of the new generation want; 0 for all others. */
  mark: number;
  payload: Uint8Array;
}

/** What bodies of the new generation (class 6) want in byte 0x46. */
export function markOf(kind: number): number {
  return kind === ReplyKind.Data ? 0x20 : 0x10;
}

export function encodeCommand(packet: CommandPacket): Uint8Array<ArrayBuffer> {
  const { code, group, kind, id, mark, payload } = packet;
  const length = BLOCK_HEAD + payload.length;
  const writer = new Writer(PACKET_HEAD + payload.length).u32(length).u32(kind);
  writer.zeros(PREFIX - writer.length).u32(2);
  writer.u8(code).u8(0).u8(mark).u8(group).u32(length).u32(id).put(payload);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

/** The shorter of both lengths counts; what stands in the prefix behind them is of no matter. */
export function decodeCommand(bytes: Uint8Array): CommandPacket {
  const reader = new Reader(bytes, 'command');
  const length = reader.u32();
  const kind = reader.u32();
  reader.seek(PREFIX + 4);
  const [code, , mark, group] = reader.take(4) as unknown as [number, number, number, number];
  reader.u32();
  const id = reader.u32();
  const announced = Math.max(0, length - BLOCK_HEAD);
  const payload = reader.take(Math.min(announced, reader.remaining));
  return { code, group, kind, id, mark, payload };
}

export interface ReplyPacket {
  code: number;
  group: number;
  kind: number;
  id: number;
  mark: number;
  status: number;
  data: Uint8Array;
}

/** `legacy`: as bodies before 2001, which leave the length out of the prefix. */
export function encodeReply(packet: ReplyPacket, legacy = false): Uint8Array {
  const { code, group, kind, id, mark, status, data } = packet;
  const length = BLOCK_HEAD + 4 + data.length;
  const writer = new Writer(PREFIX + length);
  writer.u32(legacy ? 0 : length).u32(kind + KIND_REPLY);
  writer.zeros(PREFIX - writer.length).u32(2);
  writer
    .u8(code)
    .u8(0)
    .u8(mark)
    .u8(group + GROUP_REPLY);
  return writer.u32(length).u32(id).u32(status).put(data).finish();
}

/**
 * Bytes of a whole fixed reply, by those that have come; undefined where they do not tell yet. Throws
 * a ProtocolError for a length that no reply has.
 */
export function replySize(head: Uint8Array): number | undefined {
  if (head.length < PREFIX) return undefined;
  const view = viewOf(head);
  const inPrefix = view.getUint32(0, true);
  if (inPrefix === 0 && head.length < PACKET_HEAD) return undefined;
  const length = inPrefix === 0 ? view.getUint32(0x48, true) : inPrefix;
  if (length < BLOCK_HEAD + 4 || length > LONGEST_REPLY) {
    throw new ProtocolError('INVALID_DATA', `a reply of ${length} bytes`, head, 0);
  }
  return PREFIX + length;
}

/** The longest known has 0x474 bytes. */
const LONGEST_REPLY = 1 << 16;

export function decodeReply(bytes: Uint8Array): ReplyPacket {
  const reader = new Reader(bytes, 'reply');
  reader.seek(4);
  const kind = reader.u32() - KIND_REPLY;
  reader.seek(PREFIX + 4);
  const [code, , mark, group] = reader.take(4) as unknown as [number, number, number, number];
  reader.u32();
  const id = reader.u32();
  const status = reader.u32();
  return { code, group: group - GROUP_REPLY, kind, id, mark, status, data: reader.rest() };
}

const DATA_REPLY = 0x302;

export function encodeDataHead(size: number): Uint8Array {
  const writer = new Writer(PREFIX).u32(0).u16(DATA_REPLY).u32(size);
  return writer.zeros(PREFIX - writer.length).finish();
}

/** Bytes that follow it. */
export function decodeDataHead(bytes: Uint8Array): number {
  const reader = new Reader(bytes, 'head of data');
  reader.seek(4);
  if (reader.u16() !== DATA_REPLY) throw reader.invalid('this is not the head of data', 4);
  return reader.u32();
}

/** Bytes of a file that go up at once. */
export const UPLOAD_BLOCK = 0x1400;
const UPLOAD_ANNOUNCED = 0x203;
const UPLOAD_REPLY = 0x303;
const UPLOAD_CODE = 0x03;
/** Four numbers behind the head of an upload's block. */
const UPLOAD_FIELDS = 0x0c;

export interface UploadBlock {
  path: string;
  /** Of this block in the file. */
  offset: number;
  data: Uint8Array;
  id: number;
}

/** What says that a block is to come, on the pipe for commands. */
export function encodeUploadAnnouncement(blockSize: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer(PREFIX).u32(0).u16(UPLOAD_ANNOUNCED).u32(blockSize);
  return writer.zeros(PREFIX - writer.length).finish() as Uint8Array<ArrayBuffer>;
}

/** Size of the block that is to come; undefined where this announces none. */
export function decodeUploadAnnouncement(bytes: Uint8Array): number | undefined {
  if (bytes.length !== PREFIX) return undefined;
  const view = viewOf(bytes);
  return view.getUint16(4, true) === UPLOAD_ANNOUNCED ? view.getUint32(6, true) : undefined;
}

/** How the camera says that the block may come. */
export function encodeUploadReady(): Uint8Array {
  const writer = new Writer(PREFIX).u32(0).u16(UPLOAD_REPLY);
  return writer.zeros(PREFIX - writer.length).finish();
}

export function isUploadReady(bytes: Uint8Array): boolean {
  return bytes.length >= 6 && viewOf(bytes).getUint16(4, true) === UPLOAD_REPLY;
}

/** What goes out by the bulk pipe. `path` as the camera writes it. */
export function encodeUploadBlock({
  path,
  offset,
  data,
  id,
}: UploadBlock): Uint8Array<ArrayBuffer> {
  const name = encodeText(path);
  const length = BLOCK_HEAD + UPLOAD_FIELDS + name.length + 1 + data.length;
  const writer = new Writer(PREFIX + length).u32(length).u32(ReplyKind.Upload);
  writer.zeros(PREFIX - writer.length).u32(2);
  writer.u8(UPLOAD_CODE).u8(0).u8(0).u8(Group.Storage).u32(length).u32(id);
  writer.u32(0).u32(offset).u32(data.length).put(name).u8(0).put(data);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

export function decodeUploadBlock(bytes: Uint8Array): UploadBlock {
  const reader = new Reader(bytes, 'block of an upload');
  reader.seek(0x4c);
  const id = reader.u32();
  reader.u32();
  const offset = reader.u32();
  const size = reader.u32();
  const end = bytes.indexOf(0, reader.offset);
  if (end < 0) throw reader.invalid('the path has no end');
  const path = decodeText(reader.take(end - reader.offset));
  reader.u8();
  return { id, offset, path, data: reader.take(size) };
}

export interface UploadAnswer {
  status: number;
  /** Offset of the block and the new end of the file, in one sum. */
  progress: number;
  accepted: number;
  id: number;
}

export function encodeUploadAnswer({ status, progress, accepted, id }: UploadAnswer): Uint8Array {
  const writer = new Writer(UPLOAD_ANSWER).u32(0).u16(UPLOAD_REPLY);
  writer.zeros(PREFIX - writer.length).u32(2);
  writer
    .u8(UPLOAD_CODE)
    .u8(0)
    .u8(0)
    .u8(Group.Storage + GROUP_REPLY);
  return writer
    .u32(UPLOAD_ANSWER - PREFIX)
    .u32(id)
    .u32(status)
    .u32(progress)
    .u32(accepted)
    .finish();
}

export const UPLOAD_ANSWER = 0x5c;

export function decodeUploadAnswer(bytes: Uint8Array): UploadAnswer {
  const reader = new Reader(bytes, 'answer to a block');
  if (!isUploadReady(bytes)) throw reader.invalid('this is not the answer to a block', 4);
  reader.seek(0x4c);
  const id = reader.u32();
  return { id, status: reader.u32(), progress: reader.u32(), accepted: reader.u32() };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
