// @ts-check
// The raw limit, sending side: `raw-sender.mjs BYTES [FILE]`. Waits for a byte, writes BYTES in pieces
// of 1 MiB on one connection, and tells how long it took until a byte said that they have come. They
// are the same piece of memory each time; with FILE they are read from it, as a camera has to.
import { open } from 'node:fs/promises';
import net from 'node:net';

const PIECE = 1 << 20;
const size = Number(process.argv[2]);
const pieces = [Buffer.alloc(PIECE, 0x5a), Buffer.alloc(PIECE, 0x5a)];
const file = process.argv[3] === undefined ? undefined : await open(process.argv[3]);

const server = net.createServer({ noDelay: true }, (socket) => {
  server.close();
  void send(socket);
});

/** @param {net.Socket} socket */
async function send(socket) {
  await byte(socket);
  const from = performance.now();
  let next = read(0);
  for (let at = 0; at < size; at += PIECE) {
    const part = await next;
    // The next one is read while this one is on its way.
    next = read(at + PIECE);
    await new Promise((resolve) => {
      socket.write(part, resolve);
    });
  }
  await byte(socket);
  console.log(JSON.stringify({ ms: performance.now() - from }));
  socket.end();
  await file?.close();
}

/** @param {number} at */
async function read(at) {
  const length = Math.max(0, Math.min(PIECE, size - at));
  const piece = /** @type {Buffer} */ (pieces[(at / PIECE) % 2]).subarray(0, length);
  if (file && length > 0) await file.read(piece, 0, length, at);
  return piece;
}

server.listen(0, '127.0.0.1', () => {
  const address = /** @type {net.AddressInfo} */ (server.address());
  console.log(JSON.stringify({ port: address.port }));
});

/** @param {net.Socket} socket */
function byte(socket) {
  return new Promise((resolve) => {
    socket.once('data', resolve);
  });
}
