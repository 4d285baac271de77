import type { FoundCamera } from '../../discovery/index.ts';
import { type HolderStatus, holders as runningHolders } from '../../holder/index.ts';
import type { KnownCamera } from '../../node/known-cameras.ts';
import type { UsbAccess } from '../../node/usb/access.ts';
import { describeHolders } from '../../node/usb/holders.ts';
import { findUsbCameras, lastingAddress, type UsbCamera, usbCamera } from '../../usb/cameras.ts';
import { CANON } from '../../usb/canon-ids.ts';
import type { UsbBus } from '../../usb/port.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';

/** Long enough for two rounds of searches, in case one is lost. */
const SEARCH_MS = 2000;

interface ListOptions {
  watch?: boolean;
  network: boolean;
}

export const addList: AddCommand = (program, run) => {
  program
    .command('list')
    .description('the cameras on USB and in the network, and who holds them')
    .option('-w, --watch', 'go on, and tell of each that comes or goes')
    .option('--no-network', 'only those on USB')
    .action(
      run(async (context, { watch: goOn, network }: ListOptions) => {
        const interfaces = network ? await context.interfaces() : [];
        const bus = await usbIfThere(context, interfaces.length > 0);
        if (goOn) await watch(context, bus, interfaces);
        else await list(context, bus, interfaces, network);
        return undefined;
      }),
    );
};

/** Whoever has a network can do without the package for USB. */
async function usbIfThere(context: Context, hasNetwork: boolean): Promise<UsbBus | undefined> {
  try {
    return await context.usb();
  } catch (error) {
    if (!hasNetwork) throw error;
    context.output.warn(error, 'Only the network is looked through.');
    return undefined;
  }
}

type Interfaces = Awaited<ReturnType<Context['interfaces']>>;

interface Row {
  item: object;
  cells: string[];
  /** As a holder knows it. */
  heldAs: string;
}

async function list(
  { output, signal, env }: Context,
  bus: UsbBus | undefined,
  interfaces: Interfaces,
  network: boolean,
): Promise<void> {
  const [held, ...found] = await Promise.all([
    runningHolders(env),
    bus ? usbRows(bus) : [],
    network ? networkRows(interfaces, signal) : [],
  ]);
  const rows = withHolders(found.flat(), held);
  output.result(rows.map(({ item }) => item));
  for (const line of table(rows.map(({ cells }) => cells))) output.line(line.trimEnd());
  if (rows.length === 0) {
    output.note(
      interfaces.length > 0
        ? 'no camera on USB, none announces itself in the network; `hotshoe pair` helps with Wi-Fi'
        : 'no camera on USB; one in the network has an address: --camera ptpip://192.168.1.20',
    );
  }
}

/** Those that a holder of ours has are shown as its, whether they can be seen or not. */
function withHolders(rows: readonly Row[], held: readonly HolderStatus[]): Row[] {
  const others = held.filter(({ address }) => rows.every(({ heldAs }) => heldAs !== address));
  return [
    ...rows.map((row) => {
      const holder = held.find(({ address }) => address === row.heldAs);
      if (!holder) return row;
      const words = [...row.cells.slice(0, -1), holderInWords(holder)];
      return { ...row, item: { ...row.item, ...heldBy(holder) }, cells: words };
    }),
    ...others.map((holder) => ({
      item: {
        ...{ address: holder.address, model: holder.model ?? '', serialNumber: null },
        ...{ vendorId: CANON, productId: null, protocol: 'ptp', name: null, mode: null },
        ...heldBy(holder),
      },
      cells: [holder.address, holder.model ?? '', '', holderInWords(holder)],
      heldAs: holder.address,
    })),
  ];
}

function heldBy({ pid }: HolderStatus) {
  return { state: 'held', holders: [{ pid, name: 'hotshoe' }] };
}

function holderInWords({ pid, state }: HolderStatus): string {
  const away = state.name === 'connected' ? '' : ', not connected now';
  return `held by hotshoe (process ${pid})${away}`;
}

async function usbRows(bus: UsbBus): Promise<Row[]> {
  const { usbAccess } = await import('../../node/usb/access.ts');
  const found = await findUsbCameras(bus);
  return Promise.all(
    found.map(async (camera) => {
      const { state, holders } = await usbAccess(camera.device);
      return {
        item: { ...told(camera), name: null, mode: null, state, holders },
        cells: [...cells(camera), inWords({ state, holders })],
        heldAs: lastingAddress(camera, found),
      };
    }),
  );
}

/** Those that announce themselves, and those that were paired and are elsewhere. */
async function networkRows(interfaces: Interfaces, signal: AbortSignal): Promise<Row[]> {
  const [{ camerasInNetwork }, { knownCameras }] = await Promise.all([
    import('../../node/find-cameras.ts'),
    import('../../node/known-cameras.ts'),
  ]);
  const [found, known] = await Promise.all([
    camerasInNetwork(interfaces, SEARCH_MS, signal),
    interfaces.length > 0 ? knownCameras() : [],
  ]);
  const here = new Set(found.map(idOf));
  return [
    ...found.map((camera) => {
      const name = known.find(({ id }) => id === idOf(camera))?.name;
      return {
        item: { ...toldOf(camera, name), state: camera.inUse ? 'held' : 'free', holders: [] },
        cells: [...cellsOf(camera), stateOf(camera, name)],
        heldAs: name === undefined ? addressOf(camera) : `wifi:${name}`,
      };
    }),
    ...known.filter(({ id }) => !here.has(id)).map(away),
  ];
}

