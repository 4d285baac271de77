// @ts-check
// Live view: frames a second and processor time a frame against gphoto2, and what a download of a
// large movie leaves of it.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { calm } from './lib/calm.mjs';
import { cleanEnv, gphoto2Port, startCamera } from './lib/camera.mjs';
import { makeScratch, removeScratch, start } from './lib/children.mjs';
import { median, spread } from './lib/numbers.mjs';

const MOVIE = 4 * 2 ** 30;
const SAMPLE_MS = 20;
/** Of /proc/PID/stat. */
const TICK_MS = 10;

/** @param {import('./run.mjs').Settings} settings */
export async function liveView({ program, quick, runs, gphoto2 }) {
  const seconds = quick ? 2 : 8;
  const title = `live view of the virtual EOS R6, ${seconds} s`;
  const bars = {
    rate: { name: 'live view: frames a second, hotshoe / gphoto2', atLeast: 0.95 },
    downloading: { name: 'live view: rate during a download / alone', atLeast: 0.5 },
  };
  const missing = gphoto2 ? undefined : 'no gphoto2 here';
  const scratch = missing ? undefined : makeScratch(64 << 20);
  if (!scratch) {
    const why = missing ?? 'no room for the frames';
    const none = { value: Number.NaN, void: why };
    return {
      title,
      text: [],
      bars: [bars.rate, bars.downloading].map((bar) => ({ ...bar, ...none })),
    };
  }
  const { folder } = scratch;
  const env = cleanEnv(folder);
  const card = path.join(folder, 'card');
  mkdirSync(path.join(card, 'DCIM', '100CANON'), { recursive: true });
  const movie = openSync(path.join(card, 'DCIM', '100CANON', '2U4A0001.MP4'), 'w');
  ftruncateSync(movie, MOVIE);
  closeSync(movie);
  const camera = await startCamera(program, card, env);
  const output = path.join(folder, 'out');
  try {
    const address = `ptpip://127.0.0.1:${camera.port}`;
    /** @type {Record<string, () => Promise<Shown>>} */
    const clients = {
      hotshoe: () =>
        shown('sh', [
          '-c',
          `exec "$@" > movie.mjpg`,
          '-',
          process.execPath,
          program,
          ...['--camera', address, '--quiet', 'live', '--stdout', '--for', `${seconds}s`],
        ]),
      gphoto2: () => shown('gphoto2', [...gphoto2Port(camera.port), `--capture-movie=${seconds}s`]),
    };
    /** @param {string} command @param {string[]} args */
    async function shown(command, args) {
      mkdirSync(output);
      const { child, ended } = start(command, args, { cwd: output, env });
      let cpu = 0;
      const timer = setInterval(() => {
        cpu = Math.max(cpu, processorMs(child.pid ?? 0));
      }, SAMPLE_MS);
      const code = await ended;
      clearInterval(timer);
      if (code !== 0) throw new Error(`${command} ended with ${code}`);
      const frames = pictures(readFileSync(path.join(output, 'movie.mjpg')));
      rmSync(output, { recursive: true });
      return { rate: frames / seconds, cpu: cpu / frames };
    }
    /** @type {Record<string, Shown[]>} */
    const results = { hotshoe: [], gphoto2: [] };
    for (let round = 0; round <= runs; round++) {
      for (const [client, run] of Object.entries(clients)) {
        if (!quick) await calm();
        const result = await run();
        if (round > 0) results[client]?.push(result);
      }
    }
    const { alone, downloading } = await besideDownload(program, address, seconds);
    const of = (/** @type {string} */ client, /** @type {'rate' | 'cpu'} */ what) =>
      results[client]?.map((result) => result[what]) ?? [];
    return {
      title,
      text: [
        `alone ${alone.toFixed(1)} frames a second, during a download of 4 GiB ${downloading.toFixed(1)}`,
      ],
      header: ['client', 'frames a second', 'processor ms a frame'],
      rows: Object.keys(results).map((client) => [
        client,
        spread(of(client, 'rate'), 1),
        spread(of(client, 'cpu'), 2),
      ]),
      bars: [
        { ...bars.rate, value: median(of('hotshoe', 'rate')) / median(of('gphoto2', 'rate')) },
        { ...bars.downloading, value: downloading / alone },
      ],
    };
  } finally {
    await camera.stop();
    removeScratch(folder);
  }
}

/** @typedef {{ rate: number, cpu: number }} Shown */

/**
 * Frames a second in one session, alone and beside a download.
 * @param {string} program @param {string} address @param {number} seconds
 */
async function besideDownload(program, address, seconds) {
  const dist = path.resolve(path.dirname(program), '..');
  /** @type {typeof import('../src/node/index.ts')} */
  const { open } = await import(pathToFileURL(path.join(dist, 'node', 'index.js')).href);
  const camera = await open(address);
  try {
    const rate = async () => {
      const end = performance.now() + 1000 * seconds;
      let frames = -1;
      let from = 0;
      for await (const { arrivedAt } of camera.liveView?.frames() ?? []) {
        if (frames < 0) from = arrivedAt;
        frames++;
        if (arrivedAt > end) return (1000 * frames) / (arrivedAt - from);
      }
      throw new Error('live view ended');
    };
    const alone = await rate();
    for await (const object of camera.storage?.list() ?? []) {
      if (object.size !== MOVIE) continue;
      const stop = new AbortController();
      const download = camera.storage?.read(
        object,
        {
          write() {
            // What a disk does with it is another measurement.
          },
        },
        { signal: stop.signal },
      );
      download?.catch(() => {
        // Broken off when enough was seen.
      });
      const downloading = await rate();
      stop.abort();
      return { alone, downloading };
    }
    throw new Error('the movie is not on the card');
  } finally {
    await camera.close();
  }
}

/** JPEG files in a stream of them. @param {Buffer} bytes */
function pictures(bytes) {
  let count = 0;
  for (let at = bytes.indexOf('ffd8ff', 0, 'hex'); at >= 0; count++) {
    at = bytes.indexOf('ffd8ff', at + 3, 'hex');
  }
  return count;
}

/** User and system time so far; 0 when it is gone. @param {number} pid */
function processorMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}
