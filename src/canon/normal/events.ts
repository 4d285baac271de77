/** Interrupt packets: what the camera tells by itself. */
import { Reader, Writer } from '../../bytes/index.ts';
import { CaptureState, EventCode } from './codes.ts';

export type NormalEvent =
  | { kind: 'initialised' }
  /** The exposure is made (`exposed`), or all that belongs to it (`finished`). */
  | { kind: 'capture'; state: number; error: number | undefined }
  /** A picture waits in the camera's memory. */
  | { kind: 'image'; what: 'thumbnail' | 'full' | 'secondary'; key: number; size: number }
  | { kind: 'stored'; parameter: number }
  | { kind: 'complete' }
  | { kind: 'unknown'; code: number; payload: Uint8Array };

const HEAD = 12;
const IMAGES = {
  [EventCode.Thumbnail]: 'thumbnail',
  [EventCode.Image]: 'full',
  [EventCode.Secondary]: 'secondary',
} as const;
const IMAGE_CODES = {
  thumbnail: EventCode.Thumbnail,
  full: EventCode.Image,
  secondary: EventCode.Secondary,
} as const;
/** Of what tells of a picture: 1 on older bodies, 2 on those of class 6. */
const IMAGE_VERSION = 1;
const LONGEST = 0x40;

/** Bytes of the packet that begins here; undefined where that is not known yet. */
function eventSize(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEAD) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  return size >= HEAD && size <= LONGEST ? size : HEAD;
}

export function decodeEvent(bytes: Uint8Array): NormalEvent {
  const reader = new Reader(bytes, 'event');
  reader.u32();
  const code = reader.u32();
  reader.u32();
  switch (code) {
    case EventCode.Initialised:
      return { kind: 'initialised' };
    case EventCode.Capture: {
      const state = reader.u32();
      return { kind: 'capture', state, error: reader.remaining >= 4 ? reader.u32() : undefined };
    }
    case EventCode.Thumbnail:
    case EventCode.Image:
    case EventCode.Secondary: {
      const key = reader.u32();
      reader.u8();
      return { kind: 'image', what: IMAGES[code], key, size: reader.u32() };
    }
    case EventCode.Stored:
      return { kind: 'stored', parameter: reader.u32() };
    case EventCode.Complete:
      return { kind: 'complete' };
    default:
      return { kind: 'unknown', code, payload: reader.rest().slice() };
  }
}

export function encodeEvent(event: NormalEvent): Uint8Array {
  const packet = (code: number, write: (writer: Writer) => void) => {
    const writer = new Writer(32).u32(2).u32(code).u32(0);
    write(writer);
    return writer.patchU32(8, writer.length).finish();
  };
  switch (event.kind) {
    case 'initialised':
      return packet(EventCode.Initialised, (writer) => writer.u32(0));
    case 'capture': {
      const { state, error } = event;
      return packet(EventCode.Capture, (writer) => {
        writer.u32(state);
        if (error !== undefined) writer.u32(error);
      });
    }
    case 'image':
      return packet(IMAGE_CODES[event.what], (writer) => {
        writer.u32(event.key).u8(IMAGE_VERSION).u32(event.size).u8(0).u8(0);
      });
    case 'stored':
      return packet(EventCode.Stored, (writer) => writer.u32(event.parameter));
    case 'complete':
      return packet(EventCode.Complete, (writer) => writer.u32(0));
    case 'unknown':
      return packet(event.code, (writer) => writer.put(event.payload));
  }
}

/** "exposure taken", for logs and transcripts. */
export function eventText(event: NormalEvent): string {
  switch (event.kind) {
    case 'initialised':
      return 'initialised';
    case 'capture': {
      const text = STATES[event.state] ?? `capture state 0x${event.state.toString(16)}`;
      return event.error === undefined ? text : `${text} (${event.error})`;
    }
    case 'image':
      return `${event.what} image waits: key ${event.key}, ${event.size} bytes`;
    case 'stored':
      return `picture stored (${event.parameter})`;
    case 'complete':
      return 'capture complete';
    case 'unknown':
      return `unknown event 0x${event.code.toString(16)}`;
  }
}

const STATES: Readonly<Record<number, string>> = {
  [CaptureState.Failed]: 'capture failed',
  [CaptureState.FlashCharges]: 'flash charges',
  [CaptureState.Exposed]: 'exposure taken',
  [CaptureState.Finished]: 'capture finished',
};

/** Events may come in pieces of eight bytes. */
export class NormalEventJoiner {
  #rest: Uint8Array = new Uint8Array(0);

  /** The whole packets that this piece completes. */
  push(piece: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const packets: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const size = eventSize(bytes.subarray(at));
      if (size === undefined || at + size > bytes.length) break;
      packets.push(bytes.slice(at, at + size));
      at += size;
    }
    this.#rest = bytes.slice(at);
    return packets;
  }
}
