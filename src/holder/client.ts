/** What commands do with holders: use one, look at them, end them. */
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import { ignore, within } from '../base/time.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import {
  errorOf,
  Frame,
  FrameReader,
  FrameWriter,
  type Hello,
  type HolderStatus,
  type PlainError,
  PROTOCOL,
} from './frames.ts';
import type { HeldState } from './held-camera.ts';
import { joinHolder } from './holder-transport.ts';
import { connectHolder, socketPath, socketPaths } from './socket.ts';

const STATUS_MS = 2000;
/** A camera that does not answer is left after some seconds. */
const RELEASE_MS = 20_000;

export interface OpenHeldOptions extends OpenOptions {
  version: string;
  env?: NodeJS.ProcessEnv | undefined;
  /** What becomes of the camera while it is waited for. */
  onState?: ((state: HeldState) => void) | undefined;
}

/**
 * The camera of the holder of this address, if one runs. Closing it leaves the session to the
 * holder. Rejects with a BUSY error for a holder of another version, and where all bytes are to be
 * seen, which pass elsewhere.
 */
export async function openHeld(
  address: string,
  options: OpenHeldOptions,
): Promise<Camera | undefined> {
  const { version, env, traffic, onState, signal } = options;
  const stream = await connectHolder(socketPath(address, env));
  if (!stream) return undefined;
  if (traffic) {
    await stream.close();
    throw new HotshoeError('BUSY', `${address} is held by another process, and so is its traffic`, {
      hint: 'To record it, let it go by `hotshoe release` first.',
    });
  }
  const transport = await joinHolder(stream, { version, pid: process.pid, onState, signal });
  return openPtpCamera(transport, address, options);
}

/** All holders of this user that answer. */
export async function holders(env?: NodeJS.ProcessEnv): Promise<HolderStatus[]> {
  const found = await Promise.all(
    (await socketPaths(env)).map((path) => ask(path, { want: 'status' }, STATUS_MS).catch(ignore)),
  );
  return found.filter((status) => status !== undefined && status !== null) as HolderStatus[];
}

/**
 * Ends the holder of this address; undefined where there is none. Rejects with a BUSY error while
 * other commands use the camera, unless it is forced.
 */
export function releaseHolder(
  address: string,
  { force = false, env }: { force?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<HolderStatus | undefined> {
  return ask(socketPath(address, env), { want: 'release', force }, RELEASE_MS);
}

async function ask(
  path: string,
  want: Pick<Hello, 'want' | 'force'>,
  ms: number,
): Promise<HolderStatus | undefined> {
  const stream = await connectHolder(path);
  if (!stream) return undefined;
  try {
    return await within(converse(stream, want), { ms, what: 'the holder did not answer' });
  } finally {
    await stream.close();
  }
}

async function converse(
  stream: ByteStream,
  want: Pick<Hello, 'want' | 'force'>,
): Promise<HolderStatus> {
  const hello: Hello = { protocol: PROTOCOL, version: '', pid: process.pid, ...want };
  await new FrameWriter(stream).send(Frame.Hello, hello);
  const reader = new FrameReader(stream);
  const head = await reader.head();
  if (head?.kind === Frame.Welcome) return reader.json<HolderStatus>(head);
  if (head?.kind === Frame.Refused) throw errorOf(await reader.json<PlainError>(head));
  throw new LinkError('the holder has ended');
}
