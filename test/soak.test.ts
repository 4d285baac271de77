/** A short form of the soak of `npm run bench`: it throws where a picture is lost, doubled or wrong. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { soak } from '../bench/soak.mjs';

it('brings 60 tethered pictures once each, through kill -9 and lost links', async () => {
  const program = path.resolve(import.meta.dirname, '../dist/cli/main.js');
  const { results } = await soak({ program, quick: true });
  expect(results).toMatchObject({ shots: 60, kills: 3, losses: 4 });
}, 180_000);
