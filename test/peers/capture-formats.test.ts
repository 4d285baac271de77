/** Wireshark's editcap writes the same capture in other formats: the same traffic is read. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { openPtpCamera } from '../../src/camera/open-ptp.ts';
import type { inspect } from '../../src/index.ts';
import { openTraffic, recordTo } from '../../src/node/index.ts';
import { connectUsb } from '../../src/ptp/index.ts';
import { createUsbDevice } from '../../src/virtual/index.ts';
import { peer, runs } from '../support/peers.ts';
import { smallCamera } from '../support/small-pictures.ts';

const captures =
  process.env.HOTSHOE_CAPTURES ?? path.resolve(import.meta.dirname, '../../../shared/captures');
const editcap = peer('editcap', () => {
  const missing = runs('editcap', '--version');
  return (
    missing ?? (existsSync(captures) ? undefined : 'no folder of captures: set HOTSHOE_CAPTURES')
  );
});
const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Read = [kind: string, time: number, bytes: string];

async function trafficOf(file: string): Promise<[Read[], inspect.CaptureStatistics]> {
  const { traffic, statistics } = openTraffic(file);
  const items: Read[] = [];
  for await (const item of traffic) {
    const bytes = 'bytes' in item ? Buffer.from(item.bytes).toString('hex') : '';
    items.push([item.kind, item.time, bytes]);
  }
  return [items, statistics];
}

async function sameAs(file: string, format: string): Promise<void> {
  const other = path.join(folder, `${path.basename(file)}.${format}`);
  const { status, stderr } = spawnSync('editcap', ['-F', format, file, other], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, expect.anything()]);
  const [items, statistics] = await trafficOf(file);
  const [again, other_] = await trafficOf(other);
  expect(items.length).toBeGreaterThan(3);
  expect(again.map(([kind, , bytes]) => [kind, bytes])).toEqual(
    items.map(([kind, , bytes]) => [kind, bytes]),
  );
  const late = again.filter(([, time], i) => Math.abs(time - (items[i]?.[1] ?? 0)) > 0.0011);
  expect(late).toEqual([]);
  expect(other_.framesByProtocol).toEqual(statistics.framesByProtocol);
}

for (const format of ['pcap', 'nsecpcap', 'pcapng']) {
  editcap.it(`real captures as ${format}`, async () => {
    for (const name of ['pair_perform', 'pair_accept', 'idle', 'changed_iso_feedback']) {
      await sameAs(path.join(captures, `${name}.pcapng`), format);
    }
  });

  editcap.it(`a recording of USB as ${format}`, async () => {
    const file = path.join(folder, `usb-${format}.pcapng`);
    const camera = smallCamera();
    const recording = recordTo(file);
    const device = recording.tap.usb(createUsbDevice(camera));
    const opened = await openPtpCamera(await connectUsb({ device, name: 'x' }), 'usb:');
    for await (const object of opened.storage?.list() ?? []) void object;
    await opened.close();
    await recording.finish();
    await camera.close();
    await sameAs(file, format);
  });
}
