/** From a PTP transport to a camera: the session, then the driver that fits what it lists. */
import { namesFor } from '../canon/ptp/index.ts';
import { PtpSession, type PtpTransport } from '../ptp/index.ts';
import type { OpenOptions } from './address.ts';
import type { Camera } from './camera.ts';
import { isEos, openEos } from './drivers/eos.ts';
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
    return driver === 'auto' && isEos(session)
      ? await openEos(session, address, { signal })
      : openStandard(session, address);
  } catch (error) {
    await session.close();
    throw error;
  }
}
