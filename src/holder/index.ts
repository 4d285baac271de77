/**
 * Cameras that stay connected while commands come and go, and that several of them use at once.
 * `holdCamera` makes this process a holder, `openHeld` uses one that runs elsewhere: the whole of
 * `Camera`, over the holder's session.
 */
export type { FromBackground } from './background.ts';
export { holdInBackground } from './background.ts';
export { holders, openHeld, releaseHolder } from './client.ts';
export type { HolderStatus } from './frames.ts';
export { plainError } from './frames.ts';
export type { HeldState } from './held-camera.ts';
export type { Holder } from './holder.ts';
export { holdCamera, IDLE_MS } from './holder.ts';
export { openShared } from './shared.ts';
export { anyHolder } from './socket.ts';
