/** A camera on USB that is held: commands share it, and it may be pulled and plugged in again. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../src/base/time.ts';
import { EosOperation, PowerShotOperation } from '../src/canon/ptp/index.ts';
import { createUsbBus, type Picture, type VirtualCamera } from '../src/virtual/index.ts';
import { type Captured, commandLine } from './support/command-line.ts';
import { mjpegPictures } from './support/mjpeg.ts';
import {
  NOW,
  small1300D,
  smallA70,
  smallCamera,
  smallSx730,
  TINY_JPEG,
} from './support/small-pictures.ts';

let folder: string;
let body: VirtualCamera;
let stop: AbortController;
let holding: Promise<Captured> | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-held-'));
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await holding;
  await body.close();
  rmSync(folder, { recursive: true, force: true });
});

const OPEN_SESSION = 0x1002;

async function held(camera: VirtualCamera) {
  body = camera;
  const usb = createUsbBus([body]);
  const env = { XDG_RUNTIME_DIR: folder };
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    holding = commandLine(['hold', '--foreground', '--jsonl'], {
      ...{ usb, env, signal: stop.signal },
      onOutput(text) {
        seen.splice(0, seen.length, ...text.trim().split('\n'));
        if (text.includes('"connected"')) resolve();
      },
    });
    holding.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  const run = (...args: string[]) => commandLine(args, { usb, env });
  /** A command that goes on until the signal aborts. */
  const start = (args: string[], signal: AbortSignal) => {
    let said = '';
    const ended = commandLine(args, { usb, env, signal, onNote: (text) => (said = text) });
    const until = (what: string) => expect.poll(() => said).toContain(what);
    return { ended, until };
  };
  return { run, start, seen };
}

it.each([
  ['eos-r6', smallCamera],
  ['powershot-a70', smallA70],
])('commands share one session: %s', async (_model, make) => {
  const { run } = await held(make());
  const [info, ls, shot] = await Promise.all([
    run('info', '--json'),
    run('ls', '-R', '--json'),
    run('shoot', '--json'),
  ]);
  expect([info, ls, shot].map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, expect.any(String)],
    [0, expect.any(String)],
    [0, expect.any(String)],
  ]);
  expect(body.requests(OPEN_SESSION)).toBe(1);
  const released = await run('release');
  expect([released.code, released.stdout]).toEqual([0, expect.stringContaining('released: Canon')]);
  expect((await holding)?.code).toBe(0);
});

const namesOf = (json: string) =>
  (JSON.parse(json) as { files: { name: string }[] }).files.map(({ name }) => name);

describe.each([
  ['eos-r6', smallCamera, EosOperation.GetViewFinderData],
  ['powershot-a70', smallA70, PowerShotOperation.GetViewfinderImage],
  ['powershot-sx730', smallSx730, EosOperation.GetViewFinderData],
  ['eos-1300d', small1300D, EosOperation.GetViewFinderData],
])('two at once: %s', (_model, make, frame) => {
  it('each has the pictures of its own exposures', async () => {
    const { run } = await held(make());
    const shots = await Promise.all([1, 2, 3].map(() => run('shoot', '--json')));
    expect(shots.map(({ code }) => code)).toEqual([0, 0, 0]);
    const names = shots.flatMap(({ stdout }) => namesOf(stdout));
    expect(names).toHaveLength(3);
    expect(new Set(names).size).toBe(3);
  });

  it('whatever two commands do', async () => {
    const { run } = await held(make());
    const commands = [
      ['info'],
      ['ls', '-R'],
      ['config', 'iso'],
      ['focus', 'auto'],
      ['shoot'],
      ['shoot', '--to', 'card'],
      ['shoot', '--to', 'host', '--download', '-o', folder],
      ['live', '--stdout', '--count', '2'],
    ];
    const failed: string[] = [];
    for (const [i, one] of commands.entries()) {
      for (const other of commands.slice(i)) {
        const results = await Promise.all([run(...one), run(...other)]);
        for (const { code, stderr } of results)
          if (code !== 0) failed.push(`${one} | ${other}: ${stderr}`);
      }
    }
    expect(failed).toEqual([]);
  });

  it('who watches goes on while others come, shoot, watch and go', async () => {
    const { run } = await held(make());
    const watching = run('live', '--stdout', '--count', '60');
    await expect.poll(() => body.requests(frame)).toBeGreaterThan(3);
    const others = await Promise.all([
      run('info', '--json'),
      run('shoot', '--json'),
      run('live', '--stdout', '--count', '3'),
    ]);
    expect(others.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(body.requests(frame)).toBeLessThan(60);
    const { code, bytes, stderr } = await watching;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^60 pictures/)]);
    expect(mjpegPictures(bytes)).toHaveLength(60);
  });
});

