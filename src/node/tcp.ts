/** TCP as byte streams. */
import net from 'node:net';
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import { ignore, within } from '../base/time.ts';
import { transferBuffer } from './transfer-buffer.ts';

/** Reading in large pieces is what makes a download fast; measured, not guessed. */
const READ_BUFFER = 1 << 20;
/** Buffers between the socket and a slow consumer. */
const READ_BUFFERS = 8;
const CONNECT_MS = 5000;
const CLOSE_MS = 500;
/** Silence after which the system asks whether the other end is still there; its default is 2 h. */
const KEEP_ALIVE_MS = 10_000;
const KEPT_ALIVE = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };

export interface TcpConnectOptions {
  host: string;
  port: number;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Connects, with NODELAY and keep-alive. Rejects with a LinkError, TimeoutError or the reason. */
export async function connectTcp(options: TcpConnectOptions): Promise<ByteStream> {
  const { host, port, timeoutMs = CONNECT_MS, signal } = options;
  signal?.throwIfAborted();
  const name = hostAndPort(host, port);
  const ring = new ReadRing();
  const socket = net.connect({
    host,
    port,
    ...KEPT_ALIVE,
    onread: ring.onread,
  });
  try {
    await within(
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', (error) => reject(linkError(error, name)));
      }),
      {
        ms: timeoutMs,
        what: `no connection to ${name}`,
        hint: 'Is the camera on, and in the same network? Its address is in its Wi-Fi menu.',
        signal,
      },
    );
  } catch (error) {
    socket.on('error', ignore);
    socket.destroy();
    throw error;
  }
  return new TcpStream(socket, name, ring);
}

export interface TcpServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

export interface TcpListenOptions {
  /** 127.0.0.1 unless told otherwise. */
  host?: string | undefined;
  /** 0 takes any free one. */
  port: number;
  /** The command line's option for the port, for the hint; `--port` unless told otherwise. */
  flag?: string | undefined;
}

