// @ts-check
// A virtual EOS R6 whose pictures are there at once: what is left of the time is the programs'.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist = '', photograph = ''] = process.argv.slice(2);
const module = (/** @type {string} */ name) => import(pathToFileURL(path.join(dist, name)).href);
/** @type {typeof import('../src/virtual/index.ts')} */
const { createVirtualCamera } = await module('virtual/index.js');
/** @type {typeof import('../src/node/tcp.ts')} */
const { listenTcp } = await module('node/tcp.js');

const jpeg = new Uint8Array(readFileSync(photograph));
const starts = (/** @type {number} */ i) => jpeg[i] === 0xff && jpeg[i + 1] === 0xd8;
const from = jpeg.findIndex((_, i) => i > 2 && starts(i));
const to = jpeg.findIndex((_, i) => i > from && jpeg[i] === 0xff && jpeg[i + 1] === 0xd9) + 2;
const picture = {
  ...{ jpeg, thumbnail: jpeg.slice(from, to) },
  ...{ thumbnailWidth: /** @type {const} */ (160), thumbnailHeight: /** @type {const} */ (120) },
};
const camera = createVirtualCamera('eos-r6', { takePicture: () => picture });
const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
console.log(`ptpip://127.0.0.1:${server.port}`);
