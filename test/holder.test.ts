/** One process holds a camera, others use it: real processes, and virtual cameras in yet others. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sleep } from '../src/base/time.ts';
import { DocumentedTypes } from './support/documented-types.ts';
import { Shell } from './support/hotshoe.ts';

// Each starts half a dozen processes.
vi.setConfig({ testTimeout: 60_000 });

const types = new DocumentedTypes(
  readFileSync(path.resolve(import.meta.dirname, '../docs/json.md'), 'utf8'),
);
let shell: Shell;

beforeEach(() => {
  shell = new Shell();
});

afterEach(async () => {
  await shell.run(['release', '--all', '--force']);
  await shell.close();
});

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const sockets = () => {
  const folder = path.join(shell.folder, 'run/hotshoe');
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
};

async function held() {
  const camera = await shell.virtualCamera();
  const env = { HOTSHOE_CAMERA: camera.address };
  const { code, stdout, stderr } = await shell.run(['hold', '--json'], env);
  expect(stderr).toContain('Canon EOS R6 is connected');
  expect(code).toBe(0);
  expect(types.faults(json(stdout), 'Held')).toEqual([]);
  return { ...camera, env, pid: json(stdout).pid as number };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(satisfied: () => boolean, pauseMs = 50): Promise<void> {
  for (let waited = 0; waited < 10_000 && !satisfied(); waited += pauseMs) await sleep(pauseMs);
  expect(satisfied()).toBe(true);
}

describe('hotshoe hold', () => {
  it('goes on in a process of its own, whose socket is for nobody else', async () => {
    const { env, pid } = await held();
    expect(alive(pid)).toBe(true);
    const [socket = ''] = sockets();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
    const listed = await shell.run(['list', '--no-network', '--json'], env);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      {
        address: env.HOTSHOE_CAMERA,
        model: 'Canon EOS R6',
        state: 'held',
        holders: [{ pid, name: 'hotshoe' }],
      },
    ]);
    expect(types.faults(JSON.parse(listed.stdout), 'Listed[]')).toEqual([]);
    const again = await shell.run(['hold'], env);
    expect(again.code).toBe(4);
    expect(again.stderr).toContain(`held already, by process ${pid}`);
    expect((await shell.run(['release'])).stdout).toBe('released: Canon EOS R6\n');
    await until(() => !alive(pid));
    expect(sockets()).toEqual([]);
    const nothing = await shell.run(['release']);
    expect(nothing.code).toBe(3);
  });

  it('lets two commands use one camera at once', async () => {
    const { env } = await held();
    const out = path.join(shell.folder, 'out');
    const tether = shell.start(['tether', '--to', 'card', '-o', out], env);
    await tether.until(({ stderr }) => stderr.includes('is tethered'));
    const [ls, shot] = await Promise.all([
      shell.run(['ls', '-R', '--json'], env),
      shell.run(['shoot', '--json'], env),
    ]);
    expect(ls).toMatchObject({ code: 0, stderr: '' });
    expect(shot.stdout).toContain('2U4A0004.JPG');
    expect(shot.code).toBe(0);
    await tether.until(({ stdout }) => stdout.includes('2U4A0004.JPG'));
    tether.child.kill('SIGINT');
    await tether.ended;
    expect(readFileSync(path.join(out, '2U4A0004.JPG')).subarray(0, 2)).toEqual(
      Buffer.from([0xff, 0xd8]),
    );
  });

  it('is for commands of its own version alone, which must be able to end it all the same', async () => {
    const { env } = await held();
    const [socket = ''] = sockets();
    const reply = await converse(socket, {
      protocol: 1,
      version: '0.0.1',
      pid: 1,
      want: 'session',
    });
    expect(reply).toMatchObject({ code: 'BUSY' });
    expect(reply.message).toMatch(/is held by hotshoe \d.* and this is 0\.0\.1/);
    expect((await shell.run(['release'], env)).code).toBe(0);
  });

  it('tells what it cannot open, and leaves nothing', async () => {
    const result = await shell.run(['hold'], { HOTSHOE_CAMERA: 'ptpip://127.0.0.1:1' });
    expect(result.code).toBe(6);
    expect(result.stderr).toContain('refused the connection');
    expect(sockets()).toEqual([]);
  });

  it('ends by itself when nobody has used it', async () => {
    const camera = await shell.virtualCamera();
    const env = { HOTSHOE_CAMERA: camera.address };
    const { stdout } = await shell.run(['hold', '--idle', '300ms', '--json'], env);
    await until(() => !alive(json(stdout).pid as number));
    expect(sockets()).toEqual([]);
  });
});

describe('when somebody is killed', () => {
  it('a command: what it had begun is ended, and the camera is free for the next', async () => {
    const { env } = await held();
    const bulb = shell.start(['shoot', '--bulb', '60s'], env);
    await sleep(1500);
    bulb.child.kill('SIGKILL');
    await bulb.ended;
    const after = await shell.run(['shoot', '--json'], env);
    // The exposure that was under way has ended, with a picture.
    expect(after).toMatchObject({ code: 0, stderr: '2U4A0005.JPG  is on the card\n' });
  });

  it('a holder: its socket is cleaned up, and the next command opens the camera itself', async () => {
    const { env, pid } = await held();
    process.kill(pid, 'SIGKILL');
    await until(() => !alive(pid));
    expect(sockets()).toHaveLength(1);
    const info = await shell.run(['info'], env);
    expect(info.code).toBe(0);
    expect(sockets()).toEqual([]);
  });

  it('a holder under a command: it says so, with the code of a lost link', async () => {
    const { env, pid } = await held();
    const events = shell.start(['events', '--jsonl'], env);
    await until(() => sockets().length === 1);
    await sleep(1500);
    process.kill(pid, 'SIGKILL');
    const { code, stdout, stderr } = await events.ended;
    expect(code).toBe(6);
    expect(stdout + stderr).toContain('the process that holds Canon EOS R6 has ended');
  });

  it('the camera: it is looked for, and given up after the limit', async () => {
    const camera = await shell.virtualCamera();
    const env = { HOTSHOE_CAMERA: camera.address };
    const holder = shell.start(['--jsonl', 'hold', '--foreground', '--give-up', '2s'], env);
    await holder.until(({ stderr }) => stderr.includes('is connected'));
    camera.process.child.kill('SIGKILL');
    await holder.until(({ stderr }) => stderr.includes('lost: '));
    const waiting = await shell.run(['info'], env);
    expect(waiting.code).toBe(6);
    const { code, stdout } = await holder.ended;
    expect(code).toBe(6);
    expect(stdout).toContain('did not come back within 2 s');
    const lines = stdout.trimEnd().split('\n').map(json);
    expect(types.faults(lines, '(HeldState | Failure)[]')).toEqual([]);
    expect(lines.map(({ name }) => name)).toContain('lost');
    expect(sockets()).toEqual([]);
  });

  it('the camera, which comes back: commands go on with it', async () => {
    const camera = await shell.virtualCamera();
    const port = camera.address.split(':').at(-1) ?? '';
    const env = { HOTSHOE_CAMERA: camera.address };
    const holder = shell.start(['hold', '--foreground'], env);
    await holder.until(({ stderr }) => stderr.includes('is connected'));
    camera.process.child.kill('SIGKILL');
    await holder.until(({ stderr }) => stderr.includes('lost: '));
    const waiting = shell.start(['info', '--json'], env);
    await waiting.until(({ stderr }) => stderr.includes('looking for it'));
    const again = shell.start(['virtual', 'eos-r6', '--port', port]);
    await again.until(({ stdout }) => stdout.includes('\n'));
    const { code, stdout } = await waiting.ended;
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({ model: 'Canon EOS R6' });
    expect(holder.stderr).toContain('Canon EOS R6 is back');
    holder.child.kill('SIGTERM');
    expect((await holder.ended).code).toBe(0);
  });
});

it('of two that begin behind one that was killed, one holds', async () => {
  const { env, pid } = await held();
  process.kill(pid, 'SIGKILL');
  await until(() => !alive(pid));
  expect(sockets()).toHaveLength(1);
  const both = await Promise.all([shell.run(['hold'], env), shell.run(['hold'], env)]);
  expect(both.map(({ code }) => code).sort(), both.map(({ stderr }) => stderr).join()).toEqual([
    0, 4,
  ]);
  expect((await shell.run(['info'], env)).code).toBe(0);
  expect(sockets()).toHaveLength(1);
});

describe('a download under a holder', () => {
  it('goes on when the camera is back', async () => {
    const card = path.join(shell.folder, 'card');
    mkdirSync(path.join(card, 'DCIM', '100CANON'), { recursive: true });
    const movie = randomBytes(160 << 20);
    writeFileSync(path.join(card, 'DCIM', '100CANON', 'MVI_0002.MP4'), movie);
    writeFileSync(path.join(card, 'DCIM', '100CANON', 'IMG_0001.JPG'), 'a picture');
    const camera = await shell.virtualCamera('--card', card);
    const port = camera.address.split(':').at(-1) ?? '';
    const env = { HOTSHOE_CAMERA: camera.address };
    expect((await shell.run(['hold'], env)).code).toBe(0);
    const out = path.join(shell.folder, 'out');
    const getting = shell.start(['get', '--all', '-o', out, '--json'], env);
    const part = path.join(out, 'MVI_0002.MP4.part');
    await until(() => (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 4 << 20, 1);
    camera.process.child.kill('SIGKILL');
    await getting.until(({ stderr }) => stderr.includes('looking for it'));
    const left = statSync(part).size;
    expect(left).toBeLessThan(movie.length);
    const again = shell.start(['virtual', 'eos-r6', '--port', port, '--card', card, '-v']);
    const { code, stdout, stderr } = await getting.ended;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'IMG_0001.JPG', skipped: false },
      { name: 'MVI_0002.MP4', bytes: movie.length },
    ]);
    expect(stderr).toContain('The camera is back: going on.');
    expect(readFileSync(path.join(out, 'MVI_0002.MP4')).equals(movie)).toBe(true);
    expect(readdirSync(out).sort()).toEqual(['IMG_0001.JPG', 'MVI_0002.MP4']);
    // From where it was.
    const reads = [...again.stderr.matchAll(/^GetPartialObject\w*\(0x\w+, 0x(\w+)/gm)];
    expect(
      Math.max(...reads.map(([, offset = '']) => Number.parseInt(offset, 16))),
    ).toBeGreaterThan(left);
    expect(reads.length).toBeLessThan(50);
  });
});

/** Says hello as some other program would, and gives the answer. */
function converse(socket: string, hello: object): Promise<{ code: string; message: string }> {
  return new Promise((resolve, reject) => {
    const payload = Buffer.from(JSON.stringify(hello));
    const head = Buffer.alloc(5);
    head.writeUInt32LE(payload.length);
    head[4] = 1;
    const chunks: Buffer[] = [];
    const client = net.connect(socket, () => client.write(Buffer.concat([head, payload])));
    client.on('data', (chunk) => chunks.push(chunk));
    client.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).subarray(5).toString())));
    client.on('error', reject);
  });
}
