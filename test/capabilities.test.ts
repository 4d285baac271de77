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

it('tells what the firmware lacks from what hotshoe lacks', async () => {
  expect(await reportOf('ixus-180')).toMatchObject({
    'move the lens': 'the firmware does not list DriveLens (0x9155)',
    'take pictures, tethered': 'hotshoe does not do it with this kind of camera yet',
    'upload files': 'yes',
  });
});
