// @ts-check
// The files that are measured.
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const PIECE = 4 << 20;

/**
 * Random bytes: nothing on the way can shrink them, and each error shows.
 * @param {string} file
 * @param {number} size
 */
export function fill(file, size) {
  const descriptor = openSync(file, 'wx');
  const piece = Buffer.allocUnsafe(PIECE);
  for (let left = size; left > 0; left -= PIECE) {
    writeSync(descriptor, randomFillSync(piece), 0, Math.min(PIECE, left));
  }
  closeSync(descriptor);
}

/**
 * Time of fsync in milliseconds; throws unless the file holds what the camera has.
 * @param {string} file
 * @param {string} source
 */
export function syncAndCompare(file, source) {
  const ms = timeOfSync(file);
  const { status } = spawnSync('cmp', ['--quiet', file, source]);
  if (status !== 0) throw new Error(`${file} differs from what is on the card`);
  return ms;
}

/** @param {string} file */
export function timeOfSync(file) {
  const descriptor = openSync(file, 'r+');
  const from = performance.now();
  fsyncSync(descriptor);
  const ms = performance.now() - from;
  closeSync(descriptor);
  return ms;
}
