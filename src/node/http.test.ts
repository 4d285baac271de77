import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpGet, serveHttp } from './http.ts';
import type { TcpServer } from './tcp.ts';

let server: Server | undefined;
let http: TcpServer | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  await http?.close();
  server = undefined;
  http = undefined;
});

/** Answers whatever is asked with what `answer` writes. */
async function serving(answer: (socket: Socket) => void): Promise<URL> {
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/x`);
}

describe('httpGet', () => {
  it('gives what is there, and sends the headers as they are given', async () => {
    let asked = '';
    const url = await serving((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-type: text/xml; charset="utf-8"\r\n\r\n<a/>');
    });
    server?.prependListener('connection', (socket) => {
      socket.once('data', (bytes) => {
        asked = bytes.toString();
      });
    });
    const answer = await httpGet(url, [
      ['Cache-Control', 'no-cache'],
      ['Host', url.host],
      ['User-Agent', 'x'],
    ]);
    expect(answer).toEqual({
      status: 200,
      headers: [['Content-type', 'text/xml; charset="utf-8"']],
      body: '<a/>',
    });
    expect(asked).toMatch(
      /^GET \/x HTTP\/1\.1\r\nCache-Control: no-cache\r\nHost: 127\.0\.0\.1:\d+\r\nUser-Agent: x\r\n/,
    );
  });

  it('follows no redirect', async () => {
    const url = await serving((socket) => {
      socket.end(
        'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
      );
    });
    expect((await httpGet(url, [])).status).toBe(302);
  });

  it.each([
    ['is too long', `Content-Length: ${1 << 30}\r\n\r\n`],
    ['has no end', '\r\n'],
  ])('takes no description that %s', async (_, rest) => {
    let sent = 0;
    const url = await serving((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${rest}`);
      const more = () => {
        sent += 1 << 16;
        if (!socket.destroyed) socket.write(Buffer.alloc(1 << 16, 0x20), more);
      };
      more();
    });
    await expect(httpGet(url, [])).rejects.toThrow('it is longer than 64 KiB');
    // What is in the buffers between the two may have been written.
    expect(sent).toBeLessThan(32 << 20);
  });

  it('takes no head without end', async () => {
    const url = await serving((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = () => {
        if (!socket.destroyed) socket.write(`X-${'y'.repeat(1000)}: z\r\n`, more);
      };
      more();
    });
    await expect(httpGet(url, [])).rejects.toThrow('gave no description');
  });

  it('waits three seconds for one that is silent, and stops at once when told to', async () => {
    const url = await serving(() => {});
    const begin = performance.now();
    await expect(httpGet(url, [])).rejects.toThrow('it is silent');
    expect(performance.now() - begin).toBeGreaterThan(2900);
    const stop = new AbortController();
    const stopped = httpGet(url, [], stop.signal);
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
  });

  it('waits five seconds in all for one that dribbles', async () => {
    const url = await serving((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const dribble = setInterval(() => {
        if (socket.destroyed) clearInterval(dribble);
        else socket.write('x');
      }, 200);
    });
    await expect(httpGet(url, [])).rejects.toThrow('did not give its description within 5 s');
  });
});

describe('serveHttp', () => {
  const exchange = (port: number, request: string) =>
    new Promise<string>((resolve) => {
      const socket = netConnect(port, '127.0.0.1', () => socket.write(request));
      sockets.add(socket);
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });

  it('sends status and headers as they are given, and closes', async () => {
    http = await serveHttp({ port: 0 }, ({ method, path, from }) => ({
      status: 200,
      headers: [
        ['Content-Length', '20'],
        ['Connection', 'close'],
        ['Content-Type', 'text/xml'],
      ],
      body: `${method} ${path} ${from.address}`.slice(0, 20),
    }));
    expect(await exchange(http.port, 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\nContent-Type: text/xml\r\n\r\n' +
        'GET /a 127.0.0.1',
    );
  });

  it('cuts off what is large or no HTTP', async () => {
    http = await serveHttp({ port: 0 }, () => ({ status: 200, headers: [], body: 'x' }));
    const long = `GET / HTTP/1.1\r\nX: ${'y'.repeat(9000)}\r\n\r\n`;
    expect(await exchange(http.port, long)).toBe('');
    expect(await exchange(http.port, '\x16\x03\x01\r\n\r\n')).toBe('');
  });

  it('cuts off who does not ask', async () => {
    http = await serveHttp({ port: 0 }, () => ({ status: 200, headers: [], body: 'x' }));
    const begin = performance.now();
    expect(await exchange(http.port, 'GET / HTTP/1.1\r\n')).toBe('');
    expect(performance.now() - begin).toBeLessThan(9000);
  }, 15_000);
});
