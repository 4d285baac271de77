/** From a PTP transport to a camera: the session, then the driver that fits what it lists. */
import { canonNames } from '../canon/ptp/index.ts';
import { PtpSession, type PtpTransport } from '../ptp/index.ts';
import type { OpenOptions } from './address.ts';
import type { Camera } from './camera.ts';
import { isCanon, isEos, openEos } from './drivers/eos.ts';
import { openStandard } from './drivers/ptp.ts';

/** Closes the transport when it fails. */
export async function openPtpCamera(
  transport: PtpTransport,
  address: string,
  options: OpenOptions = {},
): Promise<Camera> {
  const { tap, signal } = options;
  const session = await PtpSession.open(transport, { tap, signal });
  try {
    if (isCanon(session)) session.names = canonNames;
    return isEos(session)
      ? await openEos(session, address, { signal })
      : openStandard(session, address);
  } catch (error) {
    await session.close();
    throw error;
  }
}
