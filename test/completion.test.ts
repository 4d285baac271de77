/** Completion scripts, in the shell that every system has; the others judge in test/peers. */
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { commandLine } from './support/command-line.ts';

let script: string;

beforeAll(async () => {
  script = (await commandLine(['completion', 'bash'])).stdout;
});

/** The words as bash cuts them, the last one under the cursor. */
function complete(...words: string[]): string[] {
  const asked = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hotshoe
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', `${script}\n${asked}`, 'bash', 'hotshoe', ...words];
  const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8', timeout: 15_000 });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((word) => word !== '');
}

it.each([
  [['mini'], ['miniptp']],
  [['--js'], ['--json', '--jsonl']],
  [
    ['miniptp', '--list'],
    ['--list-operations', '--list-properties', '--list-properties-description', '--list-files'],
  ],
  [
    ['get', '--js'],
    ['--json', '--jsonl'],
  ],
  [['--json', 'shoot', '--no'], ['--no-af']],
  [
    ['get', '--on-exists', ''],
    ['rename', 'skip', 'overwrite', 'fail'],
  ],
  [['get', '--on-exists', '=', 're'], ['rename']],
  [
    ['shoot', '--to', '='],
    ['card', 'host', 'both'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'trans'], ['transact']],
  [['--camera', 'virtual', ':', 'eos-r6', 'mini'], ['miniptp']],
  [['--camera', '=', 'ptpip', ':', '//host', ':', '15740', 'mini'], ['miniptp']],
  [['--log', 'get', 'mini'], ['miniptp']],
  // File names, which readline finds.
  [['put', ''], []],
  [['get', '-o', ''], []],
  [['--log', ''], []],
])('after hotshoe %j come %j', (words, completions) => {
  expect(complete(...words)).toEqual(completions);
});

it('every command is offered', async () => {
  const { stdout } = await commandLine(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name]) => name);
  expect(commands).toContain('completion');
  expect(complete('')).toEqual(commands);
});

it('in JSON the script is a value', async () => {
  const { stdout } = await commandLine(['--json', 'completion', 'fish']);
  expect(JSON.parse(stdout)).toMatchObject({ shell: 'fish' });
  expect((await commandLine(['completion', 'tcsh'])).code).toBe(2);
});
