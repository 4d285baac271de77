/** The operations of an EOS body beyond ISO 15740. */
import { Writer } from '../../bytes/index.ts';
import {
  CanonResponse,
  decodePropValue,
  EosOperation,
  EosProperty,
  EosRecord,
  encodeEvents,
  PowerShotOperation,
} from '../../canon/ptp/index.ts';
import { Response } from '../../ptp/index.ts';
import { type Operation, Refusal, receive, type Transaction } from '../responder/transaction.ts';
import type { EosBody } from './body.ts';
import { updateFirmware } from './firmware.ts';
import type { LiveView } from './live-view.ts';
import type { EosMovie } from './movie.ts';
import type { EosRelease } from './release.ts';

/** The largest property is a few hundred bytes long. */
const PROPERTY_LIMIT = 4096;
/** Both stages of the button. */
const FULL_PRESS = 3;
const ZOOM_FACTORS: readonly number[] = [1, 5, 10];

type Run = (params: readonly number[], transaction: Transaction) => unknown;

interface Parts {
  body: EosBody;
  release: EosRelease;
  liveView: LiveView;
  movie: EosMovie;
}

export function eosOperations(parts: Parts): [number, Operation][] {
  const { body, release, liveView } = parts;
  const { model, objects } = body.parts;

  /** Answers OK with `run`'s response parameters, if it gives any. */
  const always = (params: number | undefined, run: Run): Operation => ({
    ...(params !== undefined && { params }),
    async run(transaction) {
      const result = await run(transaction.params, transaction);
      return Array.isArray(result) ? (result as number[]) : undefined;
    },
  });
  /** As `always`, once SetRemoteMode was called; before that bodies answer busy. */
  const remote = (params: number | undefined, run: Run): Operation =>
    always(params, (given, transaction) => {
      if (body.remoteMode === 0) throw new Refusal(Response.Device_Busy);
      return run(given, transaction);
    });
  /** As `remote`, once the body is ready to shoot. */
  const shooting = (params: number | undefined, run: Run): Operation =>
    remote(params, (given, transaction) => {
      if (!body.shooting) throw new Refusal(Response.Device_Busy);
      return run(given, transaction);
    });
  const nothing = always(undefined, () => undefined);

  const requireLiveView = () => {
    if (!liveView.on) throw new Refusal(Response.Device_Busy);
  };

  return [
    // Modes and events
    [
      EosOperation.SetRemoteMode,
      always(1, ([mode = 0]) => {
        if (!model.remoteModes.includes(mode)) throw new Refusal(Response.Invalid_Parameter);
        body.remoteMode = mode;
        if (mode === 0) liveView.setOutput(0);
      }),
    ],
    [EosOperation.GetRemoteMode, always(0, () => [body.remoteMode])],
    [
      EosOperation.SetEventMode,
      always(1, async ([mode = 0]) => {
        await body.ready();
        if (mode === 0) body.queue.stop();
        else body.startEvents();
      }),
    ],
    [
      EosOperation.GetEvent,
      always(0, async (_, transaction) => {
        // Without remote mode, too: miniPtp reads the first dump of an R6 that way.
        await transaction.send(encodeEvents(body.queue.drain()));
      }),
    ],
    [EosOperation.SetRequestOLCInfoGroup, remote(1, ([mask = 0]) => body.requestOlc(mask))],
    [EosOperation.SetRequestRollingPitchingLevel, nothing],

    // Properties
    [
      EosOperation.SetDevicePropValueEx,
      {
        takesData: true,
        params: 0,
        async run(transaction) {
          const { property, value } = decodePropValue(await receive(transaction, PROPERTY_LIMIT));
          if (body.remoteMode === 0 || body.busy) throw new Refusal(Response.Device_Busy);
          setProperty(parts, property, value);
          return undefined;
        },
      },
    ],
    [
      EosOperation.RequestDevicePropValue,
      remote(1, ([property = 0]) => {
        if (!body.properties.has(property)) throw new Refusal(Response.General_Error);
        body.readClock();
        body.queue.push(body.properties.record(property));
      }),
    ],
    [
      EosOperation.GetDeviceInfoEx,
      always(0, (_, transaction) => transaction.send(deviceInfoEx(body))),
    ],
    // As an EOS R answers, with its own model.
    [EosOperation.GetCameraSupport, always(3, () => [model.modelId, 1])],

    // Shooting
    [
      EosOperation.RemoteReleaseOn,
      shooting(2, async ([stages = 0, withoutAf = 0]) => {
        if (stages < 1 || stages > 3) throw new Refusal(Response.Invalid_Parameter);
        await body.ready();
        release.press(stages, withoutAf === 0);
      }),
    ],
    [
      EosOperation.RemoteReleaseOff,
      shooting(2, ([stages = 0]) => {
        if (stages < 1 || stages > 3) throw new Refusal(Response.Invalid_Parameter);
        release.release(stages);
      }),
    ],
    [
      EosOperation.RemoteRelease,
      shooting(undefined, async () => {
        await body.ready();
        return [await release.atOnce()];
      }),
    ],
    // A result that is no 0 stands where RemoteRelease has its own.
    [
      EosOperation.BulbStart,
      shooting(0, async () => {
        await body.ready();
        if (!body.bulb) return [Response.General_Error];
        release.press(FULL_PRESS, true);
        return [0];
      }),
    ],
    [
      EosOperation.BulbEnd,
      shooting(0, () => {
        release.release(FULL_PRESS);
        return [0];
      }),
    ],
    [
      EosOperation.PCHDDCapacity,
      always(3, ([clusters = 0, bytesEach = 0, flag = 0]) => {
        // EOS Utility gives 0x161 clusters with flag 0: another unit, which is not understood.
        if (flag === 1) body.setHostRoom(clusters * bytesEach);
        const storageId = objects.slots.current()?.catalogue?.storageId;
        if (storageId !== undefined) body.storageChanged(EosRecord.StorageInfoChanged, storageId);
      }),
    ],
    [EosOperation.TransferComplete, always(1, ([handle = 0]) => forget(body, handle))],
    [EosOperation.CancelTransfer, always(1, ([handle = 0]) => forget(body, handle))],
    [EosOperation.ResetMirrorLockupState, remote(undefined, () => release.lowerMirror())],

    [EosOperation.MovieSelectSWOn, remote(0, () => body.selectMovie(true))],
    [
      EosOperation.MovieSelectSWOff,
      remote(0, () => {
        parts.movie.stop();
        body.selectMovie(false);
      }),
    ],

    // Focus and live view
    [
      EosOperation.GetViewFinderData,
      remote(3, async (_, transaction) => {
        const records = await liveView.records();
        if (!records) throw new Refusal(CanonResponse.Object_Not_Ready);
        await transaction.send(records);
        return [0, records.length];
      }),
    ],
    [
      EosOperation.DoAF,
      remote(0, () => {
        requireLiveView();
        void release.focusOnly();
      }),
    ],
    [EosOperation.AFCancel, remote(0, () => undefined)],
    [
      EosOperation.DriveLens,
      remote(1, ([step = 0]) => {
        requireLiveView();
        if (!body.lens.drive(step)) throw new Refusal(Response.Invalid_Parameter);
      }),
    ],
    [
      EosOperation.Zoom,
      remote(1, ([factor = 0]) => {
        requireLiveView();
        if (!ZOOM_FACTORS.includes(factor)) throw new Refusal(Response.Invalid_Parameter);
        liveView.setZoom(factor);
      }),
    ],
    [
      EosOperation.ZoomPosition,
      remote(2, ([x = 0, y = 0]) => {
        requireLiveView();
        liveView.moveZoom(x, y);
      }),
    ],
    [
      EosOperation.TouchAfPosition,
      remote(3, ([, x = 0, y = 0]) => {
        requireLiveView();
        const { sensorWidth, sensorHeight } = model.liveView;
        void release.focusOnly({ x: x / sensorWidth, y: y / sensorHeight });
      }),
    ],
    [
      EosOperation.ClickWB,
      remote(2, () => {
        requireLiveView();
        body.setNumber(EosProperty.EVFWBMode, 0x8000);
      }),
    ],

    // Keeping company
    [EosOperation.SetUILock, remote(undefined, () => void body.uiLocks++)],
    [
      EosOperation.ResetUILock,
      remote(undefined, () => {
        body.uiLocks = Math.max(0, body.uiLocks - 1);
      }),
    ],
    [EosOperation.UpdateFirmware, updateFirmware(body)],
    [EosOperation.KeepDeviceOn, nothing],
    [EosOperation.SetNullPacketMode, nothing],
    [PowerShotOperation.PingRequest, nothing],
    [
      PowerShotOperation.GetMACAddress,
      always(undefined, (_, transaction) => transaction.send(model.mac)),
    ],

    // Attributes
    [
      EosOperation.SetObjectAttributes,
      always(2, async ([handle = 0, flags = 0]) => {
        await objects.slots.ready();
        const { card, object } = objects.file(handle);
        if (card && card.access !== 'read-write') throw new Refusal(Response.Store_Read_Only);
        card?.setFlags(object, flags);
      }),
    ],
    [
      EosOperation.EndGetPartialObjectEx,
      always(undefined, ([handle = 0]) => void objects.file(handle)),
    ],
  ];
}

