/**
 * One interface for every camera. A driver is a record of capabilities: what a camera cannot do is
 * absent, not a method that throws.
 */
import type { LinkError } from '../base/errors.ts';
import type { DataSink, DataSource, PtpSession } from '../ptp/index.ts';

export interface Camera {
  /** What it was opened by: "ptpip://192.168.1.20". */
  readonly address: string;
  readonly identity: CameraIdentity;
  /** Asks the camera for what its identity does not hold. */
  details(options?: WaitOptions): Promise<CameraDetails>;
  readonly storage?: CameraStorage;
  readonly capture?: CameraCapture;
  readonly liveView?: CameraLiveView;
  /** Absent where focusing needs a hand: no live view, no lens that obeys. */
  readonly focus?: CameraFocus;
  readonly zoom?: CameraZoom;
  readonly movie?: CameraMovie;
  readonly settings?: CameraSettings;
  readonly firmware?: CameraFirmware;
  /**
   * What the camera tells, from the first `for await` on; each consumer gets all. Absent where it
   * tells nothing.
   */
  readonly events?: AsyncIterable<CameraEvent>;
  /** The PTP session below, for exploring; absent on cameras that speak something else. */
  readonly ptp?: PtpSession;
  /** Settles when the camera is gone: with the reason unless it was closed here. */
  readonly closed: Promise<LinkError | undefined>;
  /** Leaves the camera as a user expects to find it. Never rejects. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface WaitOptions {
  signal?: AbortSignal | undefined;
}

export interface CameraIdentity {
  manufacturer: string;
  /** "Canon EOS R6". */
  model: string;
  /** As the camera writes it: "3-1.5.0". */
  firmware: string;
  /** Of DeviceInfo; on EOS bodies a hash of 32 digits, not the number on the body. */
  serialNumber: string;
}

/** What a camera tells on request; what it does not know is undefined. */
export interface CameraDetails {
  /** Canon's model id: 0x80000453 is an EOS R6. */
  modelId: number | undefined;
  /** The number printed on the body. */
  bodySerialNumber: string | undefined;
  lens: string | undefined;
  /** The nickname that the camera uses in a network. */
  hostName: string | undefined;
  /** "74:bf:c0:12:34:56". */
  macAddress: string | undefined;
  owner: string | undefined;
  /** 0 to 100; cameras round it to quarters. */
  batteryPercent: number | undefined;
  /** How often its shutter has been released, as far as it tells. */
  shutterCount: number | undefined;
  /** Pictures that still fit, as the camera counts them. */
  shotsLeft: number | undefined;
  storages: StorageUnit[];
}

export interface StorageUnit {
  id: number;
  /** The first part of paths on it: "SD1". */
  label: string;
  /** False for a slot without a card. */
  present: boolean;
  /** Bytes; undefined where the camera does not say. */
  capacity: number | undefined;
  free: number | undefined;
  readOnly: boolean;
}

export interface CameraObject {
  handle: number;
  storageId: number;
  /** Handle of the folder it lies in; 0 at the root. */
  parent: number;
  kind: 'file' | 'folder';
  name: string;
  /** From the storage's label down: "/SD1/DCIM/100CANON/2U4A0001.JPG". */
  path: string;
  /** Object format code. */
  format: number;
  /** Bytes; 0 for folders. */
  size: number;
  /** The camera's own clock, ISO 8601 without a zone: "2026-11-21T10:32:05". */
  date: string | undefined;
  protected: boolean;
  /** The camera's own mark of what was not downloaded yet; undefined on bodies without one. */
  isNew: boolean | undefined;
}

export interface ListOptions extends WaitOptions {
  /** Only what lies in this folder (or is this file); default everything. */
  path?: string | undefined;
  /** Descend into folders. Default true. */
  recursive?: boolean | undefined;
}

export interface ReadOptions extends WaitOptions {
  /** Begin at this byte. Default 0. */
  offset?: number | undefined;
  /** At most so many bytes. Default to the end. */
  length?: number | undefined;
}

/** A file to be put on the card. */
export interface Upload {
  name: string;
  content: DataSource;
  /** Object format code; by default what the name's extension says. */
  format?: number | undefined;
  /** Folder on the camera; default the root. */
  folder?: string | undefined;
}

