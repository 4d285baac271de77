import { Option } from 'commander';
import { HotshoeError } from '../../base/errors.ts';
import { formatDuration } from '../../base/time.ts';
import { parseHostPort } from '../../camera/address.ts';
import type { Camera } from '../../index.ts';
import { forgetCamera, knownCamera, knownCameras } from '../../node/known-cameras.ts';
import { requireInterfaces } from '../../node/network-interfaces.ts';
import type { PairEvent } from '../../node/pair.ts';
import { PTP_IP_PORT } from '../../ptp/index.ts';
import { type Context, stateInWords } from '../context.ts';
import type { Output } from '../output.ts';
import { parsePort } from '../parse.ts';
import { version } from '../version.ts';
import type { AddCommand } from './command.ts';
import { untilReleased } from './hold.ts';

interface PairOptions {
  as?: string;
  name?: string;
  iface?: string;
  port?: number;
  useExpectedIdentity?: boolean;
  forget?: string;
  hold?: boolean;
}

export const addPair: AddCommand = (program, run) => {
  program
    .command('pair')
    .description('make a camera and this computer known to each other, over Wi-Fi')
    .argument('[address]', 'address of the camera, where it is not found by itself')
    .option('--as <name>', 'what to call the camera; default: its own nickname')
    .option('-n, --name <name>', "shown on the camera's screen; default: name of this computer")
    .option('-i, --iface <name>', 'only this network interface')
    .option('-P, --port <port>', 'TCP port of the description for PowerShots', parsePort)
    .option(
      '--use-expected-identity',
      "take over another program's pairing: present the identity that the camera waits for",
    )
    .option('--hold', 'stay connected for other commands, until Ctrl-C or `hotshoe release`')
    .addOption(
      new Option('--forget <camera>', 'forget a camera that was paired').conflicts([
        'as',
        'useExpectedIdentity',
        'hold',
      ]),
    )
    .action(
      run(async (context, address: string | undefined, options: PairOptions) => {
        if (options.forget !== undefined) await forget(context, options.forget);
        else await pair(context, address, options);
        return undefined;
      }),
    );
};

async function pair(
  context: Context,
  address: string | undefined,
  options: PairOptions,
): Promise<void> {
  const { output, signal } = context;
  const place = address === undefined ? undefined : placeOf(address);
  const interfaces = place ? [] : requireInterfaces(options.iface);
  const { pairCamera } = await import('../../node/pair.ts');
  const teller = new Teller(output);
  const { camera, known } = await pairCamera({
    interfaces,
    place,
    name: options.name,
    as: options.as,
    descriptionPort: options.port,
    useExpectedGuid: options.useExpectedIdentity,
    onEvent: (event) => teller.tell(event),
    open: { acceptTimeoutMs: context.options.wait },
    signal,
  });
  try {
    const { id, name, model, host, port, flow } = known;
    output.result({ name, address: `wifi:${name}`, model, host, port, macAddress: mac(id), flow });
    output.line(`connected: ${model} at ${host}, from now on "${name}"`);
    output.line(`  hotshoe --camera ${name} info`);
    if (options.hold) await hold(context, camera, `wifi:${name}`);
    else if (flow === 'computer') {
      output.note(
        'This camera leaves the Wi-Fi when a command ends: the next one asks you to choose this ' +
          'computer on it again. `pair --hold` keeps it.',
      );
    }
  } finally {
    await camera.close();
  }
}

/** The session that has just begun is kept, and shared by the commands that come. */
async function hold(
  { output, env, signal, options }: Context,
  camera: Camera,
  address: string,
): Promise<void> {
  const { holdCamera } = await import('../../holder/index.ts');
  const holder = await holdCamera({
    ...{ address, version: version(), first: camera, env, acceptTimeoutMs: options.wait },
  });
  output.flush();
  output.note('It stays connected until Ctrl-C, `hotshoe release`, or half an hour of no use.');
  await untilReleased(holder, signal, (state) => output.note(stateInWords(state)));
}

