/** What the parameters of requests, responses and events mean. */
import { hex16, hex32 } from '../../bytes/index.ts';
import { CanonEvent, EosOperation, PowerShotOperation } from '../../canon/ptp/index.ts';
import {
  AndroidOperation,
  Event,
  MtpOperation,
  nameOf,
  Operation,
  type PtpNames,
} from '../../ptp/index.ts';
import { CHDK, chdkParams, chdkResponse } from './chdk.ts';

export interface Param {
  /** Undefined where its meaning is not known. */
  readonly name: string | undefined;
  readonly value: number;
  readonly text: string;
}

type Names = readonly string[];
type ParamTable = Readonly<Record<number, Names>>;

const REQUESTS: ParamTable = {
  [Operation.OpenSession]: ['session'],
  [Operation.CloseSession]: ['session'],
  [Operation.GetStorageInfo]: ['storage'],
  [Operation.GetNumObjects]: ['storage', 'format', 'parent'],
  [Operation.GetObjectHandles]: ['storage', 'format', 'parent'],
  [Operation.GetObjectInfo]: ['handle'],
  [Operation.GetObject]: ['handle'],
  [Operation.GetThumb]: ['handle'],
  [Operation.DeleteObject]: ['handle', 'format'],
  [Operation.SendObjectInfo]: ['storage', 'parent'],
  [Operation.InitiateCapture]: ['storage', 'format'],
  [Operation.FormatStore]: ['storage', 'filesystem'],
  [Operation.SetObjectProtection]: ['handle', 'protection'],
  [Operation.GetDevicePropDesc]: ['property'],
  [Operation.GetDevicePropValue]: ['property'],
  [Operation.SetDevicePropValue]: ['property'],
  [Operation.ResetDevicePropValue]: ['property'],
  [Operation.TerminateOpenCapture]: ['transaction'],
  [Operation.MoveObject]: ['handle', 'storage', 'parent'],
  [Operation.CopyObject]: ['handle', 'storage', 'parent'],
  [Operation.GetPartialObject]: ['handle', 'offset', 'size'],
  [MtpOperation.GetObjectPropsSupported]: ['format'],
  [MtpOperation.GetObjectPropDesc]: ['property', 'format'],
  [MtpOperation.GetObjectPropValue]: ['handle', 'property'],
  [MtpOperation.SetObjectPropValue]: ['handle', 'property'],
  [MtpOperation.GetObjectPropList]: ['handle', 'format', 'property', 'group', 'depth'],
  [MtpOperation.GetObjectReferences]: ['handle'],
  [AndroidOperation.GetPartialObject64]: ['handle', 'offset', 'offsetHigh', 'size'],
  [PowerShotOperation.GetPartialObjectInfo]: ['handle', 'part'],
  [PowerShotOperation.SetObjectArchive]: ['handle', 'flags'],
  [PowerShotOperation.GetObjectInfoEx]: ['storage', 'flags', 'parent', 'handle'],
  [PowerShotOperation.GetPartialObjectEx]: ['handle', 'offset', 'size', 'position'],
  [EosOperation.GetStorageInfo]: ['storage'],
  [EosOperation.GetObjectInfo]: ['handle'],
  [EosOperation.GetObject]: ['handle'],
  [EosOperation.DeleteObject]: ['handle'],
  [EosOperation.FormatStore]: ['storage', 'filesystem'],
  [EosOperation.GetPartialObject]: ['handle', 'offset', 'size'],
  [EosOperation.GetObjectInfoEx]: ['storage', 'parent', 'limit'],
  [EosOperation.GetThumbEx]: ['handle', 'limit'],
  [EosOperation.SetObjectAttributes]: ['handle', 'flags'],
  [EosOperation.SetRemoteMode]: ['mode'],
  [EosOperation.SetEventMode]: ['mode'],
  [EosOperation.TransferComplete]: ['handle'],
  [EosOperation.CancelTransfer]: ['handle'],
  [EosOperation.ResetTransfer]: ['handle'],
  [EosOperation.PCHDDCapacity]: ['clusters', 'bytesPerSector', 'reset'],
  [EosOperation.RequestDevicePropValue]: ['property'],
  [EosOperation.RemoteReleaseOn]: ['button', 'withoutAf'],
  [EosOperation.RemoteReleaseOff]: ['button'],
  [EosOperation.GetPartialObjectEx]: ['handle', 'offset', 'size'],
  [EosOperation.EndGetPartialObjectEx]: ['handle'],
  [EosOperation.SetRequestOLCInfoGroup]: ['mask'],
  [EosOperation.GetViewFinderData]: ['limit'],
  [EosOperation.DriveLens]: ['step'],
  [EosOperation.Zoom]: ['factor'],
  [EosOperation.ZoomPosition]: ['x', 'y'],
  [EosOperation.GetObjectInfo64]: ['handle'],
  [EosOperation.GetObject64]: ['handle'],
  [EosOperation.GetPartialObject64]: ['handle', 'offset', 'size'],
  [EosOperation.GetObjectInfoEx64]: ['storage', 'parent', 'limit'],
  [EosOperation.GetPartialObjectEx64]: ['handle', 'offset', 'offsetHigh', 'size'],
};