/** Its pictures for the computer are named by their second. */
const fastA70 = () => smallA70({ now: () => NOW + 100 * performance.now() });

describe.each([
  ['eos-r6', smallCamera],
  ['powershot-a70', fastA70],
])('somebody is tethered: %s', (_model, make) => {
  it.each([
    // Tethered to, the options of shoot, and who has the picture.
    ['host', '', 'tether'],
    ['host', '--to host --download', 'shoot'],
    ['host', '--to card', 'nobody'],
    ['both', '', 'tether'],
    ['card', '', 'tether'],
    ['card', '--to card --download', 'tether shoot'],
    ['card', '--to host --download', 'shoot'],
  ])('to %s, and another command does: shoot %s', async (to, how, takers) => {
    const { run, start } = await held(make());
    const into = (name: string) => ['-o', path.join(folder, name)];
    const pictures = (name: string) => {
      const where = path.join(folder, name);
      return existsSync(where)
        ? readdirSync(where).filter((file) => file.endsWith('.JPG')).length
        : 0;
    };
    const ending = new AbortController();
    const tether = start(['tether', '--to', to, ...into('tether')], ending.signal);
    await tether.until('is tethered');
    const download = how.includes('--download') ? into('shoot') : [];
    const shot = await run('shoot', ...how.split(' ').filter(Boolean), ...download);
    expect(shot).toMatchObject({ code: 0 });
    const tethered = takers.includes('tether') ? 1 : 0;
    await expect.poll(() => pictures('tether')).toBe(tethered);
    // Where pictures go is as it was, for who presses the button.
    await body.press();
    await expect.poll(() => pictures('tether')).toBe(tethered + 1);
    expect(pictures('shoot')).toBe(takers.includes('shoot') ? 1 : 0);
    ending.abort();
    expect(await tether.ended).toMatchObject({ code: 0 });
  });
});

it('waits until who is tethered has taken the one picture that a PowerShot keeps', async () => {
  let exposures = 0;
  const takePicture = (): Picture => {
    const jpeg = Uint8Array.of(...TINY_JPEG, ++exposures);
    return { jpeg, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 };
  };
  const { run, start } = await held(smallA70({ takePicture }));
  const into = path.join(folder, 'tether');
  const ending = new AbortController();
  const tether = start(['tether', '--to', 'host', '-o', into], ending.signal);
  await tether.until('is tethered');
  // It asks less often by then than pictures come.
  await sleep(2000);
  const shots = await Promise.all([1, 2, 3].map(() => run('shoot')));
  expect(shots.map(({ code }) => code)).toEqual([0, 0, 0]);
  const here = () => {
    const files = readdirSync(into).filter((file) => file.endsWith('.JPG'));
    return files.map((file) => readFileSync(path.join(into, file)).at(-1)).sort();
  };
  await expect.poll(here, { timeout: 5000 }).toEqual([1, 2, 3]);
  ending.abort();
  expect(await tether.ended).toMatchObject({ code: 0 });
});

it('leaves release control when the last one has', async () => {
  const { run } = await held(smallA70());
  const { InitiateReleaseControl, TerminateReleaseControl } = PowerShotOperation;
  await Promise.all([run('shoot'), run('config', 'iso'), run('shoot')]);
  const entered = body.requests(InitiateReleaseControl);
  expect(entered).toBeGreaterThanOrEqual(1);
  expect(body.requests(TerminateReleaseControl)).toBeGreaterThanOrEqual(1);
  expect((await run('shoot', '--json')).code).toBe(0);
  expect(body.requests(InitiateReleaseControl)).toBe(entered + 1);
});

it('is found again when it was pulled', async () => {
  const { run, seen } = await held(smallCamera());
  await body.unplug();
  await expect.poll(() => seen.at(-1)).toContain('"lost"');
  const waiting = run('info', '--json');
  body.plug();
  const { code, stdout } = await waiting;
  expect([code, JSON.parse(stdout).model]).toEqual([0, 'Canon EOS R6']);
  expect(seen.at(-1)).toMatch(/"connected".*"back":true/);
  expect(body.requests(OPEN_SESSION)).toBe(2);
});