async function forget({ output }: Context, name: string): Promise<void> {
  const camera = await knownCamera(name);
  if (!camera) {
    const names = (await knownCameras()).map((known) => known.name);
    throw new HotshoeError('NOT_FOUND', `no camera called "${name}" was paired`, {
      hint: names.length > 0 ? `Paired: ${names.join(', ')}.` : undefined,
    });
  }
  await forgetCamera(camera);
  output.result({ forgotten: camera.name });
  output.line(`forgotten: ${camera.name} (${camera.model})`);
  output.note('The camera remembers this computer; delete it there, too, in its Wi-Fi menu.');
}

/** "192.168.1.20", "192.168.1.20:15740" or "ptpip://…". */
function placeOf(address: string): { host: string; port: number } {
  const full = address.includes('://') ? address : `ptpip://${address}`;
  if (!full.startsWith('ptpip://')) {
    throw new HotshoeError('USAGE', `"${address}" is not an address in the network`, {
      hint: 'Write it as it stands in the camera’s Wi-Fi menu: hotshoe pair 192.168.1.20',
    });
  }
  return parseHostPort(full.slice('ptpip:'.length), full, PTP_IP_PORT);
}

const mac = (id: string) => id.match(/../g)?.join(':') ?? id;

/** What happens, for somebody with a camera in hand: each thing once. */
class Teller {
  #output: Output;
  #told = new Set<string>();

  constructor(output: Output) {
    this.#output = output;
  }

  tell(event: PairEvent): void {
    const output = this.#output;
    const { type } = event;
    output.item('camera' in event ? { event: type, ...seen(event.camera) } : told(event));
    const text = this.#words(event);
    if (text === undefined || this.#told.has(text)) return;
    // What failed may fail again, and is told again.
    if (type !== 'failed' && type !== 'connecting' && type !== 'asked') this.#told.add(text);
    output.note(text);
  }

  #words(event: PairEvent): string | undefined {
    switch (event.type) {
      case 'ready':
        return instructions(event.computer, event.addresses);
      case 'found':
        return `${event.camera.model} at ${event.camera.host} announces itself`;
      case 'in-use':
        return (
          `${event.camera.model} at ${event.camera.host} is connected to another program or ` +
          'device: end that connection.'
        );
      case 'other-mode':
        return otherMode(event.camera);
      case 'searched':
        return `${event.host} looks for computers`;
      case 'read':
        return `${event.host} has read this computer's name: choose it on the camera`;
      case 'connecting':
        return `connecting to ${event.host} …`;
      case 'asked':
        return (
          `${event.host} has not answered yet: press OK on the camera ` +
          `(waiting up to ${formatDuration(event.timeoutMs)})`
        );
      case 'failed':
        return [`not connected: ${event.reason}`, event.hint].filter(Boolean).join('\n');
      case 'ignored':
        return this.#output.options.verbose
          ? `ignored from ${event.host}: ${event.reason}`
          : undefined;
    }
  }
}

function seen(camera: { model: string; host: string; mode: string; uuid: string }) {
  const { model, host, mode, uuid } = camera;
  return { host, model, mode, uuid };
}

function told({ type, ...rest }: Exclude<PairEvent, { camera: unknown }>) {
  return { event: type, ...rest };
}

function instructions(computer: string, addresses: readonly string[]): string {
  return [
    `This computer is "${computer}" (${addresses.join(', ')}). On the camera, in the same network:`,
    '  EOS        Wi-Fi function > Remote control (EOS Utility) > add a device, then OK',
    '  EOS, phone Wi-Fi function > Connect to smartphone > add a device',
    `  PowerShot  Wi-Fi > computer symbol > Add a Device… > "${computer}"`,
    '             (SX730 and others of its time also: > smartphone symbol > Add a Device…)',
    'Nothing happens? Ctrl-C, and with the address from the camera’s menu: hotshoe pair ADDRESS',
    'Waiting …',
  ].join('\n');
}

function otherMode({ model, host, mode }: { model: string; host: string; mode: string }): string {
  return mode === 'api'
    ? `${model} at ${host} is at its Camera Control API: choose "Remote control (EOS Utility)" instead`
    : `${model} at ${host} waits for the phone program, with an exchange of its own (IMINK) before ` +
        'it lets anybody control it: choose the computer symbol in its Wi-Fi menu instead';
}
