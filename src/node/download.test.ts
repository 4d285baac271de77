import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyDisk } from '../../test/support/tiny-disk.ts';
import { type DownloadOptions, downloadFile, ON_EXISTS, safeName } from './download.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-download-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NEW = Buffer.from('the new picture');
const OTHER = Buffer.from('something else');

describe('downloading a file', () => {
  it('writes the bytes under the name it has on the camera', async () => {
    expect(await download({ name: 'IMG_0001.JPG' })).toEqual({
      path: join(folder, 'IMG_0001.JPG'),
      bytes: NEW.length,
      skipped: false,
      resumed: 0,
    });
    expect(await contents()).toEqual({ 'IMG_0001.JPG': NEW.toString() });
  });

  it('makes the folder, with those above it', async () => {
    const deep = join(folder, 'a', 'b');
    const { path } = await download({ folder: deep });
    expect(path).toBe(join(deep, 'IMG_0001.JPG'));
    expect(await readFile(path)).toEqual(NEW);
  });

  it('keeps the final name free until the last byte is there', async () => {
    let during: string[] = [];
    await download({
      async read(sink) {
        await sink.write(NEW);
        during = await readdir(folder);
        return NEW.length;
      },
    });
    expect(during).toEqual(['IMG_0001.JPG.part']);
    expect(await readdir(folder)).toEqual(['IMG_0001.JPG']);
  });

  it('dates the file as the camera does, in local time', async () => {
    const { path } = await download({ date: '2026-11-21T10:32:05' });
    expect((await stat(path)).mtime).toEqual(new Date(2026, 10, 21, 10, 32, 5));
  });

  it.each([undefined, 'never', '2026-99-99T00:00:00'])('ignores the date %s', async (date) => {
    const before = Date.now();
    const { path } = await download({ date });
    expect((await stat(path)).mtimeMs).toBeGreaterThan(before - 60_000);
  });

  it('tells its progress after each chunk', async () => {
    const seen: number[] = [];
    await download({
      size: 6,
      onProgress: (bytes) => seen.push(bytes),
      async read(sink) {
        for (const size of [1, 2, 3]) await sink.write(new Uint8Array(size));
        return 6;
      },
    });
    expect(seen).toEqual([1, 3, 6]);
  });

  it('takes any number of bytes where the camera does not know the size', async () => {
    const { bytes } = await download({ size: undefined });
    expect(bytes).toBe(NEW.length);
  });
});

describe('a download that fails', () => {
  it.each([NEW.length - 1, NEW.length + 1, 0])(
    'leaves nothing when %i bytes are listed and others come',
    async (size) => {
      await expect(download({ size })).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: `IMG_0001.JPG: ${NEW.length} bytes came, the camera lists it with ${size}`,
      });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('leaves nothing when the camera goes away, and passes the error on', async () => {
    const gone = new Error('gone');
    const failing = download({
      async read(sink) {
        await sink.write(OTHER);
        throw gone;
      },
    });
    await expect(failing).rejects.toBe(gone);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(ON_EXISTS)('leaves the older file alone with %s', async (onExists) => {
    await writeFile(join(folder, 'IMG_0001.JPG'), OTHER);
    const failing = download({ onExists, read: () => Promise.reject(new Error('gone')) });
    if (onExists === 'skip') expect(await failing).toMatchObject({ skipped: true });
    else await expect(failing).rejects.toThrow();
    expect(await contents()).toEqual({ 'IMG_0001.JPG': OTHER.toString() });
  });

  it('names the folder that cannot be made, and says why', async () => {
    await writeFile(join(folder, 'file'), OTHER);
    const below = join(folder, 'file', 'below');
    await expect(download({ folder: below })).rejects.toMatchObject({
      code: 'FILE',
      message: `cannot write ${below}: not a directory`,
    });
  });

  it('names the folder that lies where the file should go', async () => {
    await mkdir(join(folder, 'IMG_0001.JPG'));
    await expect(download({ onExists: 'overwrite' })).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringContaining(`cannot write ${join(folder, 'IMG_0001.JPG')}: `),
    });
    expect(await readdir(folder)).toEqual(['IMG_0001.JPG']);
  });

  const disk = tinyDisk();
  it.skipIf(disk.missing)(
    `says that the disk is full and leaves no part${disk.missing ?? ''}`,
    async () => {
      disk.mount(folder);
      try {
        const failing = download({
          size: 1 << 20,
          async read(sink) {
            for (let i = 0; i < 16; i++) await sink.write(new Uint8Array(1 << 16));
            return 1 << 20;
          },
        });
        await expect(failing).rejects.toMatchObject({
          code: 'FILE',
          message: `cannot write ${join(folder, 'IMG_0001.JPG.part')}: the disk is full`,
          hint: expect.stringContaining('Make room'),
        });
        expect(await readdir(folder)).toEqual([]);
      } finally {
        disk.unmount(folder);
      }
    },
  );
});

