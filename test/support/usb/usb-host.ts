/**
 * A computer with virtual cameras on its USB, for programs that nobody here wrote, and for our own
 * command line: umockdev answers what they ask of their system from a USB/IP server in this process.
 */
import { spawn } from 'node:child_process';

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenUsbip, type UsbipListener } from '../../../src/node/usbip.ts';
import type { VirtualCamera } from '../../../src/virtual/index.ts';
import { runs } from '../peers.ts';

const BRIDGE = path.join(import.meta.dirname, 'umockdev-host.py');
/** Debian's; another one may lack the bindings. */
const PYTHON = '/usr/bin/python3';
const COMMAND_MS = 50_000;

/** Why no computer with USB can be had here; `undefined` when it can. */
export function umockdevProbe(): string | undefined {
  return (
    runs('umockdev-wrapper', 'true') ??
    (runs(PYTHON, '-c', 'import gi; gi.require_version("UMockdev", "1.0")') &&
      'the Python bindings of umockdev are not installed')
  );
}

export interface UsbRun {
  code: number | null;
  /** Standard output and error, as they came. */
  output: string;
  stdout: string;
}

export class UsbHost {
  /** Where commands run, and their home. */
  readonly home = mkdtempSync(path.join(tmpdir(), 'hotshoe-usb-'));
  readonly camera: VirtualCamera;
  #listener: UsbipListener;

  private constructor(camera: VirtualCamera, listener: UsbipListener) {
    this.camera = camera;
    this.#listener = listener;
  }

  static async with(camera: VirtualCamera): Promise<UsbHost> {
    return new UsbHost(camera, await listenUsbip([camera], { port: 0 }));
  }

  get address(): string {
    return `127.0.0.1:${this.#listener.port}`;
  }

  /** Plugs the camera in, runs the command to its end, and unplugs it. */
  run(command: string, ...args: string[]): Promise<UsbRun> {
    const [busId = ''] = this.#listener.busIds;
    const bridge = [PYTHON, BRIDGE, this.address, busId, command, ...args];
    const child = spawn('umockdev-wrapper', bridge, {
      cwd: this.home,
      env: { ...process.env, HOME: this.home, XDG_CONFIG_HOME: this.home, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_MS,
    });
    let output = '';
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output, stdout }));
    });
  }

  /** A file that a command wrote. */
  read(name: string): Buffer {
    return readFileSync(path.join(this.home, name));
  }

  async close(): Promise<void> {
    await this.#listener.close();
    await this.camera.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
