/** A port of this computer that answers no connection, as a host that is switched off. Linux only. */
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { ignore } from '../../src/base/time.ts';

export interface SilentPort {
  port: number;
  close(): Promise<void>;
}

/** Its owner accepts nothing, and connections fill the queue until one has to wait. */
export async function silentPort(): Promise<SilentPort> {
  const owner = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => owner.once('message', resolve));
  const sockets: net.Socket[] = [];
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', ignore);
    sockets.push(socket);
    const connected = new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)),
    );
    if (!(await Promise.race([connected, turns(2000).then(() => false)]))) break;
  }
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await owner.terminate();
    },
  };
}

/** Lets the event loop go round so often. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
