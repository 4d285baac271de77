/** A large file comes in parts, and whoever shoots meanwhile waits for one of them at most. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Camera } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { MemoryCard, patternContent, type VirtualCamera } from '../src/virtual/index.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCamera } from './support/small-pictures.ts';

const SIZE = 4 * 2 ** 30;

let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;
/** What the camera was asked for, in order. */
let asked: string[] = [];

beforeEach(async () => {
  asked = [];
  const card = new MemoryCard({ capacity: 64e9 });
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(SIZE));
  virtual = smallCamera({ card, trace: (line) => void asked.push(line.split('(')[0] ?? '') });
  network = await inNetwork(virtual);
  camera = await open(network.address);
});
afterEach(async () => {
  await camera.close();
  await network.close();
});

const isPart = (operation: string) => operation.startsWith('GetPartialObject');

it('a release is sent within one part of a movie of 4 GiB, and live view goes on', async () => {
  const { storage, capture, liveView } = camera;
  if (!storage || !capture || !liveView) throw new Error('the camera lacks what this is about');
  // Events are on, as in any program that shoots.
  await capture.shoot({ to: 'card' });
  const movie = await (async () => {
    for await (const object of storage.list()) if (object.size === SIZE) return object;
    throw new Error('no movie');
  })();
  const stop = new AbortController();
  let received = 0;
  const download = storage
    .read(
      movie,
      {
        write(chunk) {
          received += chunk.length;
        },
      },
      { signal: stop.signal },
    )
    .catch(() => {});
  try {
    for (let round = 0; round < 5; round++) {
      const before = received;
      while (received < before + 4 * 2 ** 20) await new Promise((done) => setTimeout(done, 1));
      const from = asked.length;
      await capture.release({ autofocus: false });
      const since = asked.slice(from);
      const parts = since.slice(0, since.indexOf('RemoteReleaseOn')).filter(isPart);
      expect(parts.length).toBeLessThanOrEqual(1);
      // Taken, written, told.
      while (virtual.state.busy) await new Promise((done) => setTimeout(done, 1));
    }
    const from = asked.length;
    let frames = 0;
    for await (const _ of liveView.frames()) if (++frames === 10) break;
    const since = asked.slice(from);
    const shown = since.slice(since.indexOf('GetViewFinderData'));
    // Between two frames one part, and the events that are asked for between them.
    const perFrame = shown.filter(isPart).length / frames;
    expect(perFrame).toBeLessThanOrEqual(3);
    expect(shown.some(isPart)).toBe(true);
  } finally {
    stop.abort();
    await download;
  }
}, 60_000);
