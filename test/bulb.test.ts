/** Exposures of any length, on virtual bodies of three generations. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Camera } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { createVirtualCamera, type Picture, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCard, TINY_JPEG } from './support/small-pictures.ts';

let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;
/** Seconds of each exposure that the body made. */
let exposures: number[] = [];

const picture: Picture = {
  ...{ jpeg: TINY_JPEG, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 },
};

async function use(model: string): Promise<void> {
  exposures = [];
  virtual = createVirtualCamera(model, {
    card: smallCard(),
    takePicture: (request) => {
      exposures.push(request.exposure.shutter);
      return picture;
    },
  });
  network = await inNetwork(virtual);
  camera = await open(network.address);
}
afterEach(async () => {
  await camera.close();
  await network.close();
});

describe.each(['eos-r6', 'eos-1300d', 'eos-40d'])('bulb on %s', (model) => {
  it('is as long as it was asked for, and the shutter as it was before', async () => {
    await use(model);
    const before = await camera.settings?.get('shutter');
    const shot = await camera.capture?.shoot({ bulbMs: 400, to: 'card' });
    expect(shot?.files).toHaveLength(1);
    expect(shot?.bulbMs).toBeGreaterThanOrEqual(400);
    expect(shot?.bulbMs).toBeLessThan(1000);
    expect(exposures).toHaveLength(1);
    expect(Math.abs((exposures[0] ?? 0) - (shot?.bulbMs ?? 0) / 1000)).toBeLessThan(0.2);
    expect((await camera.settings?.get('shutter'))?.label).toBe(before?.label);
  });

  it('is ended by who gives up, and the body shoots on', async () => {
    await use(model);
    const stop = new AbortController();
    const shooting = camera.capture?.shoot({ bulbMs: 60_000, to: 'card', signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 300);
    await expect(shooting).rejects.toThrow('enough');
    const shot = await camera.capture?.shoot({ to: 'card' });
    expect(shot?.files).toHaveLength(1);
    expect((exposures[0] ?? 99) < 5).toBe(true);
  });
});

describe('bulb', () => {
  it('is refused where the mode dial has none', async () => {
    await use('eos-r6');
    virtual.dial('Av');
    await expect(camera.capture?.shoot({ bulbMs: 100, to: 'card' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringContaining('to M'),
    });
    expect(exposures).toEqual([]);
  });

  it('on the command line tells how long it was', async () => {
    await use('eos-r6');
    await camera.close();
    const { code, stdout } = await commandLine([
      ...['-c', network.address, '--json', 'shoot', '--bulb', '300ms', '--to', 'card'],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).bulbMs).toBeGreaterThanOrEqual(299);
    expect((await commandLine(['shoot', '--bulb', 'long'])).code).toBe(2);
  });
});
