/** Processes that tests have started and forgotten. Vitest ends cleanly in spite of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Leftover {
  pid: number;
  command: string;
}

/**
 * The processes whose environment has this entry, which children inherit even when they outlive
 * their parents. Linux only: elsewhere nothing is found.
 */
export function processesWith(entry: string): Leftover[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readParts(pid, 'environ').includes(entry))
    .map((pid) => ({ pid: Number(pid), command: readParts(pid, 'cmdline').join(' ').trim() }));
}

function readParts(pid: string, file: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    // Ended meanwhile, or another user's.
    return [];
  }
}
