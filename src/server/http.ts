/** HTTP with limits, for answers that are made as `Response`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { listenOn, type TcpListenOptions, type TcpServer } from '../node/tcp.ts';

/** Never rejects; `client` is the address that the request came from. */
export type Answer = (request: Request, client: string) => Promise<Response>;

const HEADER_BYTES = 16 << 10;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const CONNECTIONS = 512;

/**
 * Serves until it is closed, by what `answerOn` makes for the port. Rejects with a HotshoeError
 * `LISTEN` when it cannot.
 */
export async function listenHttp(
  options: TcpListenOptions,
  answerOn: (port: number) => Answer,
): Promise<TcpServer> {
  const { host = '127.0.0.1' } = options;
  const server = createServer({ maxHeaderSize: HEADER_BYTES });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = CONNECTIONS;
  // Whoever sends what is no HTTP, or too much of it, is told so and left.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable) return socket.destroy();
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
    return socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  const { port } = await listenOn(server, options);
  const answer = answerOn(port);
  const listener = getRequestListener(
    (request, env) => {
      const { incoming } = env as { incoming: IncomingMessage };
      return answer(request, incoming.socket.remoteAddress ?? 'unknown');
    },
    { overrideGlobalObjects: false },
  );
  // Never rejects.
  server.on('request', (request, response) => void listener(request, response));
  return {
    host,
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
