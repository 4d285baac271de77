/**
 * The HTTP API as a function from Request to Response, which runs in a server and in a page alike:
 * with no server the page asks itself.
 */
import { Hono } from 'hono';
import * as v from 'valibot';
import { type ApiOptions, makeHandlers } from './handlers.ts';
import { failure, HttpError } from './problem.ts';
import { type Handlers, type Input, type Operation, type Route, routes } from './routes.ts';

const BODY_LIMIT = 64 << 10;

/** Everything below /api but the document, which belongs to the server. */
export function makeApi(options: ApiOptions): Hono {
  const app = new Hono();
  const handlers = makeHandlers(options);
  app.onError((error) => failure(error));
  app.notFound(() => failure(notFound()));
  for (const operation of Object.keys(routes) as Operation[]) mount(app, operation, handlers);
  return app;
}

function mount(app: Hono, operation: Operation, handlers: Handlers): void {
  const route: Route = routes[operation];
  const handle = handlers[operation] as (input: Input<Operation>) => Promise<unknown> | unknown;
  app.on(route.method, `/api${route.path.replace(/\{(\w+)\}/g, ':$1')}`, async (context) => {
    const { raw } = context.req;
    const input = {
      params: route.params && check(route.params, context.req.param(), 'path'),
      query: route.query && check(route.query, context.req.query(), 'query'),
      body: route.body && check(route.body, await jsonOf(raw), 'body'),
      request: raw,
      signal: raw.signal,
    };
    // What is right for one operation is what its own handler takes.
    const result = await handle(input as Input<Operation>);
    return result instanceof Response ? result : Response.json(result, { headers: NO_STORE });
  });
}

const NO_STORE = { 'Cache-Control': 'no-store' };

function check(schema: v.GenericSchema, value: unknown, place: string): unknown {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  const where = v.getDotPath(issue) ?? place;
  throw new HttpError(400, {
    code: 'USAGE',
    message: `${where}: ${issue.message}`,
    hint: 'GET /api/openapi.json says what each operation takes.',
  });
}

async function jsonOf(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpError(415, {
      code: 'USAGE',
      message: 'the body is not JSON',
      hint: 'Send the header Content-Type: application/json.',
    });
  }
  const text = await textOf(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, { code: 'USAGE', message: 'the body is no valid JSON' });
  }
}

/** No more is read than is taken, whatever length was announced. */
async function textOf(request: Request): Promise<string> {
  const tooLong = () => new HttpError(413, { code: 'USAGE', message: 'the body is too long' });
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT) throw tooLong();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw tooLong();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function notFound(): HttpError {
  return new HttpError(404, {
    code: 'NOT_FOUND',
    message: 'there is nothing here',
    hint: 'GET /api/openapi.json lists what there is.',
  });
}
