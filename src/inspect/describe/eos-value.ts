/** One value of an EOS property, as words and as JSON. */
import { hex16, toHex } from '../../bytes/index.ts';
import {
  customFunctionLabels,
  decodeEosValue,
  type EosValue,
  eosValueLabel,
} from '../../canon/ptp/index.ts';
import type { PtpNames } from '../../ptp/index.ts';
import { plain } from './description.ts';

export interface ToldValue {
  /** "ISO 800"; digits of the bytes, not all of many, where nothing better is known. */
  readonly text: string;
  /** Bytes as hexadecimal digits. */
  readonly value: string;
  /** Undefined for structures and texts. */
  readonly number: number | undefined;
  /** Undefined where no table knows the value, and for structures. */
  readonly label: string | undefined;
  /** Of structures. */
  readonly fields: unknown;
}

const SHOWN_DIGITS = 32;

export function tellEosValue(property: number, bytes: Uint8Array): ToldValue {
  const { sent: _, ...decoded } = decodeEosValue(property, bytes);
  const value = decoded as EosValue;
  const label = eosValueLabel(property, value);
  const number = value.kind === 'number' ? value.value : undefined;
  const isStructure = value.kind !== 'number' && value.kind !== 'bytes';
  return {
    text: label ?? structureText(value) ?? shorten(toHex(bytes)),
    value: toHex(bytes),
    number,
    label,
    fields: isStructure ? plain(decoded) : undefined,
  };
}

/** "ISOSpeed", or the code. */
export function propertyText(property: number, names: PtpNames): string {
  return names.properties[property] ?? hex16(property);
}

/** A property without a name, for the researcher; 0 stands for none. */
export function unknownProperty(property: number, names: PtpNames): string[] {
  return names.properties[property] || property === 0 ? [] : [`property ${hex16(property)}`];
}

function structureText(value: EosValue): string | undefined {
  switch (value.kind) {
    case 'number':
      return `0x${value.value.toString(16)}`;
    case 'customFunctions':
      return value.groups
        .flatMap(({ functions }) => functions)
        .map(({ id, values }) => functionText(id, values))
        .join(', ');
    case 'focusInfo': {
      const { points, inUse } = value.info;
      const focused = points.filter((point) => point.focused).length;
      return `${inUse} of ${points.length} AF points in use, ${focused} selected`;
    }
    case 'fields':
      return Object.entries(value.fields)
        .filter(([name, field]) => !name.startsWith('unknown') && field !== '')
        .map(([name, field]) => `${name} ${field}`)
        .join(', ');
    case 'words':
      return value.words.map((word) => `0x${word.toString(16)}`).join(' ');
    default:
      return undefined;
  }
}

function functionText(id: number, values: readonly number[]): string {
  const known = customFunctionLabels[id];
  const texts = values.map((value) => known?.values[value] ?? String(value));
  return `${known?.name ?? `0x${id.toString(16)}`} ${texts.join(' ')}`.trim();
}

function shorten(hex: string): string {
  return hex.length > SHOWN_DIGITS ? `${hex.slice(0, SHOWN_DIGITS)}…` : hex;
}
