/** Parameters of the EOS extension: from working hosts and captures, not from a specification. */
import { EosOperation as Eos } from '../../../canon/ptp/index.ts';
import { OFF_ON, type OperationParams, type ParamNames, type Valued } from './param.ts';

const remoteMode: Valued = {
  name: 'mode',
  values: {
    0: 'off',
    1: 'remote',
    2: 'remote (2)',
    5: 'remote (5)',
    17: 'EOS M (0x11)',
    21: 'EOS M (0x15)',
  },
};
const eventMode: Valued = { name: 'mode', values: { 0: 'off', 1: 'on', 2: 'on (EOS M)' } };
const button: Valued = { name: 'button', values: { 1: 'half', 2: 'full', 3: 'half and full' } };
const focus: Valued = { name: 'focus', values: { 0: 'with AF', 1: 'without AF' } };
const released: Valued = {
  name: 'result',
  values: { 0: 'released', 1: 'AF failed', 3: 'mirror up', 7: 'no card', 8: 'card protected' },
};
const onOff = (name: string): Valued => ({ name, values: OFF_ON });
const piece: ParamNames = ['handle', 'offset', 'size'];

export const eosParams: OperationParams = {
  requests: {
    [Eos.GetStorageInfo]: ['storage'],
    [Eos.GetObjectInfo]: ['handle'],
    [Eos.GetObject]: ['handle'],
    [Eos.DeleteObject]: ['handle'],
    [Eos.FormatStore]: ['storage', 'filesystem'],
    [Eos.GetPartialObject]: piece,
    [Eos.GetObjectInfoEx]: ['storage', 'parent', 'limit'],
    [Eos.GetThumbEx]: ['handle', 'limit'],
    [Eos.SetObjectAttributes]: ['handle', 'flags'],
    [Eos.SetObjectTime]: ['handle', 'time'],
    [Eos.SetRemoteMode]: [remoteMode],
    [Eos.SetEventMode]: [eventMode],
    [Eos.TransferComplete]: ['handle'],
    [Eos.CancelTransfer]: ['handle'],
    [Eos.ResetTransfer]: ['handle'],
    [Eos.PCHDDCapacity]: ['clusters', 'bytesPerSector', 'reset'],
    [Eos.SetNullPacketMode]: ['mode'],
    [Eos.UpdateFirmware]: ['total', 'offset'],
    [Eos.TransferCompleteDT]: ['handle'],
    [Eos.CancelTransferDT]: ['handle'],
    [Eos.GetWftProfile]: ['set', 'configuration'],
    [Eos.RequestDevicePropValue]: ['property'],
    [Eos.RemoteReleaseOn]: [button, focus],
    [Eos.RemoteReleaseOff]: [button],
    [Eos.GetPartialObjectEx]: piece,
    [Eos.EndGetPartialObjectEx]: ['handle'],
    [Eos.CreateHandle]: ['format', 'size'],
    [Eos.SetRequestOLCInfoGroup]: ['mask'],
    [Eos.SetRequestRollingPitchingLevel]: [onOff('level')],
    [Eos.SetRating]: ['handle', 'rating'],
    [Eos.RequestInnerDevelopStart]: ['type', 'handle'],
    [Eos.DrivePowerZoom]: [
      {
        name: 'zoom',
        values: { 0: 'stop', 1: 'wide', 2: 'tele', 17: 'wide, fast', 18: 'tele, fast' },
      },
    ],
    [Eos.GetViewFinderData]: ['limit'],
    [Eos.DriveLens]: [
      {
        name: 'step',
        values: {
          1: 'near 1',
          2: 'near 2',
          3: 'near 3',
          32769: 'far 1',
          32770: 'far 2',
          32771: 'far 3',
        },
      },
    ],
    [Eos.DepthOfFieldPreview]: [onOff('preview')],
    [Eos.ClickWB]: ['x', 'y'],
    [Eos.Zoom]: ['factor'],
    [Eos.ZoomPosition]: ['x', 'y'],
    [Eos.TouchAfPosition]: ['type', 'x', 'y'],
    [Eos.GetObjectInfo64]: ['handle'],
    [Eos.GetObject64]: ['handle'],
    [Eos.GetPartialObject64]: piece,
    [Eos.GetObjectInfoEx64]: ['storage', 'parent', 'limit'],
    [Eos.GetPartialObjectEx64]: ['handle', 'offset', 'offsetHigh', 'size'],
    [Eos.NotifyEstimateNumberOfImport]: ['count'],
    [Eos.NotifyNumberOfImported]: ['count'],
    [Eos.NotifySizeOfPartialDataTransfer]: ['sizeLow', 'sizeHigh', 'sentLow', 'sentHigh'],
    [Eos.NotifyFinish]: ['reason'],
    [Eos.GetObjectURL]: ['handle'],
    [Eos.SetCCAPIMode]: [onOff('mode')],
    [Eos.TransferCompleteFTP]: ['handle'],
    [Eos.CancelTransferFTP]: ['handle'],
  },
  responses: {
    [Eos.GetPartialObject]: ['size'],
    [Eos.GetRemoteMode]: [remoteMode],
    [Eos.RemoteRelease]: [released],
    [Eos.RemoteReleaseOn]: [released],
    [Eos.CreateHandle]: ['handle'],
    [Eos.CreateHandle64]: ['handle'],
    // An EOS R answers its ModelID and 1.
    [Eos.GetCameraSupport]: ['model', 'supported'],
    [Eos.GetViewFinderData]: ['unknown', 'size'],
  },
};
