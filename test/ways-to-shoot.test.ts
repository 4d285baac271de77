/** Bursts, half presses, self-timers, series, and each reason why there is no picture. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Camera, CameraCapture, ShotFile } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { createVirtualCamera, type Picture, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCard, TINY_JPEG } from './support/small-pictures.ts';

const [ON, OFF] = [0x9128, 0x9129];
const picture: Picture = {
  ...{ jpeg: TINY_JPEG, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 },
};

let virtual: VirtualCamera;
let network: NetworkCamera;
let camera: Camera;
let capture: CameraCapture;

async function use(model: string, options: { timing?: 'realistic' } = {}): Promise<void> {
  virtual = createVirtualCamera(model, {
    ...{ card: smallCard(), takePicture: () => picture },
    ...options,
  });
  network = await inNetwork(virtual);
  camera = await open(network.address);
  if (!camera.capture) throw new Error(`${model} cannot be released`);
  capture = camera.capture;
}
afterEach(async () => {
  await camera.close();
  await network.close();
});

const pressed = () => virtual.requests(ON) - virtual.requests(OFF);
const label = async (name: string) => (await camera.settings?.get(name))?.label;

describe.each(['eos-r6', 'eos-1300d'])('a burst of %s', (model) => {
  it('is one press that is held until there are enough pictures', async () => {
    await use(model);
    const { files } = await capture.shoot({ burst: 4, to: 'card' });
    expect(files.length).toBeGreaterThanOrEqual(4);
    // One for each half of the button.
    expect(virtual.requests(ON)).toBe(2);
    expect(pressed()).toBe(0);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    const names: string[] = [];
    for await (const { kind, name } of camera.storage?.list() ?? []) {
      if (kind === 'file') names.push(name);
    }
    expect(names).toEqual(expect.arrayContaining(files.map(({ name }) => name)));
    expect(names).toHaveLength(files.length + 1);
    expect(await label('drive')).toBe('single');
  });

  it('goes on at the computer while its buffer is emptied', async () => {
    await use(model);
    const received: string[] = [];
    const receive = async (file: ShotFile) => void received.push(file.name);
    // More than fit into the memory of the camera at once.
    const { files } = await capture.shoot({ burst: 7, to: 'host', receive });
    expect(files.length).toBeGreaterThanOrEqual(7);
    expect(received).toEqual(files.map(({ name }) => name));
    expect(virtual.state.waitingPictures).toBe(0);
  });

  it('lets go of the button when somebody gives up', async () => {
    await use(model);
    const stop = new AbortController();
    const shooting = capture.shoot({ burst: 500, to: 'card', signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 400);
    await expect(shooting).rejects.toThrow('enough');
    expect(pressed()).toBe(0);
    expect((await capture.shoot({ to: 'card' })).files).toHaveLength(1);
  });
});

describe('a burst', () => {
  it('is what the drive mode says, where that is continuous already', async () => {
    await use('eos-r6');
    await camera.settings?.set('drive', 'low-speed continuous');
    await capture.shoot({ burst: 2, to: 'card' });
    expect(await label('drive')).toBe('low-speed continuous');
  });

  it('is refused by bodies that expose at one command', async () => {
    await use('eos-40d');
    await expect(capture.shoot({ burst: 2 })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(virtual.requests(0x910f)).toBe(0);
  });

  it('excludes bulb and the self-timer', async () => {
    await use('eos-r6');
    const both = capture.shoot({ burst: 2, bulbMs: 100 });
    await expect(both).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the button held halfway', () => {
  it('focuses once for all pictures, and is let go', async () => {
    await use('eos-r6');
    {
      await using held = await capture.half?.();
      expect(held?.focus).toBe('focused');
      expect(pressed()).toBe(1);
      // Would be refused if the body focused again.
      virtual.fault('af-failed');
      expect((await capture.shoot({ to: 'card' })).files).toHaveLength(1);
      expect((await capture.shoot({ to: 'card' })).files).toHaveLength(1);
      expect(virtual.requests(ON)).toBe(3);
    }
    expect(pressed()).toBe(0);
    await expect(capture.shoot()).rejects.toMatchObject({ code: 'FOCUS_FAILED' });
  });

  it('tells that focusing failed', async () => {
    await use('eos-1300d');
    virtual.fault('af-failed');
    await using held = await capture.half?.();
    expect(held?.focus).toBe('failed');
  });

  it('is not there where focus and exposure are one operation', async () => {
    await use('eos-40d');
    expect(capture.half).toBeUndefined();
  });

  it('is let go when the camera is closed', async () => {
    await use('eos-r6');
    await capture.half?.();
    await camera.close();
    expect(pressed()).toBe(0);
  });
});

describe('the self-timer', () => {
  it('waits in the camera', async () => {
    await use('eos-r6', { timing: 'realistic' });
    const { files, durationMs } = await capture.shoot({ selfTimerMs: 2000, to: 'card' });
    expect(files).toHaveLength(1);
    expect(durationMs).toBeGreaterThanOrEqual(2000);
    expect(await label('drive')).toBe('single');
  });

  it('has the times that the camera has', async () => {
    await use('eos-r6');
    await expect(capture.shoot({ selfTimerMs: 5000 })).rejects.toMatchObject({
      code: 'USAGE',
      hint: 'It has 2 s or 10 s.',
    });
  });
});

describe('mirror lockup', () => {
  it('raises the mirror with one press and exposes with the next', async () => {
    await use('eos-1300d');
    await camera.settings?.set('MirrorLockupState', 'enabled');
    const { files } = await capture.shoot({ to: 'card' });
    expect(files).toHaveLength(1);
    // Half, mirror, exposure.
    expect(virtual.requests(ON)).toBe(3);
    expect(pressed()).toBe(0);
    expect(await label('MirrorLockupState')).toBe('enabled');
  });

  it('is told as the reason where one operation does it all', async () => {
    await use('eos-40d');
    virtual.fault('mirror-up');
    await expect(capture.shoot()).rejects.toMatchObject({ code: 'MIRROR_UP' });
  });
});

describe.each(['eos-r6', 'eos-1300d'])('%s without an answer from its lens', (model) => {
  it('says so, and shoots again with one', async () => {
    await use(model);
    virtual.fault('lens-error');
    await expect(capture.shoot()).rejects.toMatchObject({
      code: 'LENS_ERROR',
      hint: expect.stringContaining('contacts'),
    });
    expect(pressed()).toBe(0);
    virtual.fault('off');
    expect((await capture.shoot({ to: 'card' })).files).toHaveLength(1);
  });
});

describe('shooting with a download', () => {
  it('never lists the card', async () => {
    await use('eos-r6');
    const shot = await capture.shoot({ to: 'card' });
    const [file] = shot.files;
    let size = 0;
    await file?.read({
      write(chunk) {
        size += chunk.length;
      },
    });
    expect(size).toBe(TINY_JPEG.length);
    // GetObjectHandles, GetObjectInfo, and Canon's listings.
    for (const listing of [0x1007, 0x1008, 0x9109, 0x9173]) {
      expect(virtual.requests(listing)).toBe(0);
    }
  });
});

describe('on the command line', () => {
  const run = async (...args: string[]) => {
    await camera.close();
    return commandLine(['-c', network.address, ...args]);
  };

  it('a series is taken at its interval, and told picture by picture', async () => {
    await use('eos-r6');
    const { code, stdout } = await run(
      ...['--jsonl', 'shoot', '--af-lock', '--frames', '3', '--interval', '300ms', '--to', 'card'],
    );
    expect(code).toBe(0);
    const shots = stdout.trim().split('\n');
    expect(shots.map((line) => JSON.parse(line).files.length)).toEqual([1, 1, 1]);
    // One half press, three full ones.
    expect(virtual.requests(ON)).toBe(4);
    expect(pressed()).toBe(0);
  });

  it('a series says what was done before it failed', async () => {
    await use('eos-r6');
    const result = run('--json', 'shoot', '--frames', '50', '--interval', '100ms', '--to', 'card');
    while (virtual.requests(ON) < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    virtual.fault('card-full');
    const { code, stdout } = await result;
    expect(code).toBe(1);
    const shots = JSON.parse(stdout) as { files: unknown[]; error?: { code: string } }[];
    expect(shots.at(-1)).toMatchObject({ files: [], error: { code: 'CARD_FULL' } });
    expect(shots.slice(0, -1).every(({ files }) => files.length === 1)).toBe(true);
    expect(shots.length).toBeGreaterThan(1);
  });

  it('one picture takes the transactions that docs/shooting.md counts', async () => {
    await use('eos-r6');
    const args = ['-v', 'shoot', '--download', '-o', mkdtempSync(path.join(tmpdir(), 'hotshoe-'))];
    const { stderr } = await run(...args);
    rmSync(args.at(-1) ?? '', { recursive: true });
    const sent = stderr.split('\n').filter((line) => line.includes('-->'));
    const text = readFileSync(path.resolve(import.meta.dirname, '../docs/shooting.md'), 'utf8');
    const counted = Number(/took (\d+) transactions/.exec(text)?.[1]);
    const events = sent.filter((line) => line.includes('GetEvent'));
    const asked = Number(/(\d+) of them ask for events/.exec(text)?.[1]);
    // How often it asks for events is a matter of time; the picture there comes in two parts.
    expect(sent.length - events.length).toBe(counted - asked - 1);
  });

  it('a burst is one result', async () => {
    await use('eos-r6');
    const { code, stdout } = await run('--json', 'shoot', '--burst', '3', '--to', 'card');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files.length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['--interval 5s', /several pictures/],
    ['--only raw', /nothing is/],
    ['--af-lock --no-af', /exclude each other/],
    ['--burst 0', /whole number/],
  ])('shoot %s is refused before the camera is touched', async (args, reason) => {
    await use('eos-r6');
    const { code, stderr } = await run('shoot', ...args.split(' '));
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });
});
