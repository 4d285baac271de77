/** Cameras: one interface, one driver per family, one table of addresses. */
export type { Opener, OpenOptions } from './address.ts';
export { noCamera, open, parseHostPort, registerOpener } from './address.ts';
export type * from './camera.ts';
export { namesFor, openPtpCamera } from './open-ptp.ts';
export { globMatcher, isGlob } from './paths.ts';
