import { Option } from 'commander';
import { formatDuration } from '../../base/time.ts';
import {
  type Camera,
  type CameraObject,
  type CameraStorage,
  globMatcher,
  HotshoeError,
  isGlob,
} from '../../index.ts';
import { downloadFile, ON_EXISTS, type OnExists } from '../../node/download.ts';
import type { Context } from '../context.ts';
import { Exit, exitCodeOf, Interrupted } from '../exit-codes.ts';
import { errorOf, formatBytes, type Output, type ToldError } from '../output.ts';
import { parseU32 } from '../parse.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';
import { storageOf } from './ls.ts';

export interface SaveOptions {
  output: string;
  onExists: OnExists;
}

export const onExistsOption = () =>
  new Option('--on-exists <what>', 'when another file of that name is there')
    .choices(ON_EXISTS)
    .default('rename');

export const addGet: AddCommand = (program, run) => {
  program
    .command('get')
    .description('download pictures')
    .argument('[what...]', 'paths, handles (0x51900012) or patterns (*.JPG, DCIM/100*/*)')
    .option('--all', 'everything on the camera')
    .option('-o, --output <folder>', 'where to put them; - writes the bytes to stdout', '.')
    .addOption(onExistsOption())
    .action(
      run(async (context, what: string[], options: SaveOptions & { all?: boolean }) => {
        if (what.length === 0 && !options.all) {
          throw new HotshoeError('USAGE', 'nothing to download was named', {
            hint: 'Name paths, handles or patterns, or take everything with --all.',
          });
        }
        checkOutput(options, context.output);
        return context.withCamera((camera) => getAll(context, camera, what, options));
      }),
    );
};

/** Bytes and JSON do not mix on stdout. */
export function checkOutput(options: Pick<SaveOptions, 'output'>, output: Output): void {
  if (options.output !== '-' || !output.machine) return;
  throw new HotshoeError('USAGE', '-o - and --json exclude each other: both go to stdout', {
    hint: 'Name a folder with -o, or leave --json out.',
  });
}

/** Goes on after a file that fails; says so in the exit code. */
async function getAll(
  context: Context,
  camera: Camera,
  what: readonly string[],
  options: SaveOptions,
): Promise<number> {
  const { output, signal } = context;
  const storage = storageOf(camera);
  const results: (SavedFile | FailedFile)[] = [];
  const saved = new Set<string>();
  let failed: unknown;

  const tell = (result: SavedFile | FailedFile) => {
    results.push(result);
    output.item(result);
  };
  const fail = async (name: string, error: unknown) => {
    signal.throwIfAborted();
    if (!(await stillThere(camera))) throw error;
    failed = error;
    if (!output.machine) output.error(error);
    tell({ name, error: errorOf(error) });
  };

  const seen = new Set<number>();
  for (const target of what.length > 0 ? what : [undefined]) {
    try {
      for await (const object of select(storage, target, signal)) {
        if (object.kind !== 'file' || seen.has(object.handle)) continue;
        seen.add(object.handle);
        try {
          // Another folder of the card may hold another picture of the same name and size.
          const file = { ...object, fresh: saved.has(object.name) };
          tell(await save(output, file, options, (sink) => storage.read(object, sink, { signal })));
          saved.add(object.name);
        } catch (error) {
          await fail(object.path, error);
        }
      }
    } catch (error) {
      await fail(target ?? '/', error);
    }
  }
  if (!output.options.jsonl) output.result(results);
  if (failed === undefined) return Exit.Done;
  return saved.size > 0 ? Exit.Partly : exitCodeOf(failed);
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
    yield* storage.list({ path: target, signal });
    return;
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

export interface SavedFile {
  /** On the camera. */
  name: string;
  /** On the disk; "-" for stdout. */
  file: string;
  bytes: number;
  skipped: boolean;
}

export interface FailedFile {
  /** Its path on the camera, or what was asked for. */
  name: string;
  error: ToldError;
}

/** What can be saved: a file on the card, or one just taken. */
export interface Saveable {
  name: string;
  size: number;
  date?: string | undefined;
  /** No file that is there already can be this one. */
  fresh?: boolean | undefined;
}

/** Streams one file to the disk or to stdout, with progress. */
export async function save(
  output: Output,
  file: Saveable,
  options: SaveOptions,
  read: Parameters<typeof downloadFile>[0]['read'],
): Promise<SavedFile> {
  const { name } = file;
  if (options.output === '-') {
    const bytes = await read({ write: (chunk) => output.bytes(chunk) });
    return { name, file: '-', bytes, skipped: false };
  }
  const size = knownSize(file.size);
  const progress = downloadProgress(output, name, size ?? 0);
  const from = performance.now();
  try {
    const result = await downloadFile({
      folder: options.output,
      name,
      size,
      date: file.date,
      fresh: file.fresh,
      onExists: options.onExists,
      onProgress: (bytes) => progress.update(bytes),
      read,
    });
    const duration = formatDuration(Math.round(performance.now() - from));
    progress.done(
      result.skipped
        ? `${name}  is here already`
        : `${name}  ${formatBytes(result.bytes)} in ${duration}`,
    );
    output.line(result.path);
    return { name, file: result.path, bytes: result.bytes, skipped: result.skipped };
  } catch (error) {
    progress.done(error instanceof Interrupted ? undefined : `${name}  failed`);
    throw error;
  }
}

/** 0 and 0xFFFFFFFF mean that the camera does not know. */
function knownSize(size: number): number | undefined {
  return size === 0 || size === 0xffffffff ? undefined : size;
}