function setProperty({ body, liveView, movie }: Parts, property: number, value: Uint8Array): void {
  if (property === EosProperty.CustomFuncEx) {
    setFunctions(body, value);
    return;
  }
  switch (body.properties.judge(property, value)) {
    case 'unknown':
      throw new Refusal(Response.DeviceProp_Not_Supported);
    case 'locked':
      throw new Refusal(Response.Device_Busy);
    case 'malformed':
      throw new Refusal(Response.Invalid_DeviceProp_Format);
    case 'notListed':
      throw new Refusal(Response.Invalid_DeviceProp_Value);
    case 'ok':
      if (property === EosProperty.EVFRecordStatus) movie.set(value[0] ?? 0);
      else if (property === EosProperty.CaptureDestination && movie.recording) {
        throw new Refusal(Response.Device_Busy);
      } else applyProperty(body, liveView, property, value);
  }
}

function setFunctions({ properties, queue }: EosBody, value: Uint8Array): void {
  const records = properties.customFunctions.set(value);
  if (records === 'malformed') throw new Refusal(Response.Invalid_DeviceProp_Format);
  for (const record of records) queue.push(properties.functionsRecord(record));
}

function applyProperty(
  body: EosBody,
  liveView: LiveView,
  property: number,
  value: Uint8Array,
): void {
  const before = body.shooting;
  body.applySetting(property, value);
  if (property !== EosProperty.EVFOutputDevice) return;
  liveView.setOutput(body.properties.number(property));
  if (body.shooting && !before) body.startShooting();
}

/** The host has the picture, or does not want it. */
function forget(body: EosBody, handle: number): void {
  if (!body.parts.objects.memory.delete(handle)) {
    throw new Refusal(Response.Invalid_ObjectHandle);
  }
}

/** Total size, then three arrays: events, properties, and one whose meaning is unknown. */
function deviceInfoEx(body: EosBody): Uint8Array {
  const writer = new Writer(512);
  writer.u32(0);
  const arrays = [
    body.parts.model.deviceInfo.eventsSupported.filter((code) => code >= 0xc000),
    body.properties.codes(),
    // Of a 60D.
    [0, 1, 2, 4],
  ];
  for (const values of arrays) {
    writer.u32(values.length);
    for (const value of values) writer.u32(value);
  }
  return writer.patchU32(0, writer.length).finish();
}
