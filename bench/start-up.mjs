// @ts-check
// How long the command line takes to come to the point.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { calm } from './lib/calm.mjs';
import { cleanEnv, hotshoePort, startCamera } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch } from './lib/children.mjs';
import { spread } from './lib/numbers.mjs';

/** @param {import('./run.mjs').Settings} settings */
export async function startUp({ program, quick, runs }) {
  const scratch = makeScratch(1 << 20);
  if (!scratch) throw new Error('no room for a card');
  try {
    const { folder } = scratch;
    const env = cleanEnv(folder);
    const card = path.join(folder, 'card');
    mkdirSync(path.join(card, 'DCIM'), { recursive: true });
    const camera = await startCamera(program, card, env);
    const commands = {
      'node, doing nothing': ['--eval', '0'],
      'hotshoe --help': [program, '--help'],
      'hotshoe info': [program, ...hotshoePort(camera.port), 'info'],
    };
    /** @type {Record<string, number[]>} */
    const results = {};
    for (let round = 0; round <= runs; round++) {
      for (const [name, args] of Object.entries(commands)) {
        if (!quick) await calm();
        const { ms } = await measure(process.execPath, args, { env });
        results[name] ??= [];
        if (round > 0) results[name].push(ms);
      }
    }
    await camera.stop();
    return {
      title: 'Start-up',
      text: ['Whole processes; the aim is 250 ms.'],
      header: ['', 'whole process ms'],
      rows: Object.entries(results).map(([name, list]) => [name, spread(list)]),
      results,
      bars: [],
    };
  } finally {
    removeScratch(scratch.folder);
  }
}
