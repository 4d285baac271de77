import { Option } from 'commander';
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import { ignore, sleep } from '../../base/time.ts';
import type { Camera, CameraCapture, CaptureTarget, ShotFile } from '../../camera/camera.ts';
import { Hook } from '../../node/hook.ts';
import { namePattern } from '../../workflows/file-names.ts';
import type { Context } from '../context.ts';
import { Exit, exitCodeOf, Interrupted } from '../exit-codes.ts';
import { parseCount } from '../parse.ts';
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

interface TetherCommandOptions extends SaveOptions {
  to?: CaptureTarget;
  only?: FileKind;
  name?: string;
  hookScript?: string;
  delete?: boolean;
  count?: number;
}

/** Between two tries to find a camera that went away. */
const AGAIN_MS = [500, 1000, 2000, 5000];

export const addTether: AddCommand = (program, run) => {
  program
    .command('tether')
    .description('download each picture as it is taken, whoever presses the button, until Ctrl-C')
    .addOption(
      new Option(
        '--to <where>',
        'where the camera puts pictures; default both, or card where they cannot be sent',
      ).choices(['card', 'host', 'both']),
    )
    .addOption(onlyOption())
    .option('--name <pattern>', 'name for the files, as of `get`')
    .option('-o, --output <folder>', 'where to put them', '.')
    .addOption(onExistsOption())
    .option('--delete', 'delete each from the card when it is here (with --to card)')
    .option('--hook-script <file>', 'run it with ACTION and ARGUMENT, as gphoto2 does')
    .option('--count <n>', 'end after so many', parseCount)
    .addHelpText('after', '\nSIGUSR1 takes a picture, SIGUSR2 ends in peace.')
    .action(
      run((context, options: TetherCommandOptions) => {
        checkOutput(options, context.output);
        if (options.output === '-') {
          throw new HotshoeError('USAGE', 'pictures that keep coming cannot all go to stdout');
        }
        if (options.delete && options.to !== 'card') {
          throw new HotshoeError('USAGE', '--delete needs --to card', {
            hint: 'A picture for both is taken from the camera’s memory; its copy on the card is not known.',
          });
        }
        return new Tether(context, options).run();
      }),
    );
};

class Tether {
  #context: Context;
  #options: TetherCommandOptions;
  #nameOf: ReturnType<typeof namePattern> | undefined;
  #hook: Hook | undefined;
  #stop = new AbortController();
  #saved: SavedFile[] = [];
  #count = 0;
  /** Names on the card that need not be brought: they were there before, or are here. */
  #known: Set<string> | undefined;
  /** Names of what was brought. */
  #done = new Set<string>();
  #camera: Camera | undefined;

  constructor(context: Context, options: TetherCommandOptions) {
    this.#context = context;
    this.#options = options;
    this.#nameOf = options.name === undefined ? undefined : namePattern(options.name);
    const { hookScript } = options;
    this.#hook =
      hookScript === undefined
        ? undefined
        : new Hook(hookScript, (error) => context.output.warn(error, 'Tethering goes on.'));
  }

