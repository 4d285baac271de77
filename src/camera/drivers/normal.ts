/** The driver of bodies from before PTP ("normal mode"). */
import {
  Commands,
  firmwareVersion,
  NormalFiles,
  NormalRemote,
  NormalSession,
  type NormalSessionOptions,
  NormalStatusError,
} from '../../canon/normal/index.ts';
import type { OpenOptions } from '../address.ts';
import type { Camera, CameraDetails, WaitOptions } from '../camera.ts';
import { NormalCapture } from './normal-capture.ts';
import { NormalEvents } from './normal-events.ts';
import { NormalLiveView } from './normal-live-view.ts';
import { NormalSettings } from './normal-settings.ts';
import { NormalStorage } from './normal-storage.ts';
import { NormalZoom } from './normal-zoom.ts';

/** Closes the device when it fails. */
export async function openNormalCamera(
  device: Pick<NormalSessionOptions, 'device' | 'name' | 'platform'>,
  address: string,
  options: OpenOptions = {},
): Promise<Camera> {
  const { signal, normalTap: tap } = options;
  const session = await NormalSession.open({ ...device, tap, signal });
  const files = new NormalFiles(session);
  const remote = new NormalRemote(session);
  const storage = new NormalStorage(session, files);
  const liveView = session.isEos ? undefined : new NormalLiveView(remote);
  const settings = new NormalSettings(session, remote);

  const close = async () => {
    await liveView?.close();
    await remote.stop();
    await session.close();
  };
  return {
    address,
    identity: {
      manufacturer: 'Canon Inc.',
      model: session.identity.model,
      firmware: firmwareVersion(session.identity),
      serialNumber: '',
    },
    details: (wait = {}) => details(session, settings, storage, wait),
    storage,
    settings,
    capture: new NormalCapture(session, files, remote, storage),
    ...(liveView && { liveView, zoom: new NormalZoom(remote) }),
    events: new NormalEvents(session),
    closed: session.closed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function details(
  session: NormalSession,
  settings: NormalSettings,
  storage: NormalStorage,
  options: WaitOptions,
): Promise<CameraDetails> {
  const abilities = await known(() =>
    session.call(Commands.GetPictureAbilities, undefined, options),
  );
  const body = session.isEos
    ? await known(() => session.call(Commands.EosGetBodyId, undefined, options))
    : undefined;
  return {
    modelId: abilities?.modelId,
    bodySerialNumber: body && String(body.value).padStart(10, '0'),
    lens: undefined,
    hostName: undefined,
    macAddress: undefined,
    owner: await settings.owner(options),
    batteryPercent: undefined,
    shutterCount: undefined,
    shotsLeft: undefined,
    storages: await storage.units(options),
  };
}

/** Undefined where the body does not know the command. */
async function known<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NormalStatusError) return undefined;
    throw error;
  }
}
