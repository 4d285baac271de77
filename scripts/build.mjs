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
    await bundleProgram(path.join(fresh, 'cli'));
    await buildPage(path.join(fresh, 'page'));
    writeFileSync(path.join(fresh, '.built-from'), from);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return result;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * The command line as one file, and one for each part that is loaded only when it is needed: a
 * hundred modules cost more time at each start than all that most commands do. The library stays as
 * it is, for bundlers of its users.
 * @param {string} folder
 */
async function bundleProgram(folder) {
  const { rolldown } = await import('rolldown');
  const program = path.join(folder, 'main.js');
  const bundle = await rolldown({
    input: program,
    platform: 'node',
    // Packages stay where they are; their licences stay with them.
    external: /^[^./]/,
    // What package.json says of side effects is said of dist, which this is not yet.
    treeshake: false,
  });
  const bundled = `${folder}-bundled`;
  try {
    await bundle.write({ dir: bundled, format: 'esm' });
  } finally {
    await bundle.close();
  }
  rmSync(folder, { recursive: true });
  renameSync(bundled, folder);
  chmodSync(program, 0o755);
}

/**
 * The page that `hotshoe serve` shows, as files that need nothing else.
 * @param {string} outDir
 */
async function buildPage(outDir) {
  const { build: viteBuild } = await import('vite');
  const web = path.join(root, 'web');
  await viteBuild({
    configFile: path.join(web, 'vite.config.ts'),
    root: web,
    logLevel: 'error',
    build: { outDir },
  });
}

/** A hash of everything that decides what the build gives. */
function sources() {
  const hash = createHash('sha256').update(fingerprint());
  const files = ['src', 'web'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(tsx?|css|html|svg|json)$/.test(file) && !file.endsWith('.test.ts'))
      .map((file) => path.join(folder, file))
      .sort(),
  );
  for (const file of ['scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json', ...files]) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}
