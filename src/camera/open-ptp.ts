/** From a PTP transport to a camera: the session, then the driver that fits what it lists. */
import { namesFor } from '../canon/ptp/index.ts';
import { PtpSession, type PtpTransport } from '../ptp/index.ts';
import type { OpenOptions } from './address.ts';
import type { Camera } from './camera.ts';
import { isEos, openEos } from './drivers/eos.ts';
import { isPowerShot, openPowerShot } from './drivers/powershot.ts';
import { openStandard } from './drivers/ptp.ts';

/** Closes the transport when it fails. */
export async function openPtpCamera(
  transport: PtpTransport,
  address: string,
  options: OpenOptions = {},
): Promise<Camera> {
  const { tap, signal, driver = 'auto', onDeviceInfo } = options;
  const session = await PtpSession.open(transport, { tap, signal, onDeviceInfo });
  try {
    session.names = namesFor(session.deviceInfo);
    if (driver === 'auto' && isEos(session)) return await openEos(session, address, { signal });
    if (driver === 'auto' && isPowerShot(session)) {
      return await openPowerShot(session, address, { signal });
    }
    return openStandard(session, address);
  } catch (error) {
    await session.close();
    throw error;
  }
}
