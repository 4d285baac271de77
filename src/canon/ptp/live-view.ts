/**
 * The data of GetViewFinderData (0x9153): records of u32 size, u32 type and payload, ended by a
 * record of type 0. A 1300D sends them in the order 1, 4, 5, 6, 12, 13, 14, 10, 7, 3, 0.
 */
import { type Codec, ProtocolError, Reader, struct, u32, Writer } from '../../bytes/index.ts';
import { readWhole, restBytes, type Sent, writeWhole } from './sent.ts';

export const LiveViewRecord = {
  End: 0,
  Jpeg: 1,
  Histogram: 3,
  ZoomFactor: 4,
  ZoomPosition: 5,
  ImageOrigin: 6,
  /** One word, 1 in all samples. */
  Unknown7: 7,
  Frame: 8,
  MovieFrame: 9,
  Time: 10,
  /** JPEG of newer bodies. */
  Jpeg2: 11,
  /** One word, 0 in all samples. */
  Unknown12: 12,
  ZoomRectangle: 13,
  CoordinateSystem: 14,
  /** Another histogram, of 5D III and 6D; its layout is not known. */
  PlanarHistogram: 17,
} as const;

export interface LiveViewPart {
  /** See `LiveViewRecord`; others occur. */
  type: number;
  payload: Uint8Array;
}

export interface LiveViewStream {
  /** All records before the end, or before the fault. Views on the bytes. */
  parts: LiveViewPart[];
  /** Why reading stopped early: a size that cannot be. */
  error: ProtocolError | undefined;
}

const RECORD_HEAD = 8;

/** As far as the sizes make sense. Data that ends behind a record is taken as complete. */
export function readLiveView(bytes: Uint8Array): LiveViewStream {
  const reader = new Reader(bytes, 'live view');
  const parts: LiveViewPart[] = [];
  try {
    while (reader.remaining > 0) {
      const at = reader.offset;
      const size = reader.u32();
      const type = reader.u32();
      if (type === LiveViewRecord.End) break;
      if (size < RECORD_HEAD) throw reader.invalid(`record of ${size} bytes`, at);
      parts.push({ type, payload: reader.take(size - RECORD_HEAD) });
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { parts, error };
  }
  return { parts, error: undefined };
}

/** What `readLiveView` could read. A frame is drawn even where its measurements are cut off. */
export function decodeLiveView(bytes: Uint8Array): LiveViewPart[] {
  return readLiveView(bytes).parts;
}

/** All parts and the record that ends them. */
export function encodeLiveView(parts: readonly LiveViewPart[]): Uint8Array {
  const total = parts.reduce((sum, { payload }) => sum + RECORD_HEAD + payload.length, RECORD_HEAD);
  const writer = new Writer(total);
  for (const { type, payload } of parts) {
    writer
      .u32(RECORD_HEAD + payload.length)
      .u32(type)
      .put(payload);
  }
  return writer.u32(RECORD_HEAD).u32(LiveViewRecord.End).finish();
}

/** Status of a focus frame. */
export const FrameStatus = {
  FaceTracking: 0x20,
  Tracking: 0x30,
  InFocus: 0x31,
  Failed: 0x32,
} as const;

/** What a record says. Places and sizes are in the coordinate system of the sensor. */
export type LiveViewInfo = Sent &
  (
    | {
        kind: 'picture';
        /** JPEG, but for records of type 9, whose container is another. */
        picture: Uint8Array;
      }
    | {
        kind: 'histogram';
        /** Counts for 256 levels each. */
        luma: readonly number[];
        red: readonly number[];
        green: readonly number[];
        blue: readonly number[];
      }
    | {
        kind: 'zoomFactor';
        /** 1, 5 or 10. */
        factor: number;
      }
    | { kind: 'position'; x: number; y: number }
    | {
        kind: 'frame';
        unknown1: number;
        /** See `FrameStatus`; others occur. */
        status: number;
        unknown2: number;
        x: number;
        y: number;
        width: number;
        height: number;
      }
    | {
        kind: 'time';
        /** Since 1970 by the camera's own clock. */
        seconds: number;
        milliseconds: number;
      }
    | { kind: 'rectangle'; x: number; y: number; width: number; height: number }
    | { kind: 'size'; width: number; height: number }
    | { kind: 'word'; word: number }
    | { kind: 'bytes'; bytes: Uint8Array }
  );

/** What `part` says; bytes where the type has no known layout or the payload is too short for it. */
export function decodeLiveViewPart({ type, payload }: LiveViewPart): LiveViewInfo {
  const layout = LAYOUTS[type];
  if (!layout) return { kind: 'bytes', bytes: payload };
  // Not by its layout, which would copy each picture to see whether it comes out as it went in.
  if (layout === picture) return { kind: 'picture', picture: payload };
  try {
    return readWhole(layout, payload, 'live view record');
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: 'bytes', bytes: payload };
    throw error;
  }
}

export function encodeLiveViewPart(type: number, info: LiveViewInfo): LiveViewPart {
  if (info.kind === 'bytes') return { type, payload: info.bytes };
  const layout = LAYOUTS[type];
  if (!layout) throw new RangeError(`live view records of type ${type} have no known layout`);
  const writer = new Writer();
  writeWhole(layout, writer, info);
  return { type, payload: writer.finish() };
}

const LEVELS = 256;

const levels: Codec<readonly number[]> = {
  read(reader) {
    reader.expect(LEVELS, 4, 'levels');
    return Array.from({ length: LEVELS }, () => reader.u32());
  },
  write(writer, counts) {
    for (let level = 0; level < LEVELS; level++) writer.u32(counts[level] ?? 0);
  },
};

// biome-ignore lint/suspicious/noExplicitAny: `layout` only joins fields that the union names
type Fields = Record<string, Codec<any>>;

/* @__NO_SIDE_EFFECTS__ */
function layout(kind: LiveViewInfo['kind'], fields: Fields): Codec<LiveViewInfo> {
  const codec = struct(kind, fields);
  return {
    read: (reader) => ({ kind, ...codec.read(reader) }) as LiveViewInfo,
    write: (writer, info) => codec.write(writer, info as never),
  };
}

const picture = layout('picture', { picture: restBytes });
const position = layout('position', { x: u32, y: u32 });
const word = layout('word', { word: u32 });

const LAYOUTS: Readonly<Record<number, Codec<LiveViewInfo>>> = {
  [LiveViewRecord.Jpeg]: picture,
  [LiveViewRecord.Jpeg2]: picture,
  [LiveViewRecord.MovieFrame]: picture,
  [LiveViewRecord.Histogram]: layout('histogram', {
    luma: levels,
    red: levels,
    green: levels,
    blue: levels,
  }),
  [LiveViewRecord.ZoomFactor]: layout('zoomFactor', { factor: u32 }),
  [LiveViewRecord.ZoomPosition]: position,
  [LiveViewRecord.ImageOrigin]: position,
  // As camera_control_dart reads it.
  [LiveViewRecord.Frame]: layout('frame', {
    unknown1: u32,
    status: u32,
    unknown2: u32,
    x: u32,
    y: u32,
    width: u32,
    height: u32,
  }),
  [LiveViewRecord.Time]: layout('time', { seconds: u32, milliseconds: u32 }),
  [LiveViewRecord.ZoomRectangle]: layout('rectangle', { x: u32, y: u32, width: u32, height: u32 }),
  [LiveViewRecord.CoordinateSystem]: layout('size', { width: u32, height: u32 }),
  [LiveViewRecord.Unknown7]: word,
  [LiveViewRecord.Unknown12]: word,
};
