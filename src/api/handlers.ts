/** What each operation of the API does. */
import { HotshoeError, UnsupportedError } from '../base/errors.ts';
import type { Camera, CameraStorage } from '../camera/camera.ts';
import type { Cameras } from './cameras.ts';
import { entryOf, frameOf, settingOf } from './descriptions.ts';
import { eventStream } from './event-stream.ts';
import { fileContent } from './file-content.ts';
import { listFiles } from './files.ts';
import { jpegResponse } from './jpeg-response.ts';
import { MJPEG_TYPE } from './mjpeg.ts';
import { HttpError } from './problem.ts';
import type { Handlers } from './routes.ts';
import { type Save, shoot } from './shoot.ts';

export interface ApiOptions {
  cameras: Cameras;
  /** Keeps a picture on the computer of the server; absent where there is no disk. */
  save?: Save | undefined;
}

export function makeHandlers({ cameras, save }: ApiOptions): Handlers {
  const seatOf = ({ params }: { params: { camera: string } }) => cameras.seat(params.camera);
  return {
    available: () => cameras.available(),
    cameras: () => cameras.list().map(({ state }) => state),
    connect: ({ body }) => cameras.connect(body.address).state,
    camera: (input) => seatOf(input).state,
    async disconnect({ params }) {
      await cameras.disconnect(params.camera);
      return { done: true };
    },

    async settings(input) {
      const settings = need(seatOf(input).camera(), 'settings');
      return (await settings.list({ signal: input.signal })).map(settingOf);
    },
    async setting(input) {
      const settings = need(seatOf(input).camera(), 'settings');
      return settingOf(await settings.get(input.params.name, { signal: input.signal }));
    },
    set: (input) =>
      seatOf(input).work(async (camera) => {
        const { name } = input.params;
        return settingOf(await need(camera, 'settings').set(name, input.body.value));
      }),

    shoot: (input) => seatOf(input).work((camera) => shoot(camera, input.body, save)),
    focus: (input) =>
      seatOf(input).work(async (camera) => {
        const focus = need(camera, 'focus');
        const { body } = input;
        switch (body.action) {
          case 'auto':
            return { result: await focus.auto() };
          case 'at':
            return { result: await focus.at({ x: body.x, y: body.y }) };
          case 'cancel':
            await focus.cancel();
            return { result: null };
          default: {
            const { action: direction, size, times } = body;
            await focus.drive({ direction, size, times });
            return { result: null };
          }
        }
      }),
    async zoom(input) {
      const zoom = need(seatOf(input).camera(), 'zoom');
      const { position, ...rest } = await zoom.get({ signal: input.signal });
      return { ...rest, positions: [...rest.positions], position: position ?? null };
    },
    setZoom: (input) =>
      seatOf(input).work(async (camera) => {
        const { position, at } = input.body;
        await need(camera, 'zoom').set(position, at ? { at } : {});
        return { done: true as const };
      }),
    async record(input) {
      const seat = seatOf(input);
      await seat.work(async (camera) => {
        const movie = need(camera, 'movie');
        if (input.body.on) await movie.start();
        else await movie.stop();
        seat.setRecording(input.body.on);
      });
      return seat.state;
    },

    files: (input) => {
      const camera = seatOf(input).camera();
      return listFiles(need(camera, 'storage'), { ...input.query, signal: input.signal });
    },
    async file(input) {
      const storage = need(seatOf(input).camera(), 'storage');
      return entryOf(await storage.object(input.params.handle, { signal: input.signal }));
    },
    async content(input) {
      const { params, query, request, signal } = input;
      const storage = need(seatOf(input).camera(), 'storage');
      const object = await fileOf(storage, params.handle, signal);
      const range = request.headers.get('range');
      return fileContent({ storage, object, range, download: query.download === 'true', signal });
    },
    async thumbnail(input) {
      const seat = seatOf(input);
      const storage = need(seat.camera(), 'storage');
      const { handle } = input.params;
      const picture = await seat.thumbnails.get(handle, () => storage.thumbnail({ handle }));
      // A card may be another one tomorrow; a strip that is drawn again needs no question.
      return jpegResponse(picture, { 'Cache-Control': 'private, max-age=60' });
    },
    async remove(input) {
      const seat = seatOf(input);
      await seat.work(async (camera) => {
        const storage = need(camera, 'storage');
        if (!storage.remove) throw new UnsupportedError(`${camera.identity.model} deletes nothing`);
        const object = await storage.object(input.params.handle);
        confirm(input.body.confirm, object.name);
        if (object.kind === 'folder') {
          throw new HotshoeError('USAGE', `${object.path} is a folder`, {
            hint: 'Delete the files in it one by one, or use `hotshoe rm -r`.',
          });
        }
        await storage.remove(object);
        seat.forget(object.handle);
      });
      return { done: true };
    },
    async format(input) {
      await seatOf(input).work(async (camera) => {
        const storage = need(camera, 'storage');
        if (!storage.format) throw new UnsupportedError(`${camera.identity.model} formats no card`);
        const units = await storage.units();
        const unit = units.find(({ id, present }) => present && id === input.params.storage);
        if (!unit) throw new HotshoeError('NOT_FOUND', 'there is no such card');
        confirm(input.body.confirm, unit.label);
        await storage.format(unit);
      });
      return { done: true };
    },

    async frame(input) {
      const seat = seatOf(input);
      const { number, frame } = await seat.frames.next(input.query.after, input.signal);
      return jpegResponse(frame.jpeg, {
        'Cache-Control': 'no-store',
        'Hotshoe-Frame': JSON.stringify(frameOf(frame, number)),
      });
    },
    stream(input) {
      const seat = seatOf(input);
      need(seat.camera(), 'liveView');
      return new Response(seat.frames.stream(input.signal), {
        headers: { 'Content-Type': MJPEG_TYPE, 'Cache-Control': 'no-store' },
      });
    },
    async facts(input) {
      const { number, frame } = await seatOf(input).frames.next(0, input.signal);
      return { ...frameOf(frame, number), histogram: histogramOf(frame) };
    },
    events() {
      const { first, events } = cameras.subscribe();
      return eventStream(first, events);
    },
  };
}

