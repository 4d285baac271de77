/**
 * Peers are programs nobody here wrote, which judge what hotshoe says: gphoto2, exiftool, tshark.
 * Where one is missing its tests are skipped and say why in their name; with
 * HOTSHOE_PEERS=required they fail instead, because a judge that never sits approves everything.
 */
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

/** Why the program cannot be used here; `undefined` when it can. */
export type Probe = () => string | undefined;

export interface Peer {
  describe(title: string, body: () => void): void;
  it(title: string, body: () => void | Promise<void>, timeout?: number): void;
}

/**
 * `const gphoto2 = peer('gphoto2')`, then `gphoto2.describe(…)` and `gphoto2.it(…)` in place of
 * Vitest's own. Probes by `NAME --version` unless told otherwise.
 */
export function peer(name: string, probe: Probe = () => runs(name, '--version')): Peer {
  const missing = probe();
  if (missing === undefined) return { describe, it };

  if (process.env.HOTSHOE_PEERS === 'required') {
    const fail = (title: string) =>
      it(title, () => {
        throw new Error(`${missing}, and HOTSHOE_PEERS=required asks for it`);
      });
    return { describe: fail, it: fail };
  }
  return {
    describe: (title, body) => void describe.skip(`${title} (skipped: ${missing})`, body),
    it: (title, body) => it.skip(`${title} (skipped: ${missing})`, body),
  };
}

/** A probe: the command can be started and ends with 0. */
export function runs(command: string, ...args: string[]): string | undefined {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore', timeout: 15_000 });
  if (error) {
    const absent = 'code' in error && error.code === 'ENOENT';
    return absent ? `${command} is not installed` : `${command} does not run: ${error.message}`;
  }
  return status === 0 ? undefined : `${[command, ...args].join(' ')} ended with ${status}`;
}
