/** The enlargement of live view. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Camera, LiveViewFrame } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCamera } from './support/small-pictures.ts';

let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;
beforeEach(async () => {
  virtual = smallCamera();
  network = await inNetwork(virtual);
  camera = await open(network.address);
});
afterEach(async () => {
  await camera.close();
  await network.close();
});

async function firstFrame(): Promise<LiveViewFrame | undefined> {
  for await (const frame of camera.liveView?.frames() ?? []) return frame;
  return undefined;
}

describe('the zoom of live view', () => {
  it('enlarges where it is told to, for as long as somebody watches', async () => {
    const { signal, abort } = watching();
    const frames: LiveViewFrame[] = [];
    const watched = (async () => {
      for await (const frame of camera.liveView?.frames({ signal }) ?? []) frames.push(frame);
    })().catch(() => {});
    await camera.zoom?.set(5, { at: { x: 1, y: 0.5 } });
    const before = frames.length;
    while (frames.length < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const { zoomFactor, zoomRectangle, coordinates } = frames.at(-1) ?? {};
    expect(zoomFactor).toBe(5);
    const { width = 0, height = 0 } = coordinates ?? {};
    // The right edge, a fifth of the width, in the middle of the height.
    expect(zoomRectangle?.x).toBeCloseTo(width * 0.8, -1);
    expect(zoomRectangle?.y).toBeCloseTo(height * 0.4, -1);
    expect(zoomRectangle?.width).toBeCloseTo(width / 5, -1);
    abort();
    await watched;
    expect((await firstFrame())?.zoomFactor).toBe(1);
  });

  it('says what there is', async () => {
    expect(await camera.zoom?.get()).toEqual({
      ...{ kind: 'live-view', position: 1, positions: [1, 5, 10] },
    });
    await expect(camera.zoom?.set(7)).rejects.toMatchObject({
      ...{ code: 'USAGE', hint: 'It has 1, 5, 10.' },
    });
    expect(virtual.requests(0x9158)).toBe(0);
  });
});

describe('on the command line', () => {
  beforeEach(() => camera.close());

  it('live --zoom takes its picture enlarged', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-zoom-'));
    const { code, stdout } = await commandLine([
      ...['-c', network.address, '--json', 'live', '--frame', path.join(folder, 'view.jpg')],
      ...['--zoom', '10', '--at', '0,0'],
    ]);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ zoomFactor: 10, zoomRectangle: { x: 0, y: 0 } });
  });

  it.each([
    ['zoom', 'much'],
    ['live', '--frame', 'x.jpg', '--zoom', '0'],
    ['zoom', '5', '--at', '2,2'],
  ])('%s %s is refused before the camera is touched', async (...args) => {
    expect((await commandLine(['-c', network.address, ...args])).code).toBe(2);
    expect(virtual.requests(0x9115)).toBe(0);
  });
});

function watching(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
