/** Recordings as virtual cameras. */
export type { Recorded, RecordedEvent, Recording } from './recording.ts';
export { readRecording } from './recording.ts';
export type { ReplayOptions } from './replay-camera.ts';
export { ReplayCamera } from './replay-camera.ts';
export { ReplayTransport } from './replay-transport.ts';
