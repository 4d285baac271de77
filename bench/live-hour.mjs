// @ts-check
// The server with live view on, as fast as its client reads: prints its address, and its memory for
// each line that it is sent: what is kept, and what it has of the machine. The frames are those of a real one, without the camera that takes them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [dist = '', photograph = ''] = process.argv.slice(2);
const module = (/** @type {string} */ name) => import(pathToFileURL(path.join(dist, name)).href);
/** @type {typeof import('../src/api/cameras.ts')} */
const { Cameras } = await module('api/cameras.js');
/** @type {typeof import('../src/server/server.ts')} */
const { serve } = await module('server/server.js');

const jpeg = new Uint8Array(readFileSync(photograph)).subarray(0, 100_000);
const identity = { manufacturer: 'Canon', model: 'Canon EOS R6', firmware: '1', serialNumber: '' };
const storages = { storages: [] };

async function* frames() {
  for (;;) {
    // As drivers do: each frame is a buffer of its own.
    yield {
      ...{ jpeg: jpeg.slice(), arrivedAt: performance.now(), date: undefined },
      ...{ histogram: undefined, focusFrames: [], zoomFactor: undefined },
      ...{ zoomRectangle: undefined, coordinates: undefined },
    };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const camera = /** @type {import('../src/camera/camera.ts').Camera} */ (
  /** @type {unknown} */ ({
    ...{ address: 'bench:', identity, liveView: { frames }, closed: new Promise(() => undefined) },
    details: async () => storages,
    close: async () => undefined,
  })
);
const cameras = new Cameras({ open: async () => camera, available: async () => [] });
await cameras.connect('bench:').ready();
const server = await serve({ cameras, version: '0', port: 0, save: undefined });
console.log(`http://127.0.0.1:${server.port}/api/cameras/bench/live/stream`);
createInterface({ input: process.stdin }).on('line', () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ heapUsed, rss }));
});
