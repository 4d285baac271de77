/** Hours without a picture, on a clock that runs as fast as the computer: the camera stays on. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryPipe } from '../src/base/byte-stream.ts';
import type { Camera, ShotFile } from '../src/camera/camera.ts';
import { openPtpCamera } from '../src/camera/open-ptp.ts';
import { connectIp, makeGuid } from '../src/ptp/index.ts';
import { createVirtualCamera, type Picture, type VirtualCamera } from '../src/virtual/index.ts';
import { smallCard, TINY_JPEG } from './support/small-pictures.ts';

const MINUTE = 60_000;
const picture: Picture = {
  ...{ jpeg: TINY_JPEG, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 },
};

let virtual: VirtualCamera;
let camera: Camera;

async function use(model: string): Promise<void> {
  virtual = createVirtualCamera(model, {
    ...{ card: smallCard(), takePicture: () => picture, timing: 'realistic' },
  });
  const opening = connectIp({
    async connect() {
      const [here, there] = memoryPipe('virtual', 'hotshoe');
      void virtual.servePtpIp(there);
      return here;
    },
    guid: makeGuid(new Uint8Array(6)),
    name: 'hotshoe',
  }).then((transport) => openPtpCamera(transport, `memory:${model}`));
  await passing(10_000);
  camera = await opening;
}

/** Lets the time pass in steps, with what has to happen in between. */
async function passing(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 1000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await camera.close();
  await virtual.close();
});

describe.each(['eos-r6', 'eos-40d'])('%s, whose auto power off is at a minute', (model) => {
  it('switches itself off when nobody asks for anything', async () => {
    await use(model);
    let lost = false;
    void camera.closed.then(() => {
      lost = true;
    });
    await passing(2 * MINUTE);
    expect(virtual.state.connected).toBe(false);
    expect(lost).toBe(true);
  });

  it('stays on through hours of tethering, and gives the picture of the morning', async () => {
    await use(model);
    const stop = new AbortController();
    const files: ShotFile[] = [];
    const tethered = camera.capture?.tether({
      to: 'card',
      signal: stop.signal,
      receive: async (file) => void files.push(file),
    });
    await passing(3 * 60 * MINUTE);
    expect(virtual.state.connected).toBe(true);
    const press = virtual.press();
    await passing(5000);
    await press;
    await passing(5000);
    expect(files.map(({ name }) => name)).toHaveLength(1);
    stop.abort();
    await passing(1000);
    await tethered;
  }, 60_000);

  it('stays on for who listens to its events', async () => {
    await use(model);
    const events = camera.events?.[Symbol.asyncIterator]();
    const next = events?.next();
    await passing(30 * MINUTE);
    expect(virtual.state.connected).toBe(true);
    await events?.return?.();
    await Promise.race([next, passing(1000)]);
  }, 60_000);
});
