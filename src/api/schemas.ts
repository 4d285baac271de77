/**
 * The shapes of the HTTP API: what is checked, what is documented, and the types of both ends come
 * from here. What a camera does not know is null.
 */
import * as v from 'valibot';

const text = v.string();
const flag = v.boolean();
const number = v.number();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const describe = <T extends v.GenericSchema>(schema: T, description: string) =>
  v.pipe(schema, v.description(description));

export const Problem = v.object({
  code: describe(text, 'For programs: "BUSY", "CARD_FULL", "NOT_FOUND", …'),
  message: text,
  hint: v.optional(describe(text, 'What to do about it.')),
});

export const Failure = v.object({ error: Problem });

export const StorageUnit = v.object({
  id: number,
  label: describe(text, 'The first part of paths on it: "SD1".'),
  present: describe(flag, 'False for a slot without a card.'),
  capacity: describe(v.nullable(number), 'Bytes.'),
  free: describe(v.nullable(number), 'Bytes.'),
  readOnly: flag,
});

/** What a client may ask of a camera; it offers no more. */
export const Abilities = v.object({
  shoot: flag,
  bulb: flag,
  burst: flag,
  liveView: flag,
  autofocus: flag,
  focusSteps: flag,
  zoom: flag,
  record: flag,
  settings: flag,
  files: flag,
  remove: flag,
  protect: flag,
  format: flag,
});

const CameraPhase = v.picklist(['connecting', 'waiting', 'ready', 'lost', 'failed']);

export const Camera = v.object({
  id: describe(text, 'Its name in paths of this API.'),
  address: text,
  phase: describe(
    CameraPhase,
    'waiting: somebody must press OK on the camera. lost: it is looked for. failed: it is given up.',
  ),
  error: describe(v.nullable(Problem), 'Why it is lost or failed.'),
  model: v.nullable(text),
  firmware: v.nullable(text),
  serialNumber: v.nullable(text),
  lens: v.nullable(text),
  batteryPercent: v.nullable(number),
  shotsLeft: v.nullable(number),
  storages: v.array(StorageUnit),
  busy: describe(flag, 'It exposes, writes, or does what a client asked for.'),
  recording: describe(flag, 'A movie is being recorded.'),
  can: Abilities,
});

const SettingValue = v.object({
  label: describe(text, 'As photographers say it: "1/250", "f/2.8".'),
  number: v.nullable(number),
});

export const Setting = v.object({
  name: text,
  code: number,
  label: text,
  number: v.nullable(number),
  writable: flag,
  allowed: v.array(SettingValue),
});

export const SetSetting = v.strictObject({
  value: describe(
    v.union([v.pipe(text, v.maxLength(256)), number]),
    'A label ("1/250"), "#3" for the third that is allowed, or the number of the camera.',
  ),
});

export const Entry = v.object({
  handle: number,
  storageId: number,
  parent: number,
  kind: v.picklist(['file', 'folder']),
  name: text,
  path: describe(text, '"/SD1/DCIM/100CANON/2U4A0001.JPG"'),
  format: number,
  size: describe(number, 'Bytes.'),
  date: describe(v.nullable(text), 'The clock of the camera, without a zone.'),
  protected: flag,
  isNew: v.nullable(flag),
});

export const Files = v.object({
  entries: v.array(Entry),
  more: describe(flag, 'There are more than were asked for.'),
});

export const Saved = v.object({
  name: text,
  file: describe(text, 'On the computer of the server.'),
  bytes: number,
  skipped: flag,
});

export const Shoot = v.strictObject({
  to: v.optional(v.picklist(['card', 'host', 'both'])),
  autofocus: v.optional(describe(flag, 'Focus before the exposure. Default true.')),
  bulbMs: v.optional(v.pipe(number, v.minValue(1), v.maxValue(3_600_000))),
  burst: v.optional(v.pipe(number, v.integer(), v.minValue(1), v.maxValue(100))),
  selfTimerMs: v.optional(v.pipe(number, v.minValue(0), v.maxValue(30_000))),
  confirm: v.optional(
    describe(v.pipe(v.string(), v.maxLength(100)), 'The model, where it was seen to crash.'),
  ),
  save: v.optional(
    describe(flag, 'Download it into the folder of the server. Pictures to the host always are.'),
  ),
});

export const Shot = v.object({
  files: v.array(
    v.object({ handle: number, name: text, size: number, where: v.picklist(['card', 'host']) }),
  ),
  downloads: v.array(Saved),
  durationMs: v.nullable(number),
  bulbMs: v.optional(number),
});

