/** What the commands share that do something with each of the objects that the user named. */
import {
  type Camera,
  type CameraObject,
  type CameraStorage,
  globMatcher,
  HotshoeError,
  isGlob,
  UnsupportedError,
} from '../index.ts';
import type { Context, JoinAgain } from './context.ts';
import { type Outcomes, tellOutcomes } from './outcomes.ts';
import { parseU32 } from './parse.ts';

/** How commands call it in their help. */
export const WHAT = 'paths, handles (0x51900012) or patterns (*.JPG, DCIM/100*/*)';

export interface Selection {
  /** Everything where there is none. */
  targets: readonly string[];
  /** A path or a handle that names a folder: all below it, what is in it, or the folder itself. */
  folders: 'tree' | 'children' | 'itself';
  /** Folders are passed over. */
  filesOnly?: boolean;
  /** Knows all objects before it does anything to the first, because the listing will change. */
  listFirst?: boolean;
  /** Goes on with a camera that was lost and is back. */
  joinAgain?: JoinAgain;
  /** What a target is told to have brought that brought nothing: "nothing to download". */
  nothing: string;
}

/** The storage, or an error that says that there is none. */
export function storageOf(camera: Camera): CameraStorage {
  if (camera.storage) return camera.storage;
  throw new UnsupportedError(`${camera.identity.model} gives no access to its card`);
}

/**
 * Runs `work` for every object that one of the targets names, each object once. Goes on after one
 * that fails, unless the camera is gone; the exit code says so. `work` resolves with what is told of
 * the object, undefined to pass it over.
 */
export function eachObject<Result>(
  context: Context,
  camera: Camera,
  selection: Selection,
  work: (object: CameraObject, camera: Camera) => Promise<Result | undefined>,
): Promise<number> {
  const { joinAgain } = selection;
  return tellOutcomes<Result>(context, camera, async (outcomes) => {
    const seen = new Map<number, CameraObject>();
    let lost: unknown;
    try {
      return await workThrough(context, camera, selection, seen, outcomes, work);
    } catch (error) {
      if (!joinAgain) throw error;
      lost = error;
    }
    // One that is lost by each try is not there for all that it comes back.
    for (let tries = 0, finished = 0; tries < TRIES; tries++) {
      if (seen.size > finished) tries = 0;
      finished = seen.size;
      await using again = await back(context, joinAgain, lost);
      outcomes.goOnWith(again);
      try {
        return await workThrough(context, again, selection, seen, outcomes, work);
      } catch (error) {
        lost = error;
      }
    }
    throw lost;
  });
}

/** For one object. */
const TRIES = 20;

/** The camera that was lost, once it is back; or throws why it was lost. */
async function back(
  { output, signal }: Context,
  joinAgain: JoinAgain,
  lost: unknown,
): Promise<Camera> {
  const isLost = !signal.aborted && lost instanceof HotshoeError && lost.code === 'LINK_LOST';
  const camera = isLost ? await joinAgain() : undefined;
  if (!camera) throw lost;
  output.warn(lost, 'The camera is back: going on.');
  return camera;
}

async function workThrough<Result>(
  { output, signal }: Context,
  camera: Camera,
  selection: Selection,
  seen: Map<number, CameraObject>,
  outcomes: Outcomes<Result>,
  work: (object: CameraObject, camera: Camera) => Promise<Result | undefined>,
): Promise<void> {
  const storage = storageOf(camera);
  /** True if there was something to tell of the object. */
  const workOn = async (object: CameraObject): Promise<boolean> => {
    try {
      const result = await work(object, camera);
      if (result === undefined) return false;
      outcomes.done(result);
    } catch (error) {
      await outcomes.failed(object.path, error).catch((ended: unknown) => {
        seen.delete(object.handle);
        throw ended;
      });
    }
    return true;
  };

  const targets = selection.targets.length > 0 ? selection.targets : [undefined];
  for (const target of targets) {
    let files = 0;
    let told = 0;
    try {
      for await (const object of select(storage, target, selection.folders, signal)) {
        if (object.kind === 'file') files++;
        else if (selection.filesOnly) continue;
        if (seen.has(object.handle)) {
          told++;
          continue;
        }
        seen.set(object.handle, object);
        if (selection.listFirst || (await workOn(object))) told++;
      }
      if (told === 0) output.note(await whyNothing(storage, target, files, selection, signal));
    } catch (error) {
      await outcomes.failed(target ?? '/', error);
    }
  }
  if (!selection.listFirst) return;
  for (const object of outermost([...seen.values()], selection)) await workOn(object);
}

