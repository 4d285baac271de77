/** `hotshoe live`: one picture, a stream for other programs, a page for browsers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenTcp, type TcpServer } from '../src/node/tcp.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { type Captured, type CaptureOptions, commandLine } from './support/command-line.ts';
import { Shell } from './support/hotshoe.ts';
import { mjpegPictures } from './support/mjpeg.ts';
import { smallCamera } from './support/small-pictures.ts';

let folder = '';
let camera: VirtualCamera;
let server: TcpServer;
let stop: AbortController;
let running: Promise<Captured> | undefined;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-live-'));
  camera = smallCamera();
  server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  stop = new AbortController();
  running = undefined;
});
afterEach(async () => {
  stop.abort(new Error('the test is over'));
  await running;
  await server.close();
  await camera.close();
  rmSync(folder, { recursive: true });
});

function hotshoe(args: readonly string[], options: CaptureOptions = {}): Promise<Captured> {
  const { signal } = stop;
  const address = `ptpip://127.0.0.1:${server.port}`;
  return commandLine(['-c', address, ...args], { signal, ...options });
}

it.each([
  [[], 'where to show live view was not said'],
  [['--stdout', '--http', '0'], 'live view goes to one place at a time'],
  [['--frame', 'x.jpg', '--for', '1s'], '--count is for --stdout'],
  [['--http', '0', '--count', '2'], '--count is for --stdout'],
  [['--stdout', '--json'], 'exclude each other'],
  [['--frame', '-', '--jsonl'], 'exclude each other'],
])('live %j is refused, with what to do', async (args, message) => {
  const { code, stdout, stderr } = await hotshoe(['live', ...args]);
  expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(camera.requests(0x9153)).toBe(0);
});

describe('live --frame', () => {
  it('writes one picture, and does not replace another', async () => {
    const file = path.join(folder, 'view.jpg');
    const { code, stdout } = await hotshoe(['live', '--frame', file]);
    expect([code, stdout]).toEqual([0, `${file}\n`]);
    await hotshoe(['live', '--frame', file]);
    expect(readdirSync(folder)).toEqual(['view-1.jpg', 'view.jpg']);
    for (const name of readdirSync(folder)) {
      expect(mjpegPictures(readFileSync(path.join(folder, name)))).toHaveLength(1);
    }
    await hotshoe(['live', '--frame', file, '--on-exists', 'overwrite']);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(camera.state.liveView).toBe(false);
  });

  it('- writes it to stdout', async () => {
    const { code, bytes } = await hotshoe(['live', '--frame', '-']);
    expect([code, mjpegPictures(bytes).length]).toEqual([0, 1]);
  });
});

describe('live --stdout', () => {
  it('writes as many pictures as asked for', async () => {
    const { code, bytes, stderr } = await hotshoe(['live', '--stdout', '--count', '4']);
    expect([code, mjpegPictures(bytes).length]).toEqual([0, 4]);
    expect(stderr).toMatch(/^4 pictures, [\d.]+ kB, [\d.]+ a second\n$/);
  });

  it('writes until the time is up', async () => {
    const { code, bytes } = await hotshoe(['live', '--stdout', '--for', '1.5s']);
    expect(code).toBe(0);
    expect(mjpegPictures(bytes).length).toBeGreaterThan(1);
  });

  it('writes until Ctrl-C, and leaves live view off', async () => {
    let seen = 0;
    const { code, bytes } = await hotshoe(['live', '--stdout'], {
      onOutput: () => {
        if (++seen === 2) stop.abort(new Error('Ctrl-C'));
      },
    });
    expect([code, mjpegPictures(bytes).length]).toEqual([0, 2]);
    expect(camera.state.liveView).toBe(false);
  });

  it('says that the camera went away', async () => {
    const { code, stderr } = await hotshoe(['live', '--stdout'], {
      onOutput: () => void camera.close(),
    });
    expect([code, stderr]).toEqual([6, expect.stringContaining('hotshoe: ')]);
  });
});

describe('live --http', () => {
  let url = '';

  beforeEach(async () => {
    url = await new Promise<string>((resolve, reject) => {
      running = hotshoe(['live', '--http', '0'], { onOutput: (text) => resolve(text.trim()) });
      running.then(({ stderr }) => reject(new Error(stderr)), reject);
    });
  });

  /** Status, headers and text, with headers of one's own. */
  const ask = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<[status: number | undefined, text: string, headers: IncomingHttpHeaders]>(
      (resolve, reject) => {
        const asking = request(new URL(target, url), { headers, method }, (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => {
            text += chunk.toString('latin1');
          });
          answer.once('end', () => resolve([answer.statusCode, text, answer.headers]));
        });
        asking.once('error', reject).end();
      },
    );

  it('listens on this computer only, and shows a page', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const [status, text, headers] = await ask('/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain('<title>Canon EOS R6</title>');
    expect(text).toContain('<img src="/stream"');
    // Who looks at a page alone does not switch live view on.
    expect(camera.requests(0x9110)).toBe(0);
  });

  it('gives one picture, and is off afterwards', async () => {
    const answer = await fetch(new URL('/frame.jpg', url));
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
    expect(mjpegPictures(bytes)).toHaveLength(1);
    await expect.poll(() => camera.state.liveView, { timeout: 8000 }).toBe(false);
  });

  it('streams parts, to several clients from one live view', async () => {
    const clients = await Promise.all([1, 2].map(() => fetch(new URL('/stream', url))));
    for (const client of clients) {
      expect(client.headers.get('content-type')).toBe(
        'multipart/x-mixed-replace; boundary=hotshoe-frame',
      );
      const reader = client.body?.getReader();
      let read = Buffer.alloc(0);
      const head = /--hotshoe-frame\r\nContent-Type: image\/jpeg\r\nContent-Length: (\d+)\r\n\r\n/g;
      while ([...read.toString('latin1').matchAll(head)].length < 3) {
        const { value } = (await reader?.read()) ?? {};
        if (!value) throw new Error('the stream ended');
        read = Buffer.concat([read, value]);
      }
      const [part] = [...read.toString('latin1').matchAll(head)];
      const from = part?.[0].length ?? 0;
      expect(mjpegPictures(read.subarray(from, from + Number(part?.[1])))).toHaveLength(1);
      await reader?.cancel();
    }
    await expect.poll(() => camera.state.liveView, { timeout: 8000 }).toBe(false);
    expect(camera.requests(0x9110)).toBe(2);
  });

  it('drops frames for a client that reads nothing', async () => {
    const { port } = new URL(url);
    const slow = net.connect(Number(port), '127.0.0.1');
    slow.write(`GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    slow.pause();
    const before = camera.requests(0x9153);
    await expect.poll(() => camera.requests(0x9153), { timeout: 8000 }).toBeGreaterThan(before + 5);
    // The others are served as ever.
    expect((await ask('/frame.jpg'))[0]).toBe(200);
    slow.destroy();
    await expect.poll(() => camera.state.liveView, { timeout: 8000 }).toBe(false);
  });

  it.each([
    ['a name that leads here', '/', { host: 'evil.example' }, 'GET', 403],
    ['a name that leads here, with the port', '/stream', { host: 'evil.example:80' }, 'GET', 403],
    ['a Host that is none', '/', { host: 'a b' }, 'GET', 400],
    [
      'a picture in a page of another site',
      '/stream',
      { 'sec-fetch-site': 'cross-site' },
      'GET',
      403,
    ],
    ['another way', '/', {}, 'POST', 405],
    ['another path', '/etc/passwd', {}, 'GET', 404],
  ])('refuses %s', async (_what, target, headers, method, status) => {
    expect((await ask(target, headers, method))[0]).toBe(status);
    expect(camera.requests(0x9110)).toBe(0);
  });

  it.each(['localhost', 'localhost:8080', '[::1]:8080', '192.168.1.5'])(
    'answers to the name %s',
    async (host) => {
      expect((await ask('/', { host }))[0]).toBe(200);
    },
  );

  it('answers HEAD without a picture', async () => {
    for (const target of ['/stream', '/frame.jpg', '/']) {
      expect((await ask(target, {}, 'HEAD')).slice(0, 2)).toEqual([200, '']);
    }
    expect(camera.requests(0x9110)).toBe(0);
  });

  it('ends at Ctrl-C, also in the middle of a stream', async () => {
    const { body } = await fetch(new URL('/stream', url));
    await body?.getReader().read();
    stop.abort(new Error('Ctrl-C'));
    expect((await running)?.code).toBe(0);
    expect(camera.state.liveView).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('ends with the camera', async () => {
    await camera.close();
    const { code, stderr } = (await running) ?? {};
    expect([code, stderr]).toEqual([6, expect.stringContaining('hotshoe: ')]);
  });

  it('says that its port is taken', async () => {
    const { code, stderr } = await commandLine([
      '-c',
      'virtual:eos-r6',
      'live',
      '--http',
      new URL(url).port,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('another with --http')]);
  });
});

it('the built program serves until SIGINT', async () => {
  const shell = new Shell();
  try {
    const live = shell.start(['-c', 'virtual:eos-r6', 'live', '--http', '0']);
    await live.until(({ stdout }) => stdout.includes('\n'));
    expect((await fetch(new URL('/frame.jpg', live.stdout.trim()))).status).toBe(200);
    live.child.kill('SIGINT');
    expect(await live.ended).toMatchObject({ code: 0, stderr: '' });
  } finally {
    await shell.close();
  }
});
