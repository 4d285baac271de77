/** Codes to names. Vendors lay their own tables over the standard's. */
import { hex16 } from '../../bytes/index.ts';
import { Event, MtpEvent } from './events.ts';
import { MtpObjectFormat, ObjectFormat } from './formats.ts';
import { AndroidOperation, MtpOperation, Operation } from './operations.ts';
import { DeviceProperty, MtpDeviceProperty, ObjectProperty } from './properties.ts';
import { MtpResponse, Response } from './responses.ts';

export type NameTable = Readonly<Record<number, string>>;

/** One table per code space: operations and events of one number mean different things. */
export interface PtpNames {
  operations: NameTable;
  responses: NameTable;
  events: NameTable;
  formats: NameTable;
  properties: NameTable;
}

/* @__NO_SIDE_EFFECTS__ */
export function codeNames(codes: Readonly<Record<string, number>>): NameTable {
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]));
}

/** Where both name a code, `upper` wins. */
/* @__NO_SIDE_EFFECTS__ */
export function layerNames(lower: PtpNames, upper: Partial<PtpNames>): PtpNames {
  return {
    operations: { ...lower.operations, ...upper.operations },
    responses: { ...lower.responses, ...upper.responses },
    events: { ...lower.events, ...upper.events },
    formats: { ...lower.formats, ...upper.formats },
    properties: { ...lower.properties, ...upper.properties },
  };
}

/** ISO 15740, MTP and Android. */
export const standardNames: PtpNames = {
  operations: {
    ...codeNames(Operation),
    ...codeNames(MtpOperation),
    ...codeNames(AndroidOperation),
  },
  responses: { ...codeNames(Response), ...codeNames(MtpResponse) },
  events: { ...codeNames(Event), ...codeNames(MtpEvent) },
  formats: { ...codeNames(ObjectFormat), ...codeNames(MtpObjectFormat) },
  properties: {
    ...codeNames(DeviceProperty),
    ...codeNames(MtpDeviceProperty),
    ...codeNames(ObjectProperty),
  },
};

/** "GetDeviceInfo", or "0x9fff" where no table knows the code. */
export function nameOf(table: NameTable, code: number): string {
  return table[code] ?? hex16(code);
}

/** The code of a name, whatever its case; undefined when no table knows it. */
export function codeOf(table: NameTable, name: string): number | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(table).find(([, known]) => known.toLowerCase() === wanted);
  return found && Number(found[0]);
}