export const Focus = v.variant('action', [
  v.strictObject({ action: v.literal('auto') }),
  v.strictObject({ action: v.literal('cancel') }),
  v.strictObject({
    action: v.literal('at'),
    x: describe(fraction, 'From the left.'),
    y: describe(fraction, 'From the top.'),
  }),
  v.strictObject({
    action: v.picklist(['near', 'far']),
    size: v.optional(describe(v.picklist([1, 2, 3]), '1 is the smallest. Default 2.')),
    times: v.optional(v.pipe(number, v.integer(), v.minValue(1), v.maxValue(50))),
  }),
]);

export const Focused = v.object({
  result: v.nullable(v.picklist(['focused', 'failed', 'unknown'])),
});

export const Zoom = v.object({
  kind: describe(
    v.picklist(['lens', 'live-view']),
    'lens: pictures change. live-view: only what live view shows, by so many times.',
  ),
  position: v.nullable(number),
  positions: v.array(number),
});

export const SetZoom = v.strictObject({
  position: describe(number, 'One of the positions.'),
  at: v.optional(
    describe(
      v.strictObject({ x: fraction, y: fraction }),
      'Where live view enlarges, from 0 to 1.',
    ),
  ),
});

export const Record = v.strictObject({ on: flag });

const Rectangle = { x: number, y: number, width: number, height: number };

export const Frame = v.object({
  number: describe(count, 'Counts up with each frame, since the server saw the first.'),
  date: v.nullable(text),
  focusFrames: v.array(
    v.object({
      ...Rectangle,
      state: v.nullable(v.picklist(['face', 'tracking', 'focused', 'failed'])),
      status: number,
    }),
  ),
  zoomFactor: v.nullable(number),
  zoomRectangle: v.nullable(v.object(Rectangle)),
  coordinates: describe(
    v.nullable(v.object({ width: number, height: number })),
    'The coordinates of rectangles go from 0 to these.',
  ),
});

const Levels = v.array(number);

export const FrameFacts = v.object({
  ...Frame.entries,
  histogram: describe(
    v.nullable(v.object({ luma: Levels, red: Levels, green: Levels, blue: Levels })),
    'Counts for 256 levels each.',
  ),
});

export const Connect = v.strictObject({
  address: describe(
    v.pipe(text, v.minLength(3), v.maxLength(200)),
    '"usb:", "ptpip://192.168.1.20", "virtual:eos-r6"',
  ),
});

export const Available = v.object({
  address: text,
  model: text,
  virtual: flag,
  note: describe(v.nullable(text), 'Why it may not work: held by another program, no permission.'),
});

/** Destroying needs the name of what is destroyed, once more. */
export const Confirmed = v.strictObject({
  confirm: describe(text, 'The name of the file, or the label of the card, again.'),
});

export const Done = v.object({ done: v.literal(true) });

/** What comes on the event stream, by the name of the event. */
export const events = {
  cameras: describe(v.array(Camera), 'All of them: first, and whenever one comes or goes.'),
  camera: describe(Camera, 'One has changed.'),
  setting: v.object({ camera: text, setting: Setting }),
  file: describe(v.object({ camera: text, entry: Entry }), 'There is a new picture on a card.'),
  removed: v.object({ camera: text, handle: number }),
};

export type Problem = v.InferOutput<typeof Problem>;
export type StorageUnit = v.InferOutput<typeof StorageUnit>;
export type Abilities = v.InferOutput<typeof Abilities>;
export type Camera = v.InferOutput<typeof Camera>;
export type Setting = v.InferOutput<typeof Setting>;
export type Entry = v.InferOutput<typeof Entry>;
export type Files = v.InferOutput<typeof Files>;
export type Saved = v.InferOutput<typeof Saved>;
export type Shoot = v.InferOutput<typeof Shoot>;
export type Shot = v.InferOutput<typeof Shot>;
export type Focus = v.InferOutput<typeof Focus>;
export type Focused = v.InferOutput<typeof Focused>;
export type Zoom = v.InferOutput<typeof Zoom>;
export type Frame = v.InferOutput<typeof Frame>;
export type FrameFacts = v.InferOutput<typeof FrameFacts>;
export type Available = v.InferOutput<typeof Available>;

/** An event of the stream, and what it carries. */
export type ApiEvent = {
  [K in keyof typeof events]: { type: K; data: v.InferOutput<(typeof events)[K]> };
}[keyof typeof events];
