/** The commands with cameras from before PTP, as users type them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sleep } from '../src/base/time.ts';
import { settingRows } from '../src/camera/drivers/normal-setting-rows.ts';
import { createUsbBus, createVirtualCamera, MemoryCard } from '../src/virtual/index.ts';
import { takePicture } from '../src/virtual/picture/index.ts';
import { commandLine } from './support/command-line.ts';
import { NOW } from './support/small-pictures.ts';

const ON_CARD = 'DCIM/204CANON/IMG_0408.JPG';
const picture = takePicture({
  ...{ width: 320, height: 240, counter: 408, make: 'Canon', model: 'Canon', firmware: '1' },
  exposure: { aperture: 4, shutter: 1 / 125, iso: 400, focalLength: 7 },
  takenAt: { year: 2012, month: 1, day: 8, hour: 4, minute: 37, second: 32, milliseconds: 0 },
});
const PICTURE = Buffer.from(picture.jpeg);

let folder: string;
let close: () => Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-normal-'));
});
afterEach(async () => {
  await close?.();
  rmSync(folder, { recursive: true, force: true });
});

function plugged(model: string) {
  const card = new MemoryCard({ capacity: 64 << 20 });
  card.addFile(ON_CARD, PICTURE, NOW / 1000 - 60);
  const body = createVirtualCamera(model, { card, now: () => NOW, takePicture: () => picture });
  close = () => body.close();
  const usb = createUsbBus([body]);
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await commandLine(args, { usb });
    expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
    return stdout;
  };
  return { body, card, usb, run };
}

it('puts, protects and deletes; makes and removes folders', async () => {
  const { card, usb, run } = plugged('powershot-g3');
  const local = path.join(folder, 'AUT_0001.JPG');
  writeFileSync(local, PICTURE);
  await run('mkdir', 'DCIM/205CANON');
  await run('put', local, '--to', 'DCIM/205CANON');
  expect(card.paths()).toContain('DCIM/205CANON/AUT_0001.JPG');
  expect(await run('ls', 'DCIM/205CANON')).toContain('AUT_0001.JPG');
  await run('protect', 'AUT_0001.JPG');
  const kept = await commandLine(['rm', 'AUT_0001.JPG'], { usb });
  expect([kept.code, kept.stderr]).not.toEqual([0, expect.anything()]);
  expect(kept.stderr).toContain('protected');
  await run('protect', '--off', 'AUT_0001.JPG');
  await run('rm', 'AUT_0001.JPG');
  await run('rmdir', 'DCIM/205CANON');
  expect(card.paths().filter((name) => name.includes('205CANON'))).toEqual([]);
});

it.each(['powershot-g3', 'eos-300d', 'eos-20d'])(
  'gets a picture and its thumbnail: %s',
  async (model) => {
    const { run } = plugged(model);
    await run('get', 'IMG_0408.JPG', '--name', 'whole.jpg', '-o', folder);
    expect(readFileSync(path.join(folder, 'whole.jpg'))).toEqual(PICTURE);
    await run('thumb', 'IMG_0408.JPG', '-o', folder);
    expect(readFileSync(path.join(folder, 'IMG_0408.thumb.jpg')).subarray(0, 2)).toEqual(
      Buffer.of(0xff, 0xd8),
    );
  },
);

it('zooms, and says where the lens is', async () => {
  const { run } = plugged('powershot-g3');
  expect(await run('zoom', '13')).toMatch(/^lens {2}13 /);
});

it('brings what the button takes', async () => {
  const { body, usb } = plugged('powershot-g3');
  const stop = new AbortController();
  const running = commandLine(['tether', '--count', '1', '-o', folder], {
    usb,
    signal: stop.signal,
  });
  const ended = running.then(({ code }) => code);
  // Pictures from before it was ready are no news to it.
  for (let pressed = 0; pressed < 10; pressed++) {
    await body.press();
    const code = await Promise.race([ended, sleep(2000)]);
    if (code !== undefined) break;
  }
  stop.abort();
  expect(await ended).toBe(0);
  const [name = ''] = readdirSync(folder);
  expect(name).toMatch(/^IMG_04\d\d\.JPG$/);
  expect(readFileSync(path.join(folder, name))).toEqual(PICTURE);
});

it('says why it cannot', async () => {
  const { usb } = plugged('eos-300d');
  const { stdout } = await commandLine(['info', '--can'], { usb });
  expect(stdout).toMatch(
    /take pictures without focusing +it focuses as the switch of its lens says/,
  );
  expect(stdout).toMatch(/live view +EOS bodies of that time have none/);
  await close();
  const g3 = plugged('powershot-g3');
  const report = (await commandLine(['info', '--can'], { usb: g3.usb })).stdout;
  expect(report).toMatch(/yes +take pictures without focusing/);
  expect(report).toMatch(/yes +live view/);
  expect(report).not.toContain('does not know how');
});

it('marks guesses in the help', async () => {
  const { stdout } = await commandLine(['config', '--help']);
  const guesses = settingRows.filter(({ guess }) => guess).map(({ name }) => name);
  expect(guesses.length).toBeGreaterThan(3);
  for (const name of guesses) expect(stdout).toContain(name);
  expect(stdout).toMatch(/guess/);
  expect((await commandLine(['shoot', '--help'])).stdout).toMatch(/guess/);
  expect((await commandLine(['zoom', '--help'])).stdout).toMatch(/guess/);
});

it('speaks no PTP in a network', async () => {
  const { code, stderr } = await commandLine(['virtual', 'powershot-g3', '--port', '0']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('takes no --port')]);
  expect(stderr).toContain('--usbip');
});
