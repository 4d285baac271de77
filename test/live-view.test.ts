/** Live view as a program sees it: on a virtual EOS R6, and on bodies that a script plays. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryPipe } from '../src/base/byte-stream.ts';
import {
  type Camera,
  type CameraLiveView,
  connectIp,
  type LiveViewFrame,
  type LiveViewOptions,
  makeGuid,
  openPtpCamera,
} from '../src/index.ts';
import { createVirtualCamera, patternContent, type VirtualCamera } from '../src/virtual/index.ts';
import { smallCamera, smallCard } from './support/small-pictures.ts';

const GET_FRAME = 0x9153;
const SET_PROPERTY = 0x9110;
const MOVIE_SIZE = 64 << 20;

let virtual: VirtualCamera;
let camera: Camera;
let liveView: CameraLiveView;

async function use(made: VirtualCamera): Promise<void> {
  virtual = made;
  const connect = async () => {
    const [client, server] = memoryPipe();
    void made.servePtpIp(server);
    return client;
  };
  const transport = await connectIp({
    name: 'hotshoe-test',
    guid: makeGuid(new Uint8Array(16).fill(7)),
    connect,
  });
  camera = await openPtpCamera(transport, 'virtual');
  if (!camera.liveView) throw new Error('it shows no live view');
  liveView = camera.liveView;
}

function iterate(options?: LiveViewOptions): AsyncIterator<LiveViewFrame> {
  return liveView.frames(options)[Symbol.asyncIterator]();
}

async function take(count: number): Promise<LiveViewFrame[]> {
  const frames: LiveViewFrame[] = [];
  for await (const frame of liveView.frames()) {
    if (frames.push(frame) === count) break;
  }
  return frames;
}

afterEach(async () => {
  await camera?.close();
  await virtual?.close();
});

describe('live view of a virtual EOS R6', () => {
  beforeEach(() => {
    const card = smallCard();
    card.addFile('DCIM/100CANON/MVI_0000.MP4', patternContent(MOVIE_SIZE));
    return use(smallCamera({ card }));
  });

  it('gives frames with what the camera says of them', async () => {
    const frames = await take(3);
    for (const { jpeg, histogram, focusFrames, zoomFactor, zoomRectangle, coordinates } of frames) {
      expect([jpeg[0], jpeg[1], jpeg.at(-2), jpeg.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
      for (const counts of Object.values(histogram ?? {})) expect(counts).toHaveLength(256);
      expect(histogram?.luma.reduce((sum, count) => sum + count, 0)).toBe(960 * 640);
      expect({ focusFrames, zoomFactor, zoomRectangle, coordinates }).toEqual({
        focusFrames: [],
        zoomFactor: 1,
        zoomRectangle: { x: 0, y: 0, width: 5472, height: 3648 },
        coordinates: { width: 5472, height: 3648 },
      });
    }
    const arrivals = frames.map(({ arrivedAt }) => arrivedAt);
    expect(arrivals).toEqual([...new Set(arrivals)].sort((a, b) => a - b));
    expect(frames[0]?.date).toBe('2026-11-21T10:32:05.000');
  });

  it('begins with the first frame somebody waits for, and ends with the last', async () => {
    const frames = liveView.frames();
    expect(virtual.requests(SET_PROPERTY)).toBe(0);
    for await (const _ of frames) {
      expect(virtual.state.liveView).toBe(true);
      break;
    }
    expect(virtual.state.liveView).toBe(false);
    // On and off, not once a frame.
    expect(virtual.requests(SET_PROPERTY)).toBe(2);
    expect((await camera.settings?.get('EVFOutputDevice'))?.number).toBe(1);
  });

  it('drops frames for whoever is slow, who gets the newest', async () => {
    const ages: number[] = [];
    for await (const { arrivedAt } of liveView.frames()) {
      ages.push(performance.now() - arrivedAt);
      if (ages.length === 4) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(virtual.requests(GET_FRAME)).toBeGreaterThan(2 * ages.length);
    // A queue would hand out frames that are older by 200 ms each time.
    for (const age of ages) expect(age).toBeLessThan(150);
  });

  it('ends with the reason of an abort, and is off then', async () => {
    const abort = new AbortController();
    const watch = async () => {
      for await (const _ of liveView.frames({ signal: abort.signal })) {
        abort.abort(new Error('enough'));
      }
    };
    await expect(watch()).rejects.toThrow('enough');
    expect(virtual.state.liveView).toBe(false);
    await expect(iterate(abort).next()).rejects.toThrow('enough');
  });

  it('is off after an abort, also where nobody asks for another frame', async () => {
    const abort = new AbortController();
    const frames = iterate({ signal: abort.signal });
    await frames.next();
    abort.abort(new Error('enough'));
    await expect.poll(() => virtual.state.liveView).toBe(false);
  });

  it('is off when its consumer throws', async () => {
    const watch = async () => {
      for await (const _ of liveView.frames()) throw new Error('no disk');
    };
    await expect(watch()).rejects.toThrow('no disk');
    expect(virtual.state.liveView).toBe(false);
  });

  it('ends when the camera is closed', async () => {
    let frames = 0;
    for await (const _ of liveView.frames()) {
      if (++frames === 2) void camera.close();
    }
    await camera.close();
    expect(frames).toBeLessThan(4);
    expect(virtual.requests(SET_PROPERTY)).toBe(2);
    await expect(iterate().next()).rejects.toMatchObject({ code: 'LINK_LOST' });
  });

  it('tells that the link was lost', async () => {
    const watch = async () => {
      for await (const _ of liveView.frames()) void virtual.close();
    };
    await expect(watch()).rejects.toMatchObject({ code: 'LINK_LOST' });
  });

  it('goes on while a picture is taken', async () => {
    let before = 0;
    let after = 0;
    let shot: Promise<unknown> | undefined;
    let done = false;
    for await (const _ of liveView.frames()) {
      if (done) after++;
      else before++;
      if (before === 2) {
        shot ??= camera.capture?.shoot().finally(() => {
          done = true;
        });
      }
      if (after === 3) break;
    }
    expect(await shot).toMatchObject({ files: [{ name: '2U4A0002.JPG', where: 'card' }] });
    expect(virtual.requests(SET_PROPERTY)).toBe(2);
  });

  it('lets a download have its turn, and goes on meanwhile', async () => {
    const read = async () => {
      let bytes = 0;
      for await (const object of camera.storage?.list() ?? []) {
        if (!object.name.endsWith('.MP4')) continue;
        // As a disk does it: not in the same turn.
        const write = () => new Promise<void>((resolve) => setImmediate(resolve));
        bytes += (await camera.storage?.read(object, { write })) ?? 0;
      }
      return bytes;
    };
    let download: Promise<number> | undefined;
    let frames = 0;
    let done = false;
    for await (const _ of liveView.frames()) {
      download ??= read().finally(() => {
        done = true;
      });
      frames++;
      if (done) break;
    }
    expect(await download).toBe(MOVIE_SIZE);
    // It is read in parts of some MiB, and a frame comes between two of them.
    expect(frames).toBeGreaterThan(3);
  });

  it('fetches once for two who watch, and goes on for the one who stays', async () => {
    const [first, second] = [iterate(), iterate()];
    const both = await Promise.all([first.next(), second.next()]);
    expect(both[0].value).toBe(both[1].value);
    await first.return?.();
    expect(virtual.state.liveView).toBe(true);
    expect((await second.next()).done).toBe(false);
    await second.return?.();
    expect(virtual.state.liveView).toBe(false);
    expect(virtual.requests(SET_PROPERTY)).toBe(2);
  });

  it('is switched on again for who comes while it is put back', async () => {
    const first = iterate();
    await first.next();
    const leaving = first.return?.();
    expect(await take(2)).toHaveLength(2);
    await leaving;
    expect(virtual.state.liveView).toBe(false);
  });

  it('stays on where it was on', async () => {
    await camera.settings?.set('EVFOutputDevice', '0x3');
    await take(1);
    expect(virtual.state.liveView).toBe(true);
    expect(virtual.requests(SET_PROPERTY)).toBe(1);
  });
});

// An IXUS has the computer at another bit; a 1300D does not list the value that it has when off.
it.each(['eos-1300d', 'eos-40d', 'ixus-180'])('live view of a virtual %s', async (model) => {
  await use(createVirtualCamera(model));
  expect(await take(2)).toHaveLength(2);
  expect(virtual.state.liveView).toBe(false);
  expect((await camera.settings?.get('EVFOutputDevice'))?.number).toBe(0);
});
