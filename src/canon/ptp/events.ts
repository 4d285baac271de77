/**
 * The data of GetEvent (0x9116): records of u32 size, u32 code and payload, packed without
 * alignment, ended by a record of size 8 and code 0. Decoding keeps what it does not know.
 */
import { type Codec, ProtocolError, Reader, struct, u32, Writer } from '../../bytes/index.ts';
import { ptpString } from '../../ptp/index.ts';
import { EosRecord } from './codes/events.ts';
import {
  type EosObject,
  name16,
  object32,
  object64,
  objectLongName,
  paddedU16,
  size32,
  size64,
} from './object-entry.ts';

/** What an AvailListChanged record says about its property. */
export const ListForm = {
  /** A plain value without choices; read-only in practice. */
  Value: 1,
  /** Choices follow; none of them means that it cannot be changed now. */
  Enumeration: 3,
  /** Writable, without choices: texts, structures, times. */
  Writable: 7,
} as const;

export interface TransferRequest {
  handle: number;
  format: number;
  size: number;
  group: number;
  name: string;
}

/** Views point into the decoded bytes. */
export type EosEvent =
  | { kind: 'propValue'; property: number; value: Uint8Array }
  | {
      kind: 'availList';
      property: number;
      /** See `ListForm`; others occur. */
      form: number;
      count: number;
      /** u32 cells, or structures that begin with their own size. */
      entries: Uint8Array;
    }
  | { kind: 'objectAdded' | 'objectInfoChanged'; code: number; object: EosObject }
  | { kind: 'requestTransfer'; code: number; request: TransferRequest }
  | { kind: 'objectRemoved' | 'objectContentChanged'; handle: number }
  | {
      /** C184, C185, C192, C193, and C1A4: the card's catalogue is ready. */
      kind: 'storage';
      code: number;
      storageId: number;
    }
  | { kind: 'status'; status: number }
  | { kind: 'shutdownSoon'; seconds: number }
  | { kind: 'bulbTime'; seconds: number }
  | { kind: 'recordingTime'; seconds: number }
  | { kind: 'afResult'; result: number }
  | {
      kind: 'olc';
      mask: number;
      /** The fields of the mask's bits, lowest first; see `splitOlc`. */
      fields: Uint8Array;
      /** Older bodies leave 8 bytes of the record out of its length word, newer ones 4. */
      uncounted: 4 | 8;
    }
  | { kind: 'unknown'; code: number; payload: Uint8Array };

export type EosEventKind = EosEvent['kind'];

/** Values of CameraStatusChanged. */
export const CameraStatus = { Idle: 0, Busy: 1 } as const;

const RECORD_HEAD = 8;

/** Reads to the terminator, the end, or a record whose size cannot be. */
export function decodeEvents(bytes: Uint8Array): EosEvent[] {
  const reader = new Reader(bytes, 'EOS events');
  const events: EosEvent[] = [];
  while (reader.remaining >= RECORD_HEAD) {
    const size = reader.u32();
    const code = reader.u32();
    const payloadSize = size - RECORD_HEAD;
    if (payloadSize < 0 || payloadSize > reader.remaining) break;
    if (code === 0 && payloadSize === 0) break;
    events.push(decodeRecord(code, reader.take(payloadSize)));
  }
  return events;
}

/** All records and the terminator. */
export function encodeEvents(events: Iterable<EosEvent>): Uint8Array {
  const writer = new Writer(256);
  for (const event of events) encodeRecord(writer, event);
  return writer.u32(RECORD_HEAD).u32(0).finish();
}

/** The record code that `event` has on the wire. */
function recordCode(event: EosEvent): number {
  return 'code' in event ? event.code : CODES[event.kind];
}

type KindWithOneCode = Exclude<EosEvent, { code: number }>['kind'];

const CODES: Readonly<Record<KindWithOneCode, number>> = {
  propValue: EosRecord.PropValueChanged,
  availList: EosRecord.AvailListChanged,
  objectRemoved: EosRecord.ObjectRemoved,
  objectContentChanged: EosRecord.ObjectContentChanged,
  status: EosRecord.CameraStatusChanged,
  shutdownSoon: EosRecord.WillSoonShutdown,
  bulbTime: EosRecord.BulbExposureTime,
  recordingTime: EosRecord.RecordingTime,
  afResult: EosRecord.AfResult,
  olc: EosRecord.OLCInfoChanged,
};

const objectCodecs: Readonly<Record<number, Codec<EosObject>>> = {
  [EosRecord.ObjectAddedEx]: object32,
  [EosRecord.ObjectInfoChangedEx]: object32,
  [EosRecord.ObjectAddedEx64]: object64,
  [EosRecord.ObjectInfoChangedEx64]: object64,
  [EosRecord.ObjectAddedEx64LFN]: objectLongName,
  [EosRecord.ObjectInfoChangedEx64LFN]: objectLongName,
};

interface TransferFields extends TransferRequest {
  unknown: number;
}

const transferHead = { handle: u32, format: paddedU16, unknown: u32 };

const transfer32: Codec<TransferFields> = struct('RequestObjectTransfer', {
  ...transferHead,
  size: size32,
  group: u32,
  name: name16,
});

/** The name's place behind the group follows from one garbled trace of a 5D Mark IV. */
const transfer64: Codec<TransferFields> = struct('RequestObjectTransfer64', {
  ...transferHead,
  size: size64,
  group: u32,
  name: name16,
});

const transferLongName: Codec<TransferFields> = struct('RequestObjectTransfer64LFN', {
  ...transferHead,
  size: size64,
  group: u32,
  // The word before the name is 6 in the one sample.
  name: {
    read(reader) {
      reader.u32();
      return ptpString.read(reader);
    },
    write: (writer, name) => ptpString.write(writer.u32(6), name),
  },
});

