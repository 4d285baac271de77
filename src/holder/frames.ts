/**
 * What passes on the socket between a holder and a command: u32 size of the payload, u8 kind, the
 * payload. Both ends are this program, of the same version; still no size is trusted.
 */
import { ByteReader, type ByteStream } from '../base/byte-stream.ts';
import { type ErrorCode, HotshoeError, LinkError, TimeoutError } from '../base/errors.ts';
import { ProtocolError } from '../bytes/index.ts';
import type { Priority } from '../ptp/index.ts';
import type { HeldState } from './held-camera.ts';

/** Counted up when anything here changes. */
export const PROTOCOL = 2;

export const Frame = {
  // From the command.
  Hello: 1,
  Request: 2,
  Cancel: 3,
  /** The command wants to expose, or does so no more. */
  TakeTurn: 4,
  EndTurn: 5,
  /** It waits for pictures whoever exposes, or does so no more. */
  Tether: 6,
  Untether: 7,
  /** It has dealt with a picture that was announced. */
  Took: 8,
  // From the holder.
  Welcome: 16,
  Refused: 17,
  State: 18,
  Start: 19,
  Response: 20,
  Failed: 21,
  Event: 22,
  /** Nothing but a sign of life. */
  Alive: 23,
  /** It is the command's turn to expose. */
  Turn: 24,
  /** Both ways: bytes of a data phase. */
  Data: 32,
} as const;

export interface Hello {
  protocol: number;
  version: string;
  pid: number;
  want: 'session' | 'status' | 'release';
  /** Of `release`: also while others use the camera. */
  force?: boolean;
}

/** Of a holder, and what it holds. */
export interface HolderStatus {
  pid: number;
  version: string;
  address: string;
  model: string | undefined;
  state: HeldState;
  users: number;
}

export interface Welcome extends HolderStatus {
  kind: 'ip' | 'usb' | 'memory';
  peerName: string | undefined;
}

export interface RequestFrame {
  n: number;
  code: number;
  params: readonly number[];
  priority: Priority | undefined;
  idleTimeoutMs: number;
  /** Of the data that follows; absent where none does. */
  size?: number;
}

/** Of TakeTurn, Turn and EndTurn. */
export interface TurnFrame {
  turn: number;
  /** Of TakeTurn. */
  takes?: boolean;
  /** Of Turn. */
  tethered?: boolean;
}

export interface ResponseFrame {
  n: number;
  code: number;
  params: number[];
}

export interface FailedFrame extends PlainError {
  n: number;
}

export interface PlainError {
  kind: 'link' | 'timeout' | 'other';
  code: ErrorCode;
  message: string;
  hint?: string;
}

/** A piece of data; larger chunks are cut. */
const PIECE = 1 << 20;
const CONTROL_LIMIT = 1 << 16;
const HEAD = 5;

/** Sends whole frames, and those of several callers one after the other. */
export class FrameWriter {
  #stream: ByteStream;
  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  send(kind: number, value: object): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(value));
    return this.#stream.write(head(kind, payload.length), payload);
  }

  async data(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      await this.#stream.write(head(Frame.Data, piece.length), piece);
    }
  }
}

export interface FrameHead {
  kind: number;
  size: number;
}

export class FrameReader {
  #reader: ByteReader;

  constructor(stream: ByteStream) {
    this.#reader = new ByteReader(stream);
  }

  /** Undefined at the end. */
  async head(): Promise<FrameHead | undefined> {
    const bytes = await this.#reader.exactly(HEAD, () => cut());
    if (!bytes) return undefined;
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const kind = bytes[4] as number;
    const limit = kind === Frame.Data ? PIECE : CONTROL_LIMIT;
    if (size > limit) {
      throw new ProtocolError('INVALID_DATA', `frame of ${size} bytes`, bytes.slice(), 0);
    }
    return { kind, size };
  }

  async json<T>({ size }: FrameHead): Promise<T> {
    const bytes = size === 0 ? new Uint8Array(0) : await this.#reader.exactly(size, () => cut());
    if (!bytes) throw cut();
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    } catch (error) {
      throw new LinkError('what came through the socket is not from a holder', { cause: error });
    }
  }

  /** The bytes of a Data frame, as they come; each view is valid until `take` has resolved. */
  async data({ size }: FrameHead, take: (chunk: Uint8Array) => unknown): Promise<void> {
    for (let left = size; left > 0; ) {
      const chunk = await this.#reader.some(left);
      if (!chunk) throw cut();
      left -= chunk.length;
      await take(chunk);
    }
  }
}

export function plainError(error: unknown): PlainError {
  if (!(error instanceof HotshoeError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'link', code: 'LINK_LOST', message };
  }
  const { code, message, hint } = error;
  const kind =
    error instanceof LinkError ? 'link' : error instanceof TimeoutError ? 'timeout' : 'other';
  return { kind, code, message, ...(hint !== undefined && { hint }) };
}

export function errorOf({ kind, code, message, hint }: PlainError): HotshoeError {
  if (kind === 'timeout') return new TimeoutError(message, { hint });
  if (kind === 'other') return new HotshoeError(code, message, { hint });
  return new LinkError(message, { code: code as 'LINK_LOST', hint });
}

function head(kind: number, size: number): Uint8Array {
  const bytes = new Uint8Array(HEAD);
  new DataView(bytes.buffer).setUint32(0, size, true);
  bytes[4] = kind;
  return bytes;
}

function cut(): LinkError {
  return new LinkError('the process that holds the camera has ended', {
    hint: 'Run the command again.',
  });
}
