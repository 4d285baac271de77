/** The little HTTP that discovery needs: one GET with limits, one document served. */
import http from 'node:http';
import { LinkError } from '../base/errors.ts';
import { within } from '../base/time.ts';
import type { HttpAnswer, HttpGet, HttpRequest } from '../discovery/index.ts';
import { listenOn, type TcpListenOptions, type TcpServer } from './tcp.ts';

const CONNECT_MS = 3000;
const WHOLE_MS = 5000;
const BODY_LIMIT = 64 << 10;
const HEAD_LIMIT = 8 << 10;
const CONNECTIONS = 16;

/** See `HttpGet`. */
export const httpGet: HttpGet = async (url, headers, signal) => {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await within(get(url, headers, stop.signal), {
      ms: WHOLE_MS,
      what: `${url.host} did not give its description`,
      signal,
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Whatever ended the waiting, the connection goes.
    stop.abort();
  }
};

function get(
  url: URL,
  headers: readonly (readonly [name: string, value: string])[],
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new LinkError(`${url.host} gave no description: ${why}`, { cause }));
    const request = http.request({
      host: url.hostname,
      port: url.port || 80,
      path: `${url.pathname}${url.search}`,
      agent: false,
      setHost: false,
      headers: headers.flat(),
      maxHeaderSize: HEAD_LIMIT,
      signal,
      timeout: CONNECT_MS,
    });
    request.on('timeout', () => request.destroy(new Error('it is silent')));
    request.on('error', (error) => fail(error.message, error));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > BODY_LIMIT) {
          fail(`it is longer than ${BODY_LIMIT >> 10} KiB`);
          request.destroy();
        } else chunks.push(chunk);
      });
      response.on('error', (error) => fail(error.message, error));
      response.on('end', () => {
        const raw = response.rawHeaders;
        resolve({
          status: response.statusCode ?? 0,
          headers: raw.flatMap((name, i) =>
            i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : [],
          ),
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.end();
  });
}

/**
 * Answers each request by `handler`, then closes the connection: what is served are single
 * documents. Requests that are slow or large are cut off.
 */
export async function serveHttp(
  options: TcpListenOptions,
  handler: (request: HttpRequest) => HttpAnswer,
): Promise<TcpServer> {
  const server = http.createServer(
    {
      maxHeaderSize: HEAD_LIMIT,
      headersTimeout: WHOLE_MS,
      requestTimeout: WHOLE_MS,
      connectionsCheckingInterval: 1000,
      keepAlive: false,
    },
    (request, response) => {
      request.resume();
      const { method = '', url = '', socket } = request;
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      const answer = handler({ method, path: url, headers, from });
      response.sendDate = false;
      response.shouldKeepAlive = false;
      // Flat, so that names and order go out as they are given.
      response.writeHead(answer.status, answer.headers.flat());
      response.end(answer.body);
    },
  );
  server.maxConnections = CONNECTIONS;
  server.on('clientError', (_error, socket) => socket.destroy());
  const { address, port } = await listenOn(server, options);
  return {
    host: address,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
