import { Argument } from 'commander';
import { ignore, sleep } from '../../base/time.ts';
import {
  type Camera,
  type CameraMovie,
  HotshoeError,
  type ShotFile,
  UnsupportedError,
} from '../../index.ts';
import type { Context } from '../context.ts';
import { parseDuration } from '../parse.ts';
import type { AddCommand } from './command.ts';
import { checkOutput, onExistsOption, type SavedFile, type SaveOptions, save } from './get.ts';

interface RecordOptions extends SaveOptions {
  for?: number;
  download?: boolean;
}

type What = 'start' | 'stop';

export const addRecord: AddCommand = (program, run) => {
  program
    .command('record')
    .description('record a movie onto the card')
    .addArgument(new Argument('<what>', 'begin, or end').choices(['start', 'stop']))
    .option('--for <duration>', 'with start: so long, then stop', parseDuration)
    .option('-d, --download', 'download the movie when it ends')
    .option('-o, --output <folder>', 'where to put the download; - writes it to stdout', '.')
    .addOption(onExistsOption())
    .action(
      run((context, what: What, options: RecordOptions) => {
        check(what, options);
        if (options.download) checkOutput(options, context.output);
        return context.withCamera((camera) => record(context, camera, what, options));
      }),
    );
};

function check(what: What, { for: ms, download }: RecordOptions): void {
  if (what === 'stop' && ms !== undefined) {
    throw new HotshoeError('USAGE', '--for is for `record start`', { hint: 'Leave it out.' });
  }
  if (what === 'start' && ms === undefined && download) {
    throw new HotshoeError('USAGE', 'there is nothing to download before the movie ends', {
      hint: 'Say how long it is (--for 10s), or download it with `record stop --download`.',
    });
  }
}

async function record(
  context: Context,
  { movie, identity }: Camera,
  what: What,
  options: RecordOptions,
): Promise<undefined> {
  const { output, signal } = context;
  if (!movie) throw new UnsupportedError(`${identity.model} records no movies for a computer`);
  if (what === 'start') await movie.start({ signal });
  if (what === 'start' && options.for === undefined) {
    output.line('recording');
    output.result({ recording: true, file: null, downloads: [] });
    return;
  }
  const file = await ended(movie, options.for, signal);
  const { handle, name, size } = file;
  const downloads: SavedFile[] = [];
  if (options.download) {
    const fresh = { ...file, fresh: true };
    downloads.push(await save(context, fresh, options, (sink) => file.read(sink, { signal })));
  } else output.note(`${name}  is on the card`);
  output.result({ recording: false, file: { handle, name, size }, downloads });
}

/** Also at Ctrl-C: a movie that nobody ends fills the card. */
async function ended(
  movie: CameraMovie,
  ms: number | undefined,
  signal: AbortSignal,
): Promise<ShotFile> {
  if (ms === undefined) return movie.stop({ signal });
  try {
    await sleep(ms, signal);
  } catch (error) {
    await movie.stop().catch(ignore);
    throw error;
  }
  return movie.stop({ signal });
}
