/** Cameras from before PTP in the manner of canon-remote; the entry is `hotshoe/normal`. */
export { NormalCamera } from './camera.ts';
export type { NormalShot } from './capture.ts';
export { NormalCapture } from './capture.ts';
export type { FindOptions } from './find.ts';
export { findOn } from './find.ts';
export type { Walked } from './storage.ts';
export { NormalStorage } from './storage.ts';