  async run(): Promise<number> {
    const { output, signal } = this.#context;
    const end = () => this.#stop.abort(new Interrupted());
    const shoot = () => {
      this.#camera?.capture?.release({ signal: this.#stop.signal }).catch((error: unknown) => {
        output.warn(error, 'Tethering goes on.');
      });
    };
    signal.addEventListener('abort', end, { once: true });
    process.on('SIGUSR1', shoot).on('SIGUSR2', end);
    this.#hook?.run('init');
    this.#hook?.run('start');
    try {
      await this.#stayConnected();
    } finally {
      signal.removeEventListener('abort', end);
      process.off('SIGUSR1', shoot).off('SIGUSR2', end);
      this.#hook?.run('stop');
      await this.#hook?.done();
    }
    if (!output.options.jsonl) output.result(this.#saved);
    return Exit.Done;
  }

  /** A camera that sleeps, or whose link is lost, is waited for once it was there. */
  async #stayConnected(): Promise<void> {
    const { output } = this.#context;
    for (let tries = 0; !this.#stop.signal.aborted; tries++) {
      try {
        await this.#context.withCamera(async (camera) => {
          tries = 0;
          await this.#session(camera);
        });
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const gone = [Exit.LinkLost, Exit.NoCamera, Exit.Busy].includes(exitCodeOf(error) as 6);
        // Never been there: that is for the user to mend.
        if (!gone || !this.#known) throw error;
        if (tries === 0) output.warn(error, 'Waiting for the camera; Ctrl-C to stop.');
      }
      const pause = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 0;
      await sleep(pause, this.#stop.signal).catch(ignore);
    }
  }

  async #session(camera: Camera): Promise<void> {
    const { capture, storage, identity } = camera;
    if (!capture) throw new UnsupportedError(`${identity.model} cannot be tethered`);
    this.#camera = camera;
    const { signal } = this.#stop;
    try {
      const brought = new Set<number>();
      await capture.tether({
        to: this.#targetOf(capture),
        signal,
        onListening: async () => {
          if (this.#known) await this.#catchUp(camera, brought);
          else this.#known = await namesOn(camera, signal);
          this.#context.output.note(`${identity.model} is tethered`);
        },
        receive: async (file) => {
          if (brought.has(file.handle)) return;
          await this.#receive(camera, file);
          if (this.#options.delete && file.where === 'card') await storage?.remove?.(file);
        },
      });
    } finally {
      this.#camera = undefined;
    }
  }

  #targetOf({ tetherTargets }: CameraCapture): CaptureTarget {
    return this.#options.to ?? tetherTargets?.[0] ?? 'both';
  }

  /** Pictures that were taken while the link was lost, and those that it broke off; adds their handles. */
  async #catchUp(camera: Camera, brought: Set<number>): Promise<void> {
    const { storage } = camera;
    if (!storage) return;
    const { signal } = this.#stop;
    for await (const object of storage.list({ signal })) {
      if (object.kind !== 'file' || this.#known?.has(object.name)) continue;
      const read: ShotFile['read'] = (sink, options) => storage.read(object, sink, options);
      await this.#receive(camera, { ...object, where: 'card', read });
      brought.add(object.handle);
    }
  }

  async #receive(camera: Camera, file: ShotFile): Promise<void> {
    const { only } = this.#options;
    const to = camera.capture && this.#targetOf(camera.capture);
    if (only && kindOf(file) !== only) return;
    // A body tells again, after a lost link, of what it still holds; the card's copy is here.
    if (to === 'both' && file.where === 'host' && this.#done.has(file.name)) return;
    const name = this.#nameOf ? this.#nameOf(this.#facts(camera, file)) : file.name;
    const fresh = { ...file, name, fresh: true };
    const saved = await save(this.#context, fresh, this.#options, (sink) => file.read(sink));
    this.#known?.add(file.name);
    this.#done.add(file.name);
    this.#count++;
    this.#saved.push(saved);
    this.#context.output.item(saved);
    this.#context.output.flush();
    this.#hook?.run('download', saved.file);
    if (this.#count === this.#options.count) this.#stop.abort(new Interrupted());
  }

  #facts({ identity, address }: Camera, { name }: ShotFile) {
    const { model, serialNumber } = identity;
    // Of the computer: the file's own is not told with it.
    const date = new Date(Date.now() - 60_000 * new Date().getTimezoneOffset());
    return {
      ...{ name, folder: '', number: this.#count + 1, model, serial: serialNumber },
      ...{ camera: address, date: date.toISOString().slice(0, 19) },
    };
  }
}

async function namesOn({ storage }: Camera, signal: AbortSignal): Promise<Set<string>> {
  const names = new Set<string>();
  if (!storage) return names;
  for await (const { name } of storage.list({ signal })) names.add(name);
  return names;
}
