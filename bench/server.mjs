// @ts-check
// The server and its page: what POST shoot costs beside the library alone, what an hour of live view
// keeps, and how many of the camera's frames are seen in the browser.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { calm } from './lib/calm.mjs';
import { cleanEnv } from './lib/camera.mjs';
import { start } from './lib/children.mjs';
import { median, spread } from './lib/numbers.mjs';

const PHOTOGRAPH = path.join(import.meta.dirname, '..', 'docs', 'images', 'first-picture.jpg');
const CHROMIUM = '/usr/bin/chromium';
/** At thirty a second. */
const HOUR = 30 * 3600;

/** @param {import('./run.mjs').Settings} settings */
export async function server({ program, quick, runs }) {
  const dist = path.resolve(path.dirname(program), '..');
  const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-bench-server-'));
  try {
    const latency = await shooting(program, dist, folder, quick ? 3 : 10 * runs);
    const memory = await liveHour(dist, quick ? 3000 : HOUR);
    const page = await inBrowser(program, folder, quick ? 2 : 10);
    return {
      title: 'server and page',
      text: [
        `an hour of live view, ${memory.frames} frames: from ${memory.from.kept.toFixed(1)} to ${memory.to.kept.toFixed(1)} MB of objects, ${memory.from.rss.toFixed(0)} to ${memory.to.rss.toFixed(0)} MB resident`,
        ...(page.text ? [page.text] : []),
      ],
      header: ['shoot, to the file on disk', 'ms'],
      rows: [
        ['POST /shoot', spread(latency.server, 1)],
        ['the library in one process', spread(latency.library, 1)],
      ],
      bars: [
        {
          name: 'POST shoot to the file on disk, beyond the library alone, ms',
          atMost: 25,
          value: median(latency.server) - median(latency.library),
        },
        {
          name: 'objects kept at the end of an hour of live view / after its first tenth',
          atMost: 1.1,
          value: memory.to.kept / memory.from.kept,
        },
        { name: 'frames a second in the browser / of the camera', atLeast: 0.9, ...page.bar },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A child, and the first line that it prints.
 * @param {string[]} args @param {RegExp} wanted @param {NodeJS.ProcessEnv} env
 */
async function serving(args, wanted, env) {
  let text = '';
  /** @type {(line: string) => void} */
  let onLine = () => undefined;
  /** @type {Promise<string>} */
  const first = new Promise((resolve) => {
    onLine = resolve;
  });
  const { child, ended } = start(process.execPath, args, {
    env,
    onOutput(more) {
      text += more;
      const match = wanted.exec(text);
      if (match) onLine(match[0]);
    },
  });
  const died = ended.then((code) => {
    throw new Error(`${args.join(' ')} ended with ${code}: ${text}`);
  });
  const address = await Promise.race([first, died]);
  died.catch(() => undefined);
  return {
    address,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/**
 * Both take the same pictures of the same camera, by turns.
 * @param {string} program @param {string} dist @param {string} folder @param {number} times
 */
async function shooting(program, dist, folder, times) {
  const env = cleanEnv(folder);
  const quickCamera = path.join(import.meta.dirname, 'quick-camera.mjs');
  const module = (/** @type {string} */ name) => import(pathToFileURL(path.join(dist, name)).href);
  /** @type {typeof import('../src/node/index.ts')} */
  const { open } = await module('node/index.js');
  /** @type {typeof import('../src/api/shoot.ts')} */
  const { shoot } = await module('api/shoot.js');
  /** @type {typeof import('../src/server/save.ts')} */
  const { saveTo } = await module('server/save.js');
  /** @type {{ server: number[], library: number[] }} */
  const ms = { server: [], library: [] };
  for (const way of /** @type {const} */ (['server', 'library'])) {
    const camera = await serving([quickCamera, dist, PHOTOGRAPH], /ptpip:\S+/, env);
    try {
      const out = path.join(folder, way);
      const shots =
        way === 'server' ? overHttp(camera.address, out) : inProcess(camera.address, out);
      for await (const one of shots) ms[way].push(one);
      const files = readdirSync(out).filter((name) => statSync(path.join(out, name)).size > 0);
      if (files.length !== times + 1) throw new Error(`${files.length} files of ${times + 1}`);
    } finally {
      await camera.stop();
    }
  }
  return ms;

  /** @param {string} address @param {string} out */
  async function* overHttp(address, out) {
    const args = ['--camera', address, 'serve', '--port', '0', '--no-open', '-o', out];
    const { address: url, stop } = await serving([program, ...args], /http:\S+/, env);
    try {
      const [{ id = '' } = {}] = await until(
        async () =>
          /** @type {{ id: string, phase: string }[]} */ (await json(`${url}api/cameras`)),
        ([camera]) => camera?.phase === 'ready',
      );
      const post = {
        ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
        body: JSON.stringify({ save: true, to: 'host' }),
      };
      for (let i = 0; i <= times; i++) {
        await calm();
        const from = performance.now();
        const answer = await fetch(`${url}api/cameras/${id}/shoot`, post);
        const { downloads } = /** @type {{ downloads: { file: string }[] }} */ (
          await answer.json()
        );
        const took = performance.now() - from;
        if (!existsSync(downloads[0]?.file ?? '')) throw new Error('the picture is not there');
        if (i > 0) yield took;
      }
    } finally {
      await stop();
    }
  }

  /** @param {string} address @param {string} out */
  async function* inProcess(address, out) {
    const camera = await open(address);
    try {
      const save = saveTo(out);
      for (let i = 0; i <= times; i++) {
        await calm();
        const from = performance.now();
        await shoot(camera, { save: true, to: 'host' }, save);
        if (i > 0) yield performance.now() - from;
      }
    } finally {
      await camera.close();
    }
  }
}

/** @param {string} dist @param {number} frames */
async function liveHour(dist, frames) {
  const script = path.join(import.meta.dirname, 'live-hour.mjs');
  const child = spawn(process.execPath, ['--expose-gc', script, dist, PHOTOGRAPH], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the server has ended');
      return value;
    };
    const mb = async () => {
      child.stdin.write('memory\n');
      const { heapUsed, rss } = JSON.parse(await next());
      return { kept: heapUsed / 1e6, rss: rss / 1e6 };
    };
    const { body } = await fetch(await next());
    let seen = 0;
    /** @type {{ kept: number, rss: number } | undefined} */
    let from;
    let rest = Buffer.alloc(0);
    const mark = Buffer.from('\r\nContent-Length: ');
    for await (const chunk of body ?? []) {
      const bytes = Buffer.concat([rest, chunk]);
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) seen++;
      // Shorter than the mark: none is counted twice.
      rest = bytes.subarray(Math.max(0, bytes.length - mark.length + 1));
      if (!from && seen >= frames / 10) from = await mb();
      if (seen >= frames) break;
    }
    if (!from || seen < frames) throw new Error(`live view ended after ${seen} frames`);
    return { frames: seen, from, to: await mb() };
  } finally {
    child.kill();
    await once(child, 'close');
  }
}

/** @param {string} program @param {string} folder @param {number} seconds */
async function inBrowser(program, folder, seconds) {
  const bar = { value: Number.NaN };
  if (!existsSync(CHROMIUM)) return { bar: { ...bar, void: 'no chromium here' } };
  const { chromium } = await import('playwright-core');
  const env = cleanEnv(folder);
  const args = ['virtual', 'eos-r6', '--port', '0'];
  const camera = await serving([program, ...args], /ptpip:\S+/, env);
  try {
    const shown = ['--camera', camera.address, 'serve', '--port', '0', '--no-open', '-o', folder];
    const { address: url, stop } = await serving([program, ...shown], /http:\S+/, env);
    const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    try {
      const page = await browser.newPage();
      await page.goto(url, { waitUntil: 'commit' });
      const canvas = page.locator('canvas');
      await canvas.waitFor();
      const frame = async () => Number(await canvas.getAttribute('data-frame'));
      await until(frame, (number) => number > 10);
      const [from, at] = [await frame(), performance.now()];
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
      const rate = (1000 * ((await frame()) - from)) / (performance.now() - at);
      return {
        text: `in Chromium ${rate.toFixed(1)} frames a second; the camera gives 30`,
        bar: { value: rate / 30 },
      };
    } finally {
      await browser.close();
      await stop();
    }
  } finally {
    await camera.stop();
  }
}

const json = async (/** @type {string} */ url) => (await fetch(url)).json();

/**
 * @template T
 * @param {() => Promise<T>} ask
 * @param {(value: T) => boolean} satisfied
 */
async function until(ask, satisfied) {
  for (let i = 0; i < 300; i++) {
    const value = await ask();
    if (satisfied(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
}
