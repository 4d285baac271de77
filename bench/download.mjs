// @ts-check
// One file of 1 GiB from the virtual camera onto a tmpfs: hotshoe, gphoto2, and a raw copy.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { calm } from './lib/calm.mjs';
import { cleanEnv, gphoto2Port, hotshoePort, startCamera } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch, start } from './lib/children.mjs';
import { fill, syncAndCompare, timeOfSync } from './lib/files.mjs';
import { median, spread } from './lib/numbers.mjs';

const NAME = '2U4A0001.MP4';
const GIB = 1 << 30;

/** Slower than this, something else was the limit, and the comparison says nothing. */
const GPHOTO2_AT_LEAST = 100;
const RAW_AT_LEAST = (400 * (1 << 20)) / 1e6;

/**
 * @typedef {object} Run
 * @property {number} mbps Of the transfer.
 * @property {number} seconds Of the whole process.
 * @property {number} peakMb
 * @property {number} fsyncMs
 * @property {string} [operations]
 */

/** @param {import('./run.mjs').Settings} settings */
export async function download({ program, quick, runs, gphoto2 }) {
  const size = quick ? GIB / 16 : GIB;
  const title = `${size >> 20} MiB from the virtual camera`;
  const scratch = makeScratch(2 * size);
  if (!scratch) return { title, text: [], bars: voidBars('no room for two files of that size') };
  try {
    const { folder, inMemory } = scratch;
    const card = path.join(folder, 'card');
    const source = path.join(card, 'DCIM', '100CANON', NAME);
    mkdirSync(path.dirname(source), { recursive: true });
    fill(source, size);
    const env = cleanEnv(folder);
    const camera = await startCamera(program, card, env);
    const output = path.join(folder, 'out');

    /** @param {string} command @param {readonly string[]} args @returns {Promise<Run>} */
    const fromCamera = async (command, args) => {
      const { ms, peakMb } = await measure(command, args, { cwd: output, env });
      const file = path.join(output, NAME);
      const fsyncMs = syncAndCompare(file, source);
      const seen = camera.transfer();
      if (!seen) throw new Error(`${command} asked the camera for no file`);
      return {
        mbps: size / 1e3 / seen.ms,
        seconds: ms / 1e3,
        peakMb,
        fsyncMs,
        operations: `${seen.requests} x ${seen.operations.join(', ')}`,
      };
    };
    /** @type {Record<string, () => Promise<Run>>} */
    const clients = {
      hotshoe: () =>
        fromCamera(process.execPath, [
          program,
          ...hotshoePort(camera.port),
          'get',
          `DCIM/100CANON/${NAME}`,
          '--output',
          output,
        ]),
      ...(gphoto2 && {
        gphoto2: () => fromCamera('gphoto2', [...gphoto2Port(camera.port), '--get-file', '1']),
      }),
      'raw copy': () => rawCopy(size, path.join(output, NAME), source),
      'one piece of memory': () => rawCopy(size, path.join(output, NAME)),
    };

    /** @type {Record<string, Run[]>} */
    const results = {};
    // The first round is a warm-up.
    for (let round = 0; round <= runs; round++) {
      for (const [client, run] of Object.entries(clients)) {
        mkdirSync(output);
        if (!quick) await calm();
        const result = await run();
        rmSync(output, { recursive: true });
        results[client] ??= [];
        if (round > 0) results[client].push(result);
      }
    }
    await camera.stop();

    const rows = Object.entries(results).map(([client, list]) => [
      client,
      spread(list.map(({ mbps }) => mbps)),
      spread(
        list.map(({ seconds }) => seconds),
        2,
      ),
      median(list.map(({ peakMb }) => peakMb)).toFixed(0),
      median(list.map(({ fsyncMs }) => fsyncMs)).toFixed(1),
      list[0]?.operations ?? '-',
    ]);
    return {
      title,
      text: [
        `Median (lowest–highest) of ${runs} rounds after a warm-up, one client after the other in each.`,
        'Transfer: from the first request for the file to the last response, as the sender sees it. The',
        'bars apply to it, because start-up and listing are measured below and would hide what the',
        'transfer costs; the whole process stands beside it. hotshoe syncs its file before it ends, the',
        'others do not; the time of fsync is that of a call of our own after each client has ended.',
        'The raw copy reads the same file as the camera; "one piece of memory" sends the same 1 MiB again',
        'and again, which no camera can.',
        ...(inMemory ? [] : ['NOT ON A TMPFS: the disk was measured.']),
      ],
      header: ['', 'transfer MB/s', 'whole process s', 'peak MB', 'fsync ms', 'read by'],
      rows,
      results,
      bars: verdicts(results, { quick, inMemory }),
    };
  } finally {
    removeScratch(scratch.folder);
  }
}

/**
 * @param {Record<string, Run[]>} results
 * @param {{ quick: boolean, inMemory: boolean }} conditions
 */
function verdicts(results, { quick, inMemory }) {
  const rate = (/** @type {string} */ client) =>
    median((results[client] ?? []).map(({ mbps }) => mbps));
  const hotshoe = rate('hotshoe');
  const gphoto2 = rate('gphoto2');
  const raw = rate('raw copy');
  const general = quick ? 'quick' : inMemory ? undefined : 'not on a tmpfs';
  return [
    {
      name: 'download: hotshoe / gphoto2',
      value: hotshoe / gphoto2,
      atLeast: 2.5,
      void:
        general ??
        (Number.isNaN(gphoto2) ? 'no gphoto2 here' : undefined) ??
        (gphoto2 < GPHOTO2_AT_LEAST ? `gphoto2 under ${GPHOTO2_AT_LEAST} MB/s` : undefined),
    },
    {
      name: 'download: hotshoe / raw copy',
      value: hotshoe / raw,
      atLeast: 0.8,
      void: general ?? (raw < RAW_AT_LEAST ? 'raw copy under 400 MiB/s' : undefined),
    },
  ];
}

/** @param {string} why */
function voidBars(why) {
  return ['gphoto2', 'raw copy'].map((other) => ({
    name: `download: hotshoe / ${other}`,
    value: Number.NaN,
    atLeast: 0,
    void: why,
  }));
}

/**
 * Two more processes: one sends bytes from its memory, or from a file, the other writes them to the
 * file.
 * @param {number} size
 * @param {string} file
 * @param {string} [source]
 * @returns {Promise<Run>}
 */
async function rawCopy(size, file, source) {
  const here = import.meta.dirname;
  let said = '';
  /** @type {(line: string) => void} */
  let onLine;
  /** @type {Promise<string>} */
  const firstLine = new Promise((resolve) => {
    onLine = resolve;
  });
  const from = [String(size), ...(source === undefined ? [] : [source])];
  const sender = start(process.execPath, [path.join(here, 'raw-sender.mjs'), ...from], {
    onOutput(text) {
      said += text;
      if (said.includes('\n')) onLine(said);
    },
  });
  const { port } = JSON.parse(await firstLine);
  const { ms, peakMb } = await measure(process.execPath, [
    path.join(here, 'raw-receiver.mjs'),
    String(port),
    String(size),
    file,
  ]);
  await sender.ended;
  const seen = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  if (statSync(file).size !== size) throw new Error('the raw copy is not complete');
  const fsyncMs = timeOfSync(file);
  return { mbps: size / 1e3 / seen.ms, seconds: ms / 1e3, peakMb, fsyncMs };
}
