import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'hotshoe-folder-'));

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('makeFolder', () => {
  it('makes those above it too, and is content with one that is there', async () => {
    const deep = join(root, 'a', 'b', 'c');
    await Promise.all([makeFolder(deep), makeFolder(deep)]);
    await makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
  });

  it('gives the mode that is asked for', async () => {
    const secret = join(root, 'secret');
    await makeFolder(secret, 0o700);
    expect(statSync(secret).mode & 0o777).toBe(0o700);
  });

  it('refuses where a file has the name', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')(
    'ends where the file system will not have the folder (Linux: /proc)',
    async () => {
      await expect(makeFolder('/proc/hotshoe/x')).rejects.toThrow(/ENOENT/);
    },
  );
});
