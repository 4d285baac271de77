import { resolve } from 'node:path';
import type { Cameras } from '../../api/cameras.ts';
import type { Save } from '../../api/shoot.ts';
import { HotshoeError } from '../../base/errors.ts';
import type { OpenOptions } from '../../camera/address.ts';
import type { TcpServer } from '../../node/tcp.ts';
import type { ServeOptions } from '../../server/server.ts';
import type { UsbBus } from '../../usb/port.ts';
import type { Context } from '../context.ts';
import { formatBytes } from '../output.ts';
import { parsePort } from '../parse.ts';
import { version } from '../version.ts';
import type { AddCommand } from './command.ts';

const DEFAULT_PORT = 8642;

interface ServeCommandOptions {
  port?: number;
  host: string;
  output: string;
  open: boolean;
  firstPicture?: boolean;
}

export const addServe: AddCommand = (program, run) => {
  program
    .command('serve')
    .description('the cameras in a browser, and for scripts over HTTP, until Ctrl-C')
    .option(
      '-P, --port <port>',
      `the port; 0 takes any free one. Default ${DEFAULT_PORT}, or a free one where that is taken`,
      parsePort,
    )
    .option(
      '--host <address>',
      'address to listen on; others than this computer need the link with the token',
      '127.0.0.1',
    )
    .option('-o, --output <folder>', 'where pictures for this computer go', 'pictures')
    .option('--no-open', 'do not open a browser')
    .option('--first-picture', 'take one at once, with a virtual EOS R6 unless a camera is named')
    .action(run(serveCommand));
};

async function serveCommand(context: Context, options: ServeCommandOptions): Promise<undefined> {
  const { output, signal, env } = context;
  if (output.options.json) {
    throw new HotshoeError('USAGE', 'serve has no end that a document could wait for', {
      hint: 'Take --jsonl instead of --json.',
    });
  }
  if (context.options.record !== undefined) {
    throw new HotshoeError('USAGE', 'the cameras of a server are shared, and so is their traffic', {
      hint: 'Record a command, without the server: `hotshoe --record traffic.pcapng live --frame -`.',
    });
  }
  const log = await context.log();
  const { Cameras } = await import('../../api/cameras.ts');
  const { connectPlugged } = await import('../../api/plugged.ts');
  const { availableCameras } = await import('../../server/node-cameras.ts');
  const { saveTo } = await import('../../server/save.ts');
  const links = await import('../../server/link.ts');
  const { Darkroom } = await import('../../node/darkroom.ts');
  const { registerVirtual } = await import('../../virtual/opener.ts');
  // The page goes on moving while the picture of a virtual camera is made.
  const darkroom = new Darkroom();
  registerVirtual({ takePicture: darkroom.takePicture });
  const save = saveTo(options.output);
  const bus = await context.usb().catch((): UsbBus | undefined => undefined);
  const { openShared } = await import('../../holder/index.ts');
  // Commands can use the cameras that are shown, and what a command holds is shown.
  const open = (address: string, wait: OpenOptions) =>
    openShared(address, {
      ...wait,
      ...{ version: version(), env, usb: bus, mode: context.options.mode },
      ...{ tap: log?.ptp, normalTap: log?.normal, acceptTimeoutMs: context.options.wait },
    });
  const cameras = new Cameras({ open, available: availableCameras(bus) });
  const token = links.isLoopback(options.host) ? undefined : links.makeToken();
  let server: TcpServer | undefined;
  try {
    server = await listen(options, {
      cameras,
      token,
      version: version(),
      save,
      onFault: (error) => output.warn(error, 'A client was told so; the next one is served.'),
    });
    const isNamed = context.options.camera || env.HOTSHOE_CAMERA;
    const named = isNamed ? await context.chosenCamera() : undefined;
    if (named) cameras.connect(named);
    else if (bus) await connectPlugged(cameras, bus, signal);
    if (options.firstPicture) await firstPicture(context, cameras, named, save);
    tellLinks(context, links, options, server, token);
    await untilAborted(signal);
    return undefined;
  } finally {
    await server?.close();
    await cameras.close();
    await darkroom[Symbol.asyncDispose]();
  }
}

const FIRST_CAMERA = 'virtual:eos-r6';

/** So that the page is not empty when it opens. */
async function firstPicture(
  { output, signal }: Context,
  cameras: Cameras,
  named: string | undefined,
  save: Save,
): Promise<void> {
  const { shoot } = await import('../../api/shoot.ts');
  const seat = cameras.connect(named ?? FIRST_CAMERA);
  const { identity } = await seat.ready(signal);
  output.line(`${identity.model} (${seat.address})`);
  const shot = await seat.work((camera) => shoot(camera, { save: true }, save));
  output.item(shot);
  for (const { file, bytes } of shot.downloads) {
    output.line(`${resolve(file)}  ${formatBytes(bytes)}`);
  }
}

/** The default port may be taken, and any other will do then; one that was asked for is meant. */
async function listen(
  { port, host }: ServeCommandOptions,
  options: Omit<ServeOptions, 'port' | 'host'>,
): Promise<TcpServer> {
  const { serve } = await import('../../server/server.ts');
  try {
    return await serve({ ...options, host, port: port ?? DEFAULT_PORT });
  } catch (error) {
    const taken = error instanceof HotshoeError && error.code === 'LISTEN';
    if (port !== undefined || !taken) throw error;
    return serve({ ...options, host, port: 0 });
  }
}

type Links = typeof import('../../server/link.ts');

function tellLinks(
  { output, env }: Context,
  { linksTo, qrCode, openBrowser }: Links,
  { host, open: wanted }: ServeCommandOptions,
  server: TcpServer,
  token: string | undefined,
): void {
  const links = linksTo(host, server.port, token);
  for (const link of links) {
    output.line(link);
    output.item({ address: link });
  }
  output.flush();
  const [first] = links;
  const { stdout } = output.streams;
  if (!first || !stdout.isTTY || output.machine) return;
  if (token !== undefined) {
    output.line(qrCode(first));
    output.note('Whoever has the link can use the cameras. Ctrl-C ends it.');
  } else if (wanted) openBrowser(first, env);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
