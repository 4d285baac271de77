import {
  type CameraDetails,
  type CameraIdentity,
  type Capability,
  capabilities,
  hex32,
  type StorageUnit,
} from '../../index.ts';
import { formatBytes, table } from '../output.ts';
import type { AddCommand } from './command.ts';

export const addInfo: AddCommand = (program, run) => {
  program
    .command('info')
    .description('who the camera is: model, firmware, lens, network names, storages')
    .option('--can', 'what it can do with hotshoe, and why not what it cannot')
    .action(
      run(async ({ output, signal, withCamera }, { can }: { can?: boolean }) =>
        withCamera(async (camera) => {
          if (can) {
            const report = capabilities(camera);
            output.result(report);
            for (const line of describeReport(report)) output.line(line);
            return undefined;
          }
          const details = await camera.details({ signal });
          output.result({ address: camera.address, ...camera.identity, ...details });
          for (const line of describeCamera(camera.identity, details)) output.line(line);
          return undefined;
        }),
      ),
    );
};

function describeReport(report: readonly Capability[]): string[] {
  const rows = report.map(({ what, can, why = '' }) => [can ? 'yes' : 'no', what, why]);
  return table(rows).map((line) => line.trimEnd());
}

/** What `info` prints for people. */
function describeCamera(identity: CameraIdentity, details: CameraDetails): string[] {
  const rows: [string, string | undefined][] = [
    ['manufacturer', identity.manufacturer],
    ['firmware', identity.firmware],
    ['serial number', details.bodySerialNumber],
    ['device id', identity.serialNumber],
    ['model id', details.modelId === undefined ? undefined : hex32(details.modelId)],
    ['lens', details.lens],
    ['host name', details.hostName],
    ['MAC address', details.macAddress],
    ['owner', details.owner],
    ['battery', details.batteryPercent === undefined ? undefined : `${details.batteryPercent} %`],
    ['shutter count', details.shutterCount?.toString()],
    ['shots left', details.shotsLeft?.toString()],
  ];
  const known = rows.flatMap(([name, value]) => (value ? [[name, value]] : []));
  const storages = details.storages.map((unit) => [`storage ${unit.label}`, describeUnit(unit)]);
  return [identity.model, ...table([...known, ...storages]).map((line) => `  ${line}`)];
}

export function describeUnit(unit: StorageUnit): string {
  if (!unit.present) return 'no card';
  const parts = [
    unit.capacity === undefined ? 'size unknown' : formatBytes(unit.capacity),
    unit.free === undefined ? undefined : `${formatBytes(unit.free)} free`,
    unit.readOnly ? 'read-only' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
