/**
 * The page's files, read once: a request names an entry of a table, never a path on the disk.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HotshoeError } from '../base/errors.ts';

/** Where the build puts it, seen from the bundled program and from the sources alike. */
const PAGE = fileURLToPath(new URL('../../dist/page/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** The page does everything with its own scripts, and speaks to nobody else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface PageFile {
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

export class PageFiles {
  #files: Map<string, PageFile>;

  private constructor(files: Map<string, PageFile>) {
    this.#files = files;
  }

  static async read(folder = PAGE): Promise<PageFiles> {
    const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, PageFile>();
    for (const entry of names) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length).split(sep).join('/').replace(/^\//, '');
      files.set(`/${name}`, await pageFile(path, name));
    }
    const index = files.get('/index.html');
    if (!index) {
      throw new HotshoeError('FILE', `the page is missing in ${folder}`, {
        hint: 'Build it: npm run build.',
      });
    }
    files.set('/', index);
    return new PageFiles(files);
  }

  /** Undefined where the page has no such file. */
  answer(request: Request, pathname: string): Response | undefined {
    const file = this.#files.get(pathname);
    if (!file) return undefined;
    if (request.headers.get('if-none-match') === file.headers.ETag) {
      return new Response(null, { status: 304, headers: file.headers });
    }
    const zipped = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
    const body = zipped ? file.gzipped : file.bytes;
    const headers = new Headers(file.headers);
    headers.set('Content-Length', String(body.length));
    if (zipped) headers.set('Content-Encoding', 'gzip');
    return new Response(request.method === 'HEAD' ? null : body, { headers });
  }
}

async function pageFile(path: string, name: string): Promise<PageFile> {
  const bytes = new Uint8Array(await readFile(path));
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  // Whatever is in this folder has a hash of its content in its name.
  const forEver = name.startsWith('assets/');
  return {
    bytes,
    gzipped: new Uint8Array(await promisify(gzip)(bytes)),
    headers: {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      'Cache-Control': forEver ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy': POLICY,
      'Permissions-Policy': 'usb=(self), camera=(), microphone=(), geolocation=()',
      ETag: `"${hash}"`,
      Vary: 'Accept-Encoding',
    },
  };
}
