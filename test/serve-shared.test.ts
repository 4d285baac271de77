/** A server and commands on one camera: real processes, and a virtual camera in another. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Camera, Files } from '../src/api/schemas.ts';
import { sleep } from '../src/base/time.ts';
import { type Command, Shell } from './support/hotshoe.ts';

// Each starts half a dozen processes.
vi.setConfig({ testTimeout: 60_000 });

let shell: Shell;
beforeEach(() => {
  shell = new Shell();
});
afterEach(async () => {
  await shell.run(['release', '--all', '--force']);
  await shell.close();
});

const OPEN_SESSION = /^OpenSession\(/gm;

async function serving(env: NodeJS.ProcessEnv, ...more: string[]) {
  const server = shell.start(['serve', '--port', '0', '--no-open', '--jsonl', ...more], env);
  await server.until(({ stdout }) => stdout.includes('address'));
  const { address } = JSON.parse(server.stdout.split('\n')[0] ?? '') as { address: string };
  const get = async <T>(where: string) =>
    (await (await fetch(new URL(`/api${where}`, address))).json()) as T;
  const ready = async (): Promise<Camera> => {
    for (let i = 0; i < 300; i++) {
      const [camera] = await get<Camera[]>('/cameras');
      if (camera?.phase === 'ready') return camera;
      await sleep(100);
    }
    throw new Error(`the camera did not come: ${server.stderr}`);
  };
  return { server, get, ready };
}

const sessionsOf = ({ stderr }: Command) => (stderr.match(OPEN_SESSION) ?? []).length;

it('commands use the camera that a server shows, in its session', async () => {
  const virtual = await shell.virtualCamera('-v');
  const env = { HOTSHOE_CAMERA: virtual.address };
  const { server, get, ready } = await serving(env);
  const { id, model } = await ready();
  expect(model).toBe('Canon EOS R6');
  const before = await get<Files>(`/cameras/${id}/files?newest=100`);
  const [shot, info] = await Promise.all([
    shell.run(['shoot', '--to', 'card', '--json'], env),
    shell.run(['info', '--json'], env),
  ]);
  expect([shot.code, info.code]).toEqual([0, 0]);
  const after = await get<Files>(`/cameras/${id}/files?newest=100`);
  expect(after.entries.length).toBe(before.entries.length + 1);
  expect(sessionsOf(virtual.process)).toBe(1);
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(0);
  expect(readdirSync(path.join(shell.folder, 'run/hotshoe'))).toEqual([]);
});

it('a server shows what a command holds, and leaves it there', async () => {
  const virtual = await shell.virtualCamera('-v');
  const env = { HOTSHOE_CAMERA: virtual.address };
  expect((await shell.run(['hold'], env)).code).toBe(0);
  const { server, ready } = await serving(env);
  expect((await ready()).model).toBe('Canon EOS R6');
  expect(sessionsOf(virtual.process)).toBe(1);
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(0);
  const [socket] = readdirSync(path.join(shell.folder, 'run/hotshoe'));
  expect(socket).toBeDefined();
  expect((await shell.run(['info'], env)).code).toBe(0);
  expect(sessionsOf(virtual.process)).toBe(1);
  expect(existsSync(path.join(shell.folder, 'run/hotshoe', socket ?? ''))).toBe(true);
});

it('shows its transactions with -v, and records none', async () => {
  const virtual = await shell.virtualCamera();
  const env = { HOTSHOE_CAMERA: virtual.address };
  const log = path.join(shell.folder, 'transactions.log');
  const { server, ready } = await serving(env, '--log', log);
  await ready();
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(0);
  expect(readFileSync(log, 'utf8')).toMatch(/GetDeviceInfo/);
  const refused = await shell.run(['serve', '--record', 'traffic.pcapng'], env);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('are shared')]);
});
