/** `info --can`: what bodies of different generations can, by what their firmware lists. */
import { expect, it } from 'vitest';
import { commandLine } from './support/command-line.ts';

async function reportOf(model: string): Promise<Record<string, string>> {
  const { code, stdout } = await commandLine(['-c', `virtual:${model}`, 'info', '--can']);
  expect(code).toBe(0);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  return Object.fromEntries(rows.map(([can = '', what = '', why]) => [what, why ?? can]));
}

it('is all yes for an EOS R6', async () => {
  const answers = Object.entries(await reportOf('eos-r6'));
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.filter(([, answer]) => answer !== 'yes')).toEqual([]);
});

it('names the operation that a firmware lacks', async () => {
  const report = await reportOf('eos-40d');
  expect(report).toMatchObject({
    'take pictures, tethered': 'yes',
    bulb: 'yes',
    'take pictures without focusing': 'the firmware does not list RemoteReleaseOn (0x9128)',
  });
});

it('knows what an IXUS 180 can', async () => {
  expect(await reportOf('ixus-180')).toMatchObject({
    'move the lens': 'the firmware does not list DriveLens (0x9155)',
    'take pictures, tethered': 'yes',
    'upload files': 'yes',
  });
});

it('speaks of a PowerShot by what its own extension has', async () => {
  expect(await reportOf('powershot-a70')).toMatchObject({
    'take pictures, tethered': 'yes',
    'hold focus for several pictures': 'yes',
    'live view': 'yes',
    'autofocus from here': 'yes',
    'zoom, or enlarge live view': 'yes',
    bursts: 'these cameras take one picture at a time for computers',
    'take pictures without focusing': 'these cameras always focus before they expose',
    'move the lens': 'these cameras move their lens by themselves only',
  });
});
