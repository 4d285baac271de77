/** Removes what the code under test has kept in the state folder of this run. */
import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

export default function setup({ config }: TestProject): () => void {
  const folder = config.env.XDG_STATE_HOME;
  return () => {
    if (typeof folder === 'string') rmSync(folder, { recursive: true, force: true });
  };
}
