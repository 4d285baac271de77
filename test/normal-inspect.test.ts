/** What passes between a computer and a camera from before PTP: the log, recordings, their masks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commandLine } from './support/command-line.ts';

const G3 = ['-c', 'virtual:powershot-g3'];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-normal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('-v shows canon-remote’s log, -vv with hexdumps', async () => {
  const { stderr } = await commandLine([...G3, '-v', 'owner', 'Kiril']);
  const lines = stderr.split('\n').map((line) => line.replace(/ in \d+\.\d{6} sec/, ''));
  const at = lines.findIndex((line) => line.startsWith('--> SetOwnerCmd'));
  // The numbers are those of canon-remote's documentation.
  expect(lines.slice(at, at + 5)).toEqual([
    expect.stringMatching(/^--> SetOwnerCmd \(0x5, 0x12, 0x201\), #\d+$/),
    'control_write (rt: 0x40, req: 0x4, wValue: 0x10) 0x56 bytes',
    'bulk_read got 64 (0x40) b',
    'bulk_read got 20 (0x14) b',
    expect.stringMatching(/^<-- SetOwnerCmd #\d+ status: 0x0$/),
  ]);
  const dumped = await commandLine([...G3, '-vv', 'owner']);
  expect(dumped.stderr).toMatch(/^ {2}0040 {2}02 00 00 00 01 00 00 12 10 00 00 00/m);
});

it('a recording is read again: commands, subcommands, events, what they say', async () => {
  const file = path.join(folder, 'g3.pcapng');
  const out = ['-o', folder];
  expect((await commandLine([...G3, '--record', file, 'shoot', '-d', ...out])).code).toBe(0);
  const { stdout } = await commandLine(['inspect', file]);
  expect(stdout).toMatch(
    /IdentifyCameraCmd \(0x1, 0x12, 0x201\), #1 {2}status: 0x0 .*PowerShot G3 v1\.0\.2\.0/,
  );
  expect(stdout).toMatch(/Status 43/);
  expect(stdout).toMatch(/RemoteControlCmd SetTransferMode \(0x13, 0x12, 0x201\)/);
  expect(stdout).toMatch(/RemoteControlCmd Release/);
  expect(stdout).toMatch(/event: exposure taken[\s\S]*event: capture finished/);
  expect(stdout).toMatch(/GetFileCmd .*D:\\DCIM\\200CANON\\IMG_0004\.JPG/);
  const long = await commandLine(['inspect', '--long', file]);
  expect(long.stdout).toMatch(/model: Canon PowerShot G3/);
  const json = await commandLine(['--json', 'inspect', file]);
  const seen = JSON.parse(json.stdout) as { kind: string; command?: string; value?: unknown }[];
  const identity = seen.find(({ command }) => command === 'IdentifyCamera');
  expect(identity?.value).toMatchObject({ model: 'Canon PowerShot G3', firmware: '00020001' });
  expect(seen.map(({ kind }) => kind)).toContain('normal-event');
});

it('--redact masks the owner, also in pictures', async () => {
  const file = path.join(folder, 'g3.pcapng');
  const args = ['--record', file, '--redact', 'owner', 'Zyapkov'];
  expect((await commandLine([...G3, ...args])).code).toBe(0);
  expect(readFileSync(file).includes('Zyapkov')).toBe(false);
  const { stdout } = await commandLine(['inspect', '--long', file]);
  expect(stdout).toMatch(/owner: XXXXXXX/);
});
