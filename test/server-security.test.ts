/** Who tries to use the server and must not, or too much: refused or bounded; the camera goes on. */
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { type Served, served } from './support/served.ts';
import { smallCamera } from './support/small-pictures.ts';

const TOKEN = 'a-token-of-22-letters-';
let virtual: VirtualCamera;
let network: NetworkCamera;
let server: Served;
let at: string;

async function start(options: Parameters<typeof served>[0] = {}): Promise<void> {
  server = await served(options);
  at = `/api/cameras/${(await server.connect(network.address)).id}`;
}

beforeEach(async () => {
  virtual = smallCamera();
  network = await inNetwork(virtual);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await network.close();
});

interface Raw {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** With headers and paths that `fetch` would mend. */
function raw(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('without a token', () => {
  beforeEach(() => start());
  afterEach(async () => {
    // Whatever was tried, whoever belongs here is served.
    expect(await server.json('GET', at)).toMatchObject({ phase: 'ready' });
  });

  it.each(['evil.example', 'evil.example:8642', '127.0.0.1.evil.example', 'localhost.evil', '@x'])(
    'the host %s is not this server',
    async (Host) => {
      for (const path of ['/', '/api/cameras', '/api/openapi.json']) {
        expect((await raw(path, { headers: { Host } })).status).toBeGreaterThanOrEqual(400);
      }
    },
  );

  it.each([
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('a page of another site gets nothing: %j', async (headers) => {
    const before = virtual.state.shotsLeft;
    const post = { method: 'POST', body: '{}', headers: { ...JSON_TYPE, ...headers } };
    expect((await raw(`${at}/shoot`, post)).status).toBe(403);
    expect((await raw(`${at}/live/frame.jpg`, { headers })).status).toBe(403);
    expect([virtual.state.shotsLeft, virtual.state.liveView]).toEqual([before, false]);
  });

  it('takes only JSON, so that no form of another site is a request', async () => {
    const headers = { 'Content-Type': 'text/plain' };
    expect((await raw(`${at}/shoot`, { method: 'POST', body: '{}', headers })).status).toBe(415);
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/api/../../../etc/passwd',
    '/api/cameras/..%2f..',
    '/api/cameras/../../etc/passwd',
  ])('%s leads nowhere', async (path) => {
    const { status, text } = await raw(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toMatch(/root:|"hotshoe"/);
  });

  it.each(['..', '../..', '/../../etc', '%2e%2e%2f', '\u0000'])(
    'the name %j is no way out of a camera',
    async (name) => {
      const part = encodeURIComponent(name);
      for (const path of [
        `/api/cameras/${part}`,
        `${at}/settings/${part}`,
        `${at}/files/${part}`,
        `${at}/files/${part}/content`,
        `${at}/files/${part}/thumbnail`,
      ]) {
        expect((await raw(path)).status).toBeGreaterThanOrEqual(400);
      }
      const { entries } = await server
        .json<{ entries: { path: string }[] }>('GET', `${at}/files?path=${part}&recursive=true`)
        .catch(() => ({ entries: [] }));
      for (const entry of entries) expect(entry.path).toMatch(/^\/SD1/);
    },
  );

  it('reads no header and no body of 10 MB', async () => {
    const long = 'x'.repeat(10 << 20);
    const refused = await raw('/api/cameras', { headers: { 'X-Long': long } }).then(
      ({ status }) => status,
      () => 431,
    );
    expect(refused).toBe(431);
    const body = await raw('/api/cameras', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ address: long }),
    }).then(
      ({ status }) => status,
      () => 413,
    );
    expect(body).toBe(413);
  });

  it('serves 200 event streams no further than it can', async () => {
    const stop = new AbortController();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        fetch(`${server.url}/api/events`, { signal: stop.signal }).then(({ status }) => status),
      ),
    );
    expect(answers.filter((status) => status === 200).length).toBe(40);
    expect(answers.filter((status) => status === 429).length).toBe(160);
    expect((await server.request('POST', `${at}/shoot`, {})).status).toBe(200);
    stop.abort();
    // The places are given back.
    await expect
      .poll(async () => {
        const again = await fetch(`${server.url}/api/events`);
        await again.body?.cancel();
        return again.status;
      })
      .toBe(200);
  });

  it('lets nobody change things without end', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => server.request('PUT', `${at}/settings/x`, { value: 1 })),
    );
    expect(answers.some(({ status }) => status === 429)).toBe(true);
  });

  it('gives the page a policy that lets nothing else in', async () => {
    const { headers } = await raw('/');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('with a token', () => {
  beforeEach(() => start({ token: TOKEN }));

  it('answers nothing of the API without it, nor with another', async () => {
    for (const headers of [
      {},
      { Authorization: 'Bearer wrong' },
      { Authorization: TOKEN },
      { Cookie: `hotshoe-1=${TOKEN}` },
    ]) {
      expect((await raw('/api/cameras', { headers })).status).toBe(401);
    }
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await raw('/api/cameras', { headers })).status).toBe(200);
  });

  it('makes a cookie of the link, and takes the token out of the address', async () => {
    const { status, headers } = await raw(`/?token=${TOKEN}`);
    expect([status, headers.location]).toEqual([303, '/']);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const Cookie = cookie.split(';')[0] ?? '';
    expect((await raw('/api/cameras', { headers: { Cookie } })).status).toBe(200);
  });

  it('has nobody guess', async () => {
    const tries: number[] = [];
    for (let i = 0; i < 12; i++) {
      const headers = { Authorization: `Bearer guess-${i}` };
      tries.push((await raw('/api/cameras', { headers })).status);
    }
    expect(tries.at(-1)).toBe(429);
  });
});
