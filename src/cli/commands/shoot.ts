import { Option } from 'commander';
import { formatDuration, sleep } from '../../base/time.ts';
import { captureError } from '../../camera/drivers/capture-errors.ts';
import { shootingRisk } from '../../camera/risks.ts';
import {
  type Camera,
  type CameraCapture,
  type CaptureTarget,
  type HalfPress,
  HotshoeError,
  type ShotFile,
  UnsupportedError,
} from '../../index.ts';
import { ask } from '../ask.ts';
import type { Context, RunOptions } from '../context.ts';
import { Exit, exitCodeOf, OutputClosed } from '../exit-codes.ts';
import { errorOf, type ToldError } from '../output.ts';
import { parseCount, parseDuration } from '../parse.ts';
import type { AddCommand } from './command.ts';
import {
  checkOutput,
  type FileKind,
  kindOf,
  onExistsOption,
  onlyOption,
  type SavedFile,
  type SaveOptions,
  save,
} from './get.ts';

export interface ShootCommandOptions extends SaveOptions {
  download?: boolean;
  to?: CaptureTarget;
  af: boolean;
  afLock?: boolean;
  bulb?: number;
  burst?: number;
  selfTimer?: number;
  frames?: number;
  interval?: number;
  only?: FileKind;
  yes?: boolean;
}

const GUESSES = `
With cameras from before PTP it is a guess that --af-lock and --no-af keep the camera from focusing,
and that --self-timer works with others than a PowerShot G3.`;

export const addShoot =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('shoot')
      .description('take a picture, or several')
      .option('-d, --download', 'and download it')
      .addOption(
        new Option('--to <where>', 'where the camera puts it; default as it is set').choices([
          'card',
          'host',
          'both',
        ]),
      )
      .option('--no-af', 'release without focusing')
      .option('--af-lock', 'focus once, and keep that for all pictures')
      .option('--bulb <duration>', 'hold the shutter open: 3.8s, 2m', parseDuration)
      .option(
        '--burst <n>',
        'hold the button, in continuous drive, for so many pictures',
        parseCount,
      )
      .option('--self-timer <duration>', "by the camera's self-timer: 2s, 10s", parseDuration)
      .option('--frames <n>', 'so many times', parseCount)
      .option('--interval <duration>', 'from the beginning of one to the next: 5s', parseDuration)
      .addOption(onlyOption())
      .option('-o, --output <folder>', 'where to put the download; - writes it to stdout', '.')
      .addOption(onExistsOption())
      .option('-y, --yes', 'do not ask, where a camera was seen to crash')
      .addHelpText('after', GUESSES)
      .action(
        run((context, options: ShootCommandOptions) => {
          check(options, context);
          return context.withCamera(async (camera) => {
            const risk = options.yes ? undefined : shootingRisk(camera);
            if (risk) {
              const { model } = camera.identity;
              const question = {
                text: `${risk}. Release it all the same? Type yes to do it: `,
                yes: 'yes',
                otherwise: `${risk}: the ${model} is not released`,
              };
              await ask(streams, question, context.signal);
            }
            return shootAll(context, camera, options);
          });
        }),
      );
  };

function check(options: ShootCommandOptions, { output }: Context): void {
  if (options.download) checkOutput(options, output);
  else if (options.to && options.to !== 'card') {
    throw new HotshoeError('USAGE', `--to ${options.to} sends the picture to nobody`, {
      hint: 'Add --download, or leave --to out.',
    });
  } else if (options.only) {
    throw new HotshoeError('USAGE', '--only chooses what is downloaded, and nothing is', {
      hint: 'Add --download.',
    });
  }
  if (options.interval !== undefined && options.frames === undefined) {
    throw new HotshoeError('USAGE', '--interval is between several pictures', {
      hint: 'Say how many: --frames 10.',
    });
  }
  if (options.afLock && !options.af) {
    throw new HotshoeError('USAGE', '--af-lock and --no-af exclude each other');
  }
}

