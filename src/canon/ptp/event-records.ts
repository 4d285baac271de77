/** The layouts of the records of GetEvent, each declared once for both directions. */
import { type Codec, struct, u32 } from '../../bytes/index.ts';
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
import { restBytes, type Sent } from './sent.ts';

export interface TransferRequest {
  handle: number;
  format: number;
  size: number;
  group: number;
  name: string;
}

/** Views point into the decoded bytes. */
export type EosEvent = Sent &
  (
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
    | {
        kind: 'status';
        /** See `CameraStatus`. */
        status: number;
      }
    | { kind: 'shutdownSoon'; seconds: number }
    | { kind: 'bulbTime'; seconds: number }
    | { kind: 'recordingTime'; seconds: number }
    | { kind: 'afResult'; result: number }
    | { kind: 'powerZoom'; info: number }
    | {
        kind: 'olc';
        mask: number;
        /** The fields of the mask's bits, lowest first; see `readOlcFields`. */
        fields: Uint8Array;
        /** Older bodies leave 8 bytes of the record out of its length word, newer ones 4. */
        uncounted: 4 | 8;
      }
    | { kind: 'unknown'; code: number; payload: Uint8Array }
  );

export type EosEventKind = EosEvent['kind'];

/** The record code that `event` has on the wire. */
export function recordCode(event: EosEvent): number {
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
  powerZoom: EosRecord.PowerZoomInfoChanged,
  olc: EosRecord.OLCInfoChanged,
};

/** The payload of a record: behind its size and code. */
export function recordLayout(code: number): Codec<EosEvent> | undefined {
  return LAYOUTS[code];
}

// biome-ignore lint/suspicious/noExplicitAny: `layout` only joins fields that the union names
type Fields = Record<string, Codec<any>>;

/** A kind that travels under one code. */
/* @__NO_SIDE_EFFECTS__ */
function layout(kind: EosEventKind, fields: Fields): Codec<EosEvent> {
  const codec = struct(kind, fields);
  return {
    read: (reader) => ({ kind, ...codec.read(reader) }) as EosEvent,
    write: (writer, event) => codec.write(writer, event as never),
  };
}

/** A kind that travels under several codes. */
/* @__NO_SIDE_EFFECTS__ */
function layouts(
  kind: EosEventKind,
  codes: readonly number[],
  fields: Fields,
): Record<number, Codec<EosEvent>> {
  const codec = struct(kind, fields);
  return Object.fromEntries(
    codes.map((code): [number, Codec<EosEvent>] => [
      code,
      {
        read: (reader) => ({ kind, code, ...codec.read(reader) }) as EosEvent,
        write: (writer, event) => codec.write(writer, event as never),
      },
    ]),
  );
}

/** A word whose meaning nobody knows, with the value seen so far. Another one is kept as `sent`. */
/* @__NO_SIDE_EFFECTS__ */
function word(seen: number): Codec<undefined> {
  return {
    read: (reader) => void reader.u32(),
    write: (writer) => void writer.u32(seen),
  };
}

/** Fields without those of unknown meaning. */
/* @__NO_SIDE_EFFECTS__ */
function request(what: string, fields: Fields): Codec<TransferRequest> {
  const codec = struct(what, fields);
  return {
    read(reader) {
      const { handle, format, size, group, name } = codec.read(reader);
      return { handle, format, size, group, name };
    },
    write: (writer, value) => codec.write(writer, value as never),
  };
}

const transferHead = { handle: u32, format: paddedU16, unknown: word(0) };

const transfer32 = request('RequestObjectTransfer', {
  ...transferHead,
  size: size32,
  group: u32,
  name: name16,
});

/** The name's place behind the group follows from one garbled trace of a 5D Mark IV. */
const transfer64 = request('RequestObjectTransfer64', {
  ...transferHead,
  size: size64,
  group: u32,
  name: name16,
});

const transferLongName = request('RequestObjectTransfer64LFN', {
  ...transferHead,
  size: size64,
  group: u32,
  beforeName: word(6),
  name: ptpString,
});

const olc: Codec<EosEvent> = {
  read(reader) {
    const payloadSize = reader.remaining;
    const length = reader.u32();
    const mask = reader.u16();
    reader.u16();
    const uncounted = length === payloadSize ? 8 : 4;
    return { kind: 'olc', mask, fields: reader.rest(), uncounted };
  },
  write(writer, event) {
    const { mask, fields, uncounted } = event as Extract<EosEvent, { kind: 'olc' }>;
    const payloadSize = 8 + fields.length;
    writer
      .u32(payloadSize + 8 - uncounted)
      .u16(mask)
      .u16(0)
      .put(fields);
  },
};

const LAYOUTS: Readonly<Record<number, Codec<EosEvent>>> = {
  [EosRecord.PropValueChanged]: layout('propValue', { property: u32, value: restBytes }),
  [EosRecord.AvailListChanged]: layout('availList', {
    property: u32,
    form: u32,
    count: u32,
    entries: restBytes,
  }),
  ...layouts('objectAdded', [EosRecord.ObjectAddedEx], { object: object32 }),
  ...layouts('objectAdded', [EosRecord.ObjectAddedEx64], { object: object64 }),
  ...layouts('objectAdded', [EosRecord.ObjectAddedEx64LFN], { object: objectLongName }),
  ...layouts('objectInfoChanged', [EosRecord.ObjectInfoChangedEx], { object: object32 }),
  ...layouts('objectInfoChanged', [EosRecord.ObjectInfoChangedEx64], { object: object64 }),
  ...layouts('objectInfoChanged', [EosRecord.ObjectInfoChangedEx64LFN], {
    object: objectLongName,
  }),
  ...layouts(
    'requestTransfer',
    [
      EosRecord.RequestObjectTransfer,
      EosRecord.RequestObjectTransferDT,
      EosRecord.RequestObjectTransferFTP,
    ],
    { request: transfer32 },
  ),
  ...layouts(
    'requestTransfer',
    [
      EosRecord.RequestObjectTransfer64,
      EosRecord.RequestObjectTransferDT64,
      EosRecord.RequestObjectTransferFTP64,
    ],
    { request: transfer64 },
  ),
  ...layouts('requestTransfer', [EosRecord.RequestObjectTransfer64LFN], {
    request: transferLongName,
  }),
  [EosRecord.ObjectRemoved]: layout('objectRemoved', { handle: u32 }),
  [EosRecord.ObjectContentChanged]: layout('objectContentChanged', { handle: u32 }),
  ...layouts(
    'storage',
    [
      EosRecord.StorageStatusChanged,
      EosRecord.StorageInfoChanged,
      EosRecord.StoreAdded,
      EosRecord.StoreRemoved,
      EosRecord.CTGInfoCheckComplete,
    ],
    { storageId: u32 },
  ),
  [EosRecord.CameraStatusChanged]: layout('status', { status: u32 }),
  [EosRecord.WillSoonShutdown]: layout('shutdownSoon', { seconds: u32 }),
  [EosRecord.BulbExposureTime]: layout('bulbTime', { seconds: u32 }),
  [EosRecord.RecordingTime]: layout('recordingTime', { seconds: u32 }),
  [EosRecord.AfResult]: layout('afResult', { result: u32 }),
  // One word, 0 at the end of an EOS R's first dump.
  [EosRecord.PowerZoomInfoChanged]: layout('powerZoom', { info: u32 }),
  [EosRecord.OLCInfoChanged]: olc,
};
