/**
 * A download that is killed at any moment: never half a file under its final name, nothing outside
 * the folder, and the next command works and goes on where the last one stopped.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../src/base/time.ts';
import { Shell } from './support/hotshoe.ts';

const NAME = 'MVI_0001.MP4';
const SIZE = 160 << 20;
const KILLS = 100;
/** From before the program has started to after it has ended. */
const LONGEST_MS = 600;

describe('kill -9 in the middle of a download', () => {
  const shell = new Shell();
  const card = path.join(shell.folder, 'card');
  const target = path.join(shell.folder, 'pictures');
  let address = '';
  let digest = '';

  beforeAll(async () => {
    mkdirSync(path.join(card, 'DCIM', '100CANON'), { recursive: true });
    mkdirSync(target);
    // Different everywhere, so that a hole or a doubled piece cannot go unnoticed.
    const bytes = Buffer.alloc(SIZE);
    const block = randomBytes(1 << 20);
    for (let at = 0; at < SIZE; at += block.length) {
      block.writeUInt32LE(at, at % 4096);
      block.copy(bytes, at);
    }
    digest = digestOf(bytes);
    writeFileSync(path.join(card, 'DCIM', '100CANON', NAME), bytes);
    ({ address } = await shell.virtualCamera('--card', card));
  }, 60_000);

  afterAll(() => shell.close());

  it(`leaves nothing wrong behind at ${KILLS} random moments, and ends well at last`, async () => {
    const get = ['--camera', address, 'get', NAME, '-o', target];
    let complete = 0;
    let cut = 0;
    for (let i = 0; i < KILLS; i++) {
      const command = shell.start(get);
      await sleep(Math.random() * LONGEST_MS);
      command.child.kill('SIGKILL');
      await command.ended;
      for (const name of readdirSync(target)) {
        if (name === NAME) {
          expect(digestOf(readFileSync(path.join(target, name)))).toBe(digest);
          complete++;
        } else {
          expect(name).toBe(`${NAME}.part`);
          cut++;
        }
      }
      const beside = readdirSync(shell.folder).filter((name) => name !== 'state');
      expect(beside.sort()).toEqual(['card', 'pictures']);
      // Begin again now and then, or the rest would all find the file complete.
      if (complete > 0) {
        complete = 0;
        for (const name of readdirSync(target)) rmSync(path.join(target, name));
      }
    }
    expect(cut).toBeGreaterThan(0);

    const { code, stderr } = await shell.run(get);
    expect([code, stderr]).toEqual([0, expect.stringContaining(NAME)]);
    expect(readdirSync(target)).toEqual([NAME]);
    expect(digestOf(readFileSync(path.join(target, NAME)))).toBe(digest);
  }, 180_000);
});

function digestOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}
