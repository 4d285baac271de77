/**
 * What the owner of a real IXUS 180 saw with miniPtp (lclevy/miniPtp, of January 2023), line by line:
 * the listing of its card and an upload into its root.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualCamera, MemoryCard, patternContent } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';

const SIZE = 4_952_866;
const JULY = Date.UTC(2026, 6, 14, 9, 30) / 1000;

let card: MemoryCard;
let network: NetworkCamera;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-ixus-'));
  card = new MemoryCard({ capacity: 7_736_426_496 });
  card.addFile('DCIM/104___07/IMG_2798.JPG', patternContent(SIZE), JULY);
  network = await inNetwork(createVirtualCamera('ixus-180', { card }));
});
afterEach(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

async function miniptp(...args: string[]): Promise<string[]> {
  const ran = await commandLine(['-c', network.address, 'miniptp', ...args]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return ran.stdout.trimEnd().split('\n');
}

/** A line of the listing as the README of 2023 has it: without the column of protection. */
const asThen = (line: string) => line.replace(/^( +(?:[0-9a-f]{8} ){3}[0-9a-f]{4}) \d +/, '$1 ');

it('-L', async () => {
  const lines = await miniptp('-L');
  const head = ['+ Model= Canon IXUS 180', '+ Device_version= 1-15.0.1.0'];
  expect(lines.slice(0, 2)).toEqual(head);
  expect(lines.slice(2, 5)).toEqual(['+ Opening session', 'Connected', '+ Model_id: 0x4030000']);
  const storages = lines.indexOf('+ Storage_IDs');
  expect(lines[storages + 2]).toContain("'storage_type': 4, 'filesystem_type': 3");
  expect(lines[storages + 2]).toContain("'storage_description': 'SD'");
  const listing = lines.slice(storages + 3).map((line) => asThen(line));
  expect(listing).toContain('  00080000 00010001 00000000 3001 0 DCIM');
  expect(listing).toContain('    01a00000 00010001 00080000 3001 0 104___07');
  expect(listing).toContain(`      01a0aee1 00010001 01a00000 3801 ${SIZE} IMG_2798.JPG`);
});

it('-u', async () => {
  const file = join(folder, 'ssdp.txt');
  writeFileSync(file, 'hello');
  const lines = await miniptp('-u', `0,${file}`, '-L');
  const from = lines.findIndex((line) => line.startsWith('Try to upload'));
  expect(lines.slice(from, from + 3)).toEqual([
    'Try to upload ssdp.txt',
    'PTP_SendObjectInfo returned: storage = 0x10001 and handle = 0x40029',
    'Done',
  ]);
  // It is shown with a format of Canon's own, beside what was there: three in the root.
  const storages = lines.indexOf('+ Storage_IDs');
  expect(lines[storages + 1]).toBe('3');
  expect(lines.map(asThen)).toContain('  00040029 00010001 00000000 bf01 5 ssdp.txt');
  expect(card.paths()).toContain('ssdp.txt');
});
