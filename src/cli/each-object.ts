/** What the commands share that do something with each of the objects that the user named. */
import {
  type Camera,
  type CameraObject,
  type CameraStorage,
  globMatcher,
  HotshoeError,
  isGlob,
} from '../index.ts';
import type { Context } from './context.ts';
import { Exit, exitCodeOf } from './exit-codes.ts';
import { errorOf, type ToldError } from './output.ts';
import { parseU32 } from './parse.ts';

/** How commands call it in their help. */
export const WHAT = 'paths, handles (0x51900012) or patterns (*.JPG, DCIM/100*/*)';

export interface FailedObject {
  /** Its path on the camera, or what was asked for. */
  name: string;
  error: ToldError;
}

/**
 * Runs `work` for every object that one of `targets` names (all objects where there is none), each
 * object once. Goes on after one that fails, unless the camera is gone; the exit code says so.
 * `work` resolves with what is told of the object, undefined to pass it over.
 */
export async function eachObject<Result>(
  { output, signal }: Context,
  camera: Camera,
  storage: CameraStorage,
  targets: readonly string[],
  work: (object: CameraObject) => Promise<Result | undefined>,
): Promise<number> {
  const results: (Result | FailedObject)[] = [];
  let succeeded = 0;
  let failure: unknown;

  const tell = (result: Result | FailedObject) => {
    results.push(result);
    output.item(result);
  };
  const fail = async (name: string, error: unknown) => {
    signal.throwIfAborted();
    if (!(await stillThere(camera))) throw error;
    failure = error;
    if (!output.machine) output.error(error);
    tell({ name, error: errorOf(error) });
  };

  const seen = new Set<number>();
  for (const target of targets.length > 0 ? targets : [undefined]) {
    try {
      for await (const object of select(storage, target, signal)) {
        if (seen.has(object.handle)) continue;
        seen.add(object.handle);
        try {
          const result = await work(object);
          if (result === undefined) continue;
          succeeded++;
          tell(result);
        } catch (error) {
          await fail(object.path, error);
        }
      }
    } catch (error) {
      await fail(target ?? '/', error);
    }
  }
  if (!output.options.jsonl) output.result(results);
  if (failure === undefined) return Exit.Done;
  return succeeded > 0 ? Exit.Partly : exitCodeOf(failure);
}

async function stillThere(camera: Camera): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([camera.closed, Promise.resolve(open)])) === open;
}

/** What a target names: a handle, a pattern, a path; everything if it is undefined. */
async function* select(
  storage: CameraStorage,
  target: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<CameraObject> {
  const handle = target && /^0x[0-9a-f]{1,8}$/i.test(target) ? parseU32(target) : undefined;
  if (handle !== undefined) {
    yield await storage.object(handle, { signal });
    return;
  }
  if (!target || !isGlob(target)) {
    try {
      yield* storage.list({ path: target, signal });
      return;
    } catch (error) {
      // A plain name may be that of a file in any folder.
      const missing = error instanceof HotshoeError && error.code === 'NOT_FOUND';
      if (!target || !missing || target.includes('/')) throw error;
    }
  }
  const matches = globMatcher(target);
  let found = false;
  for await (const object of storage.list({ signal })) {
    if (!matches(object)) continue;
    found = true;
    yield object;
  }
  if (!found) {
    throw new HotshoeError('NOT_FOUND', `nothing on the camera matches "${target}"`, {
      hint: '`hotshoe ls` lists what is there. Quote patterns, or the shell expands them.',
    });
  }
}
