/** Parameters of the PowerShot and IXUS extension, and of Canon's own events. */
import { CanonEvent, PowerShotOperation as Shot } from '../../../canon/ptp/index.ts';
import { OFF_ON, type OperationParams, type ParamTable, type Valued } from './param.ts';

const what: Valued = { name: 'what', values: { 0: 'image', 1: 'thumbnail' } };
const position: Valued = { name: 'position', values: { 1: 'first', 2: 'middle', 3: 'last' } };
/** A set of 1, 2 and 4. */
const measured: Valued = {
  name: 'what',
  values: {
    1: 'exposure',
    2: 'focus',
    3: 'exposure, focus',
    4: 'white balance',
    5: 'exposure, white balance',
    6: 'focus, white balance',
    7: 'exposure, focus, white balance',
  },
};
const dial: Valued = { name: 'mode', values: { 0: 'dial', 1: 'software' } };
const async: Valued = { name: 'call', values: { 0: 'synchronous', 1: 'asynchronous' } };
const wanted: Valued = { name: 'returnData', values: { 0: 'no', 1: 'yes' } };
const running: Valued = { name: 'state', values: { 1: 'running', 2: 'finished' } };

export const powerShotParams: OperationParams = {
  requests: {
    [Shot.GetPartialObjectInfo]: ['handle', what],
    [Shot.SetObjectArchive]: ['handle', 'flags'],
    [Shot.DoAeAfAwb]: [measured],
    [Shot.GetCustomizeItemInfo]: ['item'],
    [Shot.GetCustomizeData]: ['theme'],
    [Shot.SetCustomizeData]: ['theme'],
    [Shot.GetPartialObjectEx]: ['handle', 'offset', 'size', position],
    [Shot.SetObjectTime]: ['handle', 'time'],
    [Shot.GetObjectAttributes]: ['handle'],
    [Shot.GetObjectInfoEx]: ['storage', 'flags', 'parent', 'handle'],
    [Shot.GetPairingInfo]: ['number'],
    [Shot.DeletePairingInfo]: ['number'],
    [Shot.SetDisplayMonitor]: ['monitor'],
    [Shot.ExecuteEventProc]: [async, wanted],
    [Shot.GetGpsMobilelinkObjectInfo]: ['start', 'end'],
    [Shot.SendGpsTagInfo]: ['handle'],
    [Shot.GetTranscodeApproxSize]: ['handle'],
    [Shot.RequestTranscodeStart]: ['handle'],
    [Shot.RequestTranscodeCancel]: ['handle'],
    [Shot.SetRemoteShootingMode]: [{ name: 'mode', values: OFF_ON }],
    [Shot.SetModeDialDisable]: [dial],
  },
  responses: {
    [Shot.GetPartialObjectInfo]: ['size'],
    [Shot.GetObjectHandleByName]: ['handle'],
    [Shot.GetPartialObjectEx]: ['size'],
    [Shot.GetViewfinderImage]: ['size'],
    [Shot.GetObjectInfoEx]: ['count'],
    [Shot.GetDirectory]: ['count'],
    [Shot.ExecuteEventProc]: ['value'],
    [Shot.IsEventProcRunning]: [running, 'value', wanted],
    [Shot.QuerySizeOfTransparentMemory]: ['size'],
  },
};

export const canonEvents: ParamTable = {
  [CanonEvent.ObjectInfoChanged]: ['handle'],
  [CanonEvent.RequestObjectTransfer]: ['handle'],
};
