import { Option } from 'commander';
import { formatDuration } from '../../base/time.ts';
import { type Camera, HotshoeError } from '../../index.ts';
import { downloadFile, ON_EXISTS, type OnExists } from '../../node/download.ts';
import type { Context } from '../context.ts';
import { eachObject, WHAT } from '../each-object.ts';
import { Interrupted } from '../exit-codes.ts';
import { formatBytes, type Output } from '../output.ts';
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
    .argument('[what...]', WHAT)
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

function getAll(
  context: Context,
  camera: Camera,
  what: readonly string[],
  options: SaveOptions,
): Promise<number> {
  const { output, signal } = context;
  const storage = storageOf(camera);
  const saved = new Set<string>();
  return eachObject(context, camera, storage, what, async (object) => {
    if (object.kind !== 'file') return undefined;
    // Another folder of the card may hold another picture of the same name and size.
    const file = { ...object, fresh: saved.has(object.name) };
    const result = await save(output, file, options, (sink) =>
      storage.read(object, sink, { signal }),
    );
    saved.add(object.name);
    return result;
  });
}

export interface SavedFile {
  /** On the camera. */
  name: string;
  /** On the disk; "-" for stdout. */
  file: string;
  bytes: number;
  skipped: boolean;
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
