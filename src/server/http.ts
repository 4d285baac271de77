/** HTTP with limits, for answers that are made as `Response`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { failure, HttpError } from '../api/problem.ts';
import { listenOn, type TcpListenOptions, type TcpServer } from '../node/tcp.ts';

/** What it rejects with is what is answered; `client` is the address that the request came from. */
export type Answer = (request: Request, client: string) => Promise<Response>;

const HEADER_BYTES = 16 << 10;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const CONNECTIONS = 512;

/** Nothing that is served may be guessed at, or shown in another site's page. */
const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
};

export interface HttpOptions extends TcpListenOptions {
  /** Beside those that every answer has. */
  headers?: Readonly<Record<string, string>>;
  /** Something that is no answer to a wrong request. */
  onFault?: ((error: unknown) => void) | undefined;
}

/**
 * Serves until it is closed, by what `answerOn` makes for the port. Rejects with a HotshoeError
 * `LISTEN` when it cannot.
 */
export async function listenHttp(
  options: HttpOptions,
  answerOn: (port: number) => Answer,
): Promise<TcpServer> {
  const { host = '127.0.0.1', headers, onFault } = options;
  const all = Object.entries({ ...HEADERS, ...headers });
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
    async (request, env) => {
      const { incoming } = env as { incoming: IncomingMessage };
      const client = incoming.socket.remoteAddress ?? 'unknown';
      const response = await answer(request, client).catch((error: unknown) => {
        // Whoever has gone is told nothing, and is no fault.
        if (!(error instanceof HttpError) && !request.signal.aborted) onFault?.(error);
        return failure(error);
      });
      for (const [name, value] of all) response.headers.set(name, value);
      return response;
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

/** Throws what other methods are refused with. */
export function checkReading({ method }: Request): void {
  if (method === 'GET' || method === 'HEAD') return;
  throw new HttpError(405, { code: 'USAGE', message: 'only GET and HEAD' }, { Allow: 'GET, HEAD' });
}
