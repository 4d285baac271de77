/** A holder: a camera that is held, and the socket at which commands share it. */

import type { HotshoeError, LinkError } from '../base/errors.ts';
import { open } from '../camera/address.ts';
import type { UsbBus } from '../usb/port.ts';
import { HeldCamera, type HeldOptions } from './held-camera.ts';
import { serveClient } from './serve-client.ts';
import { listenHolder } from './socket.ts';

export interface HoldOptions extends Partial<HeldOptions> {
  address: string;
  /** Of this program: commands of another are refused. */
  version: string;
  env?: NodeJS.ProcessEnv | undefined;
  /** Where `usb:` looks; default this computer's USB. */
  usb?: UsbBus | undefined;
}

/** When nobody has used the camera for so long it is let go. */
export const IDLE_MS = 30 * 60_000;

export interface Holder {
  readonly held: HeldCamera;
  /** Settles when all is closed; with the error where the camera was lost or never opened. */
  readonly closed: Promise<HotshoeError | LinkError | undefined>;
  close(): Promise<void>;
}

/**
 * Holds a camera in this process until it is closed, released by a command, not used for `idleMs`,
 * or lost for `giveUpMs`. Commands find it by its address from now on. `first` is a camera that is
 * open already, for who has just paired it; it is closed with the holder. Rejects with a BUSY error
 * where another process holds it.
 */
export async function holdCamera(options: HoldOptions): Promise<Holder> {
  const { address, version, env, usb, idleMs = IDLE_MS, clock } = options;
  const desks = new Set<Promise<void>>();
  let held: HeldCamera | undefined;
  const socket = await listenHolder(
    address,
    (stream) => {
      if (!held) return void stream.close();
      const desk = serveClient(stream, { held, version, pid: process.pid, clock });
      desks.add(desk);
      void desk.finally(() => desks.delete(desk));
    },
    env,
  );
  const camera = new HeldCamera({
    open: (wait) => open(address, { ...wait, usb }),
    ...options,
    idleMs,
  });
  held = camera;
  const closed = camera.closed.then(async (error) => {
    // Nobody new; those who are there are told, and leave.
    await Promise.all([socket.close(), ...desks]);
    return error;
  });
  return {
    held: camera,
    closed,
    async close() {
      await camera.close();
      await closed;
    },
  };
}
