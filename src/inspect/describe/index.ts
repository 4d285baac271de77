import type { PtpNames } from '../../ptp/index.ts';
import { nameOf } from '../../ptp/index.ts';
export interface Description {
  readonly what: string;
  readonly summary: string;
  readonly lines: readonly string[];
  readonly json: unknown;
  readonly unknown: readonly string[];
}
export interface Param {
  name: string | undefined;
  value: number;
  text: string;
}
export function describeData(_seen: {
  operation: number;
  params: readonly number[];
  direction: 'in' | 'out';
  bytes: Uint8Array;
  names: PtpNames;
}): Description | undefined {
  return undefined;
}
export function describeParams(
  _operation: number,
  params: readonly number[],
  _names: PtpNames,
): Param[] {
  return params.map((value) => ({ name: undefined, value, text: `0x${value.toString(16)}` }));
}
export function describeResponse(
  operation: number,
  params: readonly number[],
  names: PtpNames,
): Param[] {
  return describeParams(operation, params, names);
}
export function describeEvent(code: number, params: readonly number[], names: PtpNames) {
  return { name: nameOf(names.events, code), params: describeParams(code, params, names) };
}
export function carriesObject(code: number): boolean {
  return [0x1009, 0x101b, 0x9107, 0x100d, 0x9104, 0x95c1, 0x9171, 0x9172, 0x9174].includes(code);
}
export function objectPiece(
  code: number,
  params: readonly number[],
): { handle: number; offset: number; size?: number } | undefined {
  const [handle = 0, a = 0, b = 0, c = 0] = params;
  switch (code) {
    case 0x1009:
    case 0x9104:
    case 0x9171:
      return { handle, offset: 0 };
    case 0x101b:
    case 0x9107:
    case 0x9172:
      return { handle, offset: a, size: b };
    case 0x95c1:
    case 0x9174:
      return { handle, offset: a + b * 2 ** 32, size: c };
    default:
      return undefined;
  }
}
