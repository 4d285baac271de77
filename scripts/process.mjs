// @ts-check
// Child processes of the scripts: where tools are, how they are run, what signals do.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
let interrupted = false;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child as well, and a second one means "at once" to hotshoe.
    const reachesAll = signal === 'SIGINT' && process.stdin.isTTY;
    stop(signal, !reachesAll);
  });
}

if (process.env.npm_lifecycle_event) {
  // The shell between npm and this process dies of a SIGTERM without passing it on.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !interrupted) stop('SIGTERM', true);
  }, 250).unref();
}

/** @type {(signal: NodeJS.Signals, tellChildren: boolean) => void} */
function stop(signal, tellChildren) {
  interrupted = true;
  if (children.size === 0) process.exit(exitCode(null, signal));
  if (tellChildren) for (const child of children) child.kill(signal);
}

export const wasInterrupted = () => interrupted;

/**
 * The program `name` of an installed package. Not npx: that looks elsewhere when it is missing.
 * @param {string} packageName
 */
export function tool(packageName, name = packageName) {
  const home = path.join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
  return path.join(home, typeof bin === 'string' ? bin : bin[name]);
}

/**
 * Runs a script with this same Node; resolves to its exit code.
 * @param {string[]} args
 * @param {{ stdout?: 'inherit' | 'stderr' }} [options]
 * @returns {Promise<number>}
 */
export function run(args, { stdout = 'inherit' } = {}) {
  const output = stdout === 'stderr' ? 2 : 'inherit';
  return ended(start(args, { stdio: ['inherit', output, 'inherit'] }));
}

/**
 * The same, with everything it prints kept for later.
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runQuietly(args) {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const env = { ...process.env, ...colour };
  const child = start(args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return { code: await ended(child), output };
}

/**
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
function start(args, options) {
  const child = spawn(process.execPath, args, { cwd: root, ...options });
  children.add(child);
  return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * As a shell reports it.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  return signal ? 128 + constants.signals[signal] : (code ?? 1);
}
