import type { UsbAccess } from '../../node/usb/access.ts';
import { describeHolders } from '../../node/usb/holders.ts';
import { findUsbCameras, type UsbCamera, usbCamera } from '../../usb/cameras.ts';
import type { UsbBus } from '../../usb/port.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';

export const addList: AddCommand = (program, run) => {
  program
    .command('list')
    .description('the cameras on USB, and who holds them')
    .option('-w, --watch', 'go on, and tell of each that is plugged in or unplugged')
    .action(
      run(async (context, options: { watch?: boolean }) => {
        const bus = await context.usb();
        if (options.watch) await watch(context, bus);
        else await list(context, bus);
        return undefined;
      }),
    );
};

async function list({ output }: Context, bus: UsbBus): Promise<void> {
  const { usbAccess } = await import('../../node/usb/access.ts');
  const cameras = await findUsbCameras(bus);
  const rows = await Promise.all(
    cameras.map(async (camera) => ({ camera, access: await usbAccess(camera.device) })),
  );
  output.result(
    rows.map(({ camera, access }) => ({
      ...told(camera),
      state: access.state,
      holders: access.holders,
    })),
  );
  for (const line of table(rows.map(({ camera, access }) => [...cells(camera), inWords(access)]))) {
    output.line(line.trimEnd());
  }
  if (rows.length === 0) {
    output.note(
      'no camera on USB; one in the network has an address: --camera ptpip://192.168.1.20',
    );
  }
}

/** What is there now, then each change as it comes, until Ctrl-C. */
async function watch({ output, signal }: Context, bus: UsbBus): Promise<void> {
  const seen = new Map<UsbCamera['device'], UsbCamera>();
  const events: unknown[] = [];
  const tell = (event: 'plugged' | 'unplugged', camera: UsbCamera) => {
    const item = { event, ...told(camera) };
    events.push(item);
    output.item(item);
    output.line([event === 'plugged' ? '+' : '-', ...cells(camera)].join(' ').trimEnd());
    output.flush();
  };
  const plugged = ({ device }: { device: UsbCamera['device'] }) => {
    const camera = usbCamera(device);
    if (!camera || seen.has(device)) return;
    seen.set(device, camera);
    tell('plugged', camera);
  };
  const unplugged = ({ device }: { device: UsbCamera['device'] }) => {
    const camera = seen.get(device);
    seen.delete(device);
    if (camera) tell('unplugged', camera);
  };
  // Listening first, so that nothing is missed in between.
  bus.addEventListener('connect', plugged);
  bus.addEventListener('disconnect', unplugged);
  try {
    for (const { device } of await findUsbCameras(bus)) plugged({ device });
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    bus.removeEventListener('connect', plugged);
    bus.removeEventListener('disconnect', unplugged);
  }
  if (!output.options.jsonl) output.result(events);
}

/** A camera as programs get it. */
function told({ address, model, vendorId, productId, serialNumber, protocol }: UsbCamera) {
  return { address, model, serialNumber, vendorId, productId, protocol };
}

function cells({ address, model, serialNumber }: UsbCamera): string[] {
  return [address, model, serialNumber ? `serial ${serialNumber}` : ''];
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
