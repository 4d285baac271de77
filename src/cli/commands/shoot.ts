import { Option } from 'commander';
import type { Camera } from '../../index.ts';
import { type CaptureTarget, HotshoeError, type ShotFile, UnsupportedError } from '../../index.ts';
import type { Context } from '../context.ts';
import { Exit, exitCodeOf, OutputClosed } from '../exit-codes.ts';
import { errorOf, type ToldError } from '../output.ts';
import { parseDuration } from '../parse.ts';
import type { AddCommand } from './command.ts';
import { checkOutput, onExistsOption, type SavedFile, type SaveOptions, save } from './get.ts';

export interface ShootCommandOptions extends SaveOptions {
  download?: boolean;
  to?: CaptureTarget;
  af: boolean;
  bulb?: number;
}

export const addShoot: AddCommand = (program, run) => {
  program
    .command('shoot')
    .description('take a picture')
    .option('-d, --download', 'and download it')
    .addOption(
      new Option('--to <where>', 'where the camera puts it; default as it is set').choices([
        'card',
        'host',
        'both',
      ]),
    )
    .option('--no-af', 'release without focusing')
    .option('--bulb <duration>', 'hold the shutter open: 3.8s, 2m', parseDuration)
    .option('-o, --output <folder>', 'where to put the download; - writes it to stdout', '.')
    .addOption(onExistsOption())
    .action(
      run((context, options: ShootCommandOptions) => {
        if (options.download) checkOutput(options, context.output);
        else if (options.to && options.to !== 'card') {
          throw new HotshoeError('USAGE', `--to ${options.to} sends the picture to nobody`, {
            hint: 'Add --download, or leave --to out.',
          });
        }
        return context.withCamera((camera) => shootAndTell(context, camera, options));
      }),
    );
};

interface ShootResult {
  /** Where the files are on the camera, or that they were for the computer. */
  files: Pick<ShotFile, 'handle' | 'name' | 'size' | 'where'>[];
  downloads: SavedFile[];
  durationMs: number | null;
  /** Of bulb exposures: how long the button was held. */
  bulbMs?: number;
  error?: ToldError;
}

/** Of an exposure that was made, a document for programs tells also where its download failed. */
async function shootAndTell(
  context: Context,
  camera: Camera,
  options: ShootCommandOptions,
): Promise<number> {
  const { output, signal } = context;
  const result: ShootResult = { files: [], downloads: [], durationMs: null };
  try {
    await shoot(context, camera, options, result);
    output.result(result);
    return Exit.Done;
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    const nothing = result.files.length + result.downloads.length === 0;
    if (!output.machine || cause instanceof OutputClosed || nothing) throw cause;
    output.result({ ...result, error: errorOf(cause) });
    return exitCodeOf(cause);
  }
}

/** One exposure, its files downloaded where asked for; fills in the result as it goes. */
async function shoot(
  context: Context,
  camera: Camera,
  options: ShootCommandOptions,
  result: ShootResult,
): Promise<void> {
  const { output, signal } = context;
  if (!camera.capture) {
    throw new UnsupportedError(`${camera.identity.model} cannot be released from here`);
  }
  const { downloads } = result;
  const download = async (file: ShotFile) => {
    const fresh = { ...file, fresh: true };
    downloads.push(await save(context, fresh, options, (sink) => file.read(sink, { signal })));
  };
  const shot = await camera.capture.shoot({
    to: options.to,
    autofocus: options.af,
    bulbMs: options.bulb,
    ...(options.download && { receive: download }),
    signal,
  });
  result.files = shot.files.map(({ handle, name, size, where }) => ({ handle, name, size, where }));
  result.durationMs = Math.round(shot.durationMs);
  if (shot.bulbMs !== undefined) result.bulbMs = Math.round(shot.bulbMs);
  for (const { name, where } of shot.files) {
    if (where === 'card' && !options.download) output.note(`${name}  is on the card`);
  }
  if (!options.download) return;
  const taken = new Set(downloads.map(({ name }) => name));
  for (const file of shot.files) {
    if (file.where === 'card' && !taken.has(file.name)) await download(file);
  }
}
