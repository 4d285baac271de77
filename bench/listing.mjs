// @ts-check
// A listing of 10,000 files, start-up of the program included.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { calm } from './lib/calm.mjs';
import { cleanEnv, gphoto2Port, hotshoePort, startCamera } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch } from './lib/children.mjs';
import { median, spread } from './lib/numbers.mjs';

/** @param {import('./run.mjs').Settings} settings */
export async function listing({ program, quick, runs, gphoto2 }) {
  const count = quick ? 500 : 10_000;
  const title = `Listing ${count.toLocaleString('en')} files`;
  const scratch = makeScratch(count * 8192);
  if (!scratch) throw new Error('no room for a card');
  try {
    const { folder } = scratch;
    const card = path.join(folder, 'card');
    fill(card, count);
    const env = cleanEnv(folder);
    const camera = await startCamera(program, card, env);
    const clients = {
      hotshoe: () =>
        measure(process.execPath, [program, ...hotshoePort(camera.port), 'ls'], { env }),
      ...(gphoto2 && {
        gphoto2: () =>
          measure('gphoto2', [...gphoto2Port(camera.port), '--list-files'], { cwd: folder, env }),
      }),
    };
    /** @type {Record<string, { seconds: number, peakMb: number }[]>} */
    const results = {};
    for (let round = 0; round <= runs; round++) {
      for (const [client, run] of Object.entries(clients)) {
        if (!quick) await calm();
        const { ms, peakMb, output } = await run();
        const listed = output.match(/2U4A\d{4}\.JPG/g)?.length ?? 0;
        if (listed !== count) throw new Error(`${client} listed ${listed} of ${count} files`);
        results[client] ??= [];
        if (round > 0) results[client].push({ seconds: ms / 1e3, peakMb });
      }
    }
    await camera.stop();
    const seconds = (/** @type {string} */ client) =>
      median((results[client] ?? []).map((run) => run.seconds));
    return {
      title,
      text: ['Whole processes, start-up included: `hotshoe ls` and `gphoto2 --list-files`.'],
      header: ['', 'whole process s', 'peak MB'],
      rows: Object.entries(results).map(([client, list]) => [
        client,
        spread(
          list.map((run) => run.seconds),
          2,
        ),
        median(list.map(({ peakMb }) => peakMb)).toFixed(0),
      ]),
      results,
      bars: [
        {
          name: 'listing: gphoto2 / hotshoe, seconds',
          value: seconds('gphoto2') / seconds('hotshoe'),
          atLeast: 5,
          void: quick ? 'quick' : gphoto2 ? undefined : 'no gphoto2 here',
        },
      ],
    };
  } finally {
    removeScratch(scratch.folder);
  }
}

/** Files that a camera lets lie in one folder. */
const PER_FOLDER = 5000;

/**
 * @param {string} card
 * @param {number} count
 */
function fill(card, count) {
  for (let i = 0; i < count; i++) {
    const folder = path.join(card, 'DCIM', `${100 + Math.floor(i / PER_FOLDER)}CANON`);
    if (i % PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
    const number = String((i % PER_FOLDER) + 1).padStart(4, '0');
    writeFileSync(path.join(folder, `2U4A${number}.JPG`), 'a picture');
  }
}
