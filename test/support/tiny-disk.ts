/** A disk of 64 KiB, where this user may mount one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TinyDisk {
  mount(at: string): void;
  unmount(at: string): void;
  /** Why there is none, for the name of the test that is skipped. */
  missing: string | undefined;
}

export function tinyDisk(): TinyDisk {
  const run = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  const mount = (at: string) => run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at);
  const unmount = (at: string) => run('umount', at);
  const probe = mkdtempSync(join(tmpdir(), 'hotshoe-disk-'));
  const works = mount(probe) && unmount(probe);
  rmSync(probe, { recursive: true });
  return { mount, unmount, missing: works ? undefined : ' (skipped: only root can mount a disk)' };
}
