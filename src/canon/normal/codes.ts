/**
 * Numbers of Canon's protocol from before PTP ("normal mode"). Facts from libgphoto2's camlibs/canon
 * (usb.c, Protocol.xml) and from captured sessions of a PowerShot G3 with Canon's own software.
 */

/** wValue of the vendor's control transfers. */
export const Control = {
  Status: 0x55,
  Hello: 0x01,
  Limits: 0x04,
  Activate: 0x11,
  Command: 0x10,
} as const;

/** bRequest: by the length of what is moved. */
export function controlRequest(length: number): number {
  return length <= 1 ? 0x0c : 0x04;
}

/** The camera's answer to the first request. */
export const WakeStatus = {
  /** "C": it slept, or was just plugged in, and has been woken. */
  Woken: 0x43,
  /** "A": a session before this one was not ended by pulling the cable. */
  Active: 0x41,
} as const;

/** Which half of the camera a command is for: the byte in front of the length. */
export const Group = { Storage: 0x11, Camera: 0x12 } as const;

/** How the camera answers: in one block with a status, or by a head and any number of bytes. */
export const ReplyKind = { Fixed: 0x201, Data: 0x202, Upload: 0x403 } as const;

export const Status = {
  Ok: 0,
  NotFound: 0x02000022,
  Protected: 0x02000029,
  CardFull: 0x0200002a,
  EosLockFailed: 0x02000081,
  EosUnlockFailed: 0x02000082,
  NoRemoteControl: 0x02000085,
  InvalidParameter: 0x02000086,
  NoCard: 0x02000087,
  NotLocked: 0x00000086,
} as const;

/** "file is protected"; undefined for a status that nobody knows. */
export function statusText(status: number): string | undefined {
  return STATUS_TEXTS[status];
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  [Status.Ok]: 'OK',
  [Status.NotFound]: 'file not found',
  [Status.Protected]: 'file is protected',
  [Status.CardFull]: 'memory card full',
  [Status.EosLockFailed]: 'keys cannot be locked: the shutter is half pressed, or a menu is open',
  [Status.EosUnlockFailed]: 'keys cannot be unlocked',
  [Status.NoRemoteControl]: 'cannot enter remote control: the lens does not extend',
  [Status.InvalidParameter]: 'invalid parameters, or path not found',
  [Status.NoCard]: 'no memory card',
  [Status.NotLocked]: 'keys were not locked',
};

/** Bits of an entry in a listing. */
export const Attribute = {
  Protected: 0x01,
  /** A folder whose content this listing leaves out. */
  Folder: 0x10,
  /** Nobody has downloaded it yet. */
  New: 0x20,
  /** A folder whose content follows, or the end of one. */
  Entered: 0x80,
} as const;

/** What "set transfer mode" combines. */
export const TransferMode = {
  ThumbnailToHost: 1,
  ImageToHost: 2,
  ThumbnailToCard: 4,
  ImageToCard: 8,
} as const;

/** Of a picture that waits in the camera's memory. */
export const ImageKind = { Thumbnail: 1, Full: 2, Secondary: 3 } as const;

/** Of interrupt packets. */
export const EventCode = {
  Thumbnail: 0x08,
  /** Its parameter tells what happened: see `CaptureState`. */
  Capture: 0x0a,
  Image: 0x0c,
  Stored: 0x0e,
  Complete: 0x0f,
  Secondary: 0x10,
  Initialised: 0x20,
} as const;

export const CaptureState = {
  Failed: 0x0a,
  FlashCharges: 0x1b,
  Exposed: 0x1c,
  Finished: 0x1d,
} as const;

/** A chunk limit that the camera leaves open is this. */
export const DEFAULT_CHUNK = 0x1400;
/** What Canon's software asks a PowerShot for at once. */
export const POWERSHOT_CHUNK = 0x5000;
