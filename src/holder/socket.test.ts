import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectHolder, type HolderSocket, listenHolder, socketPath } from './socket.ts';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-socket-'));
  env = { XDG_RUNTIME_DIR: folder };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As a process leaves it that is killed. */
async function leaveSocket(at: string): Promise<void> {
  mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(path.join(folder, 'dying'), resolve));
  linkSync(path.join(folder, 'dying'), at);
  await new Promise((resolve) => server.close(resolve));
}

it('of several that begin at once, one holds, also where a killed one has left its socket', async () => {
  for (let round = 0; round < 40; round++) {
    const address = `ptpip://192.0.2.${round}`;
    const at = socketPath(address, env);
    if (round % 4 > 0) await leaveSocket(at);
    const beginning = Array.from({ length: 5 }, async (_, i) => {
      for (let turns = 0; turns < i * (round % 3); turns++) await new Promise(setImmediate);
      return listenHolder(address, (stream) => void stream.close(), env);
    });
    const begun = await Promise.allSettled(beginning);
    const holding: HolderSocket[] = [];
    for (const each of begun) {
      if (each.status === 'fulfilled') holding.push(each.value);
      else expect(each.reason).toMatchObject({ code: 'BUSY' });
    }
    expect(holding).toHaveLength(1);
    const stream = await connectHolder(at);
    expect(stream).toBeDefined();
    await stream?.close();
    expect(readdirSync(path.dirname(at))).toEqual([path.basename(at)]);
    await holding[0]?.close();
    expect(readdirSync(path.dirname(at))).toEqual([]);
  }
});

it('removes what a killed one has left when somebody asks', async () => {
  const at = socketPath('usb:', env);
  await leaveSocket(at);
  expect(await connectHolder(at)).toBeUndefined();
  expect(readdirSync(path.dirname(at))).toEqual([]);
});
