import { basename, dirname } from 'node:path';
import { systemClock } from '../../base/time.ts';
import {
  type Camera,
  type CameraLiveView,
  type FocusPlace,
  HotshoeError,
  UnsupportedError,
} from '../../index.ts';
import { downloadFile } from '../../node/download.ts';
import { hostAndPort, type TcpServer } from '../../node/tcp.ts';
import type { LiveViewServerOptions } from '../../server/live-view-server.ts';
import type { Context } from '../context.ts';
import { formatBytes } from '../output.ts';
import { parseCount, parseDuration, parsePlace, parsePort } from '../parse.ts';
import type { AddCommand } from './command.ts';
import { checkOutput, onExistsOption, type SaveOptions } from './get.ts';
import { watch } from './zoom.ts';

interface LiveOptions extends Pick<SaveOptions, 'onExists'> {
  zoom?: number;
  at?: FocusPlace;
  frame?: string;
  stdout?: boolean;
  http?: number;
  host: string;
  count?: number;
  for?: number;
}

export const addLive: AddCommand = (program, run) => {
  program
    .command('live')
    .description('what the camera sees: one picture, a stream, or a page for browsers')
    .option('--frame <file>', 'one picture into this file; - writes it to stdout')
    .option('--stdout', 'the moving picture to stdout, as JPEG after JPEG, until Ctrl-C')
    .option(
      '--http <port>',
      'the moving picture over HTTP until Ctrl-C; 0: any free port',
      parsePort,
    )
    .option('--host <address>', 'address to listen on with --http', '127.0.0.1')
    .option('--zoom <n>', 'enlarged: 5 or 10', parseCount)
    .option(
      '--at <x,y>',
      'where it is enlarged: 0,0 is left and top, 1,1 right and bottom',
      parsePlace,
    )
    .option('--count <n>', 'with --stdout: end after so many pictures', parseCount)
    .option('--for <duration>', 'with --stdout and --http: end after so long', parseDuration)
    .addOption(onExistsOption())
    .action(
      run((context, options: LiveOptions) => {
        const show = howToShow(context, options);
        return context.withCamera(async (camera) => {
          if (!camera.liveView) {
            throw new UnsupportedError(`${camera.identity.model} has no live view for computers`);
          }
          const shown = { camera, liveView: camera.liveView };
          await using enlarged = options.zoom
            ? await enlarge(camera, shown.liveView, options, context.signal)
            : undefined;
          void enlarged;
          await show(shown);
          return undefined;
        });
      }),
    );
};

/** Live view stays enlarged as long as somebody watches it: that is done here. */
async function enlarge(
  { zoom, identity }: Camera,
  liveView: CameraLiveView,
  { zoom: position = 1, at }: LiveOptions,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  if (!zoom) throw new UnsupportedError(`${identity.model} has no zoom for computers`);
  const watched = await watch(liveView, signal);
  try {
    await zoom.set(position, { signal, ...(at && { at }) });
    return watched;
  } catch (error) {
    await watched[Symbol.asyncDispose]();
    throw error;
  }
}

interface Shown {
  camera: Camera;
  liveView: CameraLiveView;
}

/** What is asked for, or why that is not clear. */
function howToShow(context: Context, options: LiveOptions): (shown: Shown) => Promise<void> {
  const { frame, stdout, http, count } = options;
  const ways = [frame !== undefined, stdout === true, http !== undefined].filter(Boolean).length;
  if (ways !== 1) {
    throw new HotshoeError(
      'USAGE',
      ways === 0 ? 'where to show live view was not said' : 'live view goes to one place at a time',
      {
        hint: 'Choose --http 8080 for browsers and OBS, --stdout for ffmpeg, or --frame FILE for one picture.',
      },
    );
  }
  if ((count !== undefined && !stdout) || (options.for !== undefined && frame !== undefined)) {
    throw new HotshoeError('USAGE', '--count is for --stdout, --for is for --stdout and --http', {
      hint: 'Leave it out.',
    });
  }
  if (frame !== undefined) {
    checkOutput({ output: frame }, context.output);
    return (shown) => onePicture(context, shown, frame, options);
  }
  if (http !== undefined) return (shown) => overHttp(context, shown, http, options);
  checkOutput({ output: '-' }, context.output);
  return (shown) => toStdout(context, shown, options);
}

async function onePicture(
  { output, signal }: Context,
  { liveView }: Shown,
  file: string,
  { onExists }: LiveOptions,
): Promise<void> {
  for await (const { jpeg, arrivedAt: _, ...facts } of liveView.frames({ signal })) {
    if (file === '-') return output.bytes(jpeg, signal);
    const { path, bytes } = await downloadFile({
      folder: dirname(file),
      name: basename(file),
      size: jpeg.length,
      fresh: true,
      onExists,
      async read(sink) {
        await sink.write(jpeg);
        return jpeg.length;
      },
    });
    output.line(path);
    output.result({ file: path, bytes, ...facts });
    return;
  }
}

async function toStdout(
  { output, signal }: Context,
  { liveView }: Shown,
  { count = Number.POSITIVE_INFINITY, for: ms }: LiveOptions,
): Promise<void> {
  using end = endOf(signal, ms);
  let pictures = 0;
  let bytes = 0;
  const from = performance.now();
  try {
    for await (const { jpeg } of liveView.frames({ signal: end.signal })) {
      await output.bytes(jpeg, end.signal);
      bytes += jpeg.length;
      if (++pictures === count) break;
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
  const rate = (1000 * pictures) / (performance.now() - from);
  output.note(`${pictures} pictures, ${formatBytes(bytes)}, ${rate.toFixed(1)} a second`);
}

async function overHttp(
  { output, signal }: Context,
  { camera }: Shown,
  port: number,
  { host, for: ms }: LiveOptions,
): Promise<void> {
  using end = endOf(signal, ms);
  const server = await startServer({
    camera,
    host,
    port,
    flag: '--http',
    onFault: (error) => output.warn(error, 'A client was sent away; the next one is served.'),
  });
  try {
    const address = `http://${hostAndPort(server.host, server.port)}/`;
    output.line(address);
    output.item({ address });
    const ended = new Promise<undefined>((resolve) => {
      if (end.signal.aborted) resolve(undefined);
      end.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const lost = await Promise.race([ended, camera.closed]);
    if (lost) throw lost;
  } finally {
    await server.close();
  }
}

/** Its module is loaded here because the compiler forgets its extension in functions with `using`. */
async function startServer(options: LiveViewServerOptions): Promise<TcpServer> {
  const { serveLiveView } = await import('../../server/live-view-server.ts');
  return serveLiveView(options);
}

/** Aborts at Ctrl-C, or when the time is up. */
function endOf(signal: AbortSignal, ms: number | undefined): { signal: AbortSignal } & Disposable {
  const late = new AbortController();
  const off = ms === undefined ? undefined : systemClock.after(ms, () => late.abort());
  return {
    signal: AbortSignal.any([signal, late.signal]),
    [Symbol.dispose]: () => off?.(),
  };
}
