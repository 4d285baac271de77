import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatGuid } from '../ptp/index.ts';
import { identity, stateFolder } from './state.ts';

let home = '';
let env: NodeJS.ProcessEnv = {};
let file = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hotshoe-state-'));
  env = { XDG_STATE_HOME: join(home, 'state') };
  file = join(home, 'state', 'hotshoe', 'identity.json');
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the folder of state', () => {
  it('is hotshoe in XDG_STATE_HOME', () => {
    expect(stateFolder({ XDG_STATE_HOME: '/var/me' })).toBe('/var/me/hotshoe');
  });

  it.each([{}, { XDG_STATE_HOME: '' }])('is in the home folder with %j', (env) => {
    expect(stateFolder(env)).toBe(join(homedir(), '.local', 'state', 'hotshoe'));
  });
});

describe('the identity of this computer', () => {
  it('is the same every time', async () => {
    const first = await identity(env);
    expect(await identity(env)).toEqual(first);
  });

  it('is another one for another folder of state', async () => {
    const first = await identity(env);
    const second = await identity({ XDG_STATE_HOME: join(home, 'other') });
    expect(second.guid).not.toEqual(first.guid);
  });

  it('is one even for many who ask for the first time at once', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => identity(env)));
    expect(new Set(all.map(({ guid }) => formatGuid(guid))).size).toBe(1);
    expect(await readdir(join(home, 'state', 'hotshoe'))).toEqual(['identity.json']);
  });

  it('has the GUID form that cameras insist on, around a local unicast address', async () => {
    for (let i = 0; i < 20; i++) {
      const { guid } = await identity({ XDG_STATE_HOME: join(home, `${i}`) });
      expect(guid).toHaveLength(16);
      expect(formatGuid(guid)).toMatch(/^00000000-0000-0000-0001-[0-9A-F][26AE][0-9A-F]{10}$/);
    }
  });

  it('carries the name of this computer', async () => {
    expect((await identity(env)).name).toBe(hostname());
  });

  it('is kept where only its owner can read it', async () => {
    await identity(env);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(stateFolder(env)).mode & 0o777).toBe(0o700);
  });

  it('is kept so whatever the umask', async () => {
    const usual = process.umask(0);
    try {
      await identity(env);
    } finally {
      process.umask(usual);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(stateFolder(env)).mode & 0o777).toBe(0o700);
  });

  it('is read from a file that a person can read', async () => {
    const { guid } = await identity(env);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ guid: formatGuid(guid) });
  });

  it.each([
    ['empty', ''],
    ['not JSON', '{"guid": '],
    ['other JSON', '[1]'],
    ['null', 'null'],
    ['without a GUID', '{"guid": 5}'],
    ['with half a GUID', '{"guid": "00000000-0000-0000-0001"}'],
  ])('is not made anew when its file is damaged: %s', async (_, text) => {
    mkdirSync(stateFolder(env), { recursive: true });
    await writeFile(file, text);
    await expect(identity(env)).rejects.toMatchObject({
      code: 'FILE',
      message: `cannot use ${file}: it holds no GUID`,
      hint: expect.stringContaining('paired again'),
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('says what is in the way of its folder', async () => {
    await writeFile(join(home, 'state'), 'a file');
    await expect(identity(env)).rejects.toMatchObject({
      code: 'FILE',
      message: `cannot use ${file}: not a directory`,
      hint: expect.stringContaining('XDG_STATE_HOME'),
    });
  });
});
