/** The driver of EOS bodies: everything that lists SetRemoteMode and GetEvent. */
import { EosOperation, EosProperty, isCanon } from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import type { Camera, CameraDetails, WaitOptions } from '../camera.ts';
import { batteryPercent } from './eos-battery.ts';
import { EosCameraEvents } from './eos-camera-events.ts';
import { EosCapture } from './eos-capture.ts';
import { EosState } from './eos-events.ts';
import { EosFirmware } from './eos-firmware.ts';
import { EosFocus } from './eos-focus.ts';
import { EosLiveView } from './eos-live-view.ts';
import { EosMovie } from './eos-movie.ts';
import { hasQuirk } from './eos-quirks.ts';
import { EosSettings } from './eos-settings.ts';
import { ShootingModeCapture } from './eos-shooting-mode.ts';
import { eosMethods } from './eos-storage.ts';
import { EosZoom } from './eos-zoom.ts';
import { macAddress } from './mac-address.ts';
import { identityOf } from './ptp.ts';
import { PtpStorage } from './ptp-storage.ts';

export const RemoteMode = { Leave: 0, Computer: 1 } as const;
const EVENTS_OFF = 0;

export function isEos(session: PtpSession): boolean {
  return (
    isCanon(session.deviceInfo) &&
    session.supports(EosOperation.SetRemoteMode) &&
    session.supports(EosOperation.GetEvent)
  );
}

export async function openEos(
  session: PtpSession,
  address: string,
  options: WaitOptions = {},
): Promise<Camera> {
  // By what the body lists before it is in remote mode, or in it.
  const shootingMode = hasQuirk(session.deviceInfo, 'needsShootingMode');
  await session.call(EosOperation.SetRemoteMode, [RemoteMode.Computer], options);
  // These list other operations in remote mode.
  if (!session.supports(EosOperation.RemoteRelease)) await session.getDeviceInfo(options);
  const state = new EosState(session);
  const storage = new PtpStorage(session, eosMethods(session));
  const settings = new EosSettings(session, state);
  const liveView = session.supports(EosOperation.GetViewFinderData)
    ? new EosLiveView(session, state)
    : undefined;

  const capture =
    shootingMode || hasQuirk(session.deviceInfo, 'needsShootingMode')
      ? new ShootingModeCapture(session, state, storage)
      : session.supports(EosOperation.RemoteRelease)
        ? new EosCapture(session, state, storage)
        : undefined;

  const close = async () => {
    await liveView?.close();
    await capture?.close();
    state.end();
    await giveBack(session, state.eventsOn);
    await session.close();
  };
  return {
    address,
    identity: identityOf(session),
    details: (wait = {}) => details(session, state, storage, wait),
    storage,
    settings,
    events: new EosCameraEvents(session, state, settings),
    ...(capture && { capture }),
    ...(liveView && { liveView, focus: new EosFocus(session, state, liveView) }),
    ...(liveView &&
      session.supports(EosOperation.Zoom) && { zoom: new EosZoom(session, state, liveView) }),
    // Nobody has found recording on bodies without the switch.
    ...(session.supports(EosOperation.MovieSelectSWOn) && {
      movie: new EosMovie(session, state, storage),
    }),
    ...(session.supports(EosOperation.UpdateFirmware) && {
      firmware: new EosFirmware(session, state, address),
    }),
    ptp: session,
    closed: session.closed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Gives the body back to its user. Remote mode 0 alone leaves the rear display of several bodies
 * dark, so libgphoto2 ends with 1; errors on the way out are of no use to anybody.
 */
export async function giveBack(session: PtpSession, eventsOn: boolean): Promise<void> {
  const send = (code: number, param: number) =>
    session.transaction(code, [param], { timeoutMs: 3000 });
  try {
    if (eventsOn) await send(EosOperation.SetEventMode, EVENTS_OFF);
    await send(EosOperation.SetRemoteMode, RemoteMode.Leave);
    await send(EosOperation.SetRemoteMode, RemoteMode.Computer);
  } catch {
    // The link is gone: so is the remote mode.
  }
}

async function details(
  session: PtpSession,
  state: EosState,
  storage: PtpStorage,
  { signal }: WaitOptions,
): Promise<CameraDetails> {
  await state.start(signal);
  // Values that bodies leave out of the first dump because they are expensive to read.
  for (const property of [EosProperty.Owner, EosProperty.SerialNumber]) {
    await state.request(property, signal);
  }
  await state.drain({ signal });
  return {
    modelId: state.number(EosProperty.ModelID),
    bodySerialNumber: state.text(EosProperty.SerialNumber),
    lens: state.text(EosProperty.LensName),
    hostName: state.text(EosProperty.CameraNickname),
    macAddress: await macAddress(session, signal),
    owner: state.text(EosProperty.Owner),
    batteryPercent: batteryPercent(state.number(EosProperty.BatteryPower)),
    shutterCount: state.number(EosProperty.ShutterCounter),
    shotsLeft: state.number(EosProperty.AvailableShots),
    storages: await storage.units({ signal }),
  };
}
