/** What documents show is what happens: their commands are run, their output is compared. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'dist/cli/main.js');
const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-docs-'));
const read = (name: string) => readFileSync(path.join(root, 'docs', name), 'utf8');
const text = read('miniptp.md');

beforeAll(() => writeFileSync(path.join(folder, 'note.txt'), 'hello\n'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The blocks of one language, without their fences. */
function blocks(language: string, text: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms');
  return [...text.matchAll(fenced)].map(([, body = '']) => body);
}

interface Ran {
  code: number | string;
  stdout: string;
  stderr: string;
}

function run(file: string, args: readonly string[], cwd: string): Promise<Ran> {
  const { PATH, HOTSHOE_TEST_RUN } = process.env;
  const env = {
    PATH,
    ...(HOTSHOE_TEST_RUN && { HOTSHOE_TEST_RUN }),
    HOME: folder,
    XDG_STATE_HOME: path.join(folder, 'state'),
    HOTSHOE_CAMERA: 'virtual:eos-r6',
  };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 15_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? String(error.signal)) : 0, stdout, stderr }),
    );
  });
}

const sh = (command: string) =>
  run(
    'sh',
    ['-c', command.replaceAll('npx hotshoe', `'${process.execPath}' '${program}'`)],
    folder,
  );

/** A line of "…" stands for any lines; sizes of pictures and what is free depend on the date. */
function form(shown: string): RegExp {
  const lines = shown.split('\n').map((line) => {
    if (line === '…') return '(?:.*\n)*?';
    const plain = line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    const varying = /(?<=free_space_bytes': |[( ])[1-9]\d{5,10}(?= 2U4A| bytes|,)/g;
    return `${plain.replace(varying, '\\d+')}\n`;
  });
  return new RegExp(`^${lines.join('')}$`);
}

/** "$ " begins a command; what it prints goes up to the next. */
function stepsOf(text: string): (readonly [command: string, shown: string])[] {
  return blocks('console', text)
    .flatMap((block) => block.split(/^\$ /m))
    .map((step) => step.trimEnd().split('\n'))
    .map(([command = '', ...shown]) => [command, shown.join('\n')] as const)
    .filter(([, shown]) => shown !== '');
}

// One builds on the other.
describe.sequential('docs/inspect.md', () => {
  it.each(stepsOf(read('inspect.md')))('%s', async (command, shown) => {
    const { stdout, stderr } = await sh(command);
    expect(timeless(stdout + stderr)).toMatch(form(timeless(shown)));
  });
});

/** Times, sizes of pictures, and how often a camera was asked, are different each time. */
function timeless(text: string): string {
  return text
    .replace(/^ +\d+\.\d{3} +\d+\.\d ms {2}#\d+ /gm, 'TIME ')
    .replace(/\d\.\d MB in \d+ ms/g, 'SIZE in TIME')
    .replace(/\d+ frames/g, 'N frames');
}

describe.concurrent('docs/miniptp.md', () => {
  it.each(stepsOf(text))('%s', async (command, shown) => {
    const { stdout, stderr } = await sh(command);
    expect(stdout + stderr).toMatch(form(shown));
  });

  const inTables = [...text.matchAll(/\| `((?:printf|npx)(?:[^`\\]|\\.)*)`/g)];
  const commands = inTables.map(([, command = '']) => command.replaceAll('\\|', '|'));

  it.each(commands)('%s', async (command) => {
    // This body takes no uploads.
    expect((await sh(command)).code).toBe(command.includes(' put ') ? 5 : 0);
  });

  it('the program prints what it is said to print', async () => {
    const [source = ''] = blocks('js', text);
    // In the package, because only there its own name can be imported.
    const ran = await run(process.execPath, ['--input-type=module', '-e', source], root);
    expect(ran).toEqual({ code: 0, stdout: blocks('text', text)[0], stderr: '' });
  });
});
