import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    isolate: true,
    // Most of them wait, for other programs and for time: one at a time is half of what two cores can.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Nothing of the developer's own is read or written.
    env: { XDG_STATE_HOME: join(tmpdir(), `hotshoe-test-state-${process.pid}`) },
    globalSetup: './test/support/state-folder.ts',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default', './test/support/closing-reporter.ts'],
  },
});
