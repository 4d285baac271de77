/** The driver of any PTP camera: what the standard alone can do. */
import type { PtpSession } from '../../ptp/index.ts';
import type { Camera, CameraIdentity } from '../camera.ts';
import { PtpStorage } from './ptp-storage.ts';
import { standardMethods } from './storage-methods.ts';

export function openStandard(session: PtpSession, address: string): Camera {
  const storage = new PtpStorage(session, standardMethods(session));
  return {
    address,
    identity: identityOf(session),
    async details(options = {}) {
      return {
        modelId: undefined,
        bodySerialNumber: undefined,
        lens: undefined,
        hostName: session.transport.peerName || undefined,
        macAddress: undefined,
        owner: undefined,
        batteryPercent: undefined,
        shutterCount: undefined,
        shotsLeft: undefined,
        storages: await storage.units(options),
      };
    },
    storage,
    ptp: session,
    closed: session.closed,
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

export function identityOf(session: PtpSession): CameraIdentity {
  const { manufacturer, model, deviceVersion, serialNumber } = session.deviceInfo;
  return { manufacturer, model, firmware: deviceVersion, serialNumber };
}
