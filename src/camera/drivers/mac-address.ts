/** The address of a camera in its own network. */
import { PowerShotOperation } from '../../canon/ptp/index.ts';
import { type PtpSession, Response } from '../../ptp/index.ts';

/** "74:bf:c0:12:34:56"; undefined where the body does not tell. */
export async function macAddress(
  session: PtpSession,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (!session.supports(PowerShotOperation.GetMACAddress)) return undefined;
  const { code, data } = await session.transaction(PowerShotOperation.GetMACAddress, [], {
    signal,
  });
  if (code !== Response.OK || data.length < 6) return undefined;
  return Array.from(data.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