/** What a body does not list is absent. What it lists and refuses rejects with a ResponseError. */
export interface CameraStorage {
  units(options?: WaitOptions): Promise<StorageUnit[]>;
  /** Folders before what is in them. */
  list(options?: ListOptions): AsyncIterable<CameraObject>;
  /** One object by its handle; its path is complete. */
  object(handle: number, options?: WaitOptions): Promise<CameraObject>;
  /** Streams the bytes of a file into `sink`; resolves with their number. */
  read(
    object: Pick<CameraObject, 'handle' | 'size' | 'name'>,
    sink: DataSink,
    options?: ReadOptions,
  ): Promise<number>;
  /** True where `read` takes an offset and a length; else a file is read whole, from its start. */
  readsParts(object: Pick<CameraObject, 'size'>): boolean;
  thumbnail(object: Pick<CameraObject, 'handle'>, options?: WaitOptions): Promise<Uint8Array>;
  put?(upload: Upload, options?: WaitOptions): Promise<CameraObject>;
  /** Makes a folder at this path; the one above it must be there. */
  makeFolder?(path: string, options?: WaitOptions): Promise<CameraObject>;
  /** Deletes a file, or a folder with all that is in it. */
  remove?(object: Pick<CameraObject, 'handle'>, options?: WaitOptions): Promise<void>;
  /** Protects a file from deletion, or frees it. */
  protect?(object: CameraObject, on: boolean, options?: WaitOptions): Promise<void>;
  /** Tells the camera that the file was downloaded: it is not new any more. */
  markDownloaded?(object: CameraObject, options?: WaitOptions): Promise<void>;
  /** Erases a card. */
  format?(unit: Pick<StorageUnit, 'id'>, options?: WaitOptions): Promise<void>;
}

export type CaptureTarget = 'card' | 'host' | 'both';

export interface ShootOptions extends WaitOptions {
  /** Where the picture goes; default where the camera is set to. */
  to?: CaptureTarget | undefined;
  /** Focus before the exposure. Default true. */
  autofocus?: boolean | undefined;
  /**
   * Holds the shutter open for so many milliseconds, with the camera at bulb: it is set to that
   * where it can be, and set back afterwards.
   */
  bulbMs?: number | undefined;
  /**
   * Holds the button, in a continuous drive mode, until so many pictures are announced; a body that
   * is faster than its announcements takes some more. Fewer where the card is full.
   */
  burst?: number | undefined;
  /** By the camera's own self-timer, of so many milliseconds: 2000 or 10000. */
  selfTimerMs?: number | undefined;
  /** How long to wait for the picture after the release. Default 90 s. */
  timeoutMs?: number | undefined;
  /**
   * Takes each file before the camera may drop it: of pictures that go to the host the camera has
   * no other copy.
   */
  receive?: ((file: ShotFile) => Promise<void>) | undefined;
}

/** The shutter button, held halfway: every picture until its release has the same focus. */
export interface HalfPress extends AsyncDisposable {
  focus: FocusResult;
  release(): Promise<void>;
}

/** One file of an exposure. */
export interface ShotFile {
  handle: number;
  name: string;
  size: number;
  format: number;
  /** `host`: it lies in the camera's memory only, until it was received. */
  where: 'card' | 'host';
  storageId: number | undefined;
  /** Streams its bytes; `where: 'host'` files can be read only inside `receive`. */
  read(sink: DataSink, options?: ReadOptions): Promise<number>;
}

export interface Shot {
  files: ShotFile[];
  /** From the release to the last file's announcement, in milliseconds. */
  durationMs: number;
  /** How long the button was held, measured here; of bulb exposures. */
  bulbMs?: number;
}

export interface TetherOptions extends WaitOptions {
  /** Where pictures go; default where the camera is set to. */
  to?: CaptureTarget | undefined;
  /** Called once no picture can be missed any more, and waited for before the first is received. */
  onListening?(): Promise<void>;
  /**
   * Takes each file, one at a time; what is announced meanwhile waits. Of pictures for the computer
   * the camera drops its copy when this has resolved.
   */
  receive(file: ShotFile): Promise<void>;
}

