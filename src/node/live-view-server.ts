/**
 * Live view over HTTP: `/` is a page, `/stream` the moving picture as multipart/x-mixed-replace,
 * `/frame.jpg` one picture. All clients share one camera; who is slow misses frames.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { HotshoeError, messageOf } from '../base/errors.ts';
import type { CameraLiveView } from '../camera/camera.ts';
import { listenOn, type TcpListenOptions, type TcpServer } from './tcp.ts';

export interface LiveViewServerOptions extends TcpListenOptions {
  liveView: CameraLiveView;
  /** Shown on the page: "Canon EOS R6". */
  title: string;
  /** A client was told that there is no picture, for this reason. */
  onFault?: ((error: unknown) => void) | undefined;
}

const BOUNDARY = 'hotshoe-frame';
/** Nothing that is served may be kept, guessed at, or shown in another site's page. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Serves until it is closed. Rejects with a HotshoeError `LISTEN` when it cannot. */
export async function serveLiveView(options: LiveViewServerOptions): Promise<TcpServer> {
  const { host = '127.0.0.1' } = options;
  const answers = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const done = answer(request, response, options).finally(() => answers.delete(done));
    answers.add(done);
  });
  const address = await listenOn(server, options);
  return {
    host,
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await Promise.all(answers);
    },
  };
}

/** Never rejects. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: LiveViewServerOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => gone.abort());
  try {
    const refusal = refusalOf(request, options.host);
    if (refusal) return text(response, ...refusal);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const body = request.method === 'GET';
    switch (pathname) {
      case '/':
        return page(response, options.title);
      case '/stream':
        response.writeHead(200, {
          ...HEADERS,
          'Content-Type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
        });
        if (body) await stream(response, options.liveView, gone.signal);
        break;
      case '/frame.jpg':
        if (body) return await picture(response, options.liveView, gone.signal);
        response.writeHead(200, { ...HEADERS, 'Content-Type': 'image/jpeg' });
        break;
      default:
        return text(response, 404, 'There are /, /stream and /frame.jpg.');
    }
    response.end();
  } catch (error) {
    // Whoever went away is told nothing, and is no fault.
    if (gone.signal.aborted) return;
    options.onFault?.(error);
    const hint = error instanceof HotshoeError && error.hint ? ` ${error.hint}` : '';
    if (response.headersSent) response.destroy();
    else text(response, 503, `${messageOf(error)}.${hint}`);
  }
}

/** Status and reason for what is not answered. */
function refusalOf(
  { headers, method }: IncomingMessage,
  host: string | undefined,
): [status: number, reason: string] | undefined {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'Only GET and HEAD.'];
  // A page of the web can have its own name lead to this computer, and would read what is served.
  const name = hostnameOf(headers.host);
  const known = name !== undefined && (isIP(name) > 0 || name === 'localhost' || name === host);
  if (!known) return [403, 'Use the address in numbers, or localhost.'];
  // Or it could have the camera switched on by a picture in it.
  if (headers['sec-fetch-site'] === 'cross-site') return [403, 'Not for pages of other sites.'];
  return undefined;
}

/** "127.0.0.1:8080" -> "127.0.0.1", "[::1]:8080" -> "::1". */
function hostnameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/?#@[\]]+))(?::\d+)?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

async function stream(
  response: ServerResponse,
  liveView: CameraLiveView,
  signal: AbortSignal,
): Promise<void> {
  // Each picture is followed by the boundary at once: browsers show it when they see that.
  response.write(`--${BOUNDARY}\r\n`);
  for await (const { jpeg } of liveView.frames({ signal })) {
    response.write(`Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
    response.write(jpeg);
    // Until it is out, newer frames take each other's place.
    if (!response.write(`\r\n--${BOUNDARY}\r\n`)) await once(response, 'drain', { signal });
  }
}

async function picture(
  response: ServerResponse,
  liveView: CameraLiveView,
  signal: AbortSignal,
): Promise<void> {
  for await (const { jpeg } of liveView.frames({ signal })) {
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': 'image/jpeg',
      'Content-Length': jpeg.length,
    });
    response.end(jpeg);
    return;
  }
  text(response, 503, 'The camera is being closed.');
}

function page(response: ServerResponse, title: string): void {
  const name = title.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<style>
  html, body { margin: 0; height: 100%; background: #111 }
  img { width: 100%; height: 100%; object-fit: contain; display: block }
</style>
<img src="/stream" alt="Live view of the ${name}">
</html>
`);
}

function text(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${reason}\n`);
}
