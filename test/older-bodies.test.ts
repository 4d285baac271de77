/**
 * Our own command line with an EOS 1300D, which is pressed by RemoteReleaseOn, and an EOS 40D, which
 * knows RemoteRelease alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Shell } from './support/hotshoe.ts';
import { TINY_JPEG } from './support/small-pictures.ts';

const BODIES = [
  {
    model: 'eos-1300d',
    name: 'Canon EOS 1300D',
    storage: 'SD',
    shown: { firmware: '3-1.2.0', modelId: 0x80000404, lens: 'EF-S18-55mm f/3.5-5.6 III' },
    released: ['RemoteReleaseOn', 'RemoteReleaseOff'],
  },
  {
    model: 'eos-40d',
    name: 'Canon EOS 40D',
    storage: 'CF',
    shown: { firmware: '3-1.0.5', modelId: 0x80000190 },
    released: ['RemoteRelease'],
  },
] as const;

let shell: Shell;
let card: string;
beforeEach(async () => {
  shell = new Shell();
  card = path.join(shell.folder, 'card');
  await mkdir(path.join(card, 'DCIM/100CANON'), { recursive: true });
  await writeFile(path.join(card, 'DCIM/100CANON/IMG_0001.JPG'), TINY_JPEG);
});
afterEach(() => shell.close());

for (const { model, name, storage, shown, released } of BODIES) {
  describe(`a virtual ${model}`, () => {
    /** Runs commands one after the other on one camera; gives the operations that it was asked for. */
    const connect = async (...options: string[]) => {
      const camera = shell.start([
        '-v',
        'virtual',
        model,
        '--port',
        '0',
        '--card',
        card,
        ...options,
      ]);
      await camera.until(({ stdout }) => stdout.includes('\n'));
      const address = camera.stdout.trim();
      return {
        run: (...args: string[]) => shell.run(['--camera', address, ...args]),
        /** Names of the operations that begin so, each once. */
        asked: (start: string) =>
          [
            ...new Set([...camera.stderr.matchAll(/\b([A-Z]\w+)\(/g)].map(([, each]) => each)),
          ].filter((each) => each?.startsWith(start)),
      };
    };

    it('info', async () => {
      const { run } = await connect();
      const { code, stdout } = await run('--json', 'info');
      expect(code).toBe(0);
      const { lens, ...info } = JSON.parse(stdout);
      expect({ ...info, ...(lens && { lens }) }).toMatchObject({
        model: name,
        batteryPercent: 100,
        ...shown,
      });
    });

    it('ls, get', async () => {
      const { run } = await connect();
      const { stdout } = await run('ls', '-R');
      expect(stdout).toContain(`/${storage}/DCIM/100CANON/IMG_0001.JPG`);
      const got = await run('get', 'IMG_0001.JPG', '-o', shell.folder);
      expect(got.code).toBe(0);
      const bytes = readFileSync(path.join(shell.folder, 'IMG_0001.JPG'));
      expect([...bytes]).toEqual([...TINY_JPEG]);
    });

    it('shoot --download, with what the body lists', async () => {
      const { run, asked } = await connect();
      const folder = path.join(shell.folder, 'here');
      const { code, stderr } = await run('shoot', '--download', '-o', folder);
      expect([code, stderr]).toEqual([0, expect.stringContaining('IMG_0002.JPG')]);
      const bytes = readFileSync(path.join(folder, 'IMG_0002.JPG'));
      const onCard = readFileSync(path.join(card, 'DCIM/100CANON/IMG_0002.JPG'));
      expect(bytes.equals(onCard)).toBe(true);
      expect(asked('RemoteRelease')).toEqual(released);
    });

    it('shoot --to host', async () => {
      const { run } = await connect();
      const { code } = await run('shoot', '--to', 'host', '--download', '-o', shell.folder);
      expect(code).toBe(0);
      expect([...readFileSync(path.join(shell.folder, 'IMG_0002.JPG')).subarray(0, 3)]).toEqual([
        0xff, 0xd8, 0xff,
      ]);
      expect(readdirSync(path.join(card, 'DCIM/100CANON'))).toEqual(['IMG_0001.JPG']);
    });

    it('shoot where autofocus fails', async () => {
      const { run } = await connect('--fault', 'af-failed');
      const { code, stderr } = await run('shoot', '--to', 'card');
      expect(code).toBe(1);
      expect(stderr).toContain('the camera could not focus');
      expect(stderr).toMatch(/contrast and light/);
    });
  });
}

describe('an EOS 40D', () => {
  it('shoot --no-af says that it always focuses', async () => {
    const { code, stdout, stderr } = await shell.run(['-c', 'virtual:eos-40d', 'shoot', '--no-af']);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('this camera always focuses before it exposes');
  });

  it('is on the USB of whoever attaches it', async () => {
    const camera = shell.start(['virtual', 'eos-40d', '--usbip=0']);
    await camera.until(({ stdout }) => stdout.includes('\n'));
    expect(camera.stdout).toMatch(/^usbip:\/\/127\.0\.0\.1:\d+\/1-1\n$/);
  });
});