/** One, or one after the other at the pace that was asked for, to the first that fails. */
async function shootAll(
  context: Context,
  camera: Camera,
  options: ShootCommandOptions,
): Promise<number> {
  const { output, signal } = context;
  const { frames, interval = 0 } = options;
  const { capture, identity } = camera;
  if (!capture) throw new UnsupportedError(`${identity.model} cannot be released from here`);
  await using held = options.afLock ? await lockFocus(capture, signal) : undefined;
  if (held?.focus === 'unknown') output.note('the camera does not tell whether it has focused');
  const results: ShootResult[] = [];
  const from = performance.now();
  let late = 0;
  let failed: unknown;
  for (let i = 0; i < (frames ?? 1) && failed === undefined; i++) {
    const result: ShootResult = { files: [], downloads: [], durationMs: null };
    try {
      const wait = from + i * interval - performance.now();
      if (wait > 0) await sleep(wait, signal);
      else if (interval > 0 && wait < -LATE_MS) late++;
      await shoot(context, capture, options, result);
    } catch (error) {
      failed = signal.aborted ? signal.reason : error;
      result.error = errorOf(failed);
    }
    results.push(result);
    if (frames === undefined) break;
    output.item(result);
    output.flush();
  }
  if (late > 0) {
    output.note(`${late} began late: one takes longer than ${formatDuration(interval)}`);
  }
  const [only] = results;
  // A document for programs tells what was done before it failed.
  const nothing = !only || only.files.length + only.downloads.length === 0;
  const toThrow = !output.machine || failed instanceof OutputClosed;
  if (failed !== undefined && (toThrow || (frames === undefined && nothing))) throw failed;
  if (frames === undefined) output.result(only);
  else if (output.options.json) output.result(results);
  return failed === undefined ? Exit.Done : exitCodeOf(failed);
}

/** Of a picture at an interval: what a clock and a queue may cost. */
const LATE_MS = 50;

async function lockFocus(capture: CameraCapture, signal: AbortSignal): Promise<HalfPress> {
  if (!capture.half) {
    throw new UnsupportedError('this camera lets nobody hold its button halfway', {
      hint: 'Leave out `--af-lock`, and set the switch of the lens to MF when it is in focus.',
    });
  }
  const held = await capture.half({ signal });
  if (held.focus !== 'failed') return held;
  await held.release();
  throw captureError('FOCUS_FAILED');
}

interface ShootResult {
  /** Where the files are on the camera, or that they were for the computer. */
  files: Pick<ShotFile, 'handle' | 'name' | 'size' | 'where'>[];
  downloads: SavedFile[];
  durationMs: number | null;
  /** Of bulb exposures: how long the button was held. */
  bulbMs?: number;
  error?: ToldError;
}

/** One exposure, its files downloaded where asked for; fills in the result as it goes. */
async function shoot(
  context: Context,
  capture: CameraCapture,
  options: ShootCommandOptions,
  result: ShootResult,
): Promise<void> {
  const { output, signal } = context;
  const { downloads } = result;
  const download = async (file: ShotFile) => {
    if (options.only && kindOf(file) !== options.only) return;
    const fresh = { ...file, fresh: true };
    downloads.push(await save(context, fresh, options, (sink) => file.read(sink, { signal })));
  };
  const shot = await capture.shoot({
    to: options.to,
    autofocus: options.af,
    bulbMs: options.bulb,
    burst: options.burst,
    selfTimerMs: options.selfTimer,
    ...(options.download && { receive: download }),
    signal,
  });
  result.files = shot.files.map(({ handle, name, size, where }) => ({ handle, name, size, where }));
  result.durationMs = Math.round(shot.durationMs);
  if (shot.bulbMs !== undefined) result.bulbMs = Math.round(shot.bulbMs);
  for (const { name, where } of shot.files) {
    if (options.download) continue;
    output.note(`${name}  ${where === 'card' ? 'is on the card' : 'is for the tethered computer'}`);
  }
  if (!options.download) return;
  const taken = new Set(downloads.map(({ name }) => name));
  for (const file of shot.files) {
    if (file.where === 'card' && !taken.has(file.name)) await download(file);
  }
}
