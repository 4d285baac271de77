/**
 * Live view over HTTP: `/` is a page, `/stream` the moving picture as multipart/x-mixed-replace,
 * `/frame.jpg` one picture. All clients share one camera; who is slow misses frames.
 */
import { jpegResponse } from '../api/jpeg-response.ts';
import { LiveFrames } from '../api/live-frames.ts';
import { MJPEG_TYPE } from '../api/mjpeg.ts';
import { HttpError } from '../api/problem.ts';
import type { Camera } from '../camera/camera.ts';
import type { TcpListenOptions, TcpServer } from '../node/tcp.ts';
import { Guard } from './guard.ts';
import { checkReading, listenHttp } from './http.ts';

export interface LiveViewServerOptions extends TcpListenOptions {
  camera: Pick<Camera, 'identity' | 'liveView'>;
  /** A client was told that there is no picture, for this reason. */
  onFault?: ((error: unknown) => void) | undefined;
}

/** Serves until it is closed. Rejects with a HotshoeError `LISTEN` when it cannot. */
export async function serveLiveView(options: LiveViewServerOptions): Promise<TcpServer> {
  const { host = '127.0.0.1', camera, onFault } = options;
  const frames = new LiveFrames(() => camera);
  let closing = false;
  const fault = (error: unknown) => {
    if (!closing) onFault?.(error);
  };
  const headers = { 'Cache-Control': 'no-store' };
  const server = await listenHttp({ ...options, headers, onFault: fault }, (port) => {
    const guard = new Guard({ host, port });
    return async (request) => {
      guard.checkHost(request);
      guard.checkSite(request);
      checkReading(request);
      return answer(request, { model: camera.identity.model, frames, fault });
    };
  });
  return {
    ...server,
    async close() {
      closing = true;
      frames.stop();
      await server.close();
    },
  };
}

interface Shown {
  model: string;
  frames: LiveFrames;
  fault(error: unknown): void;
}

async function answer(request: Request, { model, frames, fault }: Shown): Promise<Response> {
  const { method, signal } = request;
  const wanted = method === 'GET';
  switch (new URL(request.url).pathname) {
    case '/':
      return page(model);
    case '/stream': {
      const body = wanted ? frames.stream(signal, fault) : null;
      return new Response(body, { headers: { 'Content-Type': MJPEG_TYPE } });
    }
    case '/frame.jpg':
      if (wanted) return jpegResponse((await frames.next(undefined, signal)).frame.jpeg);
      return new Response(null, { headers: { 'Content-Type': 'image/jpeg' } });
    default:
      throw new HttpError(404, {
        code: 'NOT_FOUND',
        message: 'there are /, /stream and /frame.jpg',
      });
  }
}

function page(title: string): Response {
  const name = title.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<style>
  html, body { margin: 0; height: 100%; background: #111 }
  img { width: 100%; height: 100%; object-fit: contain; display: block }
</style>
<img src="/stream" alt="Live view of the ${name}">
</html>
`;
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  };
  return new Response(html, { headers });
}
