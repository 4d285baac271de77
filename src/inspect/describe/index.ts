/** What the parameters and the data of any operation say. */
import { ProtocolError } from '../../bytes/index.ts';
import { CHDK_OPERATION } from '../../canon/chdk/index.ts';
import { EosOperation, PowerShotOperation } from '../../canon/ptp/index.ts';
import { AndroidOperation, nameOf, Operation } from '../../ptp/index.ts';
import { describeChdk } from './chdk.ts';
import type { DataSeen, DescribeTable, Description } from './description.ts';
import { eosData } from './eos.ts';
import { powerShotData } from './powershot.ts';
import { standardData } from './standard.ts';

export type { Description } from './description.ts';
export type { Param } from './params.ts';
export { describeEvent, describeParams, describeResponse } from './params.ts';

const TABLES: readonly DescribeTable[] = [
  standardData,
  eosData,
  powerShotData,
  { [CHDK_OPERATION]: describeChdk },
];

/** What the data is; undefined for objects, and where nothing passed. Never throws. */
export function describeData(seen: DataSeen): Description | undefined {
  const { operation, bytes, names } = seen;
  if (bytes.length === 0 || carriesObject(operation)) return undefined;
  const describe = TABLES.map((table) => table[operation]).find((found) => found !== undefined);
  const name = nameOf(names.operations, operation);
  if (!describe) {
    const what = `data of ${name}`;
    return { what, summary: '', lines: [], json: undefined, unknown: [what] };
  }
  try {
    return describe(seen);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const unknown = [`data of ${name}: ${error.message}`];
    return { what: name, summary: 'not understood', lines: unknown, json: undefined, unknown };
  }
}

/** Operations whose data is bytes of an object or of a picture made of one, and their parameters. */
const OBJECTS: Readonly<Record<number, 'whole' | 'piece' | 'piece64' | 'sent' | 'derived'>> = {
  [Operation.GetObject]: 'whole',
  [Operation.GetThumb]: 'derived',
  [Operation.SendObject]: 'sent',
  [Operation.GetPartialObject]: 'piece',
  [Operation.GetResizedImageObject]: 'derived',
  [Operation.GetStream]: 'derived',
  [AndroidOperation.GetPartialObject64]: 'piece64',
  [AndroidOperation.SendPartialObject]: 'sent',
  [PowerShotOperation.GetPartialObjectEx]: 'piece',
  [PowerShotOperation.SendPartialObject]: 'sent',
  [PowerShotOperation.SendObjectByPath]: 'sent',
  [PowerShotOperation.GetViewfinderImage]: 'derived',
  [EosOperation.GetObject]: 'whole',
  [EosOperation.GetThumbEx]: 'derived',
  [EosOperation.GetPartialObject]: 'piece',
  [EosOperation.GetPartialObjectEx]: 'piece',
  [EosOperation.GetObject64]: 'whole',
  [EosOperation.GetPartialObject64]: 'piece',
  [EosOperation.GetPartialObjectEx64]: 'piece64',
  [EosOperation.SendPartialObject]: 'sent',
  [EosOperation.SendPartialObjectEx]: 'sent',
  [EosOperation.GetReSizeData]: 'derived',
  [EosOperation.GetRawDispImage]: 'derived',
  [EosOperation.GetReducedObject]: 'derived',
  [EosOperation.GetTranscodedBlock]: 'derived',
  [EosOperation.UpdateFirmware]: 'sent',
};

/** Is its data bytes of an object, not to be held in memory? */
export function carriesObject(operation: number): boolean {
  return operation in OBJECTS;
}

export interface ObjectPiece {
  readonly handle: number;
  readonly offset: number;
  /** Bytes that were asked for; undefined where the whole object was. */
  readonly size: number | undefined;
}

/** Where the data of a reading operation lies in its object; undefined for other operations. */
export function objectPiece(
  operation: number,
  [handle = 0, low = 0, middle = 0, last = 0]: readonly number[],
): ObjectPiece | undefined {
  switch (OBJECTS[operation]) {
    case 'whole':
      return { handle, offset: 0, size: undefined };
    case 'piece':
      return { handle, offset: low, size: middle };
    case 'piece64':
      return { handle, offset: low + middle * 2 ** 32, size: last };
    default:
      return undefined;
  }
}
