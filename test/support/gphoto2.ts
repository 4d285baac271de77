/** gphoto2 and a virtual camera that it reaches over TCP, with a home of its own. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenTcp, type TcpServer } from '../../src/node/tcp.ts';
import type { VirtualCamera } from '../../src/virtual/index.ts';

export interface Gphoto2Run {
  /** 0 also after many failures: content counts. */
  code: number | null;
  output: string;
}

/** Whatever it can be connected to. */
type Served = Pick<VirtualCamera, 'servePtpIp' | 'close'>;

export class Gphoto2<Camera extends Served = VirtualCamera> {
  /** Where it writes its files. */
  readonly home = mkdtempSync(join(tmpdir(), 'hotshoe-gphoto2-'));
  readonly camera: Camera;
  #server: TcpServer;

  private constructor(camera: Camera, server: TcpServer) {
    this.camera = camera;
    this.#server = server;
  }

  static async on<Camera extends Served>(camera: Camera): Promise<Gphoto2<Camera>> {
    const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
    return new Gphoto2(camera, server);
  }

  /** For other programs. */
  get address(): string {
    return `ptpip://127.0.0.1:${this.#server.port}`;
  }

  run(...args: string[]): Promise<Gphoto2Run> {
    const { port } = this.#server;
    const child = spawn('gphoto2', [`--port=ptpip:127.0.0.1:${port}:${port}`, ...args], {
      cwd: this.home,
      env: { ...process.env, HOME: this.home, XDG_CONFIG_HOME: this.home, LC_ALL: 'C' },
      timeout: 40_000,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  }

  /** A file that it wrote. */
  read(name: string): Buffer {
    return readFileSync(join(this.home, name));
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.camera.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
