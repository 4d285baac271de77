/** What a data phase holds, for people and for programs. */
import { toHex } from '../../bytes/index.ts';
import type { PtpNames } from '../../ptp/index.ts';

export interface Description {
  /** "DeviceInfo", "EOS events", "live view". */
  readonly what: string;
  /** One short line: "Canon EOS R 3-1.8.0". */
  readonly summary: string;
  /** One fact each. */
  readonly lines: readonly string[];
  /** Plain JSON: bytes as hexadecimal digits. */
  readonly json: unknown;
  /** What was not understood: codes that no table knows, surplus bytes, why decoding stopped. */
  readonly unknown: readonly string[];
}

export interface DataSeen {
  readonly operation: number;
  readonly params: readonly number[];
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
  readonly names: PtpNames;
  /** Parameters of the response, where it was seen. */
  readonly answer?: readonly number[] | undefined;
}

/** Throws a ProtocolError where the bytes are not what they should be. */
export type Describe = (seen: DataSeen) => Description;

export type DescribeTable = Readonly<Record<number, Describe>>;

/** Handles, ids and codes are read as hexadecimal. */
const HEXADECIMAL = /(?:Id|Object|Format|Code|handle|parent|group|format|flags)$/;

/** "key: value" for each field, nested ones by dots. */
export function fieldLines(json: unknown, prefix = ''): string[] {
  if (typeof json !== 'object' || json === null) {
    const hex = typeof json === 'number' && HEXADECIMAL.test(prefix);
    return [`${prefix}: ${hex ? `0x${json.toString(16)}` : String(json)}`];
  }
  if (Array.isArray(json)) {
    const flat = json.every((item) => typeof item !== 'object' || item === null);
    if (flat) return [`${prefix}: ${json.join(', ')}`];
    return json.flatMap((item, i) => fieldLines(item, `${prefix}[${i}]`));
  }
  return Object.entries(json).flatMap(([key, value]) =>
    fieldLines(value, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** A decoded value as plain JSON: 64-bit numbers as numbers, bytes as hexadecimal digits. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
