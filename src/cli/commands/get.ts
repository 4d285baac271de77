import { join } from 'node:path';
import { Option } from 'commander';
import { formatDuration } from '../../base/time.ts';
import { type Camera, type CameraObject, type CameraStorage, HotshoeError } from '../../index.ts';
import {
  type DownloadOptions,
  downloadFile,
  ON_EXISTS,
  type OnExists,
  safeName,
} from '../../node/download.ts';
import { DownloadRecord } from '../../node/downloaded.ts';
import { type NameFacts, namePattern } from '../../workflows/file-names.ts';
import type { Context } from '../context.ts';
import { eachObject, type Selection, storageOf, WHAT } from '../each-object.ts';
import { Interrupted } from '../exit-codes.ts';
import { formatBytes, type Output } from '../output.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';

export interface SaveOptions {
  output: string;
  onExists: OnExists;
}

export const onExistsOption = () =>
  new Option('--on-exists <what>', 'when another file of that name is there')
    .choices(ON_EXISTS)
    .default('rename');

export const onlyOption = () =>
  new Option('--only <kind>', 'only such files').choices(['raw', 'jpeg']);

interface GetOptions extends SaveOptions {
  all?: boolean;
  new?: boolean;
  only?: FileKind;
  name?: string;
}

export const addGet: AddCommand = (program, run) => {
  program
    .command('get')
    .description('download pictures')
    .argument('[what...]', WHAT)
    .option('--all', 'everything on the camera')
    .option('--new', 'only what was not downloaded before')
    .addOption(onlyOption())
    .option('--name <pattern>', 'name for the files: %Y%m%d-%f.%C, %03n.%C, %{model}/%:')
    .option('-o, --output <folder>', 'where to put them; - writes the bytes to stdout', '.')
    .addOption(onExistsOption())
    .addHelpText('after', NAME_HELP)
    .action(
      run(async (context, what: string[], options: GetOptions) => {
        if (what.length === 0 && !options.all && !options.new) {
          throw new HotshoeError('USAGE', 'nothing to download was named', {
            hint: 'Name paths, handles or patterns, or take everything with --all, what is new with --new.',
          });
        }
        checkOutput(options, context.output);
        const nameOf = options.name === undefined ? undefined : namePattern(options.name);
        return context.withCamera((camera, joinAgain) => {
          const selection = {
            targets: what,
            folders: 'tree',
            filesOnly: true,
            // What is on stdout cannot be gone on with.
            ...(options.output !== '-' && { joinAgain }),
            nothing: options.new ? 'nothing new to download' : 'nothing to download',
          } as const;
          return getAll(context, camera, selection, options, nameOf);
        });
      }),
    );
};

const NAME_HELP = `
Names: %f name without extension, %C extension, %: both, %F folder, %n number (%03n with zeros),
%Y %m %d %H %M %S and the rest of gphoto2's, %{serial} %{model} %{camera} %{ms}. A slash makes folders.
A download that broke leaves NAME.part; the next one of the same file goes on with it.`;

/** Bytes and JSON do not mix on stdout. */
export function checkOutput(options: Pick<SaveOptions, 'output'>, output: Output): void {
  if (options.output !== '-' || !output.machine) return;
  throw new HotshoeError('USAGE', '-o - and --json exclude each other: both go to stdout', {
    hint: 'Name a folder with -o, or leave --json out.',
  });
}

async function getAll(
  context: Context,
  first: Camera,
  selection: Selection,
  options: GetOptions,
  nameOf: ReturnType<typeof namePattern> | undefined,
): Promise<number> {
  const { signal } = context;
  const record = await DownloadRecord.open(first.identity);
  // Another folder of the card may hold another picture of the same name: both are kept.
  const files = new Set<string>();
  let number = 0;
  return eachObject(context, first, selection, async (object, camera) => {
    const storage = storageOf(camera);
    if (options.only && kindOf(object) !== options.only) return undefined;
    // The camera's own mark counts; where it has none, what was downloaded to this computer.
    if (options.new && !(object.isNew ?? !record.has(object))) return undefined;
    number++;
    const name = nameOf ? nameOf({ ...factsOf(camera, object), number }) : object.name;
    const result = await save(
      context,
      { ...object, name, isOther: (path) => files.has(path) },
      options,
      (sink, offset) => storage.read(object, sink, { offset, signal }),
      storage.readsParts(object)
        ? (offset, size) => readRange(storage, object, offset, size, signal)
        : undefined,
    );
    files.add(result.file);
    await record.add(object);
    if (object.isNew) await storage.markDownloaded?.(object, { signal });
    return result;
  });
}

async function readRange(
  storage: CameraStorage,
  object: CameraObject,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  const sink = {
    write(chunk: Uint8Array) {
      bytes.set(chunk, at);
      at += chunk.length;
    },
  };
  await storage.read(object, sink, { offset, length, signal });
  return bytes.subarray(0, at);
}

export type FileKind = 'raw' | 'jpeg';

const KINDS: Readonly<Record<string, FileKind>> = {
  crw: 'raw',
  cr2: 'raw',
  cr3: 'raw',
  dng: 'raw',
  jpg: 'jpeg',
  jpeg: 'jpeg',
};

/** By the extension: bodies give raw files format codes that differ from generation to generation. */
export function kindOf({ name }: Pick<CameraObject, 'name'>): FileKind | undefined {
  return KINDS[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
}

function factsOf(camera: Camera, object: CameraObject): Omit<NameFacts, 'number'> {
  const { model, serialNumber } = camera.identity;
  return {
    name: object.name,
    folder: object.path.slice(0, object.path.lastIndexOf('/')),
    date: object.date,
    serial: serialNumber,
    model,
    camera: camera.address,
  };
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
  isOther?: DownloadOptions['isOther'];
}

/** Streams one file to the disk or to stdout, with progress. */
export async function save(
  { output, signal }: Context,
  file: Saveable,
  options: SaveOptions,
  read: DownloadOptions['read'],
  readRange?: DownloadOptions['readRange'],
): Promise<SavedFile> {
  const { name } = file;
  if (options.output === '-') {
    const bytes = await read({ write: (chunk) => output.bytes(chunk, signal) }, 0);
    return { name, file: '-', bytes, skipped: false };
  }
  const size = knownSize(file.size);
  const progress = await downloadProgress(output, name, size ?? 0);
  const from = performance.now();
  try {
    const folders = name.split('/');
    const result = await downloadFile({
      name: folders.pop() ?? '',
      folder: join(options.output, ...folders.map(safeName)),
      size,
      date: file.date,
      fresh: file.fresh,
      isOther: file.isOther,
      onExists: options.onExists,
      onProgress: (bytes) => progress.update(bytes),
      read,
      readRange,
    });
    const duration = formatDuration(Math.round(performance.now() - from));
    progress.done(
      result.skipped
        ? `${name}  is here already`
        : `${name}  ${formatBytes(result.bytes - result.resumed)} in ${duration}${
            result.resumed > 0 ? `, after ${formatBytes(result.resumed)} that were there` : ''
          }`,
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
