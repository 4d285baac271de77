/** Which of what was seen is wanted. */
import type { NameTable, PtpNames } from '../../ptp/index.ts';
import type { Seen } from '../decode/seen.ts';
import type { Told } from './told.ts';

export interface Wanted {
  /** Operations; any of them. */
  operations?: readonly CodeMatch[] | undefined;
  /** Properties that are asked for, set or told of; any of them. */
  properties?: readonly CodeMatch[] | undefined;
  /** Only what did not go well. */
  faults?: boolean | undefined;
  /** Seconds since the capture's first frame. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface CodeMatch {
  code(code: number): boolean;
  name(name: string): boolean;
}

export function isWanted(told: Told, seconds: number, wanted: Wanted): boolean {
  const { operations, properties, faults, from, to } = wanted;
  if (from !== undefined && seconds < from) return false;
  if (to !== undefined && seconds > to) return false;
  if (faults && !told.fault) return false;
  if (operations && !operations.some((match) => isOperation(told.seen, match))) return false;
  if (properties && !properties.some((match) => mentions(told.json, match))) return false;
  return true;
}

function isOperation(seen: Seen, match: CodeMatch): boolean {
  if (seen.kind !== 'transaction' || seen.code === undefined) return false;
  return matches(match, seen.code, seen.link.names, (names) => names.operations);
}

function matches(
  match: CodeMatch,
  code: number,
  names: PtpNames,
  table: (names: PtpNames) => NameTable,
): boolean {
  const name = table(names)[code];
  return match.code(code) || (name !== undefined && match.name(name));
}

/** Is a property of that code or name anywhere in it? */
function mentions(json: unknown, match: CodeMatch): boolean {
  if (Array.isArray(json)) return json.some((item) => mentions(item, match));
  if (typeof json !== 'object' || json === null) return false;
  const { name, text } = json as { name?: unknown; text?: unknown };
  if (name === 'property' && typeof text === 'string' && isProperty(text, match)) return true;
  return Object.entries(json).some(([key, value]) => {
    if (/^property(?:Name)?$/.test(key) && isProperty(value, match)) return true;
    return mentions(value, match);
  });
}

function isProperty(value: unknown, match: CodeMatch): boolean {
  if (typeof value === 'number') return match.code(value);
  if (typeof value !== 'string') return false;
  return match.name(value) || (/^0x[\da-f]+$/i.test(value) && match.code(Number(value)));
}