/** Without what lies in folders that are meant as a whole. */
function outermost(objects: CameraObject[], { folders }: Selection): CameraObject[] {
  if (folders !== 'itself') return objects;
  const wholes = objects.filter(({ kind }) => kind === 'folder').map(({ path }) => `${path}/`);
  return objects.filter(({ path }) => !wholes.some((whole) => path.startsWith(whole)));
}

async function whyNothing(
  storage: CameraStorage,
  target: string | undefined,
  files: number,
  { nothing }: Selection,
  signal: AbortSignal,
): Promise<string> {
  if (target === undefined) {
    const cards = (await storage.units({ signal })).filter(({ present }) => present);
    return cards.length > 0 ? nothing : 'there is no card in the camera';
  }
  if (files === 0 && isGlob(target)) {
    const inside = `${target.replace(/\/+$/, '')}/*`;
    return `${target}: only folders match; "${inside}" names what is in them`;
  }
  return `${target}: ${nothing}`;
}

/** What a target names: a handle, a pattern, a path; everything if it is undefined. */
async function* select(
  storage: CameraStorage,
  target: string | undefined,
  folders: Selection['folders'],
  signal: AbortSignal,
): AsyncGenerator<CameraObject> {
  if (target === undefined) {
    yield* storage.list({ signal });
    return;
  }
  const recursive = folders === 'tree';
  const handle = parseHandle(target);
  if (handle !== undefined) {
    const object = await storage.object(handle, { signal });
    if (object.kind === 'file' || folders === 'itself') yield object;
    else yield* storage.list({ path: object.path, recursive, signal });
    return;
  }
  let missing: unknown;
  if (!isGlob(target)) {
    const folder = folders === 'itself' ? await folderAt(storage, target, signal) : undefined;
    if (folder) {
      yield folder;
      return;
    }
    try {
      yield* storage.list({ path: target, recursive, signal });
      return;
    } catch (error) {
      // A plain name may be that of a file in any folder.
      const notFound = error instanceof HotshoeError && error.code === 'NOT_FOUND';
      if (!notFound || target.includes('/')) throw error;
      missing = error;
    }
  }
  const matches = globMatcher(target);
  let found = false;
  for await (const object of storage.list({ signal })) {
    if (!matches(object)) continue;
    found = true;
    yield object;
  }
  if (found) return;
  throw (
    missing ??
    new HotshoeError('NOT_FOUND', `nothing on the camera matches "${target}"`, {
      hint: '`hotshoe ls` lists what is there. Quote patterns, or the shell expands them.',
    })
  );
}

/** "0x51900012" -> its number; undefined for a path or a pattern. */
export function parseHandle(target: string): number | undefined {
  return /^0x[0-9a-f]{1,8}$/i.test(target) ? parseU32(target) : undefined;
}

/** The folder itself, of which a listing of its path would give what is in it. */
export async function folderAt(
  storage: CameraStorage,
  path: string,
  signal: AbortSignal,
): Promise<CameraObject | undefined> {
  const wanted = path.replace(/\/+$/, '').toLowerCase();
  const above = wanted.includes('/') ? wanted.slice(0, wanted.lastIndexOf('/')) : '';
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  try {
    for await (const object of storage.list({ path: above, recursive: false, signal })) {
      if (object.kind === 'folder' && object.name.toLowerCase() === name) return object;
    }
  } catch (error) {
    // Not a path at all, but a name or a pattern.
    if (!(error instanceof HotshoeError && error.code === 'NOT_FOUND')) throw error;
  }
  return undefined;
}
