/** RAW and JPEG: all files of an exposure, wherever they go, and only those that are wanted. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Camera, ShotFile } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { TINY_JPEG } from './support/small-pictures.ts';

const RAW = Uint8Array.from({ length: 3000 }, (_, i) => i % 253);

let folder = '';
let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;

async function use(model: string, format: string): Promise<void> {
  virtual = createVirtualCamera(model, {
    card: new MemoryCard(),
    takePicture: ({ raw }) => ({
      ...{ jpeg: TINY_JPEG, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 },
      ...(raw && { raw: RAW }),
    }),
  });
  network = await inNetwork(virtual);
  camera = await open(network.address);
  await camera.settings?.set('image-format', format);
}
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-raw-'));
});
afterEach(async () => {
  await camera.close();
  await network.close();
  rmSync(folder, { recursive: true });
});

const BODIES = [
  ['eos-r6', 'CR3', 0xb108, '2U4A'],
  ['eos-1300d', 'CR2', 0xb103, 'IMG_'],
  ['eos-40d', 'CR2', 0xb103, 'IMG_'],
] as const;

describe.each(BODIES)('RAW + L of %s', (model, extension, format, prefix) => {
  const names = [`${prefix}0001.${extension}`, `${prefix}0001.JPG`];

  it.each(['card', 'host', 'both'] as const)('to %s: both files in one result', async (to) => {
    await use(model, 'RAW + L');
    const received: string[] = [];
    const receive = async (file: ShotFile) => {
      const parts: Uint8Array[] = [];
      await file.read({ write: (chunk) => void parts.push(chunk.slice()) });
      received.push(`${file.name} ${Buffer.concat(parts).length}`);
    };
    const { files } = (await camera.capture?.shoot({ to, receive })) ?? { files: [] };
    const places = to === 'both' ? ['host', 'card'] : [to];
    for (const where of places) {
      const there = files.filter((file) => file.where === where);
      expect(there.map(({ name }) => name)).toEqual(names);
      expect(there.map(({ format }) => format)).toEqual([format, 0x3801]);
      expect(there.map(({ size }) => size)).toEqual([RAW.length, TINY_JPEG.length]);
      const [raw = 0, jpeg = 0] = there.map(({ handle }) => handle);
      expect([raw & 15, jpeg & 15, raw >>> 4]).toEqual([1, 2, jpeg >>> 4]);
    }
    expect(files).toHaveLength(2 * places.length);
    if (to === 'card') expect(received).toEqual([]);
    else expect(received).toEqual([`${names[0]} ${RAW.length}`, `${names[1]} ${TINY_JPEG.length}`]);
    expect(virtual.state.waitingPictures).toBe(0);
  });

  it.each(['raw', 'jpeg'])('shoot --download --only %s', async (only) => {
    await use(model, 'RAW + L');
    await camera.close();
    const args = ['shoot', '--download', '--to', 'both', '--only', only, '-o', folder];
    expect((await commandLine(['-c', network.address, ...args])).code).toBe(0);
    expect(readdirSync(folder)).toEqual([names[only === 'raw' ? 0 : 1]]);
  });

  it('alone is one file', async () => {
    await use(model, 'RAW');
    const shot = await camera.capture?.shoot({ to: 'card' });
    expect(shot?.files.map(({ name }) => name)).toEqual([names[0]]);
  });
});

it('tether --only raw brings the raw files of others', async () => {
  await use('eos-r6', 'RAW + L');
  await camera.close();
  const tethered = commandLine([
    ...['-c', network.address, 'tether', '--to', 'card', '--only', 'raw', '--count', '2'],
    ...['-o', folder],
  ]);
  while (virtual.requests(0x9116) < 8) await new Promise((resolve) => setTimeout(resolve, 10));
  await virtual.press();
  await virtual.press();
  expect((await tethered).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['2U4A0001.CR3', '2U4A0002.CR3']);
});
