/** Settings and events of virtual bodies, from the library and from the command line. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Camera, CameraEvent, CameraSettings } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import { createVirtualCamera, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCamera, smallCard } from './support/small-pictures.ts';

let folder = '';
let virtual: VirtualCamera;
let network: NetworkCamera;
let address = '';

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-settings-'));
  virtual = smallCamera();
  network = await inNetwork(virtual);
  ({ address } = network);
});
afterEach(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => path.join(folder, name);
const run = (...args: string[]) => commandLine(['-c', address, ...args]);

function settingsOf(camera: Camera): CameraSettings {
  if (!camera.settings) throw new Error('no settings');
  return camera.settings;
}

describe('settings', () => {
  it.each([
    ['iso', '400', 0x58],
    ['iso', 'ISO 1600', 0x68],
    ['ISOSpeed', 'auto', 0],
    ['shutterspeed', '1/250', 0x78],
    ['aperture', 'f/5.6', 0x30],
    ['f-number', '8', 0x38],
    ['0xd101', 0x2d, 0x2d],
    ['shutter', '0x6d', 0x6d],
    ['white-balance', 'Daylight', 1],
    ['whitebalance', '#3', undefined],
    ['metering', 'spot', 1],
    ['picture-style', 'monochrome', 0x86],
    ['color-temperature', '5600 K', 5600],
    ['artist', 'Ada Lovelace', undefined],
  ])('%s is set to %s and confirmed', async (name, value, number) => {
    await using camera = await open(address);
    const settings = settingsOf(camera);
    const set = await settings.set(name, value);
    const got = await settings.get(name);
    expect(got).toEqual(set);
    if (number !== undefined) expect(got.number).toBe(number);
    if (name === 'artist') expect(got.label).toBe(value);
    if (value === '#3') expect(got.label).toBe(got.allowed[2]?.label);
  });

  it('a value that is not allowed is refused with what is', async () => {
    await using camera = await open(address);
    await expect(settingsOf(camera).set('iso', '77')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'iso cannot be "77"',
      hint: expect.stringMatching(/^Allowed now: auto, ISO 100, .*ISO 102400\.$/),
    });
    await expect(settingsOf(camera).set('lens', 'x')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(settingsOf(camera).get('flavour')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('what the mode dial does not allow is refused', async () => {
    virtual.dial('P');
    await using camera = await open(address);
    const { writable, allowed } = await settingsOf(camera).get('shutter');
    expect([writable, allowed]).toEqual([false, []]);
    await expect(settingsOf(camera).set('shutter', '1/250')).rejects.toMatchObject({
      code: 'USAGE',
      hint: 'The camera does not let it be changed now.',
    });
  });

  it('a body that never confirms makes it time out', async () => {
    await using camera = await open(address);
    const settings = settingsOf(camera);
    await settings.list();
    // It answers OK, and what it would tell is lost on the way.
    const { ptp } = camera;
    if (!ptp) throw new Error('no session');
    const transaction = ptp.transaction.bind(ptp);
    ptp.transaction = async (code, ...rest) => {
      const answer = await transaction(code, ...rest);
      return code === 0x9116 ? { ...answer, data: new Uint8Array(0) } : answer;
    };
    await expect(settings.set('iso', '400', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('did not confirm'),
    });
  });

  it('watch tells of each change, whoever makes it', async () => {
    await using camera = await open(address);
    const settings = settingsOf(camera);
    const watching = settings.watch()[Symbol.asyncIterator]();
    const next = watching.next();
    await settings.list();
    virtual.battery(30);
    const { value } = await next;
    expect(value).toMatchObject({ name: 'battery', label: '25 %' });
    await watching.return?.();
  });
});

describe('events', () => {
  it('tell what happens at the camera, without anybody asking', async () => {
    await using camera = await open(address);
    const told: CameraEvent[] = [];
    const listening = (async () => {
      for await (const event of camera.events ?? []) {
        told.push(event);
        if (event.type === 'status' && !event.busy) return;
      }
    })();
    await camera.settings?.list();
    await virtual.press();
    await listening;
    expect(told.map(({ type }) => type)).toContain('objectadded');
    expect(told.find(({ type }) => type === 'objectadded')).toMatchObject({
      name: expect.stringMatching(/^2U4A\d{4}\.JPG$/),
      size: expect.any(Number),
    });
    expect(told).toContainEqual({ type: 'status', busy: true });
    // The dump that began it is how things were, and no news.
    expect(told.length).toBeLessThan(40);
  });

  it('end when the link is lost, with the reason', async () => {
    const camera = await open(address);
    const events = camera.events?.[Symbol.asyncIterator]();
    const next = events?.next();
    await camera.settings?.list();
    await virtual.unplug();
    await expect(next).rejects.toMatchObject({ code: 'LINK_LOST' });
    await camera.close();
  });

  it('are fetched slowly while nobody listens, and not at all after the end', async () => {
    const camera = await open(address);
    await camera.settings?.list();
    const before = virtual.requests(0x9116);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(virtual.requests(0x9116)).toBe(before);
    const events = camera.events?.[Symbol.asyncIterator]();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(virtual.requests(0x9116) - before).toBeGreaterThan(2);
    await events?.return?.();
    await camera.close();
    const after = virtual.requests(0x9116);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(virtual.requests(0x9116)).toBe(after);
  });
});

describe('config', () => {
  it('shows one setting with its choices, and sets several in order', async () => {
    const shown = await run('config', 'metering');
    expect(shown.stdout).toBe(
      'metering=evaluative\n  * #1 evaluative\n    #2 partial\n    #3 spot\n' +
        '    #4 center-weighted average\n',
    );
    const { code, stdout } = await run('config', 'iso=1600', 'shutterspeed=1/250', 'aperture=5.6');
    expect([code, stdout]).toEqual([0, 'iso=ISO 1600\nshutter=1/250\naperture=f/5.6\n']);
    expect((await run('config', 'iso')).stdout).toMatch(/^iso=ISO 1600\n/);
  });

  it('lists what photographers have a name for; --all the rest, too', async () => {
    const named = (await run('config')).stdout.split('\n');
    expect(named.find((line) => line.startsWith('iso '))).toMatch(/ISO \d+ +\(\d+ choices\)$/);
    expect(named.some((line) => line.startsWith('0xd1'))).toBe(false);
    const all = (await run('config', '--all')).stdout.split('\n');
    expect(all.length).toBeGreaterThan(named.length + 40);
  });

  it('stops at the first that fails, and says what was done', async () => {
    const { code, stdout, stderr } = await run('config', 'iso=400', 'iso=77', 'aperture=8');
    expect([code, stdout]).toEqual([7, 'iso=ISO 400\n']);
    expect(stderr).toContain('iso cannot be "77"');
    expect((await run('config', 'aperture')).stdout).not.toMatch(/^aperture=f\/8\n/);
    expect((await run('config', 'iso=77')).code).toBe(2);
  });

  it('--save and --restore bring back what was', async () => {
    await run('config', 'iso=1600', 'shutter=1/250', 'artist=Ada');
    const saved = await run('config', '--save', at('set.json'));
    expect(saved.stdout).toMatch(/^\d+ settings in .*set\.json\n$/);
    const { model, settings } = JSON.parse(readFileSync(at('set.json'), 'utf8'));
    expect([model, settings.iso, settings.artist]).toEqual(['Canon EOS R6', 'ISO 1600', 'Ada']);
    await run('config', 'iso=100', 'shutter=1/60', 'artist=Nobody');
    const { code, stdout } = await run('config', '--restore', at('set.json'));
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toEqual([
      ...['', 'artist=Ada', 'iso=ISO 1600', 'shutter=1/250'],
    ]);
    // What was written is not written over.
    await run('config', '--save', at('set.json'));
    expect(existsSync(at('set-1.json'))).toBe(true);
  });

  it('--restore says what could not be set, and sets the rest', async () => {
    const settings = { iso: 'ISO 400', shutter: '1/7', flavour: 'mint' };
    writeFileSync(at('set.json'), JSON.stringify({ model: 'x', settings }));
    const { code, stdout, stderr } = await run('config', '--restore', at('set.json'));
    expect([code, stdout]).toEqual([7, 'iso=ISO 400\n']);
    expect(stderr).toContain('shutter cannot be "1/7"');
    expect(stderr).toContain('there is no setting "flavour"');
    writeFileSync(at('bad.json'), '[]');
    expect((await run('config', '--restore', at('bad.json'))).code).toBe(2);
    expect((await run('config', '--restore', at('none.json'))).code).toBe(1);
  });
});

describe('clock and owner', () => {
  it('are shown and set', async () => {
    expect((await run('owner', 'Ada Lovelace')).stdout).toBe('Ada Lovelace\n');
    expect((await run('owner')).stdout).toBe('Ada Lovelace\n');
    // The virtual camera's clock stands still for tests.
    expect((await run('clock')).stdout).toMatch(/^2026-11-21T10:32:05Z? {2}/);
    const { code, stdout } = await run('clock', 'sync');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ {2}as here\n$/)]);
    expect((await run('clock', 'wind')).code).toBe(2);
  });
});

describe.each(['eos-r6', 'eos-1300d'])('custom functions of %s', (model) => {
  const use = async (work: (camera: Camera, settings: CameraSettings) => Promise<void>) => {
    const body = createVirtualCamera(model, { card: smallCard() });
    const place = await inNetwork(body);
    try {
      await using camera = await open(place.address);
      await work(camera, settingsOf(camera));
    } finally {
      await place.close();
    }
  };

  it('are all there, in whatever records they come', () =>
    use(async (_, settings) => {
      const names = (await settings.list()).map(({ name }) => name);
      // The first and the last one of the real body's dump.
      const last = model === 'eos-r6' ? 'custom-0x' : 'custom-0x811';
      expect(names).toContain('exposure-steps');
      expect(names.filter((name) => name.startsWith(last)).length).toBeGreaterThan(0);
      expect(names).not.toContain('CustomFuncEx');
    }));

  it('are set one by one, and the others of the group stay', () =>
    use(async (_, settings) => {
      const before = (await settings.list()).filter(({ code }) => code < 0x1000);
      const set = await settings.set('exposure-steps', '1/2');
      expect(set).toMatchObject({ name: 'exposure-steps', label: '1/2', number: 1, code: 0x101 });
      const after = (await settings.list()).filter(({ code }) => code < 0x1000);
      expect(after).toEqual(before.map((each) => (each.code === 0x101 ? set : each)));
      await expect(settings.set('exposure-steps', 'often')).rejects.toMatchObject({
        ...{ code: 'USAGE', hint: 'Known: 1/3, 1/2.' },
      });
      await settings.set('exposure-steps', '0x0');
      expect((await settings.get('exposure-steps')).label).toBe('1/3');
    }));
});