const RESPONSES: ParamTable = {
  [Operation.GetNumObjects]: ['count'],
  [Operation.SendObjectInfo]: ['storage', 'parent', 'handle'],
  [Operation.CopyObject]: ['handle'],
  [Operation.GetPartialObject]: ['size'],
  [EosOperation.GetPartialObject]: ['size'],
  [EosOperation.GetViewFinderData]: ['unknown', 'size'],
  [EosOperation.RemoteRelease]: ['result'],
  [EosOperation.RemoteReleaseOn]: ['result'],
  [PowerShotOperation.GetPartialObjectInfo]: ['size'],
  [PowerShotOperation.GetObjectInfoEx]: ['count'],
};

const EVENTS: ParamTable = {
  [Event.ObjectAdded]: ['handle'],
  [Event.ObjectRemoved]: ['handle'],
  [Event.StoreAdded]: ['storage'],
  [Event.StoreRemoved]: ['storage'],
  [Event.DevicePropChanged]: ['property'],
  [Event.ObjectInfoChanged]: ['handle'],
  [Event.RequestObjectTransfer]: ['handle'],
  [Event.StoreFull]: ['storage'],
  [Event.StorageInfoChanged]: ['storage'],
  [Event.CaptureComplete]: ['transaction'],
  [CanonEvent.RequestObjectTransfer]: ['handle'],
};

const DECIMAL: ReadonlySet<string> = new Set([
  ...['offset', 'size', 'limit', 'count', 'clusters', 'bytesPerSector', 'button', 'mode', 'factor'],
  ...[
    'x',
    'y',
    'withoutAf',
    'position',
    'protection',
    'part',
    'script',
    'major',
    'minor',
    'length',
  ],
]);

/** Parameters at the end that are 0 and have no name are left out. */
export function describeParams(
  operation: number,
  params: readonly number[],
  names: PtpNames,
): Param[] {
  const known = operation === CHDK ? chdkParams(params) : REQUESTS[operation];
  return described(known, params, names);
}

/** `request`: the parameters that were answered. */
export function describeResponse(
  operation: number,
  request: readonly number[],
  params: readonly number[],
  names: PtpNames,
): Param[] {
  const known = operation === CHDK ? chdkResponse(request) : RESPONSES[operation];
  return described(known, params, names);
}

/** An event outside of transactions. */
export function describeEvent(
  code: number,
  params: readonly number[],
  names: PtpNames,
): { name: string; params: Param[] } {
  return { name: nameOf(names.events, code), params: described(EVENTS[code], params, names) };
}

function described(known: Names = [], params: readonly number[], names: PtpNames): Param[] {
  let last = params.length;
  while (last > known.length && params[last - 1] === 0) last--;
  return params.slice(0, last).map((value, i) => {
    const name = known[i];
    return { name: name?.replace(/:.*/, ''), value, text: textOf(name, value, names) };
  });
}

function textOf(name: string | undefined, value: number, names: PtpNames): string {
  // "command:GetMemory": a parameter whose meaning is known with its value.
  const meaning = name?.split(':')[1];
  if (meaning) return meaning;
  if (name === 'property' && value <= 0xffff) return nameOf(names.properties, value);
  if (name === 'format' && value !== 0 && value <= 0xffff) return nameOf(names.formats, value);
  if (name && DECIMAL.has(name)) return String(value);
  if (name === 'property' || name === 'format') return hex16(value);
  return value < 10 ? String(value) : hex32(value);
}
