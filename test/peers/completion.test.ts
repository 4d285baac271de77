/** Completion scripts in the shells they are for. bash is asked in test/completion.test.ts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { commandLine } from '../support/command-line.ts';
import { peer } from '../support/peers.ts';

const cases: readonly (readonly [line: string, completions: readonly string[]])[] = [
  ['hotshoe mini', ['miniptp']],
  ['hotshoe --camera virtual:eos-r6 mini', ['miniptp']],
  ['hotshoe get --on-exists ', ['fail', 'overwrite', 'rename', 'skip']],
  ['hotshoe completion ', ['bash', 'fish', 'zsh']],
  ['hotshoe --json help trans', ['transact']],
  ['hotshoe shoot --no', ['--no-af']],
  ['hotshoe get --jsonl', ['--jsonl']],
];

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-completion-'));
  for (const shell of ['zsh', 'fish']) {
    writeFileSync(join(folder, shell), (await commandLine(['completion', shell])).stdout);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines that a shell prints for its script; its own settings stay out. */
function run(shell: string, options: readonly string[], script: string): string[] {
  const env = { PATH: process.env.PATH, HOME: folder, TERM: 'dumb' };
  const args = [...options, '-c', script];
  const { error, status, stdout, stderr } = spawnSync(shell, args, {
    env,
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect([error, status, stderr]).toEqual([undefined, 0, '']);
  return stdout.split(/\r?\n/);
}

const fish = peer('fish');

fish.describe('fish', () => {
  for (const [line, completions] of cases) {
    fish.it(`completes "${line}"`, () => {
      const script = `source ${join(folder, 'fish')}; complete -C '${line}'`;
      const words = run('fish', ['--no-config'], script).map((text) => text.split('\t')[0]);
      expect(words.filter((word) => word !== '').sort()).toEqual(completions);
    });
  }
});

const zsh = peer('zsh');

/** Types `line` and Tab in a terminal of its own, and prints what zsh would insert. */
const zshTyping = (line: string) => `
zmodload zsh/zpty
zpty shell zsh -f
zpty -w shell 'PROMPT=; autoload -Uz compinit; compinit -u -D; source ${join(folder, 'zsh')}
compadd() {
  local -a found
  case " $* " in *" -"[OAD]" "*) builtin compadd "$@"; return ;; esac
  builtin compadd -A found "$@"
  (( $#found )) && print -rl -- "found:"$^found
  builtin compadd "$@"
}
tell() { zle complete-word; print -r -- done:$((1)); }
zle -N tell; bindkey "^I" tell; print ready:$((1))'
zpty -r shell out '*ready:1*'
zpty -w -n shell '${line}'$'\\t'
zpty -r shell out '*done:1*'
print -r -- "$out"
zpty -d shell
`;

zsh.describe('zsh', () => {
  for (const [line, completions] of cases) {
    zsh.it(`completes "${line}"`, () => {
      const words = run('zsh', ['-f'], zshTyping(line)).flatMap(
        (text) => /found:(\S+)/.exec(text)?.[1] ?? [],
      );
      expect([...new Set(words)].sort()).toEqual(completions);
    });
  }
});
