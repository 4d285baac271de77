/** What every command gets: output, the camera, the signal of Ctrl-C. */
import { appendFileSync } from 'node:fs';
import { canonNames } from '../canon/ptp/index.ts';
import { TransactionLog } from '../inspect/index.ts';
import { fileError } from '../node/file-error.ts';
import { type Camera, noCamera, type OpenOptions, open } from '../node/index.ts';
import '../virtual/opener.ts';
import { Output, type Streams } from './output.ts';

export interface GlobalOptions {
  camera?: string;
  json?: boolean;
  jsonl?: boolean;
  quiet?: boolean;
  verbose?: number;
  log?: string;
  wait?: number;
}

export interface RunOptions {
  streams: Streams & { stdin: NodeJS.ReadableStream };
  env: NodeJS.ProcessEnv;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
}

export interface Context {
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Opens the camera that the user chose, runs `work`, closes it on every path. */
  withCamera<T>(
    work: (camera: Camera) => Promise<T>,
    options?: Pick<OpenOptions, 'driver' | 'onDeviceInfo'>,
  ): Promise<T>;
}

export function makeContext(options: GlobalOptions, { streams, env, signal }: RunOptions): Context {
  const output = new Output(streams, options, env);
  const log = makeLog(options, output);
  return {
    options,
    output,
    env,
    signal,
    async withCamera(work, openOptions = {}) {
      const address = options.camera ?? env.HOTSHOE_CAMERA;
      if (!address) throw noCamera();
      await using camera = await open(address, {
        ...openOptions,
        signal,
        tap: log,
        acceptTimeoutMs: options.wait,
        onWaiting: ({ name, timeoutMs }) =>
          output.note(
            `${name} has not answered yet. If its screen asks about this computer, press OK there ` +
              `(waiting up to ${Math.round(timeoutMs / 1000)} s, Ctrl-C to stop).`,
          ),
      });
      if (log && camera.ptp) log.names = camera.ptp.names;
      return await work(camera);
    },
  };
}

function makeLog(options: GlobalOptions, output: Output): TransactionLog | undefined {
  const { verbose = 0, log: file } = options;
  if (verbose === 0 && file === undefined) return undefined;
  const append = file === undefined ? undefined : appender(file);
  // Now, so that a file that cannot be written is known before anything is asked of a camera.
  append?.('');
  const log = new TransactionLog({
    dumps: verbose > 1,
    write(line) {
      append?.(`${new Date().toISOString()} ${line}\n`);
      if (!append) output.streams.stderr.write(`${output.colors.dim(line)}\n`);
    },
    failed: (error) => output.warn(error, 'The command goes on without the log.'),
  });
  // Until the camera is known: most are Canon's.
  log.names = canonNames;
  return log;
}

function appender(file: string): (text: string) => void {
  return (text) => {
    try {
      appendFileSync(file, text);
    } catch (error) {
      throw fileError(error, 'write', file, 'Choose another file with --log.');
    }
  };
}
