import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const config = path.join(import.meta.dirname, 'fixtures/vitest.config.ts');
const vitest = path.join(
  path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

it('ends with the counts; a missing peer is skipped and says so', async () => {
  const { code, output } = await run('mixed', { HOTSHOE_PEERS: '' });
  expect(output).toMatch(/\n1 passed, 0 failed, 3 skipped\n$/);
  expect(code).toBe(0);
});

it('fails without the peer when peers are required', async () => {
  const { code, output } = await run('mixed', { HOTSHOE_PEERS: 'required' });
  expect(output).toContain('no-such-program is not installed');
  expect(output).toMatch(/\n1 passed, 2 failed, 1 skipped\n$/);
  expect(code).toBe(1);
});

it('counts a failed test', async () => {
  const { code, output } = await run('mixed', { HOTSHOE_PEERS: '', FIXTURE_FAILS: '1' });
  expect(output).toMatch(/\n1 passed, 1 failed, 2 skipped\n$/);
  expect(code).toBe(1);
});

it('finds, names and ends a process that a test left behind', async () => {
  const { code, output } = await run('leak', {});
  expect(output).toMatch(/A test left a process behind: .*the forgotten one.*pid \d+, killed/);
  expect(output).toMatch(/\n1 passed, 1 failed\n$/);
  expect(code).toBe(1);
});

async function run(fixture: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, fixture], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, output: errors + output };
}
