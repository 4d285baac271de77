/** Frames of live view without what some bodies tell beside the picture. */
import type { LiveViewFrame } from '../camera.ts';

export type FrameFacts = Omit<LiveViewFrame, 'jpeg' | 'arrivedAt'>;

export const noFacts = (): FrameFacts => ({
  date: undefined,
  histogram: undefined,
  focusFrames: [],
  zoomFactor: undefined,
  zoomRectangle: undefined,
  coordinates: undefined,
});

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** A JPEG that has just arrived, and nothing beside it; undefined where it is none. */
export function plainFrame(jpeg: Uint8Array): LiveViewFrame | undefined {
  if (!isJpeg(jpeg)) return undefined;
  return { jpeg, arrivedAt: performance.now(), ...noFacts() };
}
