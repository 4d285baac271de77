// @ts-check
// Processes that are measured, and the folder they work in: neither outlives the benchmark.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {Set<string>} */
const folders = new Set();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => process.exit(130));
}

const TMPFS = 0x01021994;
const PREFIX = 'hotshoe-bench-';

/**
 * A folder with room for so many bytes, in memory where there is a tmpfs that holds them; undefined
 * where there is no room.
 * @param {number} bytes
 */
export function makeScratch(bytes) {
  for (const place of ['/dev/shm', process.env.XDG_RUNTIME_DIR, tmpdir()]) {
    if (!place) continue;
    try {
      removeStale(place);
      const { type, bavail, bsize } = statfsSync(place);
      const inMemory = type === TMPFS;
      const free = Math.min(bavail * bsize, inMemory ? memoryAvailable() : Infinity);
      if (free < bytes + (512 << 20)) continue;
      const folder = path.join(place, `${PREFIX}${process.pid}-${folders.size}`);
      mkdirSync(folder);
      folders.add(folder);
      return { folder, inMemory };
    } catch {
      // Not there, or not ours to write in: the next place.
    }
  }
  return undefined;
}

/** @param {string} folder */
export function removeScratch(folder) {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/**
 * What a benchmark that was killed left behind.
 * @param {string} place
 */
function removeStale(place) {
  for (const name of readdirSync(place)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : 0;
    if (!pid || isAlive(pid)) continue;
    rmSync(path.join(place, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

function memoryAvailable() {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return match ? Number(match[1]) * 1024 : Infinity;
}

/**
 * Starts a program; what it prints goes to `onOutput` as it comes.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
 */
export function start(command, args, { cwd, env, onOutput } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => onOutput?.(text));
  }
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  return { child, ended };
}

const SAMPLE_MS = 20;

/**
 * Runs a program to its end. Throws when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ ms: number, output: string, peakMb: number }>}
 */
export async function measure(command, args, options = {}) {
  let output = '';
  const from = performance.now();
  const { child, ended } = start(command, args, {
    ...options,
    onOutput: (text) => {
      output += text;
    },
  });
  let peakMb = 0;
  const sample = () => {
    peakMb = Math.max(peakMb, residentPeak(child.pid ?? 0));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  try {
    const code = await ended;
    const ms = performance.now() - from;
    if (code === 0) return { ms, output, peakMb };
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-2000)}`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * The kernel keeps the largest resident size itself (VmHWM): samples miss only what comes after the
 * last of them. Decimal megabytes; 0 where /proc is not there or the process has gone.
 * @param {number} pid
 */
function residentPeak(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
