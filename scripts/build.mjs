// @ts-check
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fingerprint } from './install.mjs';
import { root, runQuietly, tool } from './process.mjs';

const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built-from');

/** Compiles src into dist, unless dist comes from these very sources. */
export async function buildIfChanged() {
  const unchanged = existsSync(stamp) && readFileSync(stamp, 'utf8') === sources();
  return unchanged ? { code: 0, output: '' } : build();
}

/**
 * Compiles src into dist. The new output takes the place of the old one as a whole: nothing of a
 * deleted module stays, and a build that fails leaves the last good one alone.
 */
export async function build() {
  const from = sources();
  const fresh = path.join(root, `.build-${process.pid}`);
  try {
    const tsc = tool('typescript', 'tsc');
    const result = await runQuietly([tsc, '-p', 'tsconfig.build.json', '--outDir', fresh]);
    if (result.code !== 0) return result;
    const program = path.join(fresh, 'cli', 'main.js');
    if (existsSync(program)) chmodSync(program, 0o755);
    writeFileSync(path.join(fresh, '.built-from'), from);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return result;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** A hash of everything that decides what the build gives. */
function sources() {
  const hash = createHash('sha256').update(fingerprint());
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.join('src', file))
    .sort();
  for (const file of ['tsconfig.json', 'tsconfig.build.json', ...files]) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}
