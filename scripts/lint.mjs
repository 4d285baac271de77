// @ts-check
import { packCheck } from './pack-check.mjs';
import { runQuietly, tool, wasInterrupted } from './process.mjs';

/**
 * The slow ones first, so that they end together. A function, because a bare clone has no tools.
 * @returns {Record<string, string[] | typeof packCheck>}
 */
function steps() {
  const tsc = tool('typescript', 'tsc');
  const depcruise = tool('dependency-cruiser', 'depcruise');
  const biome = tool('@biomejs/biome', 'biome');
  return {
    'promises (eslint)': [tool('eslint'), '.', '--max-warnings=0'],
    'types (tsc)': [tsc, '-p', 'tsconfig.json'],
    'types without Node (tsc)': [tsc, '-p', 'tsconfig.browser.json'],
    'types of the page (tsc)': [tsc, '-p', 'web/tsconfig.json'],
    'types of the example page (tsc)': [tsc, '-p', 'examples/webusb/tsconfig.json'],
    'package (publint, attw, tsc)': packCheck,
    'layers (dependency-cruiser)': [
      depcruise,
      '--config',
      '.dependency-cruiser.mjs',
      'src',
      'test',
      'web/src',
    ],
    'unused code (knip)': [tool('knip'), '--no-progress', '--no-config-hints'],
    'format and rules (biome)': [biome, 'check', '--error-on-warnings', '.'],
  };
}

/** Runs every step, two at a time, also when one fails. */
export async function lint() {
  const queue = Object.entries(steps());
  /** @type {string[]} */
  const failed = [];

  async function worker() {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, step] = next;
      const begun = performance.now();
      const { code, output } = await (Array.isArray(step) ? runQuietly(step) : step());
      if (wasInterrupted()) return;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s`);
      if (code === 0) continue;
      failed.push(name);
      console.log(output.trimEnd());
    }
  }
  await Promise.all([worker(), worker()]);

  if (failed.length > 0) console.log(`\nFailed: ${failed.join('; ')}`);
  return failed.length > 0 || wasInterrupted() ? 1 : 0;
}
