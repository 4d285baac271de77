/** A PowerShot of the older extension put together: state, button, viewfinder, operations. */
import { ignore } from '../../base/time.ts';
import { canonNames, PowerShotOperation } from '../../canon/ptp/index.ts';
import { DeviceInfo, Event, Response, Operation as Standard, U32Array } from '../../ptp/index.ts';
import { powerShotOperations } from '../eos/powershot-operations.ts';
import type { Family } from '../family.ts';
import {
  deleteObject,
  getNumObjects,
  getObject,
  getObjectHandles,
  getObjectInfo,
  getPartialObject,
  getThumb,
  setObjectProtection,
} from '../responder/object-operations.ts';
import {
  getDevicePropDesc,
  getDevicePropValue,
  resetDevicePropValue,
  setDevicePropValue,
} from '../responder/property-operations.ts';
import { Responder } from '../responder/responder.ts';
import { selfTestOperations } from '../responder/self-test.ts';
import { formatStore } from '../responder/storage-operations.ts';
import type { Operation, OperationTable } from '../responder/transaction.ts';
import { Uploads } from '../responder/upload-operations.ts';
import { PowerShotBody, type PowerShotParts } from './body.ts';
import { releaseControlOperations } from './operations.ts';
import { MEMORY_STORAGE, PowerShotRelease } from './release.ts';
import { getStorageIds, getStorageInfo } from './storage-operations.ts';
import { Viewfinder } from './viewfinder.ts';

const FULL = 2;
/** These are never refused as busy. */
const ALWAYS: readonly number[] = [
  Standard.GetDeviceInfo,
  Standard.OpenSession,
  Standard.CloseSession,
];

export function createPowerShot(parts: PowerShotParts): Family {
  const { model, objects, wall, faults, log, trace } = parts;
  const { slots } = objects;
  const body = new PowerShotBody(parts);
  const viewfinder = new Viewfinder(body);
  const release = new PowerShotRelease(body, viewfinder);

  const common = {
    slots,
    now: () => wall.seconds(),
    onContentChanged: (storageId: number) => body.contentChanged(storageId),
  };
  const { onContentChanged } = common;
  const content = { objects, formats: model.deviceInfo.imageFormats, onContentChanged };
  const uploads = new Uploads({
    ...common,
    rules: model.uploads,
    full: () => faults.has('card-full'),
  });
  const part = getPartialObject(content, 4, ([, offset = 0, size = 0]) => ({ offset, size }));

  const operations = new Map<number, Operation>([
    [Standard.GetDeviceInfo, getDeviceInfo(body)],
    [Standard.GetStorageIDs, getStorageIds(body)],
    [Standard.GetStorageInfo, getStorageInfo(body)],
    [Standard.FormatStore, formatStore({ ...common, busy: () => body.busy })],
    [Standard.GetNumObjects, getNumObjects(content)],
    [Standard.GetObjectHandles, withMemory(body, getObjectHandles(content))],
    [Standard.GetObjectInfo, getObjectInfo(content)],
    [Standard.GetObject, getObject(content)],
    [Standard.GetPartialObject, part],
    [PowerShotOperation.GetPartialObjectEx, part],
    [Standard.GetThumb, getThumb(content)],
    [Standard.DeleteObject, deleteObject(content)],
    [Standard.SetObjectProtection, setObjectProtection(content)],
    ...uploads.operations,
    [Standard.GetDevicePropDesc, getDevicePropDesc(body.properties)],
    [Standard.GetDevicePropValue, getDevicePropValue(body.properties)],
    [Standard.SetDevicePropValue, setDevicePropValue(body.properties)],
    [Standard.ResetDevicePropValue, resetDevicePropValue(body.properties)],
    ...powerShotOperations(body),
    ...releaseControlOperations(body, release, viewfinder),
  ]);
  const hidden: OperationTable = parts.selfTest ? selfTestOperations() : new Map();
  for (const [code, operation] of hidden) operations.set(code, operation);

  const responder = new Responder({
    known: [...model.deviceInfo.operationsSupported, ...hidden.keys()],
    operations,
    names: canonNames,
    onOperation: (code) => uploads.onOperation(code),
    refuse: (code) => (!ALWAYS.includes(code) && faults.take('busy') ? Response.Device_Busy : 0),
    onSessionEnd() {
      body.endSession();
      // Nobody looks any more; assumed.
      viewfinder.switchOff();
      uploads.forget();
    },
    log,
    trace,
  });

  return {
    responder,
    get locked() {
      return body.uiLocked;
    },
    ready: () => body.ready(),
    state: () => ({
      remoteMode: body.releaseControl ? 1 : 0,
      dial: body.dial.label,
      busy: body.busy,
      liveView: viewfinder.on,
      shotsLeft: body.shotsLeft(),
      waitingPictures: objects.memory.size,
      recording: false,
      firmwareFile: undefined,
    }),
    press(stages) {
      if (stages & FULL) release.press();
    },
    release: ignore,
    idle: () => release.idle(),
    turnDial: (label) => body.turnDial(label),
    async cardMoved(storageId, inserted) {
      body.notify(inserted ? Event.StoreAdded : Event.StoreRemoved, [storageId]);
      await body.updateSpace();
    },
    setBattery(percent) {
      body.battery = percent;
    },
    faultsChanged: ignore,
    powerOff() {
      viewfinder.switchOff();
      body.restart();
    },
  };
}

/** Properties come and go with release control. */
function getDeviceInfo(body: PowerShotBody): Operation {
  return {
    params: 0,
    async run(transaction) {
      await transaction.send(DeviceInfo.encode(body.deviceInfo));
      return undefined;
    },
  };
}

/** What waits in memory is listed there, and nowhere else. */
function withMemory(body: PowerShotBody, cards: Operation): Operation {
  return {
    ...cards,
    async run(transaction) {
      if (transaction.params[0] !== MEMORY_STORAGE || !body.releaseControl) {
        return cards.run(transaction);
      }
      await transaction.send(U32Array.encode([...body.parts.objects.memory.keys()]));
      return undefined;
    },
  };
}
