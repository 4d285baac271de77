/** What a command did to each of several things: told as it happens, or as one document at the end. */
import type { Camera } from '../index.ts';
import type { Context } from './context.ts';
import { Exit, exitCodeOf, OutputClosed } from './exit-codes.ts';
import { errorOf, type ToldError } from './output.ts';

/** In the place of a result. */
export interface Failed {
  /** Its path on the camera, or what was asked for. */
  name: string;
  error: ToldError;
}

export interface Outcomes<Result> {
  done(result: Result): void;
  /** Rejects where it makes no sense to go on: at Ctrl-C, and when the camera is gone. */
  failed(name: string, error: unknown): Promise<void>;
  /** The one to look at is another from now on: it was gone, and is back. */
  goOnWith(camera: Camera): void;
}

/**
 * Runs `work`, which reports each thing, and resolves with the exit code. Where it breaks off, a
 * document for programs still holds all that was done, and the error that ended it.
 */
export async function tellOutcomes<Result>(
  { output, signal }: Context,
  first: Camera,
  work: (outcomes: Outcomes<Result>) => Promise<void>,
): Promise<number> {
  let camera = first;
  const results: (Result | Failed)[] = [];
  let succeeded = 0;
  let failure: unknown;
  /** The first to be told of what ends it: the error passes others on its way out. */
  let brokeAt: string | undefined;

  const tell = (result: Result | Failed) => {
    results.push(result);
    output.item(result);
  };
  const end = () => {
    if (!output.options.jsonl) output.result(results);
  };
  try {
    await work({
      done(result) {
        succeeded++;
        tell(result);
      },
      async failed(name, error) {
        if (signal.aborted || !(await stillThere(camera))) {
          brokeAt ??= name;
          throw error;
        }
        failure = error;
        if (!output.machine) output.error(error);
        tell({ name, error: errorOf(error) });
      },
      goOnWith(again) {
        camera = again;
        brokeAt = undefined;
      },
    });
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    if (!output.machine || cause instanceof OutputClosed) throw cause;
    tell({ name: brokeAt ?? '/', error: errorOf(cause) });
    end();
    return exitCodeOf(cause);
  }
  end();
  if (failure === undefined) return Exit.Done;
  return succeeded > 0 ? Exit.Partly : exitCodeOf(failure);
}

async function stillThere(camera: Camera): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([camera.closed, Promise.resolve(open)])) === open;
}