export interface CameraCapture {
  /** Where pictures that its button takes can go; anywhere where this is absent. */
  readonly tetherTargets?: readonly CaptureTarget[];
  /**
   * One exposure, with all its files, or one burst. Where the camera does not take it the error's
   * code says why: FOCUS_FAILED, CARD_FULL, NO_CARD, CARD_LOCKED, MIRROR_UP, LENS_ERROR, or
   * CAPTURE_FAILED where nobody knows.
   */
  shoot(options?: ShootOptions): Promise<Shot>;
  /** Focuses and holds. Absent where focus and exposure are one operation. */
  half?(options?: WaitOptions): Promise<HalfPress>;
  /** Presses the button and lets it go, without waiting for the picture. */
  release(options?: Pick<ShootOptions, 'autofocus' | 'signal'>): Promise<void>;
  /**
   * Takes each picture as it is taken, whoever presses the button; until the signal aborts, which
   * ends it in peace, or something fails.
   */
  tether(options: TetherOptions): Promise<void>;
}

export interface LiveViewOptions extends WaitOptions {
  /** How long to wait for a frame when the camera is not exposing. Default 5 s. */
  timeoutMs?: number | undefined;
}

export interface CameraLiveView {
  /**
   * What the camera sees, as long as somebody iterates: live view is switched on with the first
   * iterator, and put back as it was with the end of the last one. Who is slow misses frames and
   * gets the newest. Goes on while pictures are taken. Rejects with a TimeoutError when no frame
   * comes.
   */
  frames(options?: LiveViewOptions): AsyncIterable<LiveViewFrame>;
}

/** One picture of live view; what the camera did not send with it is undefined. */
export interface LiveViewFrame {
  jpeg: Uint8Array;
  /** When it had arrived, as `performance.now()` counts. */
  arrivedAt: number;
  /** The camera's own clock, ISO 8601 without a zone: "2026-11-21T10:32:05.120". */
  date: string | undefined;
  /** Counts for 256 levels each. */
  histogram: LiveViewHistogram | undefined;
  focusFrames: LiveViewFocusFrame[];
  /** 1, 5 or 10. */
  zoomFactor: number | undefined;
  /** The part of the sensor that is shown. */
  zoomRectangle: LiveViewRectangle | undefined;
  /** The coordinates of all rectangles go from 0 to these. */
  coordinates: { width: number; height: number } | undefined;
}

export interface LiveViewHistogram {
  luma: readonly number[];
  red: readonly number[];
  green: readonly number[];
  blue: readonly number[];
}

export interface LiveViewRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LiveViewFocusFrame extends LiveViewRectangle {
  /** `undefined` for a state that nobody knows. */
  state: 'face' | 'tracking' | 'focused' | 'failed' | undefined;
  /** The camera's own code for it. */
  status: number;
}

/** One value that a setting may have. */
export interface SettingValue {
  /** As photographers say it: "f/2.8", "1/250", "daylight"; hexadecimal where nobody knows it. */
  label: string;
  /** The number that the camera has for it; undefined for texts and structures. */
  number: number | undefined;
}

export interface Setting extends SettingValue {
  /** "iso", "white-balance"; Canon's name, or a code, where photographers have none. */
  name: string;
  /** The camera's own code for it. */
  code: number;
  /** `false`: the camera does not let it be changed now. */
  writable: boolean;
  /** What it may be set to now; empty for texts, numbers without a list, and what is read only. */
  allowed: readonly SettingValue[];
}

export interface SetOptions extends WaitOptions {
  /** How long the camera may take to confirm the new value. Default 5 s. */
  timeoutMs?: number | undefined;
}

/**
 * Settings by name: hotshoe's ("shutter"), gphoto2's ("shutterspeed"), Canon's ("ShutterSpeed") or a
 * code ("0xd102"). Unknown names reject with NOT_FOUND.
 */
export interface CameraSettings {
  list(options?: WaitOptions): Promise<Setting[]>;
  get(name: string, options?: WaitOptions): Promise<Setting>;
  /**
   * Sets it and resolves when the camera has confirmed that; a value is a label ("1/250"), "#3" for
   * the third that is allowed, or a number ("0x6d", 109). Rejects with USAGE and what is allowed
   * where it is not, with TIMEOUT where no confirmation comes.
   */
  set(name: string, value: string | number, options?: SetOptions): Promise<Setting>;
  allowed(name: string, options?: WaitOptions): Promise<readonly SettingValue[]>;
  /** Each change of a value or of what is allowed, whoever made it. */
  watch(options?: WaitOptions): AsyncIterable<Setting>;
}

