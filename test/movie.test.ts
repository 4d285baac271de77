/** Recording movies: what has to be so, what comes of it, and who ends it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Camera } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCard } from './support/small-pictures.ts';

const MOVIE = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);

let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;
/** Of each movie that was written. */
let durations: number[] = [];

async function use(model: string, options: { card?: MemoryCard; faults?: string[] } = {}) {
  durations = [];
  virtual = createVirtualCamera(model, {
    card: smallCard(),
    takeMovie: (_, { durationMs }) => {
      durations.push(durationMs);
      return MOVIE;
    },
    ...options,
  });
  network = await inNetwork(virtual);
  camera = await open(network.address);
}
afterEach(async () => {
  await camera.close();
  await network.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a movie', () => {
  it.each([
    ['eos-r6', '2U4A0002.MP4', 0xb105],
    ['eos-1300d', 'MVI_0002.MOV', 0xb104],
  ])('of %s is on the card when it has ended', async (model, name, format) => {
    await use(model);
    virtual.dial('Movie');
    await camera.movie?.start();
    expect(virtual.state.recording).toBe(true);
    await pause(300);
    const file = await camera.movie?.stop();
    expect(virtual.state.recording).toBe(false);
    expect(file).toMatchObject({ name, format, size: MOVIE.length, where: 'card' });
    expect(durations).toHaveLength(1);
    expect(durations[0]).toBeGreaterThanOrEqual(299);
    const parts: Uint8Array[] = [];
    await file?.read({ write: (chunk) => void parts.push(chunk.slice()) });
    expect(Buffer.concat(parts).equals(MOVIE)).toBe(true);
  });

  it('is recorded without the dial where the body obeys, which goes back to pictures', async () => {
    await use('eos-r6');
    await camera.movie?.start();
    await camera.movie?.stop();
    expect((await camera.capture?.shoot({ to: 'card' }))?.files).toHaveLength(1);
  });

  it('needs the dial where the body does not obey', async () => {
    await use('eos-1300d');
    await expect(camera.movie?.start()).rejects.toMatchObject({
      ...{ code: 'UNSUPPORTED', hint: expect.stringContaining('dial') },
    });
    expect(virtual.state.recording).toBe(false);
  });

  it('needs a card, with room, that can be written to', async () => {
    await use('eos-r6', { card: new MemoryCard({ access: 'read-only' }) });
    await expect(camera.movie?.start()).rejects.toMatchObject({ code: 'CARD_LOCKED' });
    await virtual.cardOut();
    await expect(camera.movie?.start()).rejects.toMatchObject({ code: 'NO_CARD' });
    expect(virtual.requests(0x9133)).toBe(0);
  });

  it('is one at a time', async () => {
    await use('eos-r6');
    await expect(camera.movie?.stop()).rejects.toMatchObject({ code: 'USAGE' });
    await camera.movie?.start();
    await expect(camera.movie?.start()).rejects.toMatchObject({ code: 'USAGE' });
    await expect(camera.capture?.shoot({ to: 'card' })).rejects.toThrow(/busy/i);
    await camera.movie?.stop();
  });

  it('is told to who listens, with its time where the body tells it', async () => {
    await use('eos-1300d');
    virtual.dial('Movie');
    const seconds: number[] = [];
    const listening = (async () => {
      for await (const event of camera.events ?? []) {
        if (event.type === 'recordingtime') seconds.push(event.seconds);
        if (seconds.length === 2) return;
      }
    })();
    await camera.movie?.start();
    await listening;
    expect(seconds).toEqual([1, 2]);
    await camera.movie?.stop();
  });

  it('is not there on a body of 2007', async () => {
    await use('eos-40d');
    expect(camera.movie).toBeUndefined();
  });
});

describe('record', () => {
  const run = (...args: string[]) => commandLine(['-c', network.address, ...args]);

  it('is begun by one command and ended by another', async () => {
    await use('eos-r6');
    virtual.dial('Movie');
    await camera.close();
    expect((await run('record', 'start')).code).toBe(0);
    expect(virtual.state.recording).toBe(true);
    const { code, stderr } = await run('record', 'stop');
    expect([code, stderr]).toEqual([0, expect.stringContaining('2U4A0002.MP4  is on the card')]);
  });

  it('lasts as long as it is told to, and brings the movie', async () => {
    await use('eos-r6');
    await camera.close();
    const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-record-'));
    try {
      const { code } = await run('record', 'start', '--for', '400ms', '-d', '-o', folder);
      expect(code).toBe(0);
      expect(readdirSync(folder)).toEqual(['2U4A0002.MP4']);
      expect(readFileSync(path.join(folder, '2U4A0002.MP4')).equals(MOVIE)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(durations[0]).toBeGreaterThanOrEqual(399);
  });

  it.each([[['stop', '--for', '1s']], [['start', '--download']], [['sideways']]])(
    '%j is refused before the camera is touched',
    async (args) => {
      await use('eos-r6');
      await camera.close();
      const before = virtual.requests(0x9115);
      expect((await run('record', ...args)).code).toBe(2);
      expect(virtual.requests(0x9115)).toBe(before);
    },
  );
});
