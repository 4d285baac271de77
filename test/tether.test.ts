/** `tether` and what it is made of, on virtual bodies whose button is pressed by hand. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { open } from '../src/node/index.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { DocumentedTypes } from './support/documented-types.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCamera } from './support/small-pictures.ts';

const types = new DocumentedTypes(
  readFileSync(path.resolve(import.meta.dirname, '../docs/json.md'), 'utf8'),
);
let folder = '';
let virtual: VirtualCamera;
let network: NetworkCamera;
let address = '';

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-tether-'));
  virtual = smallCamera();
  network = await inNetwork(virtual);
  ({ address } = network);
});
afterEach(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => path.join(folder, name);
const out = () => (existsSync(at('out')) ? readdirSync(at('out')).sort() : []);

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 500) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Tethered until `work` has ended. */
async function tethered(args: string[], work: () => Promise<void>) {
  const stop = new AbortController();
  const ran = commandLine(['-c', address, 'tether', '-o', at('out'), ...args], {
    signal: stop.signal,
  });
  // It lists what is on the card, and then it listens.
  await until(
    () => virtual.state.sessionOpen && virtual.requests(0x9110) + virtual.requests(0x9116) > 3,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    await work();
  } finally {
    stop.abort();
  }
  return ran;
}

describe.each(['both', 'card', 'host'])('tether --to %s', (to) => {
  it('brings each picture once, whoever presses the button', async () => {
    const { code, stdout } = await tethered(['--to', to], async () => {
      await virtual.press();
      await until(() => out().length === 1);
      await virtual.press();
      await virtual.press();
      await until(() => out().length === 3);
    });
    expect(code).toBe(0);
    expect(out()).toEqual(['2U4A0002.JPG', '2U4A0003.JPG', '2U4A0004.JPG']);
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(3);
    // The camera holds nothing back for the computer.
    expect(virtual.state.waitingPictures).toBe(0);
  });
});

describe('tether', () => {
  it('brings what was taken while the link was lost', async () => {
    const { code, stderr } = await tethered(['--to', 'card'], async () => {
      await virtual.press();
      await until(() => out().length === 1);
      await virtual.unplug();
      await virtual.press();
      virtual.plug();
      await until(() => out().length === 2);
      await virtual.press();
      await until(() => out().length === 3);
    });
    expect(code).toBe(0);
    expect(out()).toEqual(['2U4A0002.JPG', '2U4A0003.JPG', '2U4A0004.JPG']);
    expect(stderr).toContain('Waiting for the camera; Ctrl-C to stop.');
  });

  it.each(['card', 'both'])('begins again where a download to %s was broken off', async (to) => {
    virtual.fault('link-lost-mid-transfer');
    await tethered(['--to', to], async () => {
      await virtual.press();
      await until(() => out().includes('2U4A0002.JPG'));
      await virtual.press();
      await until(() => out().includes('2U4A0003.JPG'));
    });
    expect(out()).toEqual(['2U4A0002.JPG', '2U4A0003.JPG']);
    expect(virtual.state.waitingPictures).toBe(0);
  });

  it('runs a hook as gphoto2 does, and does not wait for it', async () => {
    const hook = at('hook');
    writeFileSync(hook, `#!/bin/sh\nsleep 0.3\necho "$ACTION $ARGUMENT" >>'${at('log')}'\n`);
    chmodSync(hook, 0o755);
    await tethered(['--hook-script', hook], async () => {
      await virtual.press();
      await virtual.press();
      await until(() => out().length === 2);
    });
    expect(readFileSync(at('log'), 'utf8').trim().split('\n')).toEqual(
      [
        ...['init ', 'start '].map((line) => line),
        ...['2U4A0002.JPG', '2U4A0003.JPG'].map((name) => `download ${path.join(at('out'), name)}`),
        'stop',
      ].map((line) => expect.stringContaining(line.trim())),
    );
  });

  it('names, chooses, counts, deletes', async () => {
    const stop = new AbortController();
    const ran = commandLine(
      [
        ...['-c', address, '--jsonl', 'tether', '--to', 'card', '-o', at('out')],
        ...['--name', '%03n-%f.%C', '--delete', '--count', '2'],
      ],
      { signal: stop.signal },
    );
    await until(() => virtual.requests(0x9116) > 3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await virtual.press();
    await until(() => out().length === 1);
    await virtual.press();
    const { code, stdout } = await ran;
    expect(code).toBe(0);
    expect(out()).toEqual(['001-2U4A0002.JPG', '002-2U4A0003.JPG']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) expect(types.faults(line, 'Saved')).toEqual([]);
    expect(lines).toMatchObject([{ name: '001-2U4A0002.JPG' }, { name: '002-2U4A0003.JPG' }]);
    const left = await commandLine(['-c', address, 'ls']);
    expect(left.stdout.match(/\S+\.JPG/g)).toEqual(['/SD1/DCIM/100CANON/2U4A0001.JPG']);
  });

  it.each([
    [['--delete'], 2],
    [['-o', '-'], 2],
    [['--count', '0'], 2],
    [['--name', '%{nothing}'], 2],
  ])('%j is wrong', async (args, code) => {
    expect((await commandLine(['-c', address, 'tether', ...args])).code).toBe(code);
  });

  it('does not wait for a camera that was never there', async () => {
    await network.stopListening();
    expect((await commandLine(['-c', address, 'tether'])).code).toBe(6);
  });
});

describe('release', () => {
  it('presses the button without waiting for the picture', async () => {
    await using camera = await open(address);
    await camera.capture?.release();
    await until(() => !virtual.state.busy);
    const names: string[] = [];
    for await (const { name } of camera.storage?.list() ?? []) names.push(name);
    expect(names).toContain('2U4A0002.JPG');
  });
});
