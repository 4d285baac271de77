// @ts-check
// The raw limit, sending side: `raw-sender.mjs BYTES`. Waits for a byte, writes BYTES in pieces of
// 1 MiB on one connection, and tells how long it took until a byte said that they have come.
import net from 'node:net';

const PIECE = 1 << 20;
const size = Number(process.argv[2]);
const piece = Buffer.alloc(PIECE, 0x5a);

const server = net.createServer({ noDelay: true }, (socket) => {
  server.close();
  void send(socket);
});

/** @param {net.Socket} socket */
async function send(socket) {
  await byte(socket);
  const from = performance.now();
  for (let left = size; left > 0; left -= PIECE) {
    const part = left < PIECE ? piece.subarray(0, left) : piece;
    await new Promise((resolve) => {
      socket.write(part, resolve);
    });
  }
  await byte(socket);
  console.log(JSON.stringify({ ms: performance.now() - from }));
  socket.end();
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
