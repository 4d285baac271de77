import { Option } from 'commander';
import { HotshoeError } from '../../base/errors.ts';
import { systemClock } from '../../base/time.ts';
import type { HttpRequest } from '../../discovery/index.ts';
import { beComputer, type ComputerOptions, DESCRIPTION_PORT } from '../../node/computer.ts';
import { ownInterfaces, requireInterfaces } from '../../node/network-interfaces.ts';
import { responderUuid } from '../../node/responder-uuid.ts';
import type { Context } from '../context.ts';
import { parseDuration, parsePort } from '../parse.ts';
import type { AddCommand } from './command.ts';

interface RespondOptions {
  name?: string;
  port: number;
  ssdpPort: number;
  filePath: string;
  iface?: string;
  bindAll?: boolean;
  maxAge: number;
  startDesc: boolean;
  for?: number;
  ipv6?: boolean;
}

/** The options are those of ptpip-canon-upnp-helper, and so are the lines that it logs. */
export const addRespond: AddCommand = (program, run) => {
  program
    .command('respond')
    .description('let PowerShots find this computer, for gphoto2, chdkptp and other programs')
    .argument('[address]', 'address of this computer that cameras are told; found by itself')
    .option('-n, --name <name>', "shown in the camera's list; default: name of this computer")
    .option('-P, --port <port>', 'TCP port of the description', parsePort, DESCRIPTION_PORT)
    .addOption(new Option('--desc-port <port>', 'the same').argParser(parsePort).hideHelp())
    .option('-p, --ssdp-port <port>', "UDP port to listen on; cameras' is fixed", parsePort, 1900)
    .option('-f, --file-path <path>', 'path of the description', 'ptpip-canon-desc-helper.xml')
    .option('-i, --iface <name>', 'only this network interface')
    .option('-a, --bind-all', 'serve the description on every address')
    .option('--max-age <seconds>', 'how long others may keep the answer', parseSeconds, 900)
    .option('--no-start-desc', 'answer searches only; another program serves the description')
    .option('--for <duration>', 'end after so long (10m); default: at Ctrl-C', parseDuration)
    .addOption(new Option('-4, --ipv4', 'as always').hideHelp())
    .addOption(new Option('-6, --ipv6', 'cameras use IPv4').hideHelp())
    .action(
      run(async (context, address: string | undefined, options: RespondOptions) => {
        await respond(context, address, options);
        return undefined;
      }),
    );
};

async function respond(
  { output, signal }: Context,
  address: string | undefined,
  options: RespondOptions & { descPort?: number },
): Promise<void> {
  if (options.ipv6) {
    throw new HotshoeError('USAGE', 'cameras look for computers over IPv4 only', {
      hint: 'Leave -6 out.',
    });
  }
  const only = options.iface ?? address;
  const found = requireInterfaces(only);
  if (address !== undefined && !found.some((own) => own.address === address)) {
    throw new HotshoeError('USAGE', `${address} is no address of ${options.iface}`, {
      hint: `It has ${found.map((own) => own.address).join(', ')}.`,
    });
  }
  const { uuid, file, created } = await responderUuid();
  output.note(
    `INFO:ptpip-upnp-helper:${created ? 'created new uuid' : 'read uuid'} ${file} ${uuid}`,
  );
  const path = options.filePath.startsWith('/') ? options.filePath : `/${options.filePath}`;
  const descriptionPort = options.descPort ?? options.port;
  const verbose = (output.options.verbose ?? 0) > 0;
  const computerOptions: ComputerOptions = {
    uuid,
    interfaces: () => ownInterfaces(only),
    name: options.name,
    descriptionPort,
    path,
    port: options.ssdpPort,
    maxAge: options.maxAge,
    address,
    bindAll: options.bindAll,
    withoutDescription: !options.startDesc,
    answerAll: true,
    onSearch(from) {
      output.note(
        `INFO:ptpip-upnp-helper:Received qualifying M-SEARCH from ${endpoint(from.address, from.port)}`,
      );
      output.item({ event: 'search', address: from.address, port: from.port });
    },
    onFetched: ({ address }) => output.item({ event: 'read', address, port: null }),
    onRequest: (request, status) => output.note(accessLine(request, status)),
    onRefused: (reason, from) =>
      output.note(
        `WARNING:ptpip-upnp-helper:Not answered: ${reason}, ${endpoint(from.address, from.port)}`,
      ),
    ...(verbose && {
      onDatagram(bytes, from, answer) {
        const text = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
        output.note(
          `DEBUG:ptpip-upnp-helper:Received packet from ${endpoint(from.address, from.port)}: ${JSON.stringify(text)}`,
        );
        if (!answer) return;
        const sent = JSON.stringify(new TextDecoder().decode(answer));
        output.note(`DEBUG:ptpip-upnp-helper:Created response: ${sent}`);
      },
    }),
  };
  const computer = await beComputer(computerOptions);
  try {
    for (const own of found) {
      const location = `http://${address ?? own.address}:${computer.descriptionPort}${path}`;
      output.note(`INFO:ptpip-upnp-helper:Description location: ${location}`);
      if (options.startDesc) output.note(`INFO:ptpip-desc-helper:Serving ${location}`);
      output.item({ event: 'ready', address: own.address, port: computer.descriptionPort });
    }
    output.line(`cameras find this computer as "${computer.name}"`);
    output.flush();
    await untilEnd(signal, options.for);
  } finally {
    await computer.close();
  }
}

/** At Ctrl-C, which is how it is meant to end, or when the time is up. */
function untilEnd(signal: AbortSignal, ms: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const stop = ms === undefined ? undefined : systemClock.after(ms, resolve);
    const onAbort = () => {
      stop?.();
      resolve();
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** As Python writes it. */
const endpoint = (address: string, port: number) => `('${address}', ${port})`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `192.168.1.5 - - [26/Nov/2026 16:05:10] "GET /x HTTP/1.1" 200 -`: what access logs look like. */
function accessLine({ from, method, path }: HttpRequest, status: number): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${two(now.getDate())}/${MONTHS[now.getMonth()]}/${now.getFullYear()}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `${from.address} - - [${date} ${time}] "${method} ${path} HTTP/1.1" ${status} -`;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,9}$/.test(text)) return seconds;
  throw new HotshoeError('USAGE', `"${text}" is no number of seconds`);
}