/** What a camera tells of itself. */
export type CameraEvent =
  | { type: 'settingchanged'; setting: Setting }
  | { type: 'allowedchanged'; setting: Setting }
  | {
      type: 'objectadded' | 'objectchanged';
      handle: number;
      name: string;
      size: number;
      format: number;
      storageId: number;
    }
  | { type: 'objectremoved'; handle: number }
  /** A picture waits for the computer. */
  | { type: 'transferrequest'; handle: number; name: string; size: number; format: number }
  /** It exposes or writes; or it has done so. */
  | { type: 'status'; busy: boolean }
  | { type: 'battery'; percent: number }
  /** A card came, went, or changed. */
  | { type: 'storage'; storageId: number }
  /** What the display on its top shows. */
  | {
      type: 'display';
      /** The shutter button; `failed`: pressed, and not in focus. */
      button?: 'released' | 'half' | 'failed' | 'full' | 'selftimer';
      shutter?: string;
      aperture?: string;
      iso?: string;
      shotsLeft?: number;
      exposureStops?: number;
      focus?: 'none' | 'searching' | 'focused' | 'failed';
    }
  | { type: 'bulbtime' | 'recordingtime' | 'shutdownsoon'; seconds: number }
  /** Something that hotshoe does not know. */
  | { type: 'unknown'; code: number; payload: Uint8Array };

/** `unknown`: the camera tells nothing of it. */
export type FocusResult = 'focused' | 'failed' | 'unknown';

/** In the picture: from 0 (left, top) to 1. */
export interface FocusPlace {
  x: number;
  y: number;
}

export interface FocusStep {
  direction: 'near' | 'far';
  /** 1 is the smallest. How far each goes, the lens decides. Default 2. */
  size?: 1 | 2 | 3 | undefined;
  /** Default 1. */
  times?: number | undefined;
}

/** Live view is switched on for it, and put back afterwards. */
export interface CameraFocus {
  auto(options?: WaitOptions): Promise<FocusResult>;
  at(place: FocusPlace, options?: WaitOptions): Promise<FocusResult>;
  cancel(options?: WaitOptions): Promise<void>;
  /** Moves the lens; cameras tell no position. */
  drive(step: FocusStep, options?: WaitOptions): Promise<void>;
}

export interface ZoomState {
  /** `lens`: pictures change; `live-view`: only what live view shows, by so many times. */
  kind: 'lens' | 'live-view';
  /** Undefined where the camera does not tell. */
  position: number | undefined;
  /** What `set` takes, from wide to tele. */
  positions: readonly number[];
}

/**
 * A lens with a motor, or the enlargement of live view. The latter lasts as long as somebody watches
 * live view.
 */
export interface CameraZoom {
  get(options?: WaitOptions): Promise<ZoomState>;
  /** Rejects with USAGE and the positions where it is none of them. `at`: where live view enlarges. */
  set(position: number, options?: WaitOptions & { at?: FocusPlace }): Promise<void>;
}

export interface FirmwareFile {
  /** "EOSR6150.FIR". */
  name: string;
  bytes: Uint8Array;
}

export interface FirmwareOptions extends WaitOptions {
  iKnowThisCanBrickTheCamera: true;
  /** Bytes that the camera has. */
  onProgress?: ((bytes: number) => void) | undefined;
}

export interface CameraFirmware {
  /**
   * Sends a firmware, which the camera then asks its user about. Refused for a file whose name,
   * size or model id cannot be right, and for cameras that are not virtual.
   */
  update(file: FirmwareFile, options: FirmwareOptions): Promise<void>;
}

/** Movies go onto the card; the recording goes on when the camera is closed here. */
export interface CameraMovie {
  recording(options?: WaitOptions): Promise<boolean>;
  /**
   * Resolves when the camera has confirmed that it records. Rejects with UNSUPPORTED where it is not
   * in movie mode and cannot be brought there from here, with NO_CARD, CARD_FULL or CARD_LOCKED.
   */
  start(options?: WaitOptions): Promise<void>;
  /** Resolves with the file when it is whole. */
  stop(options?: WaitOptions): Promise<ShotFile>;
}
