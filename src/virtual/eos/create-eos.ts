/** An EOS body put together: state, button, live view, and the table of its operations. */
import { canonNames, EosOperation, PowerShotOperation } from '../../canon/ptp/index.ts';
import { DeviceInfo, Response, Operation as Standard } from '../../ptp/index.ts';
import { EventProcs } from '../responder/event-procs.ts';
import {
  deleteObject,
  getNumObjects,
  getObject,
  getObjectHandles,
  getObjectInfo,
  getPartialObject,
  getThumb,
  type RangeParams,
  setObjectProtection,
} from '../responder/object-operations.ts';
import { objectPropertyOperations } from '../responder/object-property-operations.ts';
import {
  getDevicePropDesc,
  getDevicePropValue,
  resetDevicePropValue,
  setDevicePropValue,
} from '../responder/property-operations.ts';
import { Responder } from '../responder/responder.ts';
import { selfTestOperations } from '../responder/self-test.ts';
import { formatStore, getStorageIds, getStorageInfo } from '../responder/storage-operations.ts';
import type { Operation, OperationTable } from '../responder/transaction.ts';
import { Uploads } from '../responder/upload-operations.ts';
import { AutoPowerOff } from './auto-power-off.ts';
import { type BodyParts, EosBody } from './body.ts';
import { BodyDeviceProperties } from './device-properties.ts';
import { Directories } from './directories.ts';
import { LiveView } from './live-view.ts';
import { EosMovie } from './movie.ts';
import { eosOperations } from './operations.ts';
import { powerShotOperations } from './powershot-operations.ts';
import { EosRelease } from './release.ts';

/** Answers to 0x9102 end with two zero bytes on 60D, 70D and EOS R. */
const STORAGE_INFO_TAIL = 2;

export interface Eos {
  body: EosBody;
  release: EosRelease;
  liveView: LiveView;
  responder: Responder;
  directories: Directories;
  power: AutoPowerOff;
  movie: EosMovie;
  /** Charge in per cent. */
  setBattery(percent: number): void;
}

export function createEos(parts: BodyParts): Eos {
  const { model, objects, wall, faults, log, trace } = parts;
  const body = new EosBody(parts);
  const liveView = new LiveView(body);
  const movie = new EosMovie(body);
  const release = new EosRelease(body, liveView);
  const properties = new BodyDeviceProperties(body);
  const procs = new EventProcs(model.firmware);
  const directories = new Directories(objects.slots, model.deviceInfo.operationsSupported);

  const common = {
    slots: objects.slots,
    now: () => wall.seconds(),
    onContentChanged: (storageId: number) => body.contentChanged(storageId),
  };
  const storage = { ...common, busy: () => body.busy };
  const { onContentChanged } = common;
  const uploads = new Uploads({
    ...common,
    rules: model.uploads,
    full: () => faults.has('card-full'),
  });
  const content = { objects, formats: model.deviceInfo.imageFormats, onContentChanged };
  const at = (read: (params: readonly number[]) => RangeParams, count: number) =>
    getPartialObject(content, count, read);
  const plain = ([, offset = 0, size = 0]: readonly number[]) => ({ offset, size });

  const operations = new Map<number, Operation>([
    [Standard.GetDeviceInfo, getDeviceInfo(() => listed(model.deviceInfo, procs.opened))],
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
    // The fourth parameter tells whether it is the first block, the last, or between them.
    [PowerShotOperation.GetPartialObjectEx, at(plain, 4)],
    [
      EosOperation.GetPartialObjectEx64,
      at(([, low = 0, high = 0, size = 0]) => ({ offset: low + high * 2 ** 32, size }), 4),
    ],
    [Standard.GetThumb, getThumb(content)],
    [EosOperation.GetThumbEx, getThumb(content, true)],
    [Standard.DeleteObject, deleteObject(content)],
    [EosOperation.DeleteObject, deleteObject(content)],
    [Standard.SetObjectProtection, setObjectProtection(content)],
    ...uploads.operations,
    ...objectPropertyOperations(content),
    [Standard.GetDevicePropDesc, getDevicePropDesc(properties)],
    [Standard.GetDevicePropValue, getDevicePropValue(properties)],
    [Standard.SetDevicePropValue, setDevicePropValue(properties)],
    [Standard.ResetDevicePropValue, resetDevicePropValue(properties)],
    ...(model.eventProcs ? procs.operations : []),
    ...powerShotOperations(body),
    ...eosOperations({ body, release, liveView, movie }),
    ...directories.operations,
  ]);
  const power = new AutoPowerOff(body);
  const hidden: OperationTable = parts.selfTest ? selfTestOperations() : new Map();
  for (const [code, operation] of hidden) operations.set(code, operation);

  const responder = new Responder({
    known: [...model.deviceInfo.operationsSupported, ...hidden.keys()],
    alsoKnown: () => procs.opened,
    operations,
    names: canonNames,
    onOperation(code) {
      uploads.onOperation(code);
      power.asked(code);
    },
    refuse: (code) => (isBusinessAsUsual(code) && faults.take('busy') ? Response.Device_Busy : 0),
    onSessionEnd() {
      body.endSession();
      procs.close();
      liveView.setOutput(0);
      release.release(3);
      uploads.forget();
      power.stop();
    },
    log,
    trace,
  });

  return {
    body,
    release,
    liveView,
    responder,
    directories,
    power,
    movie,
    setBattery(percent) {
      properties.battery = percent;
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

/** With operations that are there now, and not at all times. */
function listed(info: DeviceInfo, more: readonly number[]): DeviceInfo {
  const { operationsSupported } = info;
  const added = more.filter((code) => !operationsSupported.includes(code));
  return { ...info, operationsSupported: [...operationsSupported, ...added] };
}

function getDeviceInfo(info: () => DeviceInfo): Operation {
  return {
    params: 0,
    async run(transaction) {
      await transaction.send(DeviceInfo.encode(info()));
      return undefined;
    },
  };
}