type Capability = 'storage' | 'settings' | 'focus' | 'liveView' | 'zoom' | 'movie';
const WHAT: Readonly<Record<Capability, string>> = {
  storage: 'shows nobody what is on its card',
  settings: 'has no settings for computers',
  focus: 'cannot be focused from here',
  liveView: 'has no live view for computers',
  zoom: 'cannot zoom from here',
  movie: 'records no movies from here',
};

function need<K extends Capability>(camera: Camera, capability: K): NonNullable<Camera[K]> {
  const found = camera[capability];
  if (found) return found;
  throw new UnsupportedError(`${camera.identity.model} ${WHAT[capability]}`);
}

function confirm(said: string, name: string): void {
  if (said === name) return;
  throw new HttpError(400, {
    code: 'USAGE',
    message: 'what shall be destroyed was not confirmed',
    hint: `Send {"confirm": ${JSON.stringify(name)}} if that is meant.`,
  });
}

async function fileOf(storage: CameraStorage, handle: number, signal: AbortSignal) {
  const object = await storage.object(handle, { signal });
  if (object.kind === 'file') return object;
  throw new HotshoeError('USAGE', `${object.path} is a folder`);
}

function histogramOf({ histogram }: { histogram: Histogram | undefined }) {
  if (!histogram) return null;
  const { luma, red, green, blue } = histogram;
  return { luma: [...luma], red: [...red], green: [...green], blue: [...blue] };
}

interface Histogram {
  luma: readonly number[];
  red: readonly number[];
  green: readonly number[];
  blue: readonly number[];
}
