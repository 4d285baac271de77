// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './process.mjs';

const stamp = path.join(root, 'node_modules', '.hotshoe-installed');

/** Installs exactly what the lock file says, unless node_modules holds just that already. */
export async function install() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  console.error('Installing what the lock file names…');
  const args = [npm(), 'ci', '--include=dev', '--no-audit', '--no-fund'];
  const code = await run(args, { stdout: 'stderr' });
  // npm ci removes node_modules first, so that an install cut short leaves no stamp behind.
  if (code === 0) writeFileSync(stamp, wanted);
  return code;
}

/** Installed packages hold binaries, so the Node version and the platform count too. */
export function fingerprint() {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex');
}

/** The npm that belongs to the Node that runs this, not the first one on the PATH. */
export function npm() {
  const bin = path.dirname(process.execPath);
  const places = [
    process.env.npm_execpath,
    path.join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(bin, 'node_modules/npm/bin/npm-cli.js'),
    path.join(bin, '../share/nodejs/npm/bin/npm-cli.js'),
  ];
  const found = places.find((place) => place?.endsWith('npm-cli.js') && existsSync(place));
  if (found) return found;
  console.error(`No npm beside ${process.execPath}: install it, or run this through npm.`);
  return process.exit(1);
}
