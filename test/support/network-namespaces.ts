/**
 * Networks of their own for tests: two namespaces of the Linux kernel with a cable between them, so
 * that real multicast passes and nobody else hears it. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { runs } from './peers.ts';

/** Why there are none here; `undefined` where there are. */
export function noNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  const name = `hotshoe-probe-${process.pid}`;
  const refused = runs('ip', 'netns', 'add', name);
  if (refused === undefined) ip('netns', 'delete', name);
  return refused && `no network namespaces: ${refused}`;
}

function ip(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export type Side = 'computer' | 'camera';

let made = 0;

/** `computer` is 10.77.0.1, `camera` 10.77.0.2. */
export class Networks implements Disposable {
  readonly address: Readonly<Record<Side, string>> = {
    computer: '10.77.0.1',
    camera: '10.77.0.2',
  };
  #names: Readonly<Record<Side, string>>;
  #onExit = () => this.close();

  constructor() {
    const id = `hotshoe-${process.pid}-${made++}`;
    this.#names = { computer: `${id}-c`, camera: `${id}-k` };
    // A run that is broken off leaves nothing behind.
    process.once('exit', this.#onExit);
    try {
      for (const name of Object.values(this.#names)) {
        ip('netns', 'add', name);
        ip('-n', name, 'link', 'set', 'lo', 'up');
      }
      const { computer, camera } = this.#names;
      ip(...`link add w0 netns ${computer} type veth peer name w0 netns ${camera}`.split(' '));
      for (const side of ['computer', 'camera'] as const) {
        this.addAddress(side, this.address[side]);
        this.link(side, 'up');
      }
      this.#awaitCarrier();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What a command has to begin with, to run on one side. */
  prefix(side: Side): string[] {
    return ['ip', 'netns', 'exec', this.#names[side]];
  }

  link(side: Side, state: 'up' | 'down'): void {
    ip('-n', this.#names[side], 'link', 'set', 'w0', state);
  }

  /** The kernel takes a moment until it says that a cable is in. */
  #awaitCarrier(): void {
    const end = Date.now() + 5000;
    for (const name of Object.values(this.#names)) {
      while (!ip('-n', name, '-o', 'link', 'show', 'w0').includes('state UP')) {
        if (Date.now() > end) throw new Error(`no carrier in ${name}`);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  addAddress(side: Side, address: string): void {
    ip('-n', this.#names[side], 'addr', 'add', `${address}/24`, 'brd', '+', 'dev', 'w0');
  }

  removeAddress(side: Side, address: string): void {
    ip('-n', this.#names[side], 'addr', 'del', `${address}/24`, 'dev', 'w0');
  }

  close(): void {
    process.off('exit', this.#onExit);
    // The cable goes with its ends; a namespace lives on until the last process in it has ended.
    for (const name of Object.values(this.#names)) {
      spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore', timeout: 10_000 });
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
