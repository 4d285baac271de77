import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { HotshoeError } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import { type ByteStream, PTP_IP_PORT } from '../../index.ts';
import { folderCard } from '../../node/card-folder.ts';
import type { Darkroom } from '../../node/darkroom.ts';
import { hostAndPort, listenTcp, type TcpServer } from '../../node/tcp.ts';
import { faultKinds } from '../../virtual/faults.ts';
import type { ReplayCamera, VirtualCamera } from '../../virtual/index.ts';
import { findNormalModel, virtualModels } from '../../virtual/models/index.ts';
import { USBIP_PORT } from '../../virtual/usbip/wire.ts';
import type { RunOptions } from '../context.ts';
import { errorOf, type Output } from '../output.ts';
import { parseDuration, parsePort } from '../parse.ts';
import type { AddCommand } from './command.ts';

const REPLAY = 'replay:';

interface VirtualOptions {
  port?: number;
  /** True without a number. */
  usbip?: number | true;
  /** True without a menu. */
  wifi?: string | true;
  host?: string;
  card?: string;
  timing: 'instant' | 'realistic';
  fault?: string[];
  accept: 'yes' | 'no' | 'ask' | number;
  control?: number;
  stamp?: boolean;
}

export const addVirtual =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('virtual')
      .description(`be a camera, for this program or others; models: ${modelIds()}`)
      .argument('<model>', 'which one; replay:FILE answers as a recorded camera did')
      .option(
        '-P, --port <port>',
        `be in the network (PTP/IP), on this port; 0 takes any free one. Default ${PTP_IP_PORT}`,
        parsePort,
      )
      .option(
        '--usbip [port]',
        `be on the USB of whoever attaches it (USB/IP), on this port. Default ${USBIP_PORT}`,
        parsePort,
      )
      .option(
        '--wifi [menu]',
        "be found in the network, at this screen of the camera's Wi-Fi menu: eos-utility, " +
          'smartphone, computer, imink. Default: the first that the model has',
      )
      .option(
        '--host <address>',
        'address to listen on. Default 127.0.0.1, with --wifi the one of this computer',
      )
      .option('--card <folder>', 'a folder of this computer as its card')
      .addOption(
        new Option('--timing <how>', 'how long things take')
          .choices(['instant', 'realistic'])
          .default('instant'),
      )
      .option('--fault <name...>', `misbehave: ${Object.keys(faultKinds).join(', ')}`)
      .option(
        '--accept <how>',
        'a computer that connects: yes, no, ask, or yes after 2s',
        parseAccept,
        'yes',
      )
      .option('--control <port>', 'take control lines on this port of 127.0.0.1 too', parsePort)
      .option(
        '--stamp',
        'tell each transaction: milliseconds since the start, what it took, itself',
      )
      .action(
        run(async ({ output, signal }, model: string, options: VirtualOptions) => {
          await using darkroom = await openDarkroom();
          const camera = await makeCamera(model, options, darkroom, output, signal);
          const servers: TcpServer[] = [];
          const ready = (address: string) => {
            output.line(address);
            output.item({ address });
          };
          try {
            for await (const [address, server] of openFronts(camera, options, output)) {
              servers.push(server);
              ready(address);
            }
            if (options.wifi !== undefined) ready(await joinWifi(camera, options));
            if (options.control !== undefined) {
              servers.push(await serveControl(options.control, camera, output));
            }
            await untilDone(camera, streams.stdin, output, signal);
            return undefined;
          } finally {
            await Promise.all(servers.map((server) => server.close()));
            await camera.close();
          }
        }),
      );
  };

/** Apart, because the compiler forgets the extension in functions with `using`. */
async function openDarkroom(): Promise<Darkroom> {
  const { Darkroom } = await import('../../node/darkroom.ts');
  return new Darkroom();
}

/** What a virtual camera and a recording have in common. */
type Served = Pick<VirtualCamera, 'model' | 'usb' | 'servePtpIp' | 'control' | 'closed' | 'close'> &
  Partial<Pick<ReplayCamera, 'kind'> & Pick<VirtualCamera, 'joinWifi'>>;

async function makeCamera(
  model: string,
  options: VirtualOptions,
  { takePicture }: Darkroom,
  output: Output,
  signal: AbortSignal,
): Promise<Served> {
  const { timing, accept, fault: faults, card, stamp } = options;
  const log = (line: string) => output.note(line);
  const stamped = (line: string, ms: number) =>
    log(`${performance.now().toFixed(3)} ${ms.toFixed(3)} ${line}`);
  const trace = stamp ? stamped : output.options.verbose ? log : undefined;
  if (model.startsWith(REPLAY)) {
    if (faults || card !== undefined) {
      throw new HotshoeError('USAGE', 'a recording takes no --card and no --fault', {
        hint: 'It does what the camera did. Make a model misbehave: `hotshoe virtual eos-r6`.',
      });
    }
    const { readRecordingFile } = await import('../../node/replay-opener.ts');
    const { ReplayCamera } = await import('../../virtual/replay/index.ts');
    const recording = await readRecordingFile(model.slice(REPLAY.length), signal);
    return new ReplayCamera(recording, { log, trace });
  }
  const { createVirtualCamera } = await import('../../virtual/index.ts');
  const content = card === undefined ? undefined : await folderCard(card);
  const camera = createVirtualCamera(model, {
    ...{ timing, accept, faults, card: content, log, trace, takePicture },
  });
  // A camera reads its card when it is switched on, and what it has read it can list at once.
  if (content) void camera.ready();
  return camera;
}

