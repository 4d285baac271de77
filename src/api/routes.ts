/** Every operation of the HTTP API: where it is, what it takes and gives. Nothing else is answered. */
import * as v from 'valibot';
import * as s from './schemas.ts';

export interface Route {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below /api, with {names}. */
  path: string;
  summary: string;
  /** Where more is to be said. */
  description?: string;
  params?: v.GenericSchema;
  query?: v.GenericSchema;
  body?: v.GenericSchema;
  /** JSON of this shape, or anything of these media types. */
  result: v.GenericSchema | { types: readonly string[] };
}

const whole = (text: string) =>
  v.pipe(v.string(), v.regex(/^\d{1,10}$/, text), v.transform(Number));

const cameraId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, 'there is no such camera'));
const inCamera = v.object({ camera: cameraId });
const handle = whole('a handle is a whole number');
const ofFile = v.object({ camera: cameraId, handle });
const jpeg = { types: ['image/jpeg'] };

export const routes = {
  available: {
    method: 'get',
    path: '/available',
    summary: 'Cameras that can be connected: those on USB, and virtual ones',
    result: v.array(s.Available),
  },
  cameras: {
    method: 'get',
    path: '/cameras',
    summary: 'Cameras that are connected, or were and are looked for',
    result: v.array(s.Camera),
  },
  connect: {
    method: 'post',
    path: '/cameras',
    summary: 'Connect a camera',
    description:
      'Answers at once; its phase tells what comes of it. The same address gives the same camera.',
    body: s.Connect,
    result: s.Camera,
  },
  camera: {
    method: 'get',
    path: '/cameras/{camera}',
    summary: 'What is known of a camera',
    params: inCamera,
    result: s.Camera,
  },
  disconnect: {
    method: 'delete',
    path: '/cameras/{camera}',
    summary: 'Let a camera go',
    params: inCamera,
    result: s.Done,
  },
  settings: {
    method: 'get',
    path: '/cameras/{camera}/settings',
    summary: 'Its settings, with what each may be set to now',
    params: inCamera,
    result: v.array(s.Setting),
  },
  setting: {
    method: 'get',
    path: '/cameras/{camera}/settings/{name}',
    summary: 'One of them',
    params: v.object({ camera: cameraId, name: v.pipe(v.string(), v.maxLength(80)) }),
    result: s.Setting,
  },
  set: {
    method: 'put',
    path: '/cameras/{camera}/settings/{name}',
    summary: 'Set it; answers when the camera has confirmed that',
    params: v.object({ camera: cameraId, name: v.pipe(v.string(), v.maxLength(80)) }),
    body: s.SetSetting,
    result: s.Setting,
  },
  shoot: {
    method: 'post',
    path: '/cameras/{camera}/shoot',
    summary: 'Take a picture; answers when it is where it belongs',
    params: inCamera,
    body: s.Shoot,
    result: s.Shot,
  },
  focus: {
    method: 'post',
    path: '/cameras/{camera}/focus',
    summary: 'Focus, at a place too, or move the lens',
    params: inCamera,
    body: s.Focus,
    result: s.Focused,
  },
  zoom: {
    method: 'get',
    path: '/cameras/{camera}/zoom',
    summary: 'Where the zoom stands, and where it can',
    params: inCamera,
    result: s.Zoom,
  },
  setZoom: {
    method: 'put',
    path: '/cameras/{camera}/zoom',
    summary: 'Zoom a lens with a motor, or enlarge live view while somebody watches it',
    params: inCamera,
    body: s.SetZoom,
    result: s.Done,
  },
  record: {
    method: 'post',
    path: '/cameras/{camera}/record',
    summary: 'Begin or end a movie',
    params: inCamera,
    body: s.Record,
    result: s.Camera,
  },
  files: {
    method: 'get',
    path: '/cameras/{camera}/files',
    summary: 'Files and folders on its cards',
    params: inCamera,
    query: v.object({
      path: v.optional(v.pipe(v.string(), v.maxLength(1024))),
      recursive: v.optional(v.picklist(['true', 'false'])),
      newest: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^[1-9]\d{0,4}$/, 'newest is a count'),
          v.transform(Number),
          v.description('Only so many, the newest first, and no folders.'),
        ),
      ),
    }),
    result: s.Files,
  },
  file: {
    method: 'get',
    path: '/cameras/{camera}/files/{handle}',
    summary: 'One of them',
    params: ofFile,
    result: s.Entry,
  },
  content: {
    method: 'get',
    path: '/cameras/{camera}/files/{handle}/content',
    summary: 'The bytes of a file; takes Range',
    params: ofFile,
    query: v.object({ download: v.optional(v.picklist(['true', 'false'])) }),
    result: { types: ['image/jpeg', 'video/mp4', 'application/octet-stream'] },
  },
  thumbnail: {
    method: 'get',
    path: '/cameras/{camera}/files/{handle}/thumbnail',
    summary: 'Its small picture',
    params: ofFile,
    result: jpeg,
  },
  remove: {
    method: 'delete',
    path: '/cameras/{camera}/files/{handle}',
    summary: 'Delete a file from the card',
    params: ofFile,
    body: s.Confirmed,
    result: s.Done,
  },
  format: {
    method: 'post',
    path: '/cameras/{camera}/storages/{storage}/format',
    summary: 'Erase a card',
    params: v.object({ camera: cameraId, storage: whole('a card has a number') }),
    body: s.Confirmed,
    result: s.Done,
  },
  frame: {
    method: 'get',
    path: '/cameras/{camera}/live/frame.jpg',
    summary: 'What the camera sees now',
    description:
      'With `after`, waits for a frame newer than that number: ask again with each answer, and you ' +
      'have a moving picture at your own pace. The header Hotshoe-Frame holds what came with it.',
    params: inCamera,
    query: v.object({ after: v.optional(whole('after is the number of a frame')) }),
    result: jpeg,
  },
  stream: {
    method: 'get',
    path: '/cameras/{camera}/live/stream',
    summary: 'The moving picture, as network cameras send it (MJPEG)',
    description: 'Who is slow misses frames.',
    params: inCamera,
    result: { types: ['multipart/x-mixed-replace'] },
  },
  facts: {
    method: 'get',
    path: '/cameras/{camera}/live/facts',
    summary: 'What the camera sends with a frame, the histogram too',
    params: inCamera,
    result: s.FrameFacts,
  },
  events: {
    method: 'get',
    path: '/events',
    summary: 'What happens, as server-sent events',
    description:
      'Events: cameras, camera, setting, file, removed; the data of each is JSON. The first tells ' +
      'of all cameras.',
    result: { types: ['text/event-stream'] },
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type Operation = keyof Routes;

type Part<R, K extends string> = R extends { [P in K]: infer S extends v.GenericSchema }
  ? S
  : never;
type Given<R, K extends string> = [Part<R, K>] extends [never]
  ? undefined
  : v.InferOutput<Part<R, K>>;

/** What a handler gets. */
export interface Input<K extends Operation> {
  params: Given<Routes[K], 'params'>;
  query: Given<Routes[K], 'query'>;
  body: Given<Routes[K], 'body'>;
  request: Request;
  signal: AbortSignal;
}

/** What it gives: the result, or a response of one of the types. */
export type Result<K extends Operation> = Routes[K]['result'] extends v.GenericSchema
  ? v.InferOutput<Routes[K]['result']>
  : Response;

export type Handlers = { [K in Operation]: (input: Input<K>) => Promise<Result<K>> | Result<K> };
