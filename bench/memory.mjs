// @ts-check
// Peak memory of a download of 8 GiB, most of which no 32-bit offset reaches.
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { cleanEnv, hotshoePort, startCamera } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch } from './lib/children.mjs';

const NAME = '2U4A0001.MP4';
const GIB = 2 ** 30;
const LIMIT_MB = 150;
const WIDE = 'GetPartialObjectEx64';

/** @param {import('./run.mjs').Settings} settings */
export async function memory({ program, quick }) {
  const size = quick ? GIB / 4 : 8 * GIB;
  const title = `Memory of a download of ${size / GIB} GiB`;
  const bar = { name: 'memory: peak resident MB', atMost: LIMIT_MB };
  const scratch = makeScratch(size);
  if (!scratch) {
    return { title, text: [], bars: [{ ...bar, value: Number.NaN, void: 'no room for the file' }] };
  }
  try {
    const { folder } = scratch;
    const card = path.join(folder, 'card');
    const source = path.join(card, 'DCIM', '100CANON', NAME);
    mkdirSync(path.dirname(source), { recursive: true });
    // The second lies across the middle, which is at 4 GiB.
    const marks = [0, size / 2 - 8, size / 2 + 4096, size - 16];
    fill(source, size, marks);
    const env = cleanEnv(folder);
    const camera = await startCamera(program, card, env);
    const args = [program, ...hotshoePort(camera.port), 'get', `DCIM/100CANON/${NAME}`];
    const { ms, peakMb } = await measure(process.execPath, [...args, '--output', folder], { env });
    const operations = camera.transfer()?.operations ?? [];
    await camera.stop();
    check(path.join(folder, NAME), size, marks);
    if (size > 4 * GIB && !operations.includes(WIDE)) {
      throw new Error(`read by ${operations.join(', ')}: nothing with 64 bits among them`);
    }
    const results = { peakMb, seconds: ms / 1e3, operations };
    return {
      title,
      text: ['A file with holes in it; VmHWM of the client from /proc, sampled until it ends.'],
      header: ['', 'peak MB', 'whole process s', 'read by'],
      rows: [['hotshoe', peakMb.toFixed(0), (ms / 1e3).toFixed(2), operations.join(', ')]],
      results,
      bars: [{ ...bar, value: peakMb, void: quick ? 'quick' : undefined }],
    };
  } finally {
    removeScratch(scratch.folder);
  }
}

/** @param {number} offset */
const markAt = (offset) => Buffer.from(offset.toString(16).padStart(16, '0'));

/**
 * Zeros that take no room, with marks that tell where they stand.
 * @param {string} file
 * @param {number} size
 * @param {readonly number[]} marks
 */
function fill(file, size, marks) {
  const descriptor = openSync(file, 'wx');
  ftruncateSync(descriptor, size);
  for (const offset of marks) writeSync(descriptor, markAt(offset), 0, 16, offset);
  closeSync(descriptor);
}

/**
 * @param {string} file
 * @param {number} size
 * @param {readonly number[]} marks
 */
function check(file, size, marks) {
  if (statSync(file).size !== size) throw new Error(`${file} is not of ${size} bytes`);
  const descriptor = openSync(file, 'r');
  for (const offset of marks) {
    const found = Buffer.alloc(16);
    readSync(descriptor, found, 0, 16, offset);
    if (!found.equals(markAt(offset))) throw new Error(`wrong bytes at ${offset}`);
  }
  closeSync(descriptor);
}
