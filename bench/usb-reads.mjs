// @ts-check
// usb-reads.mjs DIST SIZE READ_SIZE READS_IN_FLIGHT…: the file on the only camera on USB, once for
// each pair; prints the MB/s of each as a line.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist = '', size = '0', ...pairs] = process.argv.slice(2);
/** @param {string} file */
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { nodeUsb } = await load('node/usb/bus.js');
const { connectUsb, PtpSession } = await load('ptp/index.js');

const [device] = await (await nodeUsb()).getDevices();
for (const pair of pairs) {
  const [readSize, readsInFlight] = pair.split('x').map(Number);
  const session = await PtpSession.open(await connectUsb({ device, readSize, readsInFlight }));
  let handle = 0;
  for (const each of await session.getObjectHandles()) {
    const { objectCompressedSize: bytes } = await session.getObjectInfo(each);
    if (bytes === Number(size)) handle = each;
  }
  let bytes = 0;
  let from = 0;
  const sink = {
    /** @param {Uint8Array} chunk */
    write(chunk) {
      // Without what comes before the first byte.
      if (bytes === 0) from = performance.now();
      bytes += chunk.length;
    },
  };
  await session.transaction(0x1009, [handle], { sink });
  const ms = performance.now() - from;
  if (bytes !== Number(size)) throw new Error(`${bytes} bytes of ${size}`);
  console.log((bytes / 1e3 / ms).toFixed(1));
  await session.close();
}
