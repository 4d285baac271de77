/**
 * Who is answered. A page of the web can make a browser send requests to this computer: under a name
 * of its own that leads here (DNS rebinding), or across sites. Neither gets through. Whoever comes
 * from another computer needs the token.
 */
import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { HttpError } from '../api/problem.ts';
import { RateLimit } from './limits.ts';

/** Wrong tokens from one address in a minute. */
const TRIES = 10;

export interface GuardOptions {
  /** What is listened on; a name is then a right one. */
  host: string;
  /** Without one everybody who reaches the port is let in. */
  token?: string | undefined;
  /** In its name, because cookies do not keep ports apart. */
  port: number;
}

export class Guard {
  #options: GuardOptions;
  #wrong = new RateLimit({ burst: TRIES, perSecond: TRIES / 60 });

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Throws what the request is refused with. */
  checkHost(request: Request): void {
    const name = hostnameOf(request.headers.get('host') ?? undefined);
    if (isOwnName(name, this.#options.host)) return;
    throw new HttpError(403, {
      code: 'REJECTED',
      message: 'this server has no such name',
      hint: 'Use its address in numbers, or localhost.',
    });
  }

  checkSite(request: Request): void {
    const { headers, method } = request;
    const site = headers.get('sec-fetch-site');
    const origin = headers.get('origin');
    const foreignOrigin = origin !== null && !sameHost(origin, headers.get('host'));
    const foreignSite = site !== null && site !== 'same-origin' && site !== 'none';
    if (!foreignSite && !foreignOrigin) return;
    throw new HttpError(403, {
      code: 'REJECTED',
      message: `${method} from a page of another site`,
      hint: 'Pages of this server and programs are answered.',
    });
  }

  checkToken(request: Request, client: string): void {
    const { token } = this.#options;
    if (token === undefined) return;
    const given = bearerOf(request) ?? this.#cookieOf(request);
    if (given !== undefined && this.#isToken(given, client)) return;
    throw new HttpError(
      401,
      {
        code: 'REJECTED',
        message: given === undefined ? 'the token is missing' : 'the token is wrong',
        hint: 'Open the link that `hotshoe serve` has shown, or send Authorization: Bearer TOKEN.',
      },
      { 'WWW-Authenticate': 'Bearer' },
    );
  }

  /** The cookie for whoever comes by the link; undefined without a token in the address. */
  cookieFor(url: URL, client: string): string | undefined {
    const given = url.searchParams.get('token');
    if (given === null || this.#options.token === undefined) return undefined;
    if (!this.#isToken(given, client)) return undefined;
    return `${this.#cookieName}=${given}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
  }

  get #cookieName(): string {
    return `hotshoe-${this.#options.port}`;
  }

  #isToken(given: string, client: string): boolean {
    const expected = Buffer.from(this.#options.token ?? '');
    const found = Buffer.from(given);
    if (!this.#wrong.allows(client)) {
      throw new HttpError(
        429,
        { code: 'BUSY', message: 'too many wrong tokens', hint: 'Wait a minute.' },
        { 'Retry-After': '60' },
      );
    }
    if (expected.length === found.length && timingSafeEqual(expected, found)) return true;
    this.#wrong.count(client);
    return false;
  }

  #cookieOf(request: Request): string | undefined {
    const cookies = request.headers.get('cookie')?.split(';') ?? [];
    const pairs = cookies.map((cookie) => cookie.trim().split('=', 2));
    return pairs.find(([name]) => name === this.#cookieName)?.[1];
  }
}

/** True for addresses in numbers, localhost, and the name that is listened on. */
function isOwnName(name: string | undefined, host: string | undefined): boolean {
  return name !== undefined && (isIP(name) > 0 || name === 'localhost' || name === host);
}

/** "127.0.0.1:8080" -> "127.0.0.1", "[::1]:8080" -> "::1". */
function hostnameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/?#@[\]]+))(?::\d+)?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function sameHost(origin: string, host: string | null): boolean {
  return host !== null && (origin === `http://${host}` || origin === `https://${host}`);
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer ([\w-]{1,200})$/.exec(request.headers.get('authorization') ?? '')?.[1];
}
