// @ts-check
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildIfChanged } from './build.mjs';
import { npm } from './install.mjs';
import { runQuietly, tool } from './process.mjs';

/** Packs the package as it would be published, and judges it as its users' tools see it. */
export async function packCheck() {
  const built = await buildIfChanged();
  if (built.code !== 0) return built;

  const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-pack-'));
  try {
    const packed = await runQuietly([
      npm(),
      'pack',
      '--ignore-scripts',
      '--pack-destination',
      folder,
    ]);
    if (packed.code !== 0) return packed;
    const archive = path.join(folder, /** @type {string} */ (readdirSync(folder)[0]));
    const verdicts = await Promise.all([
      runQuietly([tool('publint'), archive, '--strict']),
      runQuietly([tool('@arethetypeswrong/cli', 'attw'), archive, '--profile', 'esm-only']),
      runQuietly([tool('typescript', 'tsc'), '-p', 'tsconfig.consumer.json']),
    ]);
    const bad = verdicts.filter((verdict) => verdict.code !== 0);
    return { code: bad[0]?.code ?? 0, output: bad.map((verdict) => verdict.output).join('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
