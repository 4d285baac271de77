/**
 * The driver of PowerShots and IXUS of the older extension (0x90xx): those of 2002 to 2009 with release
 * control, and later ones that give files, properties and events, but are not shot from a computer.
 */

import { ignore } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import {
  decodeText,
  isCanon,
  PowerShotOperation,
  PowerShotProperty,
} from '../../canon/ptp/index.ts';
import { ARRAY } from '../../ptp/data-types.ts';
import { DataType, type PtpSession, type PtpValue, ResponseError } from '../../ptp/index.ts';
import type { Camera, CameraDetails, WaitOptions } from '../camera.ts';
import { macAddress } from './mac-address.ts';
import { PowerShotCameraEvents } from './powershot-camera-events.ts';
import { PowerShotCapture } from './powershot-capture.ts';
import { ReleaseControl } from './powershot-control.ts';
import { PowerShotEvents } from './powershot-events.ts';
import { PowerShotFocus } from './powershot-focus.ts';
import { PowerShotLiveView } from './powershot-live-view.ts';
import { PowerShotSettings } from './powershot-settings.ts';
import { MEMORY_STORAGE, powerShotMethods } from './powershot-storage.ts';
import { PowerShotZoom } from './powershot-zoom.ts';
import { identityOf } from './ptp.ts';
import { PtpStorage } from './ptp-storage.ts';

/** Any of these is listed by every PowerShot since 2002, and by no EOS body without its own set. */
const MARKS: readonly number[] = [
  PowerShotOperation.InitiateReleaseControl,
  PowerShotOperation.CheckEvent,
  PowerShotOperation.GetObjectInfoEx,
];

export function isPowerShot(session: PtpSession): boolean {
  return isCanon(session.deviceInfo) && MARKS.some((operation) => session.supports(operation));
}

export async function openPowerShot(
  session: PtpSession,
  address: string,
  { signal }: WaitOptions = {},
): Promise<Camera> {
  const events = new PowerShotEvents(session);
  const control = new ReleaseControl(session, events);
  await control.recover(signal);
  const storage = new PtpStorage(session, powerShotMethods(session));
  const settings = new PowerShotSettings(session, events, control);
  const lists = (...operations: number[]) =>
    control.isListed && operations.every((operation) => session.supports(operation));
  const liveView = lists(PowerShotOperation.ViewfinderOn, PowerShotOperation.GetViewfinderImage)
    ? new PowerShotLiveView(session, events, control)
    : undefined;
  const focus = lists(PowerShotOperation.DoAeAfAwb)
    ? new PowerShotFocus(session, events, control)
    : undefined;
  const capture = lists(PowerShotOperation.InitiateCaptureInMemory)
    ? new PowerShotCapture({ session, storage, events, control, liveView, focus })
    : undefined;

  const close = async () => {
    await liveView?.close();
    await control.leave();
    // The link may be gone already.
    await events.end().catch(ignore);
    await session.close();
  };
  return {
    address,
    identity: identityOf(session),
    details: (wait = {}) => details(session, storage, wait),
    storage,
    settings,
    events: new PowerShotCameraEvents(session, events, settings),
    ...(capture && { capture }),
    ...(liveView && { liveView }),
    ...(focus && { focus }),
    // Whether its lens has a motor, a body tells under release control only; all of them have.
    ...(control.isListed && { zoom: new PowerShotZoom(settings) }),
    ptp: session,
    closed: session.closed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function details(
  session: PtpSession,
  storage: PtpStorage,
  { signal }: WaitOptions,
): Promise<CameraDetails> {
  const read = (property: number, dataType: number) =>
    propertyValue(session, property, dataType, signal);
  const modelId = await read(PowerShotProperty.ModelID, DataType.UINT32);
  const owner = await read(PowerShotProperty.CameraOwner, ARRAY | DataType.UINT8);
  return {
    modelId: modelId === undefined ? undefined : Number(modelId),
    bodySerialNumber: undefined,
    lens: undefined,
    hostName: undefined,
    macAddress: await macAddress(session, signal),
    owner: typeof owner === 'object' ? textOf(owner) : undefined,
    batteryPercent: undefined,
    shutterCount: undefined,
    shotsLeft: await shotsLeft(session, signal),
    storages: await storage.units({ signal }),
  };
}

function textOf(bytes: readonly (number | bigint)[]): string | undefined {
  return decodeText(Uint8Array.from(bytes.map(Number))) || undefined;
}

async function propertyValue(
  session: PtpSession,
  property: number,
  dataType: number,
  signal: AbortSignal | undefined,
): Promise<PtpValue | undefined> {
  if (!session.deviceInfo.devicePropertiesSupported.includes(property)) return undefined;
  try {
    return await session.getDevicePropValue(property, dataType, { signal });
  } catch (error) {
    if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
    throw error;
  }
}

const UNKNOWN = 0xffffffff;

/** As the body counts them, in the setting that it has now. */
async function shotsLeft(
  session: PtpSession,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const ids = await session.getStorageIds({ signal });
  const card = ids.find((id) => id !== MEMORY_STORAGE && (id & 0xffff) !== 0);
  if (card === undefined) return undefined;
  const { freeSpaceInImages } = await session.getStorageInfo(card, { signal });
  return freeSpaceInImages === UNKNOWN ? undefined : freeSpaceInImages;
}
