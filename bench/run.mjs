// @ts-check
// npm run bench: what docs/performance.md describes. Ends with 1 when a bar is not reached.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { download } from './download.mjs';
import { inspect } from './inspect.mjs';
import { busyStarts } from './lib/calm.mjs';
import { print, verdictOf } from './lib/report.mjs';
import { listing } from './listing.mjs';
import { liveView } from './live-view.mjs';
import { memory } from './memory.mjs';
import { server } from './server.mjs';
import { soak } from './soak.mjs';
import { startUp } from './start-up.mjs';
import { usb } from './usb.mjs';

const USAGE = `npm run bench -- [options]
  --quick        small files and a single run: shows that everything runs, judges nothing
  --only NAME    one of download, usb, listing, memory, live-view, server, inspect, start-up, soak
  --runs N       rounds after the warm-up (5)
  --dist FOLDER  another build to measure
  --json         the results as JSON`;

/**
 * @typedef {object} Settings
 * @property {string} program The command line that is measured.
 * @property {boolean} quick
 * @property {number} runs
 * @property {string | undefined} gphoto2 Its version; undefined where it is not installed.
 */

const benchmarks = {
  download,
  usb,
  listing,
  memory,
  'live-view': liveView,
  server,
  inspect,
  'start-up': startUp,
  soak,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string' },
    dist: { type: 'string', default: path.join(import.meta.dirname, '..', 'dist') },
  },
});
const { quick, json, only } = values;
if (values.help || (only !== undefined && !(only in benchmarks))) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const gphoto2 = /^gphoto2 (\S+)/.exec(
  spawnSync('gphoto2', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)?.[1];
/** @type {Settings} */
const settings = {
  program: path.resolve(values.dist, 'cli', 'main.js'),
  quick,
  runs: Number(values.runs ?? (quick ? 1 : 5)),
  gphoto2,
};

const machine = {
  processors: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
  node: process.version,
  gphoto2: gphoto2 ?? 'not installed',
};
if (!json)
  console.log(
    Object.entries(machine)
      .map((entry) => entry.join(': '))
      .join(', '),
  );

const sections = [];
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (only !== undefined && name !== only) continue;
  const section = await benchmark(settings);
  sections.push({
    ...section,
    bars: section.bars.map((bar) => ({ ...bar, verdict: verdictOf(bar) })),
  });
  if (!json) print(section);
}

const { waits, busy } = busyStarts();
if (json) console.log(JSON.stringify({ machine, quick, waits, busy, sections }, null, 2));
else if (busy > 0)
  console.log(`\nThe machine was busy with something else before ${busy} of ${waits} runs.`);

const failed = sections.some(({ bars }) => bars.some(({ verdict }) => verdict === 'fail'));
process.exit(failed ? 1 : 0);
