/** `hotshoe transact`: any operation, its data from anywhere and to anywhere. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPtpCamera, registerOpener } from '../src/index.ts';
import { type CaptureOptions, commandLine } from './support/command-line.ts';
import { hexFixture } from './support/hex-fixture.ts';
import { type Script, scriptedTransport } from './support/scripted-transport.ts';

const DATA = Uint8Array.from({ length: 3_000_001 }, (_, i) => i * 7);

let folder: string;
let asked: readonly string[];
let received: Uint8Array | undefined;
let answers: Partial<Record<number, Script>>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-transact-'));
  received = undefined;
  answers = {
    // A 60D: EOS, but for the driver's own operations.
    4097: () => ({ data: hexFixture('ptp/device-info-eos-60d.hex') }),
    4105: () => ({ data: DATA }),
    36915: () => ({ data: Uint8Array.of(1, 2, 3, 4, 5, 6) }),
    41448: () => ({ code: 0xa1ff, params: [0x2a] }),
    4118: (_, __, data) => {
      received = data;
      return {};
    },
  };
  const transport = scriptedTransport((...request) => answers[request[0]]?.(...request) ?? {});
  asked = transport.asked;
  registerOpener('script', {
    form: 'script:',
    open: (_, address, options) => openPtpCamera(transport, address, options),
  });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const transact = (args: readonly string[], options?: CaptureOptions) =>
  commandLine(['-c', 'script:', 'transact', ...args], options);

describe('an operation', () => {
  it.each([
    ['GetObject', '1009(2a)'],
    ['getobject', '1009(2a)'],
    ['PTP_GetObject', '1009(2a)'],
    ['EOS_GetObject', '9104(2a)'],
    ['eos_getobject', '9104(2a)'],
    ['GetMACAddress', '9033(2a)'],
    ['Canon_GetMACAddress', '9033(2a)'],
    ['0x9104', '9104(2a)'],
    ['37124', '9104(2a)'],
  ])('%s is %s', async (op, sent) => {
    expect((await transact([op, '42', '-o', join(folder, 'x')])).code).toBe(0);
    expect(asked).toContain(sent);
  });

  it.each(['EOS_GetTea', 'Nikon_GetObject', '_', '0x10000'])('%s is none', async (op) => {
    const { code, stderr } = await transact([op]);
    expect(code).toBe(2);
    expect(stderr).toContain(`"${op}" is no operation`);
  });

  it('that the camera does not list is sent all the same', async () => {
    await transact(['0x9999', '-1', '0x1f', '0b101', '0o17', '7']);
    expect(asked).toContain('9999(ffffffff, 1f, 5, f, 7)');
  });

  it('takes five parameters at most', async () => {
    const { code, stderr } = await transact(['0x9999', '1', '2', '3', '4', '5', '6']);
    expect([code, asked]).toEqual([2, []]);
    expect(stderr).toContain('five parameters, not 6');
  });

  it('answered by a code without a name shows the code', async () => {
    const { code, stdout } = await transact(['0xa1e8']);
    expect([code, stdout]).toEqual([1, '0xa1ff  0x0000002a\n']);
  });
});

describe('the data of the answer', () => {
  it('is a hexdump', async () => {
    const { stdout } = await transact(['0x9033']);
    expect(stdout).toMatch(/^OK 0x2001\n0000 {2}01 02 03 04 05 06 +\|\.{6}\|\n$/);
  });

  it.each([['--raw'], ['-o', '-'], ['--raw', '--output', '-']])(
    'goes to stdout with %s %s',
    async (...args) => {
      const { code, bytes, stderr } = await transact(['GetObject', '1', ...args]);
      expect([code, stderr]).toEqual([0, 'OK 0x2001\n']);
      expect(bytes.equals(DATA)).toBe(true);
    },
  );

  it.each([[[]], [['--raw']]])('goes to a file with -o %j', async (more) => {
    const file = join(folder, 'new', 'x.bin');
    const { code, stdout } = await transact(['GetObject', '1', '-o', file, ...more]);
    expect([code, stdout]).toEqual([0, `OK 0x2001\n3000001 bytes in ${file}\n`]);
    expect(readFileSync(file).equals(DATA)).toBe(true);
    expect(readdirSync(join(folder, 'new'))).toEqual(['x.bin']);
  });

  it('overwrites a file only where told to', async () => {
    const file = join(folder, 'x.bin');
    writeFileSync(file, 'mine');
    const other = await transact(['0x9033', '-o', file]);
    expect(other.stdout).toContain(`6 bytes in ${join(folder, 'x-1.bin')}\n`);
    const failed = await transact(['0x9033', '-o', file, '--on-exists', 'fail']);
    expect(failed.code).toBe(1);
    expect(asked.filter((op) => op === '9033()')).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await transact(['0x9033', '-o', file, '--on-exists', 'overwrite']);
    expect(readFileSync(file)).toHaveLength(6);
  });

  it('makes no file where the camera refuses', async () => {
    answers[0x1009] = () => ({ code: 0x2009, data: Uint8Array.of(1) });
    const file = join(folder, 'x.bin');
    const { code, stdout, stderr } = await transact(['GetObject', '1', '-o', file]);
    expect([code, stdout, stderr]).toEqual([1, 'Invalid_ObjectHandle 0x2009\n', '']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('in JSON is hexadecimal digits, or the file it went to', async () => {
    const json = async (...args: string[]) =>
      JSON.parse((await transact([...args, '--json'])).stdout) as unknown;
    expect(await json('0x9033')).toMatchObject({ response: 0x2001, data: '010203040506' });
    const file = join(folder, 'x.bin');
    expect(await json('0x9033', '-o', file)).toEqual({
      operation: 0x9033,
      operationName: 'GetMACAddress',
      response: 0x2001,
      responseName: 'OK',
      params: [],
      file,
      bytes: 6,
    });
    expect((await transact(['0x9033', '-o', '-', '--json'])).code).toBe(2);
  });
});

describe('data to the camera', () => {
  it('comes from a file of any size', async () => {
    const file = join(folder, 'data');
    writeFileSync(file, DATA);
    expect((await transact(['SetDevicePropValue', '0xd402', '--data', file])).code).toBe(0);
    expect(received && Buffer.from(received).equals(DATA)).toBe(true);
  });

  it('comes from stdin', async () => {
    expect((await transact(['0x1016', '1', '--data', '-'], { stdin: DATA })).code).toBe(0);
    expect(received && Buffer.from(received).equals(DATA)).toBe(true);
  });

  it('comes from the command line', async () => {
    expect((await transact(['0x1016', '1', '--hex', '02 4100 0000'])).code).toBe(0);
    expect(received).toEqual(Uint8Array.of(2, 0x41, 0, 0, 0));
  });

  it('of no bytes is sent, too', async () => {
    await transact(['0x1016', '1', '--hex', '']);
    expect(asked).toContain('1016(1) +0 bytes');
    await transact(['0x1016', '1']);
    expect(asked).toContain('1016(1)');
  });

  it('from stdin is waited for until Ctrl-C', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    expect((await transact(['0x1016', '--data', '-'], { stdin: 'x', signal })).code).toBe(1);
    expect(asked).toEqual([]);
  });
});

describe('--list', () => {
  it('names what the camera lists, lowest code first, as it can be typed', async () => {
    const { code, stdout } = await transact(['--list']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('0x1001  GetDeviceInfo');
    expect(lines).toContain('0x9104  EOS_GetObject');
    expect(lines).toEqual([...lines].sort());
    expect(asked).not.toContain('1009()');
  });

  it.each([
    ['0x911*', /^(0x911. {2}\w+\n)+$/],
    ['remote', /^(0x.... {2}\w*Remote\w*\n)+$/],
    ['*device*on', /^0x911d {2}EOS_KeepDeviceOn\n$/],
  ])('takes the pattern %s', async (pattern, form) => {
    expect((await transact(['--list', pattern])).stdout).toMatch(form);
  });

  it('is JSON with --json', async () => {
    const { stdout } = await transact(['--list', 'getdeviceinfo', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { code: 0x1001, name: 'GetDeviceInfo' },
      { code: 0x9108, name: 'GetDeviceInfoEx' },
    ]);
  });

  it('of nothing is an error, and sends no operation', async () => {
    const { code, stderr } = await transact(['--list', 'tea']);
    expect(code).toBe(1);
    expect(stderr).toContain('lists nothing like "tea"');
    expect((await transact(['GetThumb', '--list'])).code).toBe(2);
  });
});
