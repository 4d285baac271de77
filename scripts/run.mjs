// @ts-check
// Behind every npm script. Plain JavaScript with built-ins only: it has to work on a bare clone.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, buildIfChanged } from './build.mjs';
import { install } from './install.mjs';
import { lint } from './lint.mjs';
import { packCheck } from './pack-check.mjs';
import { root, run, tool } from './process.mjs';

/** @typedef {(args: string[]) => Promise<number>} Command */

/** @type {Record<string, Command>} */
const commands = {
  start: afterBuild((args) => run(['dist/cli/main.js', 'serve', '--first-picture', ...args])),

  test: afterBuild((args) => {
    // Reporters on the command line replace the configured ones; the closing line stays.
    const chosen = args.some((arg) => arg.startsWith('--reporter'));
    const closing = chosen ? ['--reporter=./test/support/closing-reporter.ts'] : [];
    return run([tool('vitest'), 'run', ...args, ...closing]);
  }),

  bench: afterBuild(async (args) => {
    if (existsSync(path.join(root, 'bench', 'run.mjs'))) return run(['bench/run.mjs', ...args]);
    console.error('There are no benchmarks: bench/run.mjs is missing.');
    return 1;
  }),

  lint,
  build: async () => report(await build()),
  format: (args) => run([tool('@biomejs/biome', 'biome'), 'check', '--write', '.', ...args]),

  docs: (args) => run([tool('typedoc'), ...args]),

  'pack-check': async () => report(await packCheck()),
};

/** @type {(command: Command) => Command} */
function afterBuild(command) {
  return async (args) => report(await buildIfChanged()) || command(args);
}

/**
 * To stderr, because stdout belongs to the command.
 * @param {{ code: number, output: string }} result
 */
function report({ code, output }) {
  if (code !== 0) console.error(output.trimEnd());
  return code;
}

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}`);
  process.exit(2);
}
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`hotshoe needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}
process.exitCode = (await install()) || (await command(args));