/** Opens what is named; PTP/IP where nothing is, if the camera has a network. */
async function* openFronts(
  camera: Served,
  options: VirtualOptions,
  output: Output,
): AsyncGenerator<readonly [address: string, server: TcpServer]> {
  const { host = '127.0.0.1' } = options;
  const networked = camera.kind
    ? camera.kind === 'ptpip'
    : virtualModels.some(({ id, fronts }) => id === camera.model.id && fronts.includes('ptpip'));
  // Bodies that speak PTP can be had in the network where real ones cannot.
  if (options.port !== undefined && findNormalModel(camera.model.id)) {
    throw new HotshoeError('USAGE', `${camera.model.name} speaks no PTP: it takes no --port`, {
      hint: `Give it to the USB of others: \`hotshoe virtual ${camera.model.id} --usbip\`.`,
    });
  }
  const unnamed =
    options.port === undefined && options.usbip === undefined && options.wifi === undefined;
  // In a network it opens that port itself, when its menu says so.
  if ((options.port !== undefined && options.wifi === undefined) || (unnamed && networked)) {
    const server = await listenTcp({ host, port: options.port ?? PTP_IP_PORT }, (stream) => {
      void camera.servePtpIp(stream);
    });
    yield [`ptpip://${hostAndPort(server.host, server.port)}`, server];
  }
  if (options.usbip !== undefined || (unnamed && !networked)) {
    const { listenUsbip } = await import('../../node/usbip.ts');
    const port = typeof options.usbip === 'number' ? options.usbip : undefined;
    const log = (line: string) => output.note(line);
    const server = await listenUsbip([camera], { host, port, log });
    yield [`usbip://${hostAndPort(server.host, server.port)}/${server.busIds[0]}`, server];
  }
}

/** Gives the address that it has, or will have when a computer is chosen on it. */
async function joinWifi(
  camera: Served,
  { wifi, host, port = PTP_IP_PORT }: VirtualOptions,
): Promise<string> {
  const menus = virtualModels.find(({ id }) => id === camera.model.id)?.menus ?? [];
  const named = wifi === true ? menus[0] : menus.find((menu) => menu === wifi);
  if (!named || !camera.joinWifi) {
    throw new HotshoeError('USAGE', `${camera.model.name} has no Wi-Fi menu "${wifi}"`, {
      hint: menus.length > 0 ? `It has: ${menus.join(', ')}.` : 'It has no Wi-Fi.',
    });
  }
  const { requireInterfaces } = await import('../../node/network-interfaces.ts');
  const { wifiPorts } = await import('../../node/virtual-wifi.ts');
  const [own, ...others] = requireInterfaces(host);
  if (!own || others.length > 0) {
    const all = [own, ...others].map((each) => `${each?.address} (${each?.name})`).join(', ');
    throw new HotshoeError('USAGE', 'this computer is in several networks', {
      hint: `Choose one with --host: ${all}.`,
    });
  }
  await camera.joinWifi(named, wifiPorts(camera, { own, port }));
  return `ptpip://${hostAndPort(own.address, port)}`;
}

function modelIds(): string {
  return virtualModels.map(({ id }) => id).join(', ');
}

function parseAccept(text: string): VirtualOptions['accept'] {
  return text === 'yes' || text === 'no' || text === 'ask' ? text : parseDuration(text);
}

/** Until `quit`, Ctrl-C, or the camera's own end. The end of stdin is no order to stop. */
async function untilDone(
  camera: Served,
  stdin: NodeJS.ReadableStream,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if ('isTTY' in stdin && stdin.isTTY) {
    output.note('Type press, half, release, dial Av, card out, battery 5, fault NAME, … or quit.');
  }
  const lines = createInterface({ input: stdin });
  lines.on('line', (line) => {
    void control(camera, line).then((answer) => answer && output.note(answer));
  });
  try {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      void camera.closed.then(resolve);
    });
  } finally {
    lines.close();
  }
}

/** What to show for a line, which may be what is wrong with it. */
async function control(camera: Served, line: string): Promise<string> {
  try {
    return await camera.control(line.trim());
  } catch (error) {
    const { message, hint } = errorOf(error);
    return hint ? `${message}. ${hint}` : message;
  }
}

/** A line in, a line out. */
async function serveControl(port: number, camera: Served, output: Output): Promise<TcpServer> {
  const serve = async (stream: ByteStream) => {
    const decoder = new TextDecoder();
    let text = '';
    for (let chunk = await stream.read(); chunk; chunk = await stream.read()) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        const answer = (await control(camera, line)) || 'ok';
        await stream.write(new TextEncoder().encode(`${answer}\n`));
      }
    }
  };
  const server = await listenTcp({ port, flag: '--control' }, (stream) => {
    serve(stream)
      // Whoever was connected went away: nobody else is concerned.
      .catch(ignore)
      .finally(() => stream.close());
  });
  const address = hostAndPort(server.host, server.port);
  output.line(`control ${address}`);
  output.item({ control: address });
  return server;
}
