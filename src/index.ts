/**
 * The entry `hotshoe`: everything that runs in Node and in a browser alike. `hotshoe/node` adds
 * sockets and files, `hotshoe/virtual` the virtual cameras.
 */
export type { ByteStream } from './base/byte-stream.ts';
export { memoryPipe } from './base/byte-stream.ts';
export type { ErrorCode } from './base/errors.ts';
export { HotshoeError, LinkError, TimeoutError, UnsupportedError } from './base/errors.ts';
export type { Clock } from './base/time.ts';
export type { Codec, Infer, Struct } from './bytes/index.ts';
/** What structs of your own are made of: `bytes.u16`, `bytes.array(bytes.u32)`, … */
export * as bytes from './bytes/index.ts';
export {
  dataset,
  hex16,
  hex32,
  hexdump,
  ProtocolError,
  parseHex,
  Reader,
  struct,
  toHex,
  Writer,
} from './bytes/index.ts';
export type { AwaitedCamera, Opener, OpenOptions } from './camera/address.ts';
export { noCamera, open, registerOpener } from './camera/address.ts';
export type * from './camera/camera.ts';
export type { Capability } from './camera/capabilities.ts';
export { capabilities } from './camera/capabilities.ts';
export type { EventProcOptions, EventProcResult } from './camera/event-procs.ts';
export { callEventProc } from './camera/event-procs.ts';
export { openPtpCamera } from './camera/open-ptp.ts';
export { globMatcher, isGlob } from './camera/paths.ts';
/** Canon's extensions: codes, event records, structures, exposure numbers and their labels. */
export * as canon from './canon/ptp/index.ts';
/** Traffic made readable: captures, recordings, what they mean. */
export * as inspect from './inspect/index.ts';
export * from './ptp/index.ts';
