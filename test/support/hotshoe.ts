/** The built command line as a child process, and virtual cameras that are processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ignore } from '../../src/base/time.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface Ended {
  /** Exit code; the signal's name if one ended it. */
  code: number | string | null;
  stdout: string;
  stderr: string;
  /** What went to stdout, as bytes. */
  bytes: Buffer;
}

/** A command that runs; await `ended` for its result. */
export class Command {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #stdout: Buffer[] = [];
  #stderr = '';
  #changed: (() => void)[] = [];

  /** `prefix`: what it is started by, `ip netns exec NAME` for example. */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv, prefix: readonly string[] = []) {
    const [program = '', ...rest] = [...prefix, process.execPath, PROGRAM, ...args];
    const child = spawn(program, rest, { env });
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout.push(chunk);
      this.#wake();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
      this.#wake();
    });
    // A command that has ended reads no more of its input.
    child.stdin.on('error', ignore);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        resolve({
          code: code ?? signal,
          stdout: this.stdout,
          stderr: this.#stderr,
          bytes: Buffer.concat(this.#stdout),
        });
        this.#wake();
      });
    });
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString();
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when what has been printed so far satisfies; rejects when the command ends before. */
  async until(satisfied: (command: Command) => boolean): Promise<void> {
    const { child } = this;
    while (!satisfied(this)) {
      if (child.exitCode !== null || child.signalCode !== null) {
        const { code, stdout, stderr } = await this.ended;
        if (satisfied(this)) return;
        throw new Error(`ended with ${code}\n${stdout}\n${stderr}`);
      }
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  #wake(): void {
    for (const resume of this.#changed.splice(0)) resume();
  }
}

/** Runs commands in an environment of their own, and ends what is left of them. */
export class Shell {
  /** A folder for whatever the commands write. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-cli-'));
  readonly env: NodeJS.ProcessEnv;
  #commands = new Set<Command>();

  constructor(env: NodeJS.ProcessEnv = {}) {
    const { PATH, HOTSHOE_TEST_RUN } = process.env;
    this.env = {
      PATH,
      // By this the closing reporter finds what a test leaves behind.
      ...(HOTSHOE_TEST_RUN && { HOTSHOE_TEST_RUN }),
      HOME: this.folder,
      XDG_STATE_HOME: path.join(this.folder, 'state'),
      XDG_RUNTIME_DIR: path.join(this.folder, 'run'),
      ...env,
    };
  }

  /** Starts a command, without waiting for its end. */
  start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    prefix: readonly string[] = [],
  ): Command {
    const command = new Command(args, { ...this.env, ...env }, prefix);
    this.#commands.add(command);
    void command.ended.finally(() => this.#commands.delete(command)).catch(ignore);
    return command;
  }

  /** Runs a command to its end. */
  run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    prefix: readonly string[] = [],
  ): Promise<Ended> {
    const command = this.start(args, env, prefix);
    command.child.stdin.end();
    return command.ended;
  }

  /** Starts a virtual camera on a free port and resolves when it can be connected to. */
  async virtualCamera(...options: string[]): Promise<{ address: string; process: Command }> {
    const process = this.start(['virtual', 'eos-r6', '--port', '0', ...options]);
    await process.until(({ stdout }) => stdout.includes('\n'));
    return { address: process.stdout.split('\n')[0] ?? '', process };
  }

  /** Ends every command that still runs, and removes the folder. */
  async close(): Promise<void> {
    const left = [...this.#commands];
    for (const { child } of left) child.kill('SIGKILL');
    await Promise.all(left.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
