/** The data of GetViewFinderData (0x9153): records of u32 size, u32 type and payload. */
import { Reader, Writer } from '../../bytes/index.ts';

export const LiveViewRecord = {
  End: 0,
  Jpeg: 1,
  Histogram: 3,
  ZoomFactor: 4,
  ZoomPosition: 5,
  ImageOrigin: 6,
  Frame: 8,
  MovieFrame: 9,
  Time: 10,
  /** JPEG of newer bodies. */
  Jpeg2: 11,
  ZoomRectangle: 13,
  CoordinateSystem: 14,
} as const;

export interface LiveViewPart {
  /** See `LiveViewRecord`; others occur. */
  type: number;
  payload: Uint8Array;
}

const RECORD_HEAD = 8;

/** Views on the bytes, as far as the sizes make sense. */
export function decodeLiveView(bytes: Uint8Array): LiveViewPart[] {
  const reader = new Reader(bytes, 'live view');
  const parts: LiveViewPart[] = [];
  while (reader.remaining >= RECORD_HEAD) {
    const size = reader.u32() - RECORD_HEAD;
    const type = reader.u32();
    if (type === LiveViewRecord.End || size < 0 || size > reader.remaining) break;
    parts.push({ type, payload: reader.take(size) });
  }
  return parts;
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