describe('a name that is taken', () => {
  const taken = () => writeFile(join(folder, 'IMG_0001.JPG'), OTHER);

  it.each(ON_EXISTS)('is skipped where the size is the same (%s)', async (onExists) => {
    await writeFile(join(folder, 'IMG_0001.JPG'), OTHER);
    const result = await download({ onExists, size: OTHER.length, read: neverRead });
    expect(result).toEqual({
      path: join(folder, 'IMG_0001.JPG'),
      bytes: OTHER.length,
      skipped: true,
      resumed: 0,
    });
  });

  it('gets a number behind it by default', async () => {
    await taken();
    expect(await download({})).toMatchObject({ path: join(folder, 'IMG_0001-1.JPG') });
    const third = Buffer.from('the third one of that name');
    expect(await download({}, third)).toMatchObject({ path: join(folder, 'IMG_0001-2.JPG') });
    expect(await contents()).toEqual({
      'IMG_0001.JPG': OTHER.toString(),
      'IMG_0001-1.JPG': NEW.toString(),
      'IMG_0001-2.JPG': third.toString(),
    });
  });

  it('is skipped where the same file lies there with a number already', async () => {
    await taken();
    await download({});
    expect(await download({ read: neverRead })).toMatchObject({
      path: join(folder, 'IMG_0001-1.JPG'),
      skipped: true,
      resumed: 0,
    });
  });

  it('never makes a picture just taken superfluous', async () => {
    await writeFile(join(folder, 'IMG_0001.JPG'), 'an old picture!');
    expect('an old picture!').toHaveLength(NEW.length);
    expect(await download({ fresh: true })).toMatchObject({
      path: join(folder, 'IMG_0001-1.JPG'),
      skipped: false,
      resumed: 0,
    });
    expect(await contents()).toEqual({
      'IMG_0001.JPG': 'an old picture!',
      'IMG_0001-1.JPG': NEW.toString(),
    });
  });

  it('is left alone with skip', async () => {
    await taken();
    expect(await download({ onExists: 'skip', read: neverRead })).toEqual({
      path: join(folder, 'IMG_0001.JPG'),
      bytes: OTHER.length,
      skipped: true,
      resumed: 0,
    });
    expect(await contents()).toEqual({ 'IMG_0001.JPG': OTHER.toString() });
  });

  it('is replaced with overwrite', async () => {
    await taken();
    expect(await download({ onExists: 'overwrite' })).toMatchObject({ skipped: false });
    expect(await contents()).toEqual({ 'IMG_0001.JPG': NEW.toString() });
  });

  it('is an error with fail, before anything is asked of the camera', async () => {
    await taken();
    await expect(download({ onExists: 'fail', read: neverRead })).rejects.toMatchObject({
      code: 'FILE',
      message: `${join(folder, 'IMG_0001.JPG')} exists already`,
    });
    expect(await contents()).toEqual({ 'IMG_0001.JPG': OTHER.toString() });
  });

  it('is an error with fail also when it is taken meanwhile', async () => {
    const failing = download({
      onExists: 'fail',
      async read(sink) {
        await taken();
        await sink.write(NEW);
        return NEW.length;
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'FILE' });
    expect(await contents()).toEqual({ 'IMG_0001.JPG': OTHER.toString() });
  });

  it('may be a link that leads nowhere, which is not followed', async () => {
    await symlink(join(folder, 'elsewhere'), join(folder, 'IMG_0001.JPG'));
    expect(await download({})).toMatchObject({ path: join(folder, 'IMG_0001-1.JPG') });
    expect(await readdir(folder)).not.toContain('elsewhere');
  });

  it('does not disturb the part of a download that was cut off', async () => {
    await writeFile(join(folder, 'IMG_0001.JPG.part'), OTHER);
    await download({});
    expect(await contents()).toEqual({
      'IMG_0001.JPG': NEW.toString(),
      'IMG_0001.JPG.part': OTHER.toString(),
    });
  });
});

describe('a download that broke', () => {
  const WHOLE = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
  const part = () => join(folder, 'IMG_0001.JPG.part');
  let asked: number[] = [];

  /** A camera that holds WHOLE, and loses the link after `until` bytes. */
  const resumable = (until = Number.POSITIVE_INFINITY) =>
    download({
      size: WHOLE.length,
      async read(sink, offset) {
        asked.push(offset);
        const end = Math.min(until, WHOLE.length);
        await sink.write(WHOLE.subarray(offset, end));
        if (end < WHOLE.length) throw new Error('the link is lost');
        return end - offset;
      },
      readRange: async (offset, size) => WHOLE.subarray(offset, offset + size),
    });

  beforeEach(() => {
    asked = [];
  });

  it('leaves its part, and the next one goes on with it', async () => {
    await expect(resumable(200_000)).rejects.toThrow('the link is lost');
    expect(await readdir(folder)).toEqual(['IMG_0001.JPG.part']);
    expect(await resumable()).toMatchObject({ bytes: WHOLE.length, resumed: 200_000 });
    expect(asked).toEqual([0, 200_000]);
    expect(await readFile(join(folder, 'IMG_0001.JPG'))).toEqual(WHOLE);
    expect(await readdir(folder)).toEqual(['IMG_0001.JPG']);
  });

  it.each([
    ['begins otherwise', (bytes: Buffer) => bytes.fill(0, 0, 10)],
    ['ends in rubbish', (bytes: Buffer) => bytes.fill(0, 199_990)],
  ])('begins anew where the part %s', async (_, spoil) => {
    await writeFile(part(), spoil(Buffer.from(WHOLE.subarray(0, 200_000))));
    expect(await resumable()).toMatchObject({ resumed: 0 });
    expect(await readFile(join(folder, 'IMG_0001.JPG'))).toEqual(WHOLE);
  });

  it('begins anew where the part is longer than the file', async () => {
    await writeFile(part(), Buffer.concat([WHOLE, WHOLE]));
    expect(await resumable()).toMatchObject({ resumed: 0 });
    expect(await readFile(join(folder, 'IMG_0001.JPG'))).toEqual(WHOLE);
  });

  it('asks for nothing where only the name was missing', async () => {
    await writeFile(part(), WHOLE);
    expect(await resumable()).toMatchObject({ resumed: WHOLE.length });
    expect(asked).toEqual([]);
    expect(await readFile(join(folder, 'IMG_0001.JPG'))).toEqual(WHOLE);
  });

  it('leaves nothing where nothing had come', async () => {
    await expect(resumable(0)).rejects.toThrow('the link is lost');
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps out of the way of one that is under way', async () => {
    let second: Promise<unknown> | undefined;
    await download({
      size: WHOLE.length,
      async read(sink) {
        await sink.write(WHOLE.subarray(0, 100));
        second ??= resumable();
        await second;
        await sink.write(WHOLE.subarray(100));
        return WHOLE.length;
      },
      readRange: async (offset, size) => WHOLE.subarray(offset, offset + size),
    });
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(['IMG_0001-1.JPG', 'IMG_0001.JPG']);
    for (const name of names) expect(await readFile(join(folder, name))).toEqual(WHOLE);
  });
});

it('loses none of twelve files of one name that are downloaded at once', async () => {
  const files = Array.from({ length: 12 }, (_, i) => `picture ${'x'.repeat(i)}`);
  const results = await Promise.all(
    files.map((text) =>
      download({
        size: text.length,
        async read(sink) {
          for (const char of text) await sink.write(Buffer.from(char));
          return text.length;
        },
      }),
    ),
  );
  expect(new Set(results.map(({ path }) => path)).size).toBe(files.length);
  expect(Object.values(await contents()).sort()).toEqual(files.sort());
});

describe('names from a camera', () => {
  it.each([
    ['an ordinary one', 'IMG_0001.JPG', 'IMG_0001.JPG'],
    ['one of any language', 'Grüße 写真.JPG', 'Grüße 写真.JPG'],
    ['a path upwards', '../../etc/x', '.._.._etc_x'],
    ['a path from the root', '/etc/passwd', '_etc_passwd'],
    ['a path of Windows', '..\\..\\x', '.._.._x'],
    ['a drive', 'C:\\x', 'C__x'],
    ['a stream of NTFS', 'a:stream', 'a_stream'],
    ['wildcards', 'a*b?', 'a_b_'],
    ['an empty one', '', '_'],
    ['the folder itself', '.', '_'],
    ['the folder above', '..', '_'],
    ['a zero byte', 'a\0b', 'a_b'],
    ['orders to a terminal', 'a\nb\x1b[31mc\x7f', 'a_b_[31mc_'],
    ['orders to a terminal in one byte', 'a\x9b31mb', 'a_31mb'],
    ['a change of direction', 'photo\u202egpj.exe', 'photo_gpj.exe'],
  ])('become harmless: %s', (_, name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  it.each(['../../etc/x', '..', '', '/tmp/x'])('stay in the folder: "%s"', async (name) => {
    const inside = join(folder, 'inside');
    const { path } = await download({ folder: inside, name });
    expect(path).toBe(join(inside, safeName(name)));
    expect(await readdir(folder)).toEqual(['inside']);
    expect(await readdir(inside)).toHaveLength(1);
  });
});

/** Downloads `bytes`, by default as IMG_0001.JPG into the folder of the test. */
function download(options: Partial<DownloadOptions>, bytes: Uint8Array = NEW) {
  return downloadFile({
    folder,
    name: 'IMG_0001.JPG',
    size: bytes.length,
    async read(sink) {
      await sink.write(bytes);
      return bytes.length;
    },
    ...options,
  });
}

function neverRead(): Promise<number> {
  return Promise.reject(new Error('the camera was asked'));
}

/** Text of every file in the folder of the test. */
async function contents(): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of await readdir(folder))
    texts[name] = await readFile(join(folder, name), 'utf8');
  return texts;
}
