/** Operations as people name them on a command line. */
import { EosOperation, PowerShotOperation } from '../canon/ptp/index.ts';
import {
  AndroidOperation,
  codeNames,
  codeOf,
  HotshoeError,
  MtpOperation,
  type NameTable,
  Operation,
  type PtpNames,
} from '../index.ts';
import { parseU32 } from './parse.ts';

/** EOS bodies have a GetObject of their own: EOS_GetObject. Earlier ones win without a prefix. */
const families: readonly (readonly [prefix: string, names: NameTable])[] = [
  ['PTP', codeNames(Operation)],
  ['MTP', codeNames(MtpOperation)],
  ['Android', codeNames(AndroidOperation)],
  ['Canon', codeNames(PowerShotOperation)],
  ['EOS', codeNames(EosOperation)],
];

/** "GetDeviceInfo", "EOS_GetObject", "0x1001" -> code. Throws a USAGE error. */
export function operationCode(text: string, names: PtpNames): number {
  const code = parseU32(text) ?? codeOf(names.operations, text) ?? prefixedCode(text);
  if (code !== undefined && code <= 0xffff) return code;
  throw new HotshoeError('USAGE', `"${text}" is no operation that hotshoe knows`, {
    hint: 'Give its code (0x9115), or see `hotshoe transact --list`.',
  });
}

/** The name by which `operationCode` finds this very code; undefined for a code without a name. */
export function operationName(code: number, names: PtpNames): string | undefined {
  const name = names.operations[code];
  if (name === undefined || codeOf(names.operations, name) === code) return name;
  const family = families.find(([, table]) => table[code] === name);
  return family && `${family[0]}_${name}`;
}

function prefixedCode(text: string): number | undefined {
  const bar = text.indexOf('_');
  const prefix = text.slice(0, bar).toLowerCase();
  const family = families.find(([name]) => name.toLowerCase() === prefix);
  return family && codeOf(family[1], text.slice(bar + 1));
}
