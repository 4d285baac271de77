import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawInitiator } from '../../test/support/raw-initiator.ts';
import { TINY_JPEG } from '../../test/support/small-pictures.ts';
import { readBytes } from '../virtual/card/card-store.ts';
import { createVirtualCamera } from '../virtual/index.ts';
import { folderCard } from './card-folder.ts';

const PICTURE = 'DCIM/100CANON/2U4A0001.JPG';
/** 21 November 2026, 10:32:05 by a clock that knows no zone. */
const TIME = Date.UTC(2026, 10, 21, 10, 32, 5) / 1000;

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-card-'));
  await mkdir(join(folder, 'DCIM/100CANON'), { recursive: true });
  await writeFile(join(folder, PICTURE), TINY_JPEG);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* inPieces(...pieces: string[]): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(8);
  for (const text of pieces) {
    // The same bytes for each: they are valid until the next is asked for.
    const { written } = new TextEncoder().encodeInto(text, piece);
    yield piece.subarray(0, written);
  }
}

describe('what is in the folder', () => {
  it('is listed by name, with sizes and the time that the clock on the wall showed', async () => {
    const taken = new Date(2026, 10, 21, 10, 32, 5);
    await utimes(join(folder, PICTURE), taken, taken);
    await writeFile(join(folder, 'DCIM/100CANON/2U4A0000.MP4'), '12345');
    const card = await folderCard(folder);
    expect(await card.list('DCIM/100CANON')).toEqual([
      { name: '2U4A0000.MP4', kind: 'file', size: 5, time: expect.any(Number) },
      { name: '2U4A0001.JPG', kind: 'file', size: TINY_JPEG.length, time: TIME },
    ]);
    expect(await card.list('')).toMatchObject([{ name: 'DCIM', kind: 'folder', size: 0 }]);
  });

  it('but links, hidden files and names that PTP has no room for', async () => {
    await writeFile(join(folder, '.DS_Store'), 'x');
    await symlink('/etc', join(folder, 'etc'));
    await symlink(join(folder, PICTURE), join(folder, 'link.jpg'));
    await writeFile(join(folder, `${'x'.repeat(251)}.txt`), 'x');
    const names = (await (await folderCard(folder)).list('')).map(({ name }) => name);
    expect(names).toEqual(['DCIM']);
  });

  it('is read in part, and in pieces', async () => {
    const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => i % 251);
    await writeFile(join(folder, 'movie'), bytes);
    const card = await folderCard(folder);
    const part = await readBytes(card, 'movie', 1_000_000, 7);
    expect([...part]).toEqual([...bytes.slice(1_000_000, 1_000_007)]);
    expect(Buffer.from(await readBytes(card, 'movie', 0, 9e9)).equals(bytes)).toBe(true);
    expect(await readBytes(card, 'movie', 2_499_999, 100)).toHaveLength(1);
    expect(await readBytes(card, 'movie', 3_000_000, 100)).toHaveLength(0);
  });

  it('is what is free on the disk', async () => {
    const { capacity, free } = await (await folderCard(folder)).space();
    expect(capacity).toBeGreaterThan(free);
    expect(free).toBeGreaterThan(0);
  });
});

describe('writing', () => {
  it('makes the file with its time, and the folders on the way', async () => {
    const card = await folderCard(folder);
    await card.write('DCIM/101CANON/2U4A0002.JPG', TINY_JPEG, TIME);
    const path = join(folder, 'DCIM/101CANON/2U4A0002.JPG');
    expect(new Uint8Array(await readFile(path))).toEqual(TINY_JPEG);
    expect((await stat(path)).mtime).toEqual(new Date(2026, 10, 21, 10, 32, 5));
  });

  it('takes chunks that do not last', async () => {
    const card = await folderCard(folder);
    await card.write('text', inPieces('one ', 'after ', 'another'), TIME);
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('one after another');
  });

  it('leaves nothing behind when the chunks fail', async () => {
    const card = await folderCard(folder);
    async function* failing() {
      yield Uint8Array.of(1);
      throw new Error('the computer is gone');
    }
    await expect(card.write('text', failing(), TIME)).rejects.toThrow('the computer is gone');
    expect(await readdir(folder)).toEqual(['DCIM']);
  });

  it('replaces nothing', async () => {
    await writeFile(join(folder, '.profile'), 'mine');
    const card = await folderCard(folder);
    await expect(card.write('.profile', TINY_JPEG, TIME)).rejects.toMatchObject({ code: 'FILE' });
    expect(readFileSync(join(folder, '.profile'), 'utf8')).toBe('mine');
  });

  it('makes a folder, but none through a link', async () => {
    const card = await folderCard(folder);
    await card.makeFolder('MISC', TIME);
    expect((await stat(join(folder, 'MISC'))).mtime).toEqual(new Date(2026, 10, 21, 10, 32, 5));
    await symlink(tmpdir(), join(folder, 'OUT'));
    await expect(card.makeFolder('OUT', TIME)).rejects.toMatchObject({ code: 'FILE' });
  });

  it.each(['../escaped', '/etc/escaped', 'DCIM/../../escaped'])('never %s', async (path) => {
    const card = await folderCard(folder);
    await expect(card.write(path, TINY_JPEG, TIME)).rejects.toMatchObject({ code: 'FILE' });
    await expect(card.remove(path)).rejects.toMatchObject({ code: 'FILE' });
  });
});

describe('deleting', () => {
  it('removes files, and folders that are empty', async () => {
    const card = await folderCard(folder);
    await expect(card.remove('DCIM/100CANON')).rejects.toThrow();
    await card.remove(PICTURE);
    await card.remove('DCIM/100CANON');
    expect(await card.list('DCIM')).toEqual([]);
  });

  it('formatting spares what is not the camera’s', async () => {
    await writeFile(join(folder, 'thesis.txt'), 'mine');
    const card = await folderCard(folder);
    await card.format();
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });
});

describe('a folder that cannot be one', () => {
  it.each([
    ['missing', 'no-such-folder'],
    ['a file', PICTURE],
  ])('%s', async (_name, path) => {
    await expect(folderCard(join(folder, path))).rejects.toMatchObject({ code: 'FILE' });
  });

  it('a link to one is followed', async () => {
    await symlink(folder, `${folder}-link`);
    try {
      expect(await (await folderCard(`${folder}-link`)).list('')).toHaveLength(1);
    } finally {
      rmSync(`${folder}-link`);
    }
  });

  // Nothing is locked for root.
  it.skipIf(process.getuid?.() === 0)('one that is locked is a locked card', async () => {
    chmodSync(folder, 0o555);
    try {
      expect((await folderCard(folder)).access).toBe('read-only');
    } finally {
      chmodSync(folder, 0o755);
    }
  });
});

it('a camera shoots into it, and deletes from it', async () => {
  const picture = {
    jpeg: TINY_JPEG,
    thumbnail: TINY_JPEG,
    thumbnailWidth: 160,
    thumbnailHeight: 120,
  } as const;
  const camera = createVirtualCamera('eos-r6', {
    card: await folderCard(folder),
    takePicture: () => picture,
  });
  try {
    await camera.press();
    expect(await readdir(join(folder, 'DCIM/100CANON'))).toEqual(['2U4A0001.JPG', '2U4A0002.JPG']);
    const initiator = await RawInitiator.open(camera, false);
    expect((await initiator.ok(0x1009, [0x51900012])).data).toEqual(TINY_JPEG);
    await initiator.ok(0x100b, [0x51900000]);
    expect(await readdir(join(folder, 'DCIM'))).toEqual([]);
  } finally {
    await camera.close();
  }
});
