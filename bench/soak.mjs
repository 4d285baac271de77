// @ts-check
// Thousands of pictures, tethered, by a client that is killed and loses its link on the way: each is
// in the folder once, equal to the card's, and the client's memory does not grow.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { cleanEnv } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch, start } from './lib/children.mjs';

const PICTURE_BYTES = 64 << 10;
const LONGEST_PAUSE_MS = 8;
const ARRIVAL_MS = 60_000;
/** Resident size after this share of the second half is the client's own, not its warm-up. */
const WARM_UP = 0.4;
const LIMIT_KB = 4;
/** Garbage is collected early, so that what grows is what is kept. */
const SMALL_YOUTH = ['--max-semi-space-size=1'];

/**
 * @param {Pick<import('./run.mjs').Settings, 'program' | 'quick'>} settings
 */
export async function soak({ program, quick }) {
  const shots = quick ? 60 : 2000;
  const killEvery = quick ? 8 : 25;
  const loseLinkEvery = quick ? 15 : 40;
  const title = `${shots} pictures tethered, with kills and lost links`;
  const bar = { name: 'soak: growth of resident KB a picture', atMost: LIMIT_KB };
  const scratch = makeScratch(2 * shots * PICTURE_BYTES);
  if (!scratch) {
    const why = 'no room for the pictures';
    return { title, text: [], bars: [{ ...bar, value: Number.NaN, void: why }] };
  }
  const dist = path.resolve(path.dirname(program), '..');
  /** @param {string} file */
  const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
  /** @type {typeof import('../src/virtual/index.ts')} */
  const { createVirtualCamera, MemoryCard } = await load('virtual/index.js');
  /** @type {typeof import('../src/node/tcp.ts')} */
  const { listenTcp } = await load('node/tcp.js');

  const taken = new Map();
  const virtual = createVirtualCamera('eos-r6', {
    card: new MemoryCard(),
    takePicture() {
      const jpeg = Buffer.concat([JPEG_HEAD, randomBytes(PICTURE_BYTES), JPEG_END]);
      taken.set(digest(jpeg), taken.size + 1);
      return { jpeg, thumbnail: THUMBNAIL, thumbnailWidth: 160, thumbnailHeight: 120 };
    },
  });
  const server = await listenTcp({ port: 0 }, (stream) => void virtual.servePtpIp(stream));
  const out = path.join(scratch.folder, 'out');
  mkdirSync(out);
  const env = cleanEnv(scratch.folder);
  const hotshoe = [program, '--camera', `ptpip://127.0.0.1:${server.port}`];
  const args = [...hotshoe, 'tether', '--to', 'both', '-o', out];
  const missed = [...hotshoe, 'get', '--new', '-o', out];

  let said = '';
  /** How often a client has said that it is ready. */
  let ready = 0;
  const listening = async (/** @type {number} */ times) => {
    const deadline = performance.now() + ARRIVAL_MS;
    while (ready < times || virtual.state.shotsLeft === 0) {
      if (performance.now() > deadline) throw new Error(`nobody listens:\n${said}`);
      await sleep(5);
    }
  };
  const tether = async () => {
    const before = ready;
    const client = start(process.execPath, [...SMALL_YOUTH, ...args], {
      env,
      onOutput(text) {
        said = (said + text).slice(-4000);
        if (text.includes('is tethered')) ready++;
      },
    });
    await listening(before + 1);
    return client;
  };
  const complete = () => readdirSync(out).filter((name) => name.endsWith('.JPG')).length;
  const arrived = async () => {
    const deadline = performance.now() + ARRIVAL_MS;
    while (complete() < taken.size || virtual.state.waitingPictures > 0) {
      if (performance.now() > deadline) {
        throw new Error(
          `${complete()} of ${taken.size} pictures came, ${virtual.state.waitingPictures} wait:\n${said}`,
        );
      }
      await sleep(20);
    }
  };

  /** As a photographer does: again, where the camera's memory is full of pictures that wait. */
  const press = async () => {
    const deadline = performance.now() + ARRIVAL_MS;
    for (;;) {
      try {
        return await virtual.press();
      } catch (error) {
        const { code } = /** @type {{ code?: string }} */ (error);
        if (code !== 'BUSY' || performance.now() > deadline) throw error;
        await sleep(5);
      }
    }
  };

  let kills = 0;
  let losses = 0;
  /** @type {[number, number][]} */
  const memory = [];
  try {
    let client = await tether();
    for (let shot = 1; shot <= shots; shot++) {
      const second = shot > shots / 2;
      await press();
      await sleep(Math.random() * LONGEST_PAUSE_MS);
      if (!second && shot % killEvery === 0) {
        client.child.kill('SIGKILL');
        await client.ended;
        kills++;
        // As docs/shooting.md says.
        await measure(process.execPath, missed, { env });
        client = await tether();
      } else if (shot % loseLinkEvery === 0) {
        const before = ready;
        await virtual.unplug();
        virtual.plug();
        losses++;
        await listening(before + 1);
      }
      if (shot % 10 === 0) await arrived();
      if (second) memory.push([shot, residentKb(client.child.pid ?? 0)]);
    }
    await arrived();
    client.child.kill('SIGUSR2');
    const code = await client.ended;
    if (code !== 0) throw new Error(`tether ended with ${code}:\n${said}`);
    check(out, taken);
  } finally {
    await server.close();
    await virtual.close();
    removeScratch(scratch.folder);
  }
  const settled = memory.slice(Math.floor(memory.length * WARM_UP));
  const growth = slope(settled);
  const sizes = settled.map(([, kb]) => kb / 1e3);
  return {
    title,
    text: [
      `${kills} times kill -9, ${losses} times a lost link: every picture is in the folder once, as taken.`,
      `Resident: ${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB in the last ${settled.length} pictures.`,
    ],
    results: { shots, kills, losses, growth, memory },
    bars: [{ ...bar, value: growth, void: quick ? 'quick' : undefined }],
  };
}

/** A JPEG file of 8 by 8 pixels, as far as its head. */
const JPEG_HEAD = Buffer.from('ffd8ffc0000b080008000801011100', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');
const THUMBNAIL = Buffer.concat([JPEG_HEAD, JPEG_END]);

/** @param {Uint8Array} bytes */
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * @param {string} folder
 * @param {ReadonlyMap<string, number>} taken
 */
function check(folder, taken) {
  const left = new Map(taken);
  for (const name of readdirSync(folder)) {
    // What a killed client had begun; it is no picture yet.
    if (name.endsWith('.part')) continue;
    const key = digest(readFileSync(path.join(folder, name)));
    if (left.delete(key)) continue;
    throw new Error(
      `${name} ${taken.has(key) ? 'is there twice' : 'is no picture that was taken'}`,
    );
  }
  if (left.size > 0) throw new Error(`lost: pictures ${[...left.values()].join(', ')}`);
}

/** @param {number} pid */
function residentKb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

/**
 * Of the line through the points, by least squares.
 * @param {readonly (readonly [number, number])[]} points
 */
function slope(points) {
  const mean = (/** @type {number[]} */ values) =>
    values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const up = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return up / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}