const transferCodecs: Readonly<Record<number, Codec<TransferFields>>> = {
  [EosRecord.RequestObjectTransfer]: transfer32,
  [EosRecord.RequestObjectTransferDT]: transfer32,
  [EosRecord.RequestObjectTransferFTP]: transfer32,
  [EosRecord.RequestObjectTransfer64]: transfer64,
  [EosRecord.RequestObjectTransferDT64]: transfer64,
  [EosRecord.RequestObjectTransferFTP64]: transfer64,
  [EosRecord.RequestObjectTransfer64LFN]: transferLongName,
};

function decodeRecord(code: number, payload: Uint8Array): EosEvent {
  try {
    return decodeKnown(code, payload) ?? { kind: 'unknown', code, payload };
  } catch (error) {
    // Shorter than the layouts seen so far: the payload is all that is known then.
    if (error instanceof ProtocolError) return { kind: 'unknown', code, payload };
    throw error;
  }
}

function decodeKnown(code: number, payload: Uint8Array): EosEvent | undefined {
  const reader = new Reader(payload, 'EOS event record');
  switch (code) {
    case EosRecord.PropValueChanged:
      return { kind: 'propValue', property: reader.u32(), value: reader.rest() };
    case EosRecord.AvailListChanged:
      return {
        kind: 'availList',
        property: reader.u32(),
        form: reader.u32(),
        count: reader.u32(),
        entries: reader.rest(),
      };
    case EosRecord.ObjectAddedEx:
    case EosRecord.ObjectAddedEx64:
    case EosRecord.ObjectAddedEx64LFN:
      return { kind: 'objectAdded', code, object: readObject(code, reader) };
    case EosRecord.ObjectInfoChangedEx:
    case EosRecord.ObjectInfoChangedEx64:
    case EosRecord.ObjectInfoChangedEx64LFN:
      return { kind: 'objectInfoChanged', code, object: readObject(code, reader) };
    case EosRecord.ObjectRemoved:
      return { kind: 'objectRemoved', handle: reader.u32() };
    case EosRecord.ObjectContentChanged:
      return { kind: 'objectContentChanged', handle: reader.u32() };
    case EosRecord.StorageStatusChanged:
    case EosRecord.StorageInfoChanged:
    case EosRecord.StoreAdded:
    case EosRecord.StoreRemoved:
    case EosRecord.CTGInfoCheckComplete:
      return { kind: 'storage', code, storageId: reader.u32() };
    case EosRecord.CameraStatusChanged:
      return { kind: 'status', status: reader.u32() };
    case EosRecord.WillSoonShutdown:
      return { kind: 'shutdownSoon', seconds: reader.u32() };
    case EosRecord.BulbExposureTime:
      return { kind: 'bulbTime', seconds: reader.u32() };
    case EosRecord.RecordingTime:
      return { kind: 'recordingTime', seconds: reader.u32() };
    case EosRecord.AfResult:
      return { kind: 'afResult', result: reader.u32() };
    case EosRecord.OLCInfoChanged:
      return readOlc(reader, payload.length);
    default: {
      const codec = transferCodecs[code];
      if (!codec) return undefined;
      const { handle, format, size, group, name } = codec.read(reader);
      return { kind: 'requestTransfer', code, request: { handle, format, size, group, name } };
    }
  }
}

function readObject(code: number, reader: Reader): EosObject {
  return (objectCodecs[code] as Codec<EosObject>).read(reader);
}

function readOlc(reader: Reader, payloadSize: number): EosEvent {
  const length = reader.u32();
  const mask = reader.u16();
  reader.u16();
  return {
    kind: 'olc',
    mask,
    fields: reader.rest(),
    uncounted: length === payloadSize ? 8 : 4,
  };
}

function encodeRecord(writer: Writer, event: EosEvent): void {
  const start = writer.length;
  writer.u32(0).u32(recordCode(event));
  encodePayload(writer, event, start);
  writer.patchU32(start, writer.length - start);
}

function encodePayload(writer: Writer, event: EosEvent, start: number): void {
  switch (event.kind) {
    case 'propValue':
      writer.u32(event.property).put(event.value);
      break;
    case 'availList':
      writer.u32(event.property).u32(event.form).u32(event.count).put(event.entries);
      break;
    case 'objectAdded':
    case 'objectInfoChanged': {
      const codec = objectCodecs[event.code];
      if (!codec) throw new RangeError(`record code ${event.code} carries no object`);
      codec.write(writer, event.object);
      break;
    }
    case 'requestTransfer': {
      const codec = transferCodecs[event.code];
      if (!codec) throw new RangeError(`record code ${event.code} requests no transfer`);
      codec.write(writer, { ...event.request, unknown: 0 });
      break;
    }
    case 'objectRemoved':
    case 'objectContentChanged':
      writer.u32(event.handle);
      break;
    case 'storage':
      writer.u32(event.storageId);
      break;
    case 'status':
      writer.u32(event.status);
      break;
    case 'shutdownSoon':
    case 'bulbTime':
    case 'recordingTime':
      writer.u32(event.seconds);
      break;
    case 'afResult':
      writer.u32(event.result);
      break;
    case 'olc': {
      const lengthAt = writer.length;
      writer.u32(0).u16(event.mask).u16(0).put(event.fields);
      writer.patchU32(lengthAt, writer.length - start - event.uncounted);
      break;
    }
    case 'unknown':
      writer.put(event.payload);
  }
}
