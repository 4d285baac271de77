/** A camera at an address in the network. */
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import { connectIp } from '../ptp/index.ts';
import type { Identity } from './state.ts';
import { connectTcp } from './tcp.ts';

export interface IpPlace {
  host: string;
  port: number;
  /** As whom to connect. */
  identity: Identity;
  /** What the camera's address is called. */
  address: string;
  /** For each of the two connections. */
  connectMs?: number | undefined;
}

export interface IpCamera {
  camera: Camera;
  /** MAC address of the camera, twelve digits in lower case. */
  id: string;
  /** Its nickname, as it told while connecting. */
  nickname: string;
}

/** Longer names are not in the standard. */
const NAME_LIMIT = 39;

/** Rejects as `connectIp` and `openPtpCamera` do, and when `isMeant` says no. */
export async function openIpCamera(
  { host, port, identity, address, connectMs }: IpPlace,
  options: OpenOptions,
  /** Called with the id before a session is opened; throws where it is another camera's. */
  check?: (id: string) => void,
): Promise<IpCamera> {
  const transport = await connectIp({
    async connect(signal) {
      const stream = await connectTcp({ host, port, timeoutMs: connectMs, signal });
      return options.traffic?.stream(stream) ?? stream;
    },
    guid: identity.guid,
    name: [...identity.name].slice(0, NAME_LIMIT).join(''),
    acceptTimeoutMs: options.acceptTimeoutMs,
    onWaiting: options.onWaiting,
    signal: options.signal,
  });
  const id = idOf(transport.peerGuid);
  try {
    check?.(id);
  } catch (error) {
    await transport.close();
    throw error;
  }
  return {
    camera: await openPtpCamera(transport, address, options),
    id,
    nickname: transport.peerName,
  };
}

/** What stays the same in all of a camera's GUIDs; a 70D swaps two of the bytes before it. */
function idOf(guid: Uint8Array): string {
  return Array.from(guid.subarray(10, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
