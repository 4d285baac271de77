/** A camera that this program uses for long, and that commands may use meanwhile. */
import { HotshoeError } from '../base/errors.ts';
import { open } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { type OpenHeldOptions, openHeld } from './client.ts';
import type { HeldState } from './held-camera.ts';
import { type Holder, holdCamera } from './holder.ts';

/** Made in the process that opens them: there is nothing to share, unless somebody holds one. */
const OWN = /^(virtual|replay):/i;

/**
 * The camera by its holder, which this process becomes where none runs, until the camera is closed.
 * A body from before PTP cannot be held, and is opened for this process alone. Rejects as `openHeld`
 * and `open` do.
 */
export async function openShared(address: string, options: OpenHeldOptions): Promise<Camera> {
  const joining = { ...options, onState: (state: HeldState) => pass(state, options) };
  const held = await openHeld(address, joining);
  if (held) return held;
  if (OWN.test(address) || options.mode === 'normal') return open(address, options);
  const { version, env, usb, acceptTimeoutMs } = options;
  let holder: Holder;
  try {
    // It ends with the camera here, and not before.
    const idleMs = Number.POSITIVE_INFINITY;
    holder = await holdCamera({ address, version, env, usb, acceptTimeoutMs, idleMs });
  } catch (error) {
    // Somebody else was quicker.
    const camera = isCode(error, 'BUSY') && (await openHeld(address, joining));
    if (camera) return camera;
    throw error;
  }
  try {
    const camera = await openHeld(address, joining);
    if (camera) return closingToo(camera, holder);
    throw (await holder.closed) ?? new HotshoeError('LINK_LOST', `${address} was let go`);
  } catch (error) {
    await holder.close();
    if (isCode(error, 'UNSUPPORTED')) return open(address, options);
    throw error;
  }
}

function closingToo(camera: Camera, holder: Holder): Camera {
  const close = async () => {
    await camera.close();
    await holder.close();
  };
  return { ...camera, close, [Symbol.asyncDispose]: close };
}

/** What the holder tells, as `open` tells it. */
function pass(state: HeldState, { onState, onWaiting, onAwaited }: OpenHeldOptions): void {
  onState?.(state);
  if (state.name === 'asked') onWaiting?.({ name: state.camera, timeoutMs: state.timeoutMs });
  if (state.name === 'awaited') onAwaited?.(state);
}

const isCode = (error: unknown, code: string) =>
  error instanceof HotshoeError && error.code === code;
