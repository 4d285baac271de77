// @ts-check
// One file from the virtual camera on a simulated USB: hotshoe and gphoto2, each through libusb; then
// what size and number of reads are worth.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { calm } from './lib/calm.mjs';
import { cleanEnv, startCamera } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch } from './lib/children.mjs';
import { fill, syncAndCompare } from './lib/files.mjs';
import { median, spread } from './lib/numbers.mjs';

const NAME = '2U4A0001.MP4';
const MIB = 1 << 20;
const BRIDGE = path.join(import.meta.dirname, '..', 'test', 'support', 'usb', 'umockdev-host.py');
const SIZES = [64 << 10, 256 << 10, MIB, 4 * MIB];
const DEPTHS = [1, 2, 3, 4, 8];

/** @param {import('./run.mjs').Settings} settings */
export async function usb({ program, quick, runs, gphoto2 }) {
  const size = (quick ? 16 : 256) * MIB;
  const title = `${size / MIB} MiB from the virtual camera over USB`;
  const bar = { name: 'USB: hotshoe / gphoto2', atLeast: 2 };
  const missing =
    (gphoto2 ? undefined : 'no gphoto2 here') ??
    (spawnSync('umockdev-wrapper', ['true']).status === 0 ? undefined : 'no umockdev here');
  const scratch = missing ? undefined : makeScratch(2 * size);
  if (!scratch) {
    const why = missing ?? 'no room for two files of that size';
    return { title, text: [], bars: [{ ...bar, value: Number.NaN, void: why }] };
  }
  try {
    const { folder } = scratch;
    const card = path.join(folder, 'card');
    const source = path.join(card, 'DCIM', '100CANON', NAME);
    mkdirSync(path.dirname(source), { recursive: true });
    fill(source, size);
    const env = cleanEnv(folder);
    const camera = await startCamera(program, card, env);
    const output = path.join(folder, 'out');

    /** @param {string[]} command */
    const plugged = (...command) => {
      const bridge = ['/usr/bin/python3', BRIDGE, camera.usbip, '1-1'];
      return measure('umockdev-wrapper', [...bridge, ...command], { cwd: output, env });
    };
    /** @param {string[]} command */
    const get = async (...command) => {
      const { ms } = await plugged(...command);
      syncAndCompare(path.join(output, NAME), source);
      const seen = camera.transfer();
      if (!seen) throw new Error(`${command[0]} asked the camera for no file`);
      return {
        mbps: size / 1e3 / seen.ms,
        seconds: ms / 1e3,
        operations: `${seen.requests} x ${seen.operations.join(', ')}`,
      };
    };
    const clients = {
      hotshoe: () => get(process.execPath, program, '--quiet', 'get', NAME),
      gphoto2: () => get('gphoto2', '--get-file', '1'),
    };
    /** @type {Record<string, Awaited<ReturnType<typeof get>>[]>} */
    const results = {};
    const pairs = SIZES.flatMap((bytes) => DEPTHS.map((depth) => `${bytes}x${depth}`));
    /** @type {number[][]} */
    const rates = pairs.map(() => []);
    for (let round = 0; round <= runs; round++) {
      for (const [client, run] of Object.entries(clients)) {
        mkdirSync(output);
        if (!quick) await calm();
        const result = await run();
        rmSync(output, { recursive: true });
        results[client] ??= [];
        if (round > 0) results[client].push(result);
      }
      mkdirSync(output);
      const reads = path.join(import.meta.dirname, 'usb-reads.mjs');
      const dist = path.join(path.dirname(program), '..');
      const { output: printed } = await plugged(
        process.execPath,
        ...[reads, dist, String(size), ...pairs],
      );
      rmSync(output, { recursive: true });
      camera.transfer();
      if (round === 0) continue;
      for (const [i, line] of printed.trim().split('\n').entries()) rates[i]?.push(Number(line));
    }
    await camera.stop();

    const rate = (/** @type {string} */ client) =>
      median((results[client] ?? []).map(({ mbps }) => mbps));
    const table = SIZES.map((bytes, row) => [
      `${bytes >> 10} KiB`,
      ...DEPTHS.map((_, column) => median(rates[row * DEPTHS.length + column] ?? []).toFixed(0)),
    ]);
    return {
      title,
      text: [
        'The bus is simulated (umockdev, over USB/IP): its rate is that of the simulation, for both.',
        ...Object.entries(results).map(
          ([client, list]) =>
            `${client}: ${spread(list.map(({ mbps }) => mbps))} MB/s, ${spread(
              list.map(({ seconds }) => seconds),
              2,
            )} s in all, ${list[0]?.operations}`,
        ),
        'MB/s of one GetObject by size of a read, and reads under way at once:',
      ],
      header: ['', ...DEPTHS.map(String)],
      rows: table,
      results: { ...results, reads: Object.fromEntries(pairs.map((pair, i) => [pair, rates[i]])) },
      bars: [
        { ...bar, value: rate('hotshoe') / rate('gphoto2'), void: quick ? 'quick' : undefined },
      ],
    };
  } finally {
    removeScratch(scratch.folder);
  }
}
