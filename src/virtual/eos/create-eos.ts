/** An EOS body put together: state, button, live view, and the table of its operations. */
import { canonNames, EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import {
  DataType,
  DeviceInfo,
  type DevicePropDesc,
  DeviceProperty,
  MtpDeviceProperty,
  Response,
  Operation as Standard,
} from '../../ptp/index.ts';
import {
  deleteObject,
  getNumObjects,
  getObject,
  getObjectHandles,
  getObjectInfo,
  getPartialObject,
  getThumb,
  type RangeParams,
} from '../responder/object-operations.ts';
import {
  type DeviceProperties,
  getDevicePropDesc,
  getDevicePropValue,
  setDevicePropValue,
} from '../responder/property-operations.ts';
import { Responder } from '../responder/responder.ts';
import { formatStore, getStorageIds, getStorageInfo } from '../responder/storage-operations.ts';
import { type Operation, Refusal } from '../responder/transaction.ts';
import { type BodyParts, EosBody } from './body.ts';
import { LiveView } from './live-view.ts';
import { eosOperations } from './operations.ts';
import { EosRelease } from './release.ts';

/** Answers to 0x9102 end with two zero bytes on 60D, 70D and EOS R. */
const STORAGE_INFO_TAIL = 2;

export interface Eos {
  body: EosBody;
  release: EosRelease;
  liveView: LiveView;
  responder: Responder;
  /** Charge in per cent. */
  setBattery(percent: number): void;
}

export function createEos(parts: BodyParts): Eos {
  const { model, objects, wall, faults, log } = parts;
  const body = new EosBody(parts);
  const liveView = new LiveView(body);
  const release = new EosRelease(body, liveView);
  const properties = new StandardProperties(model.deviceInfo.model);

  const onContentChanged = () => body.updateSpace();
  const storage = {
    slots: objects.slots,
    now: () => wall.seconds(),
    busy: () => body.busy,
    onContentChanged,
  };
  const content = { objects, formats: model.deviceInfo.imageFormats, onContentChanged };
  const at = (read: (params: readonly number[]) => RangeParams, count: number) =>
    getPartialObject(content, count, read);
  const plain = ([, offset = 0, size = 0]: readonly number[]) => ({ offset, size });

  const operations = new Map<number, Operation>([
    [Standard.GetDeviceInfo, getDeviceInfo(model.deviceInfo)],
    [Standard.GetStorageIDs, getStorageIds(storage)],
    [EosOperation.GetStorageIDs, getStorageIds(storage)],
    [Standard.GetStorageInfo, getStorageInfo(storage)],
    [EosOperation.GetStorageInfo, getStorageInfo(storage, STORAGE_INFO_TAIL)],
    [Standard.FormatStore, formatStore(storage)],
    [EosOperation.FormatStore, formatStore(storage)],
    [Standard.GetNumObjects, getNumObjects(content)],
    [Standard.GetObjectHandles, getObjectHandles(content)],
    [Standard.GetObjectInfo, getObjectInfo(content)],
    [EosOperation.GetObjectInfo, getObjectInfo(content)],
    [EosOperation.GetObjectInfo64, getObjectInfo(content, true)],
    [Standard.GetObject, getObject(content)],
    [EosOperation.GetObject, getObject(content)],
    [EosOperation.GetObject64, getObject(content)],
    [Standard.GetPartialObject, at(plain, 3)],
    [EosOperation.GetPartialObject, at(plain, 3)],
    [EosOperation.GetPartialObjectEx, at(plain, 4)],
    [EosOperation.GetPartialObject64, at(plain, 3)],
    [
      EosOperation.GetPartialObjectEx64,
      at(([, low = 0, high = 0, size = 0]) => ({ offset: low + high * 2 ** 32, size }), 4),
    ],
    [Standard.GetThumb, getThumb(content)],
    [EosOperation.GetThumbEx, getThumb(content, true)],
    [Standard.DeleteObject, deleteObject(content)],
    [EosOperation.DeleteObject, deleteObject(content)],
    // An R6 takes no files, neither where it is told to put them nor where it likes.
    [Standard.SendObjectInfo, refusing(Response.Access_Denied)],
    [Standard.SendObject, refusing(Response.No_Valid_ObjectInfo)],
    [Standard.GetDevicePropDesc, getDevicePropDesc(properties)],
    [Standard.GetDevicePropValue, getDevicePropValue(properties)],
    [Standard.SetDevicePropValue, setDevicePropValue(properties)],
    ...eosOperations(body, release, liveView),
  ]);

  const responder = new Responder({
    listed: model.deviceInfo.operationsSupported,
    operations,
    names: canonNames,
    refuse: (code) => (isBusinessAsUsual(code) && faults.take('busy') ? Response.Device_Busy : 0),
    onSessionEnd() {
      body.endSession();
      liveView.setOutput(0);
      release.release(3);
    },
    log,
  });

  return {
    body,
    release,
    liveView,
    responder,
    setBattery(percent) {
      properties.battery = percent;
      body.setNumber(EosProperty.BatteryPower, batteryLevel(percent));
    },
  };
}

/** Opening and closing a session are not what a busy camera refuses. */
function isBusinessAsUsual(code: number): boolean {
  return (
    code !== Standard.GetDeviceInfo &&
    code !== Standard.OpenSession &&
    code !== Standard.CloseSession
  );
}

/** BatteryPower (D111): 0 low, 5 a quarter, 1 half, 4 three quarters, 2 full. */
function batteryLevel(percent: number): number {
  if (percent > 87) return 2;
  if (percent > 62) return 4;
  if (percent > 37) return 1;
  return percent > 10 ? 5 : 0;
}

function getDeviceInfo(info: DeviceInfo): Operation {
  const bytes = DeviceInfo.encode(info);
  return {
    params: 0,
    async run(transaction) {
      await transaction.send(bytes);
      return undefined;
    },
  };
}

/** Takes data, drops it, and refuses. */
function refusing(code: number): Operation {
  return {
    takesData: true,
    run: () => Promise.reject(new Refusal(code)),
  };
}

/** The five properties that EOS bodies list in DeviceInfo. */
class StandardProperties implements DeviceProperties {
  battery = 100;
  #friendlyName: string;
  #partner = 'Unknown Initiator';

  constructor(friendlyName: string) {
    this.#friendlyName = friendlyName;
  }

  describe(propertyCode: number): DevicePropDesc | undefined {
    const readOnly = (dataType: number, value: number | string): DevicePropDesc => ({
      propertyCode,
      dataType,
      writable: false,
      factoryDefault: value,
      current: value,
      form: { kind: 'none' },
    });
    switch (propertyCode) {
      case DeviceProperty.BatteryLevel:
        return {
          ...readOnly(DataType.UINT8, this.battery),
          form: { kind: 'enumeration', values: [100, 75, 50, 25, 0], doubleWidth: true },
        };
      case MtpDeviceProperty.DeviceFriendlyName:
        return readOnly(DataType.STR, this.#friendlyName);
      case MtpDeviceProperty.SessionInitiatorVersionInfo:
        return { ...readOnly(DataType.STR, this.#partner), writable: true };
      case MtpDeviceProperty.PerceivedDeviceType:
        return readOnly(DataType.UINT32, 1);
      case MtpDeviceProperty.UseDeviceStage:
        return readOnly(DataType.UINT8, 1);
      default:
        return undefined;
    }
  }

  set(property: number, value: unknown): void {
    if (property === MtpDeviceProperty.SessionInitiatorVersionInfo) this.#partner = String(value);
  }
}
