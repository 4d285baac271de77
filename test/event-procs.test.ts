/** Event procedures: named functions of the firmware. */
import { afterEach, describe, expect, it } from 'vitest';
import { callEventProc, canon, openPtpCamera } from '../src/index.ts';
import { open } from '../src/node/index.ts';
import { commandLine } from './support/command-line.ts';
import { fromHex, toSpacedHex } from './support/hex-fixture.ts';
import { inNetwork } from './support/network-camera.ts';
import { scriptedTransport } from './support/scripted-transport.ts';
import { smallCamera, smallIxus } from './support/small-pictures.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function session() {
  const virtual = smallIxus();
  const network = await inNetwork(virtual);
  const camera = await open(network.address);
  ended.push(
    () => network.close(),
    () => camera.close(),
  );
  if (!camera.ptp) throw new Error('no session');
  return { virtual, ptp: camera.ptp };
}

it('is called as libpict lays it out', () => {
  // "FA_GetProperty", two integers of 20 bytes each, no block.
  const bytes = fromHex(
    '46415f47657450726f7065727479 00 02000000' +
      '02000000 05000002 00000000 00000000 00000000' +
      '02000000 00000000 00000000 00000000 00000000 00000000',
  );
  const args = [0x2000005, 0].map((value) => ({ kind: 'integer', value }) as const);
  const call = { name: 'FA_GetProperty', args };
  expect(toSpacedHex(canon.EventProcCall.encode(call))).toBe(toSpacedHex(bytes));
  expect(canon.EventProcCall.decode(bytes)).toEqual(call);
});

describe('on an IXUS 180', () => {
  it('is unlocked for the call, and locked behind it', async () => {
    const { virtual, ptp } = await session();
    const property = { kind: 'integer', value: 0x2000005 } as const;
    const zero = { kind: 'integer', value: 0 } as const;
    const { value, data } = await callEventProc(ptp, 'fa_getproperty', [property, zero], {
      returnsData: true,
    });
    expect(value).toBe(0);
    expect(Buffer.from(data ?? []).toString()).toBe('1.00\0');
    expect(virtual.requests(0x9050)).toBe(3);
    expect(virtual.requests(0x9051)).toBe(1);
    const { code } = await ptp.transaction(0x9052, [0, 0], { data: new Uint8Array(9) });
    expect(code).toBe(0x2005);
  });

  it('is refused before anything is sent where it may write', async () => {
    const { virtual, ptp } = await session();
    for (const name of ['EnableBootDisk', 'writeaddr', 'NobodyKnowsThisOne']) {
      await expect(callEventProc(ptp, name)).rejects.toMatchObject({ code: 'USAGE' });
    }
    expect(virtual.requests(0x9050)).toBe(0);
    const wanted = { iKnowThisCanBrickTheCamera: true };
    expect(await callEventProc(ptp, 'System.Create', [], wanted)).toEqual({ value: 0 });
    await expect(callEventProc(ptp, 'NobodyKnowsThisOne', [], wanted)).rejects.toMatchObject({
      code: 'RESPONSE',
      message: expect.stringContaining('did not run NobodyKnowsThisOne: General_Error'),
    });
    expect(virtual.requests(0x9051)).toBe(2);
  });

  it('runs in the background until it has ended', async () => {
    const { virtual, ptp } = await session();
    const options = { asynchronous: true, iKnowThisCanBrickTheCamera: true };
    const text = { kind: 'block', bytes: fromHex('4100') } as const;
    expect((await callEventProc(ptp, 'gang', [text], options)).value).toBe(0);
    expect(virtual.requests(0x9057)).toBe(1);
  });
});

it('waits for one that runs on, and gives what it ends with', async () => {
  let asked = 0;
  const info = (operations: readonly number[]) => {
    const codes = new Uint8Array(4 + 2 * operations.length);
    const view = new DataView(codes.buffer);
    view.setUint32(0, operations.length, true);
    for (const [i, code] of operations.entries()) view.setUint16(4 + 2 * i, code, true);
    const head = fromHex('6400 06000000 6400 00 0000');
    // No events, properties, formats, and no texts.
    return Buffer.concat([head, codes, new Uint8Array(4 * 4 + 4)]);
  };
  const transport = scriptedTransport((operation) => {
    if (operation === 0x1001) return { data: info([0x1001, 0x9052, 0x9053, 0x9057]) };
    if (operation !== 0x9057) return {};
    return ++asked < 3 ? { params: [1] } : { params: [2, 0x1234, 0] };
  });
  const camera = await openPtpCamera(transport, 'x');
  const { ptp } = camera;
  if (!ptp) throw new Error('no session');
  const options = { asynchronous: true, iKnowThisCanBrickTheCamera: true };
  expect((await callEventProc(ptp, 'gang', [], options)).value).toBe(0x1234);
  const slow = callEventProc(ptp, 'gang', [], { ...options, timeoutMs: 0 });
  asked = -100;
  await expect(slow).rejects.toMatchObject({ code: 'TIMEOUT' });
  await camera.close();
});

it('a body of 2020 lists them and refuses', async () => {
  const network = await inNetwork(smallCamera());
  ended.push(() => network.close());
  const wanted = ['transact', 'eventproc', 'FA_GetProperty', '0x2000005', '0'];
  const { code, stderr } = await commandLine(['-c', network.address, ...wanted]);
  expect(code).toBe(5);
  expect(stderr).toContain('refuses event procedures: Operation_Not_Supported');
});

describe('transact eventproc', () => {
  const run = async (...args: string[]) => {
    const network = await inNetwork(smallIxus());
    ended.push(() => network.close());
    return commandLine(['-c', network.address, 'transact', 'eventproc', ...args]);
  };

  it('shows value and data', async () => {
    const { code, stdout } = await run('FA_GetProperty', '0x2000005', '0', '--return-data');
    expect(code).toBe(0);
    expect(stdout).toContain('FA_GetProperty gave 0x00000000\n');
    expect(stdout).toContain('31 2e 30 30 00');
  });

  it('wants to be told twice, and tells what it knows', async () => {
    const refused = await run('EnableBootDisk');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--i-know-this-can-brick-the-camera');
    const done = await run('EnableBootDisk', '--i-know-this-can-brick-the-camera');
    expect(done).toMatchObject({ code: 0, stdout: 'EnableBootDisk gave 0x00000000\n' });
    const none = await run();
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('FA_GetProperty PROPERTY ZERO');
  });
});