function away({ name, model, flow, host }: KnownCamera): Row {
  const why =
    flow === 'computer'
      ? 'paired: connects when this computer is chosen on it'
      : `paired: not in the network now, last at ${host}`;
  return {
    item: {
      address: `wifi:${name}`,
      ...{ model, serialNumber: null, vendorId: CANON, productId: null, protocol: 'ptp' },
      ...{ name, mode: null, state: 'away', holders: [] },
    },
    cells: [`wifi:${name}`, model, '', why],
    heldAs: `wifi:${name}`,
  };
}

/** What is there now, then each change as it comes, until Ctrl-C. */
async function watch(
  { output, signal }: Context,
  bus: UsbBus | undefined,
  interfaces: Interfaces,
): Promise<void> {
  const seen = new Map<UsbCamera['device'], UsbCamera>();
  const events: unknown[] = [];
  const tell = (event: 'plugged' | 'unplugged' | 'found' | 'gone', item: object, row: string[]) => {
    events.push({ event, ...item });
    output.item({ event, ...item });
    const sign = event === 'plugged' || event === 'found' ? '+' : '-';
    output.line([sign, ...row].join(' ').trimEnd());
    output.flush();
  };
  const plugged = ({ device }: { device: UsbCamera['device'] }) => {
    const camera = usbCamera(device);
    if (!camera || seen.has(device)) return;
    seen.set(device, camera);
    tell('plugged', { ...told(camera), name: null, mode: null }, cells(camera));
  };
  const unplugged = ({ device }: { device: UsbCamera['device'] }) => {
    const camera = seen.get(device);
    seen.delete(device);
    if (camera) tell('unplugged', { ...told(camera), name: null, mode: null }, cells(camera));
  };
  // Listening first, so that nothing is missed in between.
  bus?.addEventListener('connect', plugged);
  bus?.addEventListener('disconnect', unplugged);
  const search = await watchNetwork(interfaces, tell);
  try {
    for (const { device } of bus ? await findUsbCameras(bus) : []) plugged({ device });
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    bus?.removeEventListener('connect', plugged);
    bus?.removeEventListener('disconnect', unplugged);
    await search?.close();
  }
  if (!output.options.jsonl) output.result(events);
}

async function watchNetwork(
  interfaces: Interfaces,
  tell: (event: 'found' | 'gone', item: object, row: string[]) => void,
) {
  if (interfaces.length === 0) return undefined;
  const { findCameras } = await import('../../node/find-cameras.ts');
  const { knownCameras } = await import('../../node/known-cameras.ts');
  const known = await knownCameras();
  const places = new Map<string, string>();
  return findCameras({
    interfaces,
    onEvent({ type, camera }) {
      const key = `${camera.uuid} ${camera.mode}`;
      const name = known.find(({ id }) => id === idOf(camera))?.name;
      // Only its coming, going and moving are told, not what it does meanwhile.
      if (type === 'changed' && places.get(key) === camera.host) return;
      if (type === 'gone') places.delete(key);
      else places.set(key, camera.host);
      tell(type === 'gone' ? 'gone' : 'found', toldOf(camera, name), cellsOf(camera));
    },
  });
}

/** A camera as programs get it. */
function told({ address, model, vendorId, productId, serialNumber, protocol }: UsbCamera) {
  return { address, model, serialNumber, vendorId, productId, protocol };
}

function toldOf(camera: FoundCamera, name: string | undefined) {
  const { model, serialNumber, productId, mode } = camera;
  const address = addressOf(camera);
  return { address, model, serialNumber, vendorId: CANON, productId, protocol: 'ptp', name, mode };
}

function cells({ address, model, serialNumber }: UsbCamera): string[] {
  return [address, model, serialNumber ? `serial ${serialNumber}` : ''];
}

function cellsOf(camera: FoundCamera): string[] {
  const { model, serialNumber } = camera;
  return [addressOf(camera), model, serialNumber ? `serial ${serialNumber}` : ''];
}

const addressOf = ({ host }: FoundCamera) => `ptpip://${host}`;
const idOf = ({ uuid }: FoundCamera) => uuid.slice(-12).toLowerCase();

function stateOf({ mode, inUse }: FoundCamera, name: string | undefined): string {
  if (mode === 'api') return 'at its Camera Control API: choose "Remote control" on it';
  if (mode === 'imink') return 'waits for the phone program: choose the computer symbol on it';
  const pairing = name === undefined ? 'not paired: run `hotshoe pair`' : `paired as "${name}"`;
  return inUse ? `connected to another program or device, ${pairing}` : pairing;
}

function inWords({ state, holders }: UsbAccess): string {
  switch (state) {
    case 'held':
      return `held by ${describeHolders(holders)}`;
    case 'no-permission':
      return 'no permission: run `hotshoe doctor`';
    default:
      return '';
  }
}
