/** The API and the page over HTTP, for one user's computer and whoever has the token. */
import type { Hono } from 'hono';
import { makeApi } from '../api/app.ts';
import type { Cameras } from '../api/cameras.ts';
import type { ApiOptions } from '../api/handlers.ts';
import { openApi } from '../api/openapi.ts';
import { HttpError } from '../api/problem.ts';
import type { TcpListenOptions, TcpServer } from '../node/tcp.ts';
import { Guard } from './guard.ts';
import { type Answer, checkReading, listenHttp } from './http.ts';
import { Places, RateLimit } from './limits.ts';
import { PageFiles } from './page-files.ts';

export interface ServeOptions extends TcpListenOptions, Pick<ApiOptions, 'save'> {
  cameras: Cameras;
  /** Of hotshoe, for the API's document. */
  version: string;
  /** What requests must bring; without it everybody who reaches the port is let in. */
  token?: string | undefined;
  /** Where the page is; where the build puts it unless told otherwise. */
  page?: string | undefined;
  /** Something that nobody foresaw. */
  onFault?: ((error: unknown) => void) | undefined;
}

/** Event streams and moving pictures; the rest is over soon. */
const LASTING = { perClient: 40, all: 80 } as const;
const PASSING = { perClient: 64, all: 192 } as const;
/** What changes something. */
const WRITES = { burst: 60, perSecond: 20 } as const;

/** Serves until it is closed. Rejects with a HotshoeError `LISTEN` when it cannot. */
export async function serve(options: ServeOptions): Promise<TcpServer> {
  const { host = '127.0.0.1' } = options;
  const page = await PageFiles.read(options.page);
  return listenHttp(options, (port) => {
    const guard = new Guard({ host, token: options.token, port });
    return makeAnswer(options, page, guard);
  });
}

function makeAnswer(options: ServeOptions, page: PageFiles, guard: Guard): Answer {
  const api = makeApi({ cameras: options.cameras, save: options.save });
  const document = openApi(options.version);
  const limits = {
    lasting: new Places(LASTING.perClient, LASTING.all),
    passing: new Places(PASSING.perClient, PASSING.all),
    writes: new RateLimit(WRITES),
  };
  return async (request, client) => {
    guard.checkHost(request);
    const url = new URL(request.url);
    if (!isApi(url.pathname)) return ofPage(request, url, client, page, guard);
    guard.checkSite(request);
    guard.checkToken(request, client);
    if (url.pathname === '/api/openapi.json') return Response.json(document);
    return limited(api, request, client, url, limits);
  };
}

const isApi = (pathname: string) => pathname === '/api' || pathname.startsWith('/api/');

function ofPage(
  request: Request,
  url: URL,
  client: string,
  page: PageFiles,
  guard: Guard,
): Response {
  checkReading(request);
  const cookie = url.pathname === '/' ? guard.cookieFor(url, client) : undefined;
  // The token leaves the address bar, the history, and what is sent on.
  if (cookie)
    return new Response(null, { status: 303, headers: { Location: '/', 'Set-Cookie': cookie } });
  const file = page.answer(request, url.pathname);
  if (file) return file;
  throw new HttpError(404, { code: 'NOT_FOUND', message: 'there is nothing here' });
}

interface Limits {
  lasting: Places;
  passing: Places;
  writes: RateLimit;
}

async function limited(
  api: Hono,
  request: Request,
  client: string,
  url: URL,
  limits: Limits,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    if (!limits.writes.allows(client)) throw tooMany('requests that change something');
    limits.writes.count(client);
  }
  const lasting = /\/(events|live\/stream)$/.test(url.pathname);
  const giveBack = (lasting ? limits.lasting : limits.passing).take(client);
  if (!giveBack) throw tooMany(lasting ? 'streams' : 'requests at once');
  let streams = false;
  try {
    const response = await api.fetch(request);
    streams = lasting || url.pathname.endsWith('/content');
    return streams ? held(response, giveBack) : response;
  } finally {
    if (!streams) giveBack();
  }
}

/** The place is given back with the end of the body. */
function held(response: Response, giveBack: () => void): Response {
  const { body } = response;
  if (!body) {
    giveBack();
    return response;
  }
  const reader = body.getReader();
  const counted = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          giveBack();
          controller.close();
        } catch (error) {
          giveBack();
          controller.error(error);
        }
      },
      async cancel(reason) {
        giveBack();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(counted, response);
}

function tooMany(what: string): HttpError {
  return new HttpError(
    429,
    { code: 'BUSY', message: `too many ${what}`, hint: 'Try again in a second.' },
    { 'Retry-After': '1' },
  );
}