/** Listens until it is closed. Rejects with a HotshoeError `LISTEN` when it cannot. */
export async function listenTcp(
  options: TcpListenOptions,
  onConnection: (stream: ByteStream) => void,
): Promise<TcpServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(KEPT_ALIVE, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const name = hostAndPort(socket.remoteAddress ?? 'nobody', socket.remotePort ?? 0);
    onConnection(new TcpStream(socket, name, undefined));
  });
  const address = await listenOn(server, options);
  return {
    host: address.address,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A connection that somebody else has made: through a socket in the file system, for example. */
export function socketStream(socket: net.Socket, name: string): ByteStream {
  return new TcpStream(socket, name, undefined);
}

/** Connects to a socket in the file system. Rejects with Node's own error. */
export async function connectPath(path: string, name: string): Promise<ByteStream> {
  const ring = new ReadRing();
  const socket = net.connect({ path, onread: ring.onread });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new TcpStream(socket, name, ring);
}

/** Resolves when `server` listens. Rejects with a HotshoeError `LISTEN` when it cannot. */
export async function listenOn(
  server: net.Server,
  { host = '127.0.0.1', port, flag = '--port' }: TcpListenOptions,
): Promise<net.AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    // Also later: a connection that could not be accepted is the loss of whoever connected.
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new HotshoeError(
          'LISTEN',
          taken
            ? `port ${port} on ${host} is taken`
            : `cannot listen on ${hostAndPort(host, port)}: ${error.message}`,
          {
            cause: error,
            hint: taken ? `Choose another with ${flag}, or 0 for any free one.` : undefined,
          },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return server.address() as net.AddressInfo;
}

/** "192.168.1.20:15740", "[::1]:15740". */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Node's errors as ours. */
function linkError(error: NodeJS.ErrnoException, name: string): LinkError {
  switch (error.code) {
    case 'ECONNREFUSED':
      return new LinkError(`${name} refused the connection`, {
        code: 'CONNECTION_REFUSED',
        cause: error,
        hint: 'Nothing listens there: is the camera at its connection screen, and is the address right?',
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new LinkError(`${name} cannot be reached: no host of that name is known`, {
        code: 'UNREACHABLE',
        cause: error,
        hint: 'Give the address in numbers; it stands in the camera’s Wi-Fi menu.',
      });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ETIMEDOUT':
      return new LinkError(`${name} cannot be reached`, {
        code: 'UNREACHABLE',
        cause: error,
        hint: 'Is this computer in the camera’s network? Some access points keep their clients apart.',
      });
    default:
      return new LinkError(`the connection to ${name} broke: ${error.message}`, { cause: error });
  }
}

/**
 * Buffers that the socket reads into directly. A buffer goes to the consumer and comes back with its
 * next read. Node asks for the next buffer even when reading has just been paused, so one is always
 * kept in reserve that nobody else holds; reading goes on only when there is another.
 */
class ReadRing {
  #free: Uint8Array<ArrayBuffer>[] = [];
  #current = transferBuffer(READ_BUFFER);
  #made = 1;
  #paused = false;
  deliver: (chunk: Uint8Array, release: () => void) => void = ignore;

  readonly onread: net.OnReadOpts = {
    buffer: () => this.#current,
    callback: (size, buffer) => {
      const full = this.#current;
      this.#current = this.#free.pop() ?? this.#make();
      this.#paused = this.#free.length === 0 && this.#made === READ_BUFFERS;
      const chunk = new Uint8Array(buffer.buffer, buffer.byteOffset, size);
      this.deliver(chunk, () => this.#free.push(full));
      return !this.#paused;
    },
  };

  /** True, once, when reading stands still and may go on. */
  takeResume(): boolean {
    if (!this.#paused || this.#free.length === 0) return false;
    this.#paused = false;
    return true;
  }

  #make(): Uint8Array<ArrayBuffer> {
    this.#made++;
    return transferBuffer(READ_BUFFER);
  }
}

interface Piece {
  chunk: Uint8Array;
  release: () => void;
  /** The reader, and whoever keeps it longer. */
  users: number;
}

/** Chunks kept for a consumer before a plain socket (one without a ring) is paused. */
const PLAIN_LIMIT = 16;

class TcpStream implements ByteStream {
  readonly name: string;
  readonly host: string | undefined;
  readonly closed: Promise<LinkError | undefined>;
  #socket: net.Socket;
  #ring: ReadRing | undefined;
  #pieces: Piece[] = [];
  #held: Piece | undefined;
  #ended = false;
  #error: LinkError | undefined;
  #waiting: (() => void) | undefined;
  #closing = false;

  constructor(socket: net.Socket, name: string, ring: ReadRing | undefined) {
    this.#socket = socket;
    this.#ring = ring;
    this.name = name;
    // Asked for now: a socket that has been closed does not know it any more.
    this.host = socket.remoteAddress;
    if (ring) {
      ring.deliver = (chunk, release) => this.#push({ chunk, release, users: 1 });
    } else {
      socket.on('data', (chunk: Buffer) => {
        this.#push({ chunk, release: ignore, users: 1 });
        if (this.#pieces.length >= PLAIN_LIMIT) socket.pause();
      });
    }
    socket.once('end', () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#error ??= linkError(error, name);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#ended = true;
        this.#wake();
        resolve(this.#closing ? undefined : this.#error);
      });
    });
  }

  keep(until: Promise<unknown>): void {
    const piece = this.#held;
    if (!piece) return;
    piece.users++;
    const done = () => this.#drop(piece);
    until.then(done, done);
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#held) this.#drop(this.#held);
    this.#held = undefined;
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) {
        this.#held = piece;
        return piece.chunk;
      }
      if (this.#error) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  write(...parts: Uint8Array[]): Promise<void> {
    const socket = this.#socket;
    if (this.#error || socket.destroyed || this.#closing) return Promise.reject(this.#gone());
    if (parts.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      // Of a write that `destroy` cuts short Node reports success.
      const done = (error?: Error | null) => {
        if (error || socket.destroyed) reject(this.#gone(error ?? socket.errored));
        else resolve();
      };
      // One system call, hence one segment where it fits.
      socket.cork();
      parts.forEach((part, i) => {
        if (i === parts.length - 1) socket.write(part, done);
        else socket.write(part);
      });
      socket.uncork();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#ended = true;
    this.#wake();
    // What was written still goes out, then FIN; a peer that takes nothing is cut off.
    this.#socket.destroySoon();
    await within(this.closed, {
      ms: CLOSE_MS,
      what: `${this.name} did not take what was sent`,
    }).catch(() => this.#socket.destroy());
  }

  /** Why nothing can be written. */
  #gone(error?: Error | null): LinkError {
    if (this.#error) return this.#error;
    if (error && !this.#closing) return linkError(error, this.name);
    return new LinkError(`the connection to ${this.name} is closed`);
  }

  #push(piece: Piece): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  #drop(piece: Piece): void {
    if (--piece.users > 0) return;
    piece.release();
    if (this.#ring) {
      if (this.#ring.takeResume()) this.#socket.resume();
    } else if (this.#socket.isPaused() && this.#pieces.length <= PLAIN_LIMIT / 2) {
      this.#socket.resume();
    }
  }
}
