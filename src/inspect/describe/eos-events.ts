/** The data of an EOS body's GetEvent, record by record. */
import { hex16, ProtocolError, toHex } from '../../bytes/index.ts';
import {
  type EosEvent,
  EosProperty,
  eosValueLabel,
  olcVersionFor,
  type PlacedEvent,
  readOlc,
  recordCode,
  splitChoices,
  splitOlc,
  walkEvents,
} from '../../canon/ptp/index.ts';
import { nameOf, type PtpNames } from '../../ptp/index.ts';
import { type Describe, plain } from './description.ts';
import { propertyText, type ToldValue, tellEosValue, unknownProperty } from './eos-value.ts';

/** One record in words and for programs. */
interface Told {
  text: string;
  json: Record<string, unknown>;
  unknown: string[];
}

const SUMMARY = 3;
const END = 8;

export const describeEvents: Describe = ({ bytes, names }) => {
  const told: Told[] = [];
  const unknown = new Set<string>();
  let end = 0;
  try {
    for (const placed of walkEvents(bytes)) {
      const one = tell(placed, names);
      told.push(one);
      for (const what of one.unknown) unknown.add(what);
      end = placed.offset + placed.size;
    }
    end = Math.min(bytes.length, end + END);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    unknown.add(error.message);
  }
  const rest = bytes.subarray(end);
  if (rest.length > 0) unknown.add(`${rest.length} bytes behind EOS events`);
  return {
    what: 'EOS events',
    summary: summaryOf(told),
    lines: told.map(({ text }) => text),
    json: { records: told.map(({ json }) => json), rest: toHex(rest) },
    unknown: [...unknown],
  };
};

function summaryOf(told: readonly Told[]): string {
  if (told.length === 0) return 'no events';
  const shown = told.slice(0, SUMMARY).map(({ text }) => text);
  const more = told.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function tell({ event, size }: PlacedEvent, names: PtpNames): Told {
  const code = recordCode(event);
  const name = nameOf(names.events, code);
  const { text, json, unknown } = tellEvent(event, name, names);
  const nameless = names.events[code] ? [] : [`EOS event ${hex16(code)}`];
  return {
    text,
    json: { code, name, size, ...json },
    unknown: [...nameless, ...unknown],
  };
}

function tellEvent(event: EosEvent, name: string, names: PtpNames): Told {
  switch (event.kind) {
    case 'propValue':
      return tellValue(event, names);
    case 'availList':
      return tellChoices(event, names);
    case 'olc':
      return tellOlc(event);
    case 'unknown': {
      const { kind, payload } = event;
      return {
        text: `${name} ${toHex(payload)}`,
        json: { kind, payload: toHex(payload) },
        unknown: [],
      };
    }
    default: {
      const { sent: _, code: __, ...fields } = { code: 0, ...event };
      const { kind, ...facts } = plain(fields) as Record<string, unknown>;
      const flat = Object.values(facts).flatMap((value) =>
        typeof value === 'object' && value !== null ? Object.entries(value) : [],
      );
      const shown = flat.length > 0 ? flat : Object.entries(facts);
      const list = shown.map(([key, value]) => `${key}=${wordOf(key, value, names)}`);
      return { text: `${name} ${list.join(' ')}`.trim(), json: { kind, ...facts }, unknown: [] };
    }
  }
}

const HEXADECIMAL = /^(?:handle|storageId|parent|group|flags|unknown)$/;

function wordOf(key: string, value: unknown, names: PtpNames): string {
  if (typeof value !== 'number') return String(value);
  if (key === 'format') return nameOf(names.formats, value);
  return HEXADECIMAL.test(key) ? `0x${value.toString(16)}` : String(value);
}

function tellValue(
  { property, value }: Extract<EosEvent, { kind: 'propValue' }>,
  names: PtpNames,
): Told {
  const propertyName = names.properties[property];
  const { text, fields, ...facts } = tellEosValue(property, value);
  return {
    text: `${propertyText(property, names)}=${text}`,
    json: {
      ...{ kind: 'propValue', property, propertyName, valueBytes: value.length, ...facts },
      ...(fields !== undefined && { fields }),
    },
    unknown: unknownProperty(property, names),
  };
}

const CHOICES = 4;

function tellChoices(event: Extract<EosEvent, { kind: 'availList' }>, names: PtpNames): Told {
  const { property, form, count, entries } = event;
  const name = propertyText(property, names);
  const unknown = unknownProperty(property, names);
  let choices: ToldValue[] = [];
  try {
    choices = splitChoices(property, event).map((bytes) => tellEosValue(property, bytes));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    unknown.push(`choices of ${name}`);
  }
  const texts = choices.map(({ text }) => text);
  const some = texts.length > CHOICES ? [...texts.slice(0, CHOICES), '…'] : texts;
  return {
    text: `${name}: ${count} choices${some.length > 0 ? ` (${some.join(', ')})` : ''}`,
    json: {
      ...{ kind: 'availList', property, propertyName: names.properties[property], form, count },
      choices: choices.map(({ value, number, label }) => ({ value, number, label })),
      entries: toHex(entries),
    },
    unknown,
  };
}

function tellOlc(event: Extract<EosEvent, { kind: 'olc' }>): Told {
  const { kind, mask, uncounted, fields } = event;
  const version = olcVersionFor(event);
  const split = splitOlc(event, version);
  const state = readOlc(event, version);
  const told = Object.entries(state).map(([key, value]) => `${key}=${stateText(key, value)}`);
  const read = [...split.values()].reduce((sum, part) => sum + part.length, 0);
  return {
    text: `OLCInfoChanged ${hex16(mask)} ${told.join(' ')}`.trim(),
    json: {
      ...{ kind, mask, uncounted, state },
      fields: Object.fromEntries([...split].map(([bit, part]) => [hex16(bit), toHex(part)])),
      rest: toHex(fields.subarray(read)),
    },
    unknown: [],
  };
}

const LABELS: Readonly<Record<string, number>> = {
  shutter: EosProperty.ShutterSpeed,
  aperture: EosProperty.Aperture,
  iso: EosProperty.ISOSpeed,
};

function stateText(key: string, value: unknown): string {
  const property = LABELS[key];
  if (property === undefined || typeof value !== 'number') return String(value);
  return eosValueLabel(property, { kind: 'number', value }) ?? `0x${value.toString(16)}`;
}
