/** What the parameters of requests, responses and events mean. */
import { hex16, hex32 } from '../../bytes/index.ts';
import { CHDK_OPERATION } from '../../canon/chdk/index.ts';
import { nameOf, type PtpNames } from '../../ptp/index.ts';
import { chdkParams, chdkResponse } from './chdk.ts';
import { eosParams } from './params/eos.ts';
import type { ParamNames, ParamTable } from './params/param.ts';
import { canonEvents, powerShotParams } from './params/powershot.ts';
import { standardEvents, standardParams } from './params/standard.ts';

export interface Param {
  /** Undefined where its meaning is not known. */
  readonly name: string | undefined;
  readonly value: number;
  readonly text: string;
}

const FAMILIES = [standardParams, eosParams, powerShotParams];

/** Counts, sizes and places; everything else reads better in hexadecimal. */
const DECIMAL =
  /^(?:offset|size|limit|count|clusters|bytesPerSector|factor|rating|total|width|height|x|y|index|failedIndex|number|script|major|minor|length|image|theme|item|steps|depth|mode)$/;

/** Parameters at the end that are 0 and have no name are left out. */
export function describeParams(
  operation: number,
  params: readonly number[],
  names: PtpNames,
): Param[] {
  const known =
    operation === CHDK_OPERATION
      ? chdkParams(params)
      : namesFrom(
          FAMILIES.map(({ requests }) => requests),
          operation,
        );
  return described(known, params, names);
}

/** `request`: the parameters that were answered. */
export function describeResponse(
  operation: number,
  request: readonly number[],
  params: readonly number[],
  names: PtpNames,
): Param[] {
  const known =
    operation === CHDK_OPERATION
      ? chdkResponse(request)
      : namesFrom(
          FAMILIES.map(({ responses }) => responses),
          operation,
        );
  return described(known, params, names);
}

/** An event outside of transactions. */
export function describeEvent(
  code: number,
  params: readonly number[],
  names: PtpNames,
): { name: string; params: Param[] } {
  const known = namesFrom([standardEvents, canonEvents], code);
  return { name: nameOf(names.events, code), params: described(known, params, names) };
}

function namesFrom(tables: readonly ParamTable[], code: number): ParamNames {
  return tables.map((table) => table[code]).find((found) => found !== undefined) ?? [];
}

function described(known: ParamNames, params: readonly number[], names: PtpNames): Param[] {
  let last = params.length;
  while (last > known.length && params[last - 1] === 0) last--;
  return params.slice(0, last).map((value, i) => {
    const param = known[i];
    if (typeof param !== 'object') return { name: param, value, text: textOf(param, value, names) };
    const { name, values } = param;
    return { name, value, text: values[value] ?? textOf(name, value, names) };
  });
}

function textOf(name: string | undefined, value: number, names: PtpNames): string {
  if (name === 'property' && value <= 0xffff) return nameOf(names.properties, value);
  if (name === 'format' && value !== 0 && value <= 0xffff) return nameOf(names.formats, value);
  if (name && DECIMAL.test(name)) return String(value);
  if (name === 'property' || name === 'format') return hex16(value);
  return value < 10 ? String(value) : hex32(value);
}
