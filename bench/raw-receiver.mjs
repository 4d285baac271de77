// @ts-check
// The raw limit, receiving side: `raw-receiver.mjs PORT BYTES FILE`. Reads into four buffers that it
// uses again and again, and writes them with fs.write while the next ones are read.
import fs from 'node:fs';
import net from 'node:net';

const BUFFER = 1 << 20;
const BUFFERS = 4;
const [, , port, size, path = ''] = process.argv;
const file = fs.openSync(path, 'w');

const free = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(BUFFER));
let current = take();
/** @type {{ buffer: Buffer<ArrayBuffer>, length: number }[]} */
const full = [];
let writing = false;
let received = 0;

const socket = net.connect({
  host: '127.0.0.1',
  port: Number(port),
  noDelay: true,
  onread: {
    buffer: () => current,
    callback(length) {
      received += length;
      if (received === Number(size)) socket.write('.');
      full.push({ buffer: current, length });
      current = take();
      writeNext();
      // One buffer is always kept in reserve: Node asks for it even when reading has been paused.
      return free.length > 0;
    },
  },
});
socket.once('connect', () => socket.write('.'));
socket.once('end', () => socket.end());

function take() {
  return /** @type {Buffer<ArrayBuffer>} */ (free.pop());
}

function writeNext() {
  const next = writing ? undefined : full.shift();
  if (!next) return;
  writing = true;
  fs.write(file, next.buffer, 0, next.length, null, (error, written) => {
    if (error || written !== next.length) throw error ?? new Error('the disk is full');
    writing = false;
    free.push(next.buffer);
    socket.resume();
    writeNext();
  });
}
