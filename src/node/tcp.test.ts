import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../../test/support/settle.ts';
import { silentPort } from '../../test/support/silent-port.ts';
import { type ByteStream, concat } from '../base/byte-stream.ts';
import { type HotshoeError, LinkError, TimeoutError } from '../base/errors.ts';
import { ignore } from '../base/time.ts';
import { connectTcp, listenTcp } from './tcp.ts';

/** What a test has opened, closed after it in reverse order. */
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

describe('a TCP stream', () => {
  it.each([
    ['that came in', 0],
    ['that went out', 1],
  ])('%s brings 96 MB unchanged to a consumer slower than the sender', async (_, side) => {
    const ends = await connected();
    const [from, to] = side === 1 ? [ends.there, ends.here] : [ends.here, ends.there];
    const total = 96 << 20;
    const random = randomNumbers(side);

    const sent = (async () => {
      for (let at = 0; at < total; ) {
        // From one byte to 2 MB, small ones as often as large ones.
        const size = Math.min(Math.ceil(2_000_000 ** random()), total - at);
        await from.write(pattern(at, size));
        at += size;
      }
      await from.close();
    })();

    const memories = new Set<ArrayBufferLike>();
    let at = 0;
    // Before anybody reads, the sender fills whatever there is to fill.
    await turns(100);
    for (let n = 0; ; n++) {
      const chunk = await to.read();
      if (!chunk) break;
      // The socket goes on reading meanwhile; only then is the view looked at.
      if (n % 4 === 0) await turns(Math.floor(random() * 8));
      if (!samePattern(chunk, at)) expect.fail(`${chunk.length} bytes at ${at} were changed`);
      at += chunk.length;
      if (side === 1) memories.add(chunk.buffer);
    }
    await sent;
    expect(at).toBe(total);
    // A stream that went out reads into buffers of its own, and never into more than these.
    expect(memories.size).toBeLessThanOrEqual(8);
  });

  it.each([
    ['that came in', 0],
    ['that went out', 1],
  ])('%s lets the writer wait while nobody reads', async (_, side) => {
    const ends = await connected();
    const [from, to] = side === 1 ? [ends.there, ends.here] : [ends.here, ends.there];
    const pieces = 64;
    let taken = 0;
    const sent = (async () => {
      for (; taken < pieces; taken++) await from.write(pattern(taken << 20, 1 << 20));
    })();
    // The first read comes with every buffer full and none given back.
    await turns(1000);
    const first = await to.read();
    await turns(1000);
    const waitedAt = taken;
    expect(waitedAt).toBeLessThan(pieces / 2);

    let got = first?.length ?? 0;
    while (got < pieces << 20) {
      const chunk = await to.read();
      if (!chunk) break;
      if (!samePattern(chunk, got)) expect.fail(`${chunk.length} bytes at ${got} were changed`);
      got += chunk.length;
    }
    await sent;
    expect(got).toBe(pieces << 20);
  });

  it.each([
    ['that came in', 0],
    ['that went out', 1],
  ])('%s keeps what is asked to be kept, in whatever order it is given back', async (_, side) => {
    const ends = await connected();
    const [from, to] = side === 1 ? [ends.there, ends.here] : [ends.here, ends.there];
    const random = randomNumbers(side + 2);
    const total = 64 << 20;
    const sent = (async () => {
      for (let at = 0; at < total; at += 1 << 20) await from.write(pattern(at, 1 << 20));
      await from.close();
    })();

    const kept: { chunk: Uint8Array; at: number; giveBack: () => void }[] = [];
    const check = (index: number) => {
      for (const { chunk, at, giveBack } of kept.splice(index, 1)) {
        if (!samePattern(chunk, at)) expect.fail(`${chunk.length} bytes at ${at} were changed`);
        giveBack();
      }
    };
    let at = 0;
    for (;;) {
      const chunk = await to.read();
      if (!chunk) break;
      let giveBack: () => void = ignore;
      to.keep?.(new Promise<void>((resolve) => (giveBack = resolve)));
      kept.push({ chunk, at, giveBack });
      at += chunk.length;
      while (kept.length > 5) check(Math.floor(random() * kept.length));
      if (random() < 0.3) await turns(Math.floor(random() * 8));
    }
    while (kept.length > 0) check(0);
    await sent;
    expect(at).toBe(total);
  });

  it('sends the parts of one write back to back, empty ones and none at all included', async () => {
    const { here, there } = await connected();
    await here.write();
    await here.write(new Uint8Array(0));
    await here.write(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
    await here.close();
    expect(await readAll(there)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('keeps writes that are under way at once apart', async () => {
    const { here, there } = await connected();
    const a = new Uint8Array(3 << 20).fill(1);
    const b = new Uint8Array(3 << 20).fill(2);
    const sent = Promise.all([here.write(a, a), here.write(b)]).then(() => here.close());
    const got = await readAll(there);
    await sent;
    expect(Buffer.compare(got, concat([a, a, b]))).toBe(0);
  });

  it('ends with undefined, once and for all, when the other end closes', async () => {
    const { here, there } = await connected();
    await there.write(Uint8Array.of(7));
    await there.close();
    expect(await here.read()).toEqual(Uint8Array.of(7));
    expect(await here.read()).toBeUndefined();
    expect(await here.read()).toBeUndefined();
    expect(await here.closed).toBeUndefined();
  });

  it('still gives what had come when the other end closed before anybody read', async () => {
    const { here, there } = await connected();
    await there.write(pattern(0, 2_500_000));
    await there.close();
    await turns(100);
    expect(samePattern(await readAll(here), 0)).toBe(true);
  });

  it('rejects a read with a LinkError when the connection is reset', async () => {
    const { port, socket } = await rawServer();
    const stream = await connect(port);
    const reading = stream.read();
    (await socket).resetAndDestroy();
    const error = await reading.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).code).toBe('LINK_LOST');
    expect((error as LinkError).message).toContain(`127.0.0.1:${port}`);
    expect(await stream.closed).toBe(error);
    await expect(stream.read()).rejects.toBe(error);
    await expect(stream.write(Uint8Array.of(1))).rejects.toBeInstanceOf(LinkError);
  });

  it('refuses a write after close with a LinkError', async () => {
    const { here } = await connected();
    await here.close();
    await expect(here.write(Uint8Array.of(1))).rejects.toThrow(/is closed/);
    expect(await here.read()).toBeUndefined();
    expect(await here.closed).toBeUndefined();
  });

  it('lets go of a read that is under way when it is closed', async () => {
    const { here } = await connected();
    const reading = here.read();
    await here.close();
    expect(await reading).toBeUndefined();
  });

  it('sends what was written before it closes', async () => {
    const { here, there } = await connected();
    const written = here.write(pattern(0, 5_000_000));
    const reading = readAll(there);
    await here.close();
    await written;
    expect((await reading).length).toBe(5_000_000);
  });

  it('closes soon although the other end never reads', async () => {
    const { port, socket } = await rawServer();
    const stream = await connect(port);
    (await socket).pause();
    const written = stream.write(new Uint8Array(64 << 20)).catch((error: unknown) => error);
    const from = performance.now();
    await stream.close();
    expect(performance.now() - from).toBeLessThan(3000);
    expect(await written).toBeInstanceOf(LinkError);
    expect(await stream.closed).toBeUndefined();
  });

  it('can be closed twice, also at once', async () => {
    const { here } = await connected();
    await Promise.all([here.close(), here.close()]);
    await here.close();
    expect(await here.closed).toBeUndefined();
  });

  it('is named by the address and port of the other end', async () => {
    const { here, there, port } = await connected();
    expect(here.name).toBe(`127.0.0.1:${port}`);
    expect(there.name).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

describe('connecting', () => {
  it('finds a host by its name', async () => {
    const server = await listen(() => {});
    const stream = await connectTcp({ host: 'localhost', port: server.port });
    opened.push(() => stream.close());
    expect(stream.name).toBe(`localhost:${server.port}`);
  });

  it.each(['127.0.0.1', 'localhost'])('says that %s refused', async (host) => {
    const error = await failure(connectTcp({ host, port: await freePort() }));
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED' });
    expect(error.message).toContain(`${host}:`);
    expect(error.hint).toBeTruthy();
  });

  it('says that there is no host of that name', async () => {
    // An empty label is no name at all, so no name server is asked.
    const error = await failure(connectTcp({ host: 'no..such.host', port: 15740 }));
    expect(error).toMatchObject({ code: 'UNREACHABLE' });
    expect(error.message).toContain('no..such.host');
    expect(error.hint).toBeTruthy();
  });

  it.skipIf(process.platform !== 'linux')('gives up after its time', async () => {
    const { port, close } = await silentPort();
    opened.push(close);
    const error = await failure(connectTcp({ host: '127.0.0.1', port, timeoutMs: 50 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe(`no connection to 127.0.0.1:${port} within 50 ms`);
  });

  it.skipIf(process.platform !== 'linux')('gives up with the reason of its signal', async () => {
    const { port, close } = await silentPort();
    opened.push(close);
    const abort = new AbortController();
    const connecting = connectTcp({ host: '127.0.0.1', port, signal: abort.signal });
    await turns(5);
    abort.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
  });

  it('does not begin with a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(connectTcp({ host: '127.0.0.1', port: 1, signal })).rejects.toThrow('enough');
  });
});

describe('listening', () => {
  it('names the port that is taken', async () => {
    const server = await listen(() => {});
    const error = await failure(listenTcp({ port: server.port }, () => {}));
    expect(error.code).toBe('LISTEN');
    expect(error.message).toBe(`port ${server.port} on 127.0.0.1 is taken`);
    expect(error.hint).toContain('--port');
  });

  it('names the address that this computer does not have', async () => {
    const error = await failure(listenTcp({ host: '192.0.2.1', port: 0 }, () => {}));
    expect(error.code).toBe('LISTEN');
    expect(error.message).toContain('cannot listen on 192.0.2.1:0');
  });

  it('ends its connections when it is closed', async () => {
    const { here, there, server } = await connected();
    await server.close();
    expect(await there.read()).toBeUndefined();
    await Promise.all([here.closed, there.closed]);
    expect(await failure(connectTcp({ host: '127.0.0.1', port: server.port }))).toMatchObject({
      code: 'CONNECTION_REFUSED',
    });
    await server.close();
  });
});

it('leaves no handle behind, whichever way a connection ends', async () => {
  await turns(20);
  const before = handles();
  const { here, there, server } = await connected();
  await here.write(Uint8Array.of(1));
  await there.close();
  await here.close();
  await failure(connectTcp({ host: '127.0.0.1', port: await freePort() }));
  const abort = new AbortController();
  const connecting = connectTcp({ host: '127.0.0.1', port: server.port, signal: abort.signal });
  abort.abort(new Error('enough'));
  await failure(connecting);
  await server.close();
  await turns(20);
  expect(handles()).toEqual(before);
});

/** Sockets, servers and timers that keep the process alive. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Timeout/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function listen(onConnection: Parameters<typeof listenTcp>[1]) {
  const server = await listenTcp({ port: 0 }, onConnection);
  opened.push(() => server.close());
  return server;
}

async function connect(port: number): Promise<ByteStream> {
  const stream = await connectTcp({ host: '127.0.0.1', port });
  opened.push(() => stream.close());
  return stream;
}

/** Two ends of a connection, both ours. */
async function connected() {
  let arrive!: (stream: ByteStream) => void;
  const arrival = new Promise<ByteStream>((resolve) => {
    arrive = resolve;
  });
  const server = await listen((stream) => arrive(stream));
  const here = await connect(server.port);
  const there = await arrival;
  return { here, there, server, port: server.port };
}

/** A server whose side of the connection is a plain socket. */
async function rawServer(): Promise<{ port: number; socket: Promise<net.Socket> }> {
  const server = net.createServer();
  const socket = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    (await socket).destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as net.AddressInfo).port, socket };
}

async function freePort(): Promise<number> {
  const server = await listenTcp({ port: 0 }, () => {});
  await server.close();
  return server.port;
}

/** What a promise is rejected with; fails where it is not. */
async function failure(promise: Promise<unknown>): Promise<HotshoeError> {
  return promise.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error as HotshoeError,
  );
}

async function readAll(stream: ByteStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const chunk = await stream.read();
    if (!chunk) return concat(parts);
    parts.push(chunk.slice());
  }
}

/** Lets the event loop turn, sockets and all. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await settle();
}

/** The bytes from `at` on of a stream that never repeats itself. */
function pattern(at: number, size: number): Uint8Array {
  const first = at >>> 2;
  const words = new Uint32Array(((at & 3) + size + 3) >>> 2);
  for (let i = 0; i < words.length; i++) {
    const mixed = Math.imul((first + i) ^ ((first + i) >>> 13), 0x9e3779b1);
    words[i] = mixed ^ (mixed >>> 15);
  }
  return new Uint8Array(words.buffer, at & 3, size);
}

function samePattern(bytes: Uint8Array, at: number): boolean {
  return Buffer.compare(bytes, pattern(at, bytes.length)) === 0;
}

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x3c6ef372;
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
  };
}
