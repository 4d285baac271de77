/** `hotshoe virtual MODEL --card FOLDER` as processes: what commands do is done to the folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Shell } from './support/hotshoe.ts';
import { TINY_JPEG } from './support/small-pictures.ts';

let shell: Shell;
let card = '';
let address = '';
const on = (...parts: string[]) => path.join(card, ...parts);

beforeEach(async () => {
  shell = new Shell();
  card = path.join(shell.folder, 'card');
  mkdirSync(on('DCIM', '104___07'), { recursive: true });
  for (const i of [1, 2]) writeFileSync(on('DCIM', '104___07', `IMG_000${i}.JPG`), TINY_JPEG);
  const camera = shell.start(['virtual', 'ixus-180', '--port', '0', '--card', card]);
  await camera.until(({ stdout }) => stdout.includes('\n'));
  address = camera.stdout.split('\n')[0] ?? '';
});
afterEach(() => shell.close());

const hotshoe = (...args: string[]) => shell.run(['--camera', address, ...args]);

describe('an IXUS 180 whose card is a folder', () => {
  it('lists what is there', async () => {
    const { stdout } = await hotshoe('ls', 'DCIM/104___07', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'IMG_0001.JPG', size: TINY_JPEG.length, handle: 0x01a00011 },
      { name: 'IMG_0002.JPG', size: TINY_JPEG.length, handle: 0x01a00021 },
    ]);
  });

  it('takes a file, of more than memory should hold at once', async () => {
    const bytes = Buffer.alloc(24 << 20, 'hotshoe ');
    const file = path.join(shell.folder, 'large.bin');
    writeFileSync(file, bytes);
    expect(await hotshoe('put', file)).toMatchObject({ code: 0 });
    expect(readFileSync(on('large.bin')).equals(bytes)).toBe(true);
    const got = await hotshoe('get', 'large.bin', '-o', '-');
    expect(got.bytes.equals(bytes)).toBe(true);
    expect(readdirSync(card).sort()).toEqual(['DCIM', 'MISC', 'large.bin']);
  });

  it('deletes', async () => {
    expect(await hotshoe('rm', 'DCIM/104___07/IMG_0001.JPG')).toMatchObject({ code: 0 });
    expect(readdirSync(on('DCIM', '104___07'))).toEqual(['IMG_0002.JPG']);
  });

  it('formats, which spares what no camera has made', async () => {
    writeFileSync(on('thesis.txt'), 'mine');
    expect(await hotshoe('format', '--yes', 'SD')).toMatchObject({ code: 0 });
    expect(readFileSync(on('thesis.txt'), 'utf8')).toBe('mine');
    expect(existsSync(on('DCIM', '104___07'))).toBe(false);
    const { stdout } = await hotshoe('ls', 'DCIM', '--json');
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
