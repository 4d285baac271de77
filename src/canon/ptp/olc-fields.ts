/**
 * The fields of OLCInfoChanged, each declared once. Most bytes are known by comparison with what the
 * body's properties said at the time; `rest` holds those that are not.
 */
import {
  type Codec,
  i8,
  ProtocolError,
  Reader,
  struct,
  u8,
  u16,
  Writer,
} from '../../bytes/index.ts';
import { restBytes } from './sent.ts';

/** The only big-endian numbers of the protocol. */
const u16be: Codec<number> = {
  read: (reader) => (reader.u8() << 8) | reader.u8(),
  write: (writer, value) => void writer.u8(value >> 8).u8(value & 0xff),
};

/** Exposure codes as in D101 to D103; 0 where the body has none to tell. */
const range = { valid: u8, flag: u8 };

const button = struct('OLC button', { state: u16, rest: restBytes });

const shutter = struct('OLC shutter', {
  ...range,
  fastest: u8,
  slowest: u8,
  current: u16be,
  rest: restBytes,
});

/** Version 0x14: cells of 16 bits. */
const wideShutter = struct('OLC shutter', {
  ...range,
  fastest: u16be,
  slowest: u16be,
  current: u16be,
  rest: restBytes,
});

const aperture = struct('OLC aperture', {
  ...range,
  smallest: u8,
  widest: u8,
  current: u8,
  rest: restBytes,
});

/** From version 0x12: cells of 16 bits. */
const wideAperture = struct('OLC aperture', {
  ...range,
  smallest: u16be,
  widest: u16be,
  current: u16be,
  rest: restBytes,
});

/** From version 0x11 two or three bytes follow that have to do with automatic ISO. */
const iso = struct('OLC ISO', { ...range, current: u16be, rest: restBytes });

const storage = struct('OLC storage', {
  /** 4 in all records seen. */
  kind: u8,
  /** See `OlcStorageState`. */
  state: u8,
  /** D11B, but 0 while the state is 0. */
  shotsLeft: u16be,
  rest: restBytes,
});

const selfTimer = struct('OLC self-timer', {
  unknown: u16,
  /** 1 while the timer runs. */
  running: u16,
  seconds: u16,
  rest: restBytes,
});

const exposureIndicator = struct('OLC exposure indicator', {
  flag1: u8,
  flag2: u8,
  /** Tenths of a stop. */
  tenths: i8,
  rest: restBytes,
});

const focus = struct('OLC focus', {
  unknown1: u16,
  unknown2: u16,
  /** 1 in focus, 2 failed. */
  result: u8,
  /** 1 or 2 while the lens moves. */
  activity: u8,
  rest: restBytes,
});

export const OlcField = {
  Button: 0x0001,
  Shutter: 0x0002,
  Aperture: 0x0004,
  Iso: 0x0008,
  Storage: 0x0010,
  SelfTimer: 0x0020,
  ExposureIndicator: 0x0040,
  Unknown80: 0x0080,
  Focus: 0x0100,
  FocusMask: 0x0200,
  Unknown400: 0x0400,
  AfPoints: 0x0800,
  Unknown1000: 0x1000,
} as const;

export const OlcStorageState = { Invalid: 0, Idle: 1, Shooting: 2 } as const;

export interface OlcRange {
  valid: number;
  flag: number;
  current: number;
  rest: Uint8Array;
}

/** One field, by its bit. `bytes`: no layout, or shorter than its layout. */
export type OlcFieldValue =
  | { field: 'button'; state: number; rest: Uint8Array }
  | (OlcRange & { field: 'shutter'; fastest: number; slowest: number })
  | (OlcRange & { field: 'aperture'; smallest: number; widest: number })
  | (OlcRange & { field: 'iso' })
  | { field: 'storage'; kind: number; state: number; shotsLeft: number; rest: Uint8Array }
  | { field: 'selfTimer'; unknown: number; running: number; seconds: number; rest: Uint8Array }
  | {
      field: 'exposureIndicator';
      flag1: number;
      flag2: number;
      tenths: number;
      rest: Uint8Array;
    }
  | {
      field: 'focus';
      unknown1: number;
      unknown2: number;
      result: number;
      activity: number;
      rest: Uint8Array;
    }
  | { field: 'bytes'; bytes: Uint8Array };

interface Layout {
  field: OlcFieldValue['field'];
  codec: Codec<object>;
}

/** Fields grow by bodies, never shrink: the size tells the narrow form from the wide one. */
function layoutOf(bit: number, size: number): Layout | undefined {
  switch (bit) {
    case OlcField.Button:
      return { field: 'button', codec: button };
    case OlcField.Shutter:
      return { field: 'shutter', codec: size < 8 ? shutter : wideShutter };
    case OlcField.Aperture:
      return { field: 'aperture', codec: size < 8 ? aperture : wideAperture };
    case OlcField.Iso:
      return { field: 'iso', codec: iso };
    case OlcField.Storage:
      return { field: 'storage', codec: storage };
    case OlcField.SelfTimer:
      return { field: 'selfTimer', codec: selfTimer };
    case OlcField.ExposureIndicator:
      return { field: 'exposureIndicator', codec: exposureIndicator };
    case OlcField.Focus:
      return { field: 'focus', codec: focus };
    default:
      return undefined;
  }
}

export function decodeOlcField(bit: number, bytes: Uint8Array): OlcFieldValue {
  const layout = layoutOf(bit, bytes.length);
  if (!layout) return { field: 'bytes', bytes };
  try {
    const fields = layout.codec.read(new Reader(bytes, 'OLC field'));
    return { field: layout.field, ...fields } as OlcFieldValue;
  } catch (error) {
    if (error instanceof ProtocolError) return { field: 'bytes', bytes };
    throw error;
  }
}

/**
 * `size`: of the field for the body's OLCInfoVersion, see `olcSizes`; what is missing is filled with
 * zeros, what is too much cut off.
 */
export function encodeOlcField(bit: number, value: OlcFieldValue, size: number): Uint8Array {
  const writer = new Writer(size);
  if (value.field === 'bytes') writer.put(value.bytes);
  else layoutOf(bit, size)?.codec.write(writer, value);
  writer.zeros(Math.max(0, size - writer.length));
  return writer.finish().subarray(0, size);
}
