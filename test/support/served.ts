/** A server with the API, and cameras in the network for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Cameras } from '../../src/api/cameras.ts';
import type { Camera } from '../../src/api/schemas.ts';
import { openShared } from '../../src/holder/index.ts';
import '../../src/node/index.ts';
import '../../src/virtual/index.ts';
import { availableCameras } from '../../src/server/node-cameras.ts';
import { saveTo } from '../../src/server/save.ts';
import { type ServeOptions, serve } from '../../src/server/server.ts';

export interface Served extends AsyncDisposable {
  /** "http://127.0.0.1:40123". */
  url: string;
  port: number;
  cameras: Cameras;
  /** Where pictures for the server's computer go. */
  folder: string;
  /** JSON of an answer that is expected to be good. */
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  request(method: string, path: string, body?: unknown): Promise<Response>;
  /** Connects and waits until it is ready. */
  connect(address: string): Promise<Camera>;
}

export async function served(options: Partial<ServeOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-served-'));
  const page = path.join(folder, 'page');
  if (options.page === undefined) {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(path.join(page, 'assets'), { recursive: true });
    writeFileSync(path.join(page, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(path.join(page, 'assets', 'main-1.js'), 'export {};');
  }
  // As `hotshoe serve` does, with no holder in common with what else runs on this computer.
  const env = { XDG_RUNTIME_DIR: path.join(folder, 'run') };
  const cameras = new Cameras({
    open: (address, wait) => openShared(address, { ...wait, version: '0.0.0', env }),
    available: availableCameras(undefined),
  });
  const pictures = path.join(folder, 'pictures');
  const server = await serve({
    cameras,
    version: '0.0.0',
    port: 0,
    page,
    save: saveTo(pictures),
    ...options,
  });
  const url = `http://127.0.0.1:${server.port}`;
  const request = (method: string, where: string, body?: unknown) =>
    fetch(`${url}${where}`, {
      method,
      ...(options.token && { headers: { Authorization: `Bearer ${options.token}` } }),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: {
          'Content-Type': 'application/json',
          ...(options.token && { Authorization: `Bearer ${options.token}` }),
        },
      }),
    });
  return {
    url,
    port: server.port,
    cameras,
    folder: pictures,
    request,
    async json<T>(method: string, where: string, body?: unknown): Promise<T> {
      const response = await request(method, where, body);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
      return JSON.parse(text) as T;
    },
    async connect(address) {
      const { id } = cameras.connect(address);
      await cameras.seat(id).ready();
      return cameras.seat(id).state;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await cameras.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
