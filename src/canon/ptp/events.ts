/**
 * The data of GetEvent (0x9116): records of u32 size, u32 code and payload, packed without
 * alignment, ended by a record of size 8 and code 0. What is not known is kept as it is, and every
 * stream encodes to the bytes that it was decoded from.
 */
import { ProtocolError, Reader, Writer } from '../../bytes/index.ts';
import { type EosEvent, recordCode, recordLayout } from './event-records.ts';
import { readWhole, writeWhole } from './sent.ts';

/** What an AvailListChanged record says about its property. */
export const ListForm = {
  /** A plain value without choices; read-only in practice. */
  Value: 1,
  /** Choices follow; none of them means that it cannot be changed now. */
  Enumeration: 3,
  /** Writable, without choices: texts, structures, times. */
  Writable: 7,
} as const;

/** Values of CameraStatusChanged. */
export const CameraStatus = { Idle: 0, Busy: 1 } as const;

const RECORD_HEAD = 8;
/** Far more than a body has ever sent at once (263); a peer must not make objects without end. */
const RECORD_LIMIT = 100_000;

export interface PlacedEvent {
  event: EosEvent;
  /** Of the record in the data. */
  offset: number;
  /** Of the whole record. */
  size: number;
}

export interface EventStream {
  /** All records before the end, or before the fault. */
  events: EosEvent[];
  /** Why reading stopped early: a size that cannot be, or no end record. */
  error: ProtocolError | undefined;
  /** What was not read: behind the end record, or from the fault on. Empty in sound streams. */
  rest: Uint8Array;
}

/**
 * The records one by one. Where a size cannot be, or the end record is missing, the ProtocolError
 * comes after the last sound record. No data at all is taken for no events.
 */
export function* walkEvents(bytes: Uint8Array): Generator<PlacedEvent, void, undefined> {
  const reader = new Reader(bytes, 'EOS events');
  if (bytes.length === 0) return;
  for (let records = 0; ; records++) {
    const offset = reader.offset;
    if (reader.remaining === 0) throw reader.invalid('no end record', offset);
    const size = reader.u32();
    const code = reader.u32();
    if (size < RECORD_HEAD) throw reader.invalid(`record of ${size} bytes`, offset);
    if (code === 0 && size === RECORD_HEAD) return;
    if (records === RECORD_LIMIT) throw reader.invalid(`more than ${RECORD_LIMIT} records`, offset);
    const payload = reader.take(size - RECORD_HEAD);
    yield { event: decodeRecord(code, payload), offset, size };
  }
}

/** As far as the data makes sense; what is wrong with the rest is told, not thrown. */
export function readEvents(bytes: Uint8Array): EventStream {
  const events: EosEvent[] = [];
  let end = 0;
  try {
    for (const { event, offset, size } of walkEvents(bytes)) {
      events.push(event);
      end = offset + size;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { events, error, rest: bytes.subarray(end) };
  }
  return { events, error: undefined, rest: bytes.subarray(end + RECORD_HEAD) };
}

/** All records. Throws a ProtocolError where the stream is not sound; see `readEvents`. */
export function decodeEvents(bytes: Uint8Array): EosEvent[] {
  const { events, error } = readEvents(bytes);
  if (error) throw error;
  return events;
}

/** All records and the end record. */
export function encodeEvents(events: Iterable<EosEvent>): Uint8Array {
  const writer = new Writer(256);
  for (const event of events) encodeRecord(writer, event);
  return writer.u32(RECORD_HEAD).u32(0).finish();
}

function decodeRecord(code: number, payload: Uint8Array): EosEvent {
  const layout = recordLayout(code);
  if (!layout) return { kind: 'unknown', code, payload };
  try {
    return readWhole(layout, payload, 'EOS event record');
  } catch (error) {
    // Shorter than the layouts seen so far: the payload is all that is known then.
    if (error instanceof ProtocolError) return { kind: 'unknown', code, payload };
    throw error;
  }
}

function encodeRecord(writer: Writer, event: EosEvent): void {
  const start = writer.length;
  const code = recordCode(event);
  writer.u32(0).u32(code);
  if (event.kind === 'unknown') {
    writer.put(event.payload);
  } else {
    const layout = recordLayout(code);
    if (!layout) throw new RangeError(`no event '${event.kind}' has the record code ${code}`);
    writeWhole(layout, writer, event);
  }
  writer.patchU32(start, writer.length - start);
}
