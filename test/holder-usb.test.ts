/** A camera on USB that is held: commands share it, and it may be pulled and plugged in again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsbBus, type VirtualCamera } from '../src/virtual/index.ts';
import { type Captured, commandLine } from './support/command-line.ts';
import { smallA70, smallCamera } from './support/small-pictures.ts';

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
  return { run: (...args: string[]) => commandLine(args, { usb, env }), seen };
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
