/**
 * The command line, as a user and a script have it. It runs built and as a child process, but for
 * tables of small cases, which run in this process because they are many.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../src/cli/program.ts';
import { type Ended, Shell } from './support/hotshoe.ts';

const root = path.resolve(import.meta.dirname, '..');

let shell: Shell;

/** A camera with an empty card: no photographs have to be made for it first. */
const emptyCamera = async (...options: string[]) => {
  const card = path.join(shell.folder, 'empty');
  await mkdir(card, { recursive: true });
  return shell.virtualCamera('--card', card, ...options);
};

beforeEach(() => {
  shell = new Shell();
  process.env.XDG_STATE_HOME = shell.env.XDG_STATE_HOME;
});

afterEach(() => shell.close());

describe('what a user types', () => {
  it.each([
    [['--help'], /^Usage: hotshoe /],
    [['get', '--help'], /^Usage: hotshoe get .*--on-exists.*--camera/s],
    [['help', 'shoot'], /^Usage: hotshoe shoot /],
    [['--version'], new RegExp(`^${version()}\\n$`)],
  ])('%j is answered on stdout with 0', async (args, text) => {
    const { code, stdout, stderr } = await shell.run(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(text);
  });

  it('nothing at all shows the help, and is an error', async () => {
    const { code, stdout, stderr } = await shell.run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: hotshoe .*Commands:.*shoot/s);
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['--frobnicate'], "unknown option '--frobnicate'"],
    [['ls', '--frobnicate'], "unknown option '--frobnicate'"],
    [['info', 'a'], 'too many arguments'],
    [['virtual'], "missing required argument 'model'"],
    [['transact'], 'no operation was named'],
    [['virtual', 'eos-r6', '--port', '70000'], 'A port is a number'],
    [['virtual', 'eos-r6', '--fault', 'flood'], 'there is no fault "flood"'],
    [['virtual', 'eos-r9000'], 'there is no virtual camera "eos-r9000"'],
    [['--wait', '3', 'info'], 'A duration has a unit'],
    [['--json', '--jsonl', 'info'], 'cannot be used with'],
    [['get'], 'nothing to download was named'],
    [['get', 'x', '--on-exists', 'panic'], 'Allowed choices are rename'],
    [['get', 'x', '-o', '-', '--json'], 'exclude each other'],
    [['shoot', '--to', 'host'], 'sends the picture to nobody'],
    [['shoot', '--to', 'moon'], 'Allowed choices are card'],
    [['transact', 'GetThumb', 'x'], '"x" is not a parameter'],
    [['transact', 'GetThumb', '--hex', '0'], 'is not hexadecimal'],
    [['transact', 'GetThumb', '--raw', '--json'], 'exclude each other'],
    [['--camera', '192.168.1.20', 'info'], 'is not an address of a camera'],
    [['--camera', 'ptpip://host:0', 'info'], 'is not an address of a camera'],
    [['--camera', 'virtual:eos-r9000', 'info'], 'there is no virtual camera'],
  ])('%j is a mistake with exit code 2 and a hint', async (args, message) => {
    const { code, stdout, stderr } = await here(args);
    expect(code).toBe(2);
    if (args.includes('--json')) {
      expect(failureOf(stdout)).toMatchObject({ code: 'USAGE', hint: expect.any(String) });
      expect([failureOf(stdout).message, stderr]).toEqual([expect.stringContaining(message), '']);
    } else {
      expect(lines(stderr)).toEqual([expect.stringContaining(message), expect.any(String)]);
      expect([stderr.slice(0, 9), stdout]).toEqual(['hotshoe: ', '']);
    }
  });

  it('wrongly is told on stderr, or in JSON on stdout', async () => {
    const told = await shell.run(['frobnicate']);
    expect(told).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        "hotshoe: unknown command 'frobnicate'\n" +
        'See `hotshoe --help`, or `hotshoe COMMAND --help` for one command.\n',
    });
    const json = await shell.run(['frobnicate', '--json']);
    expect(json).toMatchObject({ code: 2, stderr: '' });
    expect(failureOf(json.stdout)).toMatchObject({ message: "unknown command 'frobnicate'" });
  });

  it('needs a camera', async () => {
    const { code, stdout, stderr } = await shell.run(['info']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^hotshoe: no camera was named, and none was found on USB\n.*--camera.*HOTSHOE_CAMERA/,
    );
  });

  it('names the file of a log that cannot be written, before the camera is asked', async () => {
    const log = path.join(shell.folder, 'no', 'such', 'folder');
    const { code, stderr } = await shell.run(['-c', 'virtual:eos-r6', '--log', log, 'info']);
    expect(code).toBe(1);
    expect(stderr).toMatch(`hotshoe: cannot write ${log}: no such file or directory`);
  });

  it('names the file of data that cannot be read', async () => {
    const { code, stderr } = await shell.run(['transact', '0x1016', '--data', 'no-such-file']);
    expect(code).toBe(1);
    expect(stderr).toMatch('hotshoe: cannot read no-such-file: no such file or directory');
  });
});

describe('a camera that cannot be reached', () => {
  it('refused the connection: 6', async () => {
    const port = await freePort();
    const result = await shell.run(['-c', `ptpip://127.0.0.1:${port}`, '--json', 'info']);
    expect(result.code).toBe(6);
    expect(failureOf(result.stdout)).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: `127.0.0.1:${port} refused the connection`,
      hint: expect.any(String),
    });
  });

  it('is no host at all: 6', async () => {
    const result = await shell.run(['-c', 'ptpip://no..such.host', '--json', 'info']);
    expect(result.code).toBe(6);
    expect(failureOf(result.stdout)).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no..such.host:15740'),
      hint: expect.any(String),
    });
  });

  it('is a web server: 1, and says so', async () => {
    const server = createServer((_, response) => response.end('<html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { code, stderr } = await shell.run(['-c', `ptpip://127.0.0.1:${port}`, 'info']);
      expect(code).toBe(1);
      expect(stderr).toMatch(`hotshoe: 127.0.0.1:${port} does not speak PTP/IP`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('does not let this computer in: 6', async () => {
    const { address } = await emptyCamera('--accept', 'no');
    const result = await shell.run(['-c', address, '--json', 'info']);
    expect(result.code).toBe(6);
    expect(failureOf(result.stdout)).toMatchObject({ code: 'REJECTED', hint: expect.any(String) });
  });

  it('is held by another program: 4', async () => {
    const { address } = await emptyCamera('--fault', 'silent');
    const holder = shell.start(['-c', address, '-v', 'info']);
    await holder.until(({ stderr }) => stderr.includes('--> 0 OpenSession'));
    const result = await shell.run(['-c', address, '--json', 'info']);
    expect(result.code).toBe(4);
    expect(failureOf(result.stdout)).toMatchObject({ code: 'BUSY', hint: expect.any(String) });
  });

  it('is busy: 4', async () => {
    const { address } = await emptyCamera('--fault', 'busy');
    const result = await shell.run(['-c', address, '--json', 'ls']);
    expect(result.code).toBe(4);
    expect(failureOf(result.stdout)).toMatchObject({ code: 'RESPONSE', hint: expect.any(String) });
  });

  it('may wait for somebody at its screen, who is told, and then lets this computer in', async () => {
    const { address, process } = await emptyCamera('--accept', 'ask');
    const info = shell.start(['-c', address, 'info']);
    await info.until(({ stderr }) => stderr.includes('press OK there'));
    process.child.stdin.write('accept\n');
    const { code, stdout } = await info.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Canon EOS R6\n/);
  });

  it('is not waited for longer than --wait', async () => {
    const { address } = await emptyCamera('--accept', 'ask');
    const result = await shell.run(['-c', address, '--wait', '100ms', '--json', 'info']);
    expect(result.code).toBe(6);
    expect(failureOf(result.stdout)).toMatchObject({ code: 'TIMEOUT', hint: expect.any(String) });
  });
});

describe('a virtual camera as a process', () => {
  it('prints its address first and ends with 0 at quit', async () => {
    const { address, process } = await emptyCamera();
    expect(address).toMatch(/^ptpip:\/\/127\.0\.0\.1:\d+$/);
    process.child.stdin.write('quit\n');
    expect((await process.ended).code).toBe(0);
  });

  it('prints it as JSON where asked to, and its control port', async () => {
    const command = shell.start(['virtual', 'eos-r6', '--port', '0', '--control', '0', '--jsonl']);
    await command.until(({ stdout }) => stdout.split('\n').length > 2);
    expect(documents(command.stdout)).toEqual([
      { address: expect.stringMatching(/^ptpip:\/\/127\.0\.0\.1:\d+$/) },
      { control: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    ]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly at %s', async (signal) => {
    const { process } = await emptyCamera();
    process.child.kill(signal);
    expect((await process.ended).code).toBe(0);
  });

  it('goes on when its input ends', async () => {
    const { address, process } = await emptyCamera();
    process.child.stdin.end();
    expect((await shell.run(['-c', address, 'transact', 'GetStorageIDs'])).code).toBe(0);
  });

  it('names the port that is taken', async () => {
    const { address } = await emptyCamera();
    const port = address.split(':').at(-1) ?? '';
    const result = await shell.run(['virtual', 'eos-r6', '--port', port, '--json']);
    expect(result.code).toBe(1);
    expect(failureOf(result.stdout)).toMatchObject({
      code: 'LISTEN',
      message: `port ${port} on 127.0.0.1 is taken`,
      hint: expect.stringContaining('--port'),
    });
  });

  it('names the card folder that is not there', async () => {
    const result = await shell.run(['virtual', 'eos-r6', '--port', '0', '--card', '/no/such']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch('hotshoe: cannot read /no/such: no such file or directory');
  });
});

describe('with a camera', () => {
  let readers: Shell;
  let address = '';
  const names = ['2U4A0001.JPG', '2U4A0002.JPG', '2U4A0003.JPG'];
  const paths = names.map((name) => `/SD1/DCIM/100CANON/${name}`);
  const listing = ['/SD1/DCIM/', '/SD1/DCIM/100CANON/', ...paths, '/SD1/MISC/'];

  /** For commands that change nothing on it. */
  beforeAll(async () => {
    readers = new Shell();
    ({ address } = await readers.virtualCamera());
  });

  afterAll(() => readers.close());

  const run = (...args: string[]) => shell.run(['-c', address, ...args]);
  const runHere = (...args: string[]) => here(['-c', address, ...args]);
  const handles = async () => {
    const objects = JSON.parse((await runHere('ls', '--json')).stdout) as Record<string, unknown>[];
    return new Map(objects.map((object) => [String(object.name), hex(Number(object.handle))]));
  };

  it('takes its address from the environment, too', async () => {
    const { code, stdout } = await shell.run(['info'], { HOTSHOE_CAMERA: address });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Canon EOS R6\n/);
  });

  describe('info', () => {
    it('tells people who the camera is', async () => {
      const { code, stdout, stderr } = await run('info');
      expect([code, stderr]).toEqual([0, '']);
      const [model, ...rows] = stdout.trimEnd().split('\n');
      expect(model).toBe('Canon EOS R6');
      const told = Object.fromEntries(rows.map((row) => row.trim().split(/ {2,}/)));
      expect(told).toMatchObject({
        firmware: '3-1.5.0',
        'serial number': '013070001234',
        'model id': '0x80000453',
        lens: 'RF24-105mm F4 L IS USM',
        'host name': 'EOSR6',
        'MAC address': '02:bf:c0:45:05:36',
        battery: '100 %',
        'storage SD1': expect.stringMatching(/^31\.9 GB, [\d.]+ GB free$/),
        'storage SD2': 'no card',
      });
    });

    it.each(['--json', '--jsonl'])('tells programs the same, with every key (%s)', async (form) => {
      const { stdout } = await run('info', form);
      expect(documents(stdout)).toEqual([
        {
          address,
          manufacturer: 'Canon.Inc',
          model: 'Canon EOS R6',
          firmware: '3-1.5.0',
          serialNumber: expect.any(String),
          modelId: 0x80000453,
          bodySerialNumber: '013070001234',
          lens: 'RF24-105mm F4 L IS USM',
          hostName: 'EOSR6',
          macAddress: '02:bf:c0:45:05:36',
          owner: null,
          batteryPercent: 100,
          shutterCount: null,
          shotsLeft: expect.any(Number),
          storages: [
            {
              id: 0x10001,
              label: 'SD1',
              present: true,
              capacity: expect.any(Number),
              free: expect.any(Number),
              readOnly: false,
            },
            {
              id: 0x20000,
              label: 'SD2',
              present: false,
              capacity: null,
              free: null,
              readOnly: false,
            },
          ],
        },
      ]);
    });
  });

  describe('ls', () => {
    it('lists everything, a path a line, folders with a slash', async () => {
      const { code, stdout, stderr } = await run('ls');
      expect([code, stderr]).toEqual([0, '']);
      expect(lines(stdout)).toEqual(listing);
    });

    it.each([
      [['DCIM'], ['/SD1/DCIM/100CANON/']],
      [
        ['DCIM', '-R'],
        ['/SD1/DCIM/100CANON/', ...paths],
      ],
      [['/SD1/dcim/100canon/'], paths],
      [[paths[1] ?? ''], [paths[1]]],
      [['MISC'], []],
    ])('%j lists %j', async (args, expected) => {
      const { code, stdout } = await runHere('ls', ...args);
      expect(code).toBe(0);
      expect(lines(stdout)).toEqual(expected);
    });

    it('takes handles and patterns, as get does', async () => {
      const known = await handles();
      for (const [target, expected] of [
        [known.get('2U4A0002.JPG'), [paths[1]]],
        [known.get('100CANON'), paths],
        ['*1.JPG', [paths[0]]],
        ['DCIM/1*', ['/SD1/DCIM/100CANON/']],
        ['dcim/*/*3.jpg', [paths[2]]],
        ['2U4A0003.JPG', [paths[2]]],
      ] as const) {
        const { code, stdout } = await runHere('ls', target ?? '');
        expect([target, code, lines(stdout)]).toEqual([target, 0, expected]);
      }
      const several = await runHere('ls', '*3.JPG', '*1.JPG', '*3.JPG');
      expect(lines(several.stdout)).toEqual([paths[2], paths[0]]);
    });

    it.each([
      ['MISC', 0, 'MISC: nothing in it\n'],
      ['SD2', 1, 'hotshoe: there is no card in SD2\n`hotshoe storage` lists the cards.\n'],
    ])('says why there is nothing in %s', async (target, code, text) => {
      const result = await runHere('ls', target);
      expect([result.code, result.stdout, result.stderr]).toEqual([code, '', text]);
    });

    it('-l adds handle, kind, size and date', async () => {
      const { stdout } = await runHere('ls', '-l', 'DCIM/100CANON');
      const rows = lines(stdout).map((line) => line.split(/ {2,}/));
      expect(rows).toHaveLength(3);
      for (const [i, row] of rows.entries()) {
        const form = [/^0x[0-9a-f]{8}$/, /^-$/, /^EXIF_JPEG$/, /^\d+$/, /^\d{4}-\d\d-\d\d \d\d:/];
        form.forEach((each, column) => {
          expect(row[column]).toMatch(each);
        });
        expect(row[5]).toBe(paths[i]);
      }
    });

    it('--json is one array, --jsonl the same objects a line each', async () => {
      const whole = documents((await run('ls', '--json')).stdout);
      expect(whole).toHaveLength(1);
      const objects = whole[0] as Record<string, unknown>[];
      expect(objects.map(({ path }) => path)).toEqual(
        listing.map((each) => each.replace(/\/$/, '')),
      );
      expect(objects[2]).toMatchObject({
        handle: expect.any(Number),
        storageId: 0x10001,
        parent: objects[1]?.handle,
        kind: 'file',
        name: '2U4A0001.JPG',
        path: paths[0],
        format: 0x3801,
        size: expect.any(Number),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
        protected: false,
      });
      expect(documents((await run('ls', '--jsonl')).stdout)).toEqual(objects);
    });

    it('says what is not there: 1', async () => {
      const result = await runHere('ls', 'NOPE', '--json');
      expect(result.code).toBe(1);
      expect(failureOf(result.stdout)).toMatchObject({
        code: 'NOT_FOUND',
        message: 'there is no "NOPE" on the camera',
        hint: expect.stringContaining('hotshoe ls'),
      });
    });
  });

  describe('get', () => {
    const get = (...args: string[]) => run('get', ...args, '-o', shell.folder);
    const getHere = (...args: string[]) => runHere('get', ...args, '-o', shell.folder);
    const saved = () =>
      readdirSync(shell.folder)
        .filter((name) => name.includes('2U4A'))
        .sort();
    const long = /^2U4A000\d\.JPG {2}[\d.]+ kB in [\d.]+ m?s/;

    it.each(['2U4A0002.JPG', 'DCIM/100CANON/2U4A0002.JPG', '*2.JPG', 'dcim/100*/*2.jpg'])(
      '%s saves that picture',
      async (what) => {
        expect((await getHere(what)).code).toBe(0);
        expect(saved()).toEqual(['2U4A0002.JPG']);
      },
    );

    it.each([['*'], ['DCIM'], ['/SD1'], ['*1.JPG', '*2.JPG', '*3.JPG', '*1.JPG']])(
      '%s saves each picture once',
      async (...args) => {
        const { code, stdout } = await getHere(...args);
        expect(code).toBe(0);
        expect(lines(stdout)).toEqual(names.map((name) => path.join(shell.folder, name)));
        expect(saved()).toEqual(names);
      },
    );

    it('--all saves each picture, prints where, and says how long it took', async () => {
      const { code, stdout, stderr } = await get('--all');
      expect(code).toBe(0);
      expect(lines(stdout)).toEqual(names.map((name) => path.join(shell.folder, name)));
      expect(lines(stderr)).toEqual(names.map(() => expect.stringMatching(long)));
      expect(saved()).toEqual(names);
    });

    it('by handle, by path, to stdout and by transact --raw brings the same bytes', async () => {
      const handle = (await handles()).get('2U4A0001.JPG') ?? '';
      expect((await get(handle)).code).toBe(0);
      const file = readFileSync(path.join(shell.folder, '2U4A0001.JPG'));
      const whole = sha256(file);
      expect(file.subarray(0, 2).toString('hex')).toBe('ffd8');
      const toStdout = await run('get', paths[0] ?? '', '-o', '-');
      expect([toStdout.code, toStdout.stderr, sha256(toStdout.bytes)]).toEqual([0, '', whole]);
      const raw = await run('transact', 'GetObject', handle, '--raw');
      expect([raw.code, sha256(raw.bytes)]).toEqual([0, whole]);
      const json = documents((await runHere('transact', 'GetObject', handle, '--json')).stdout);
      const { data } = json[0] as { data: string };
      expect(sha256(Buffer.from(data, 'hex'))).toBe(whole);
    });

    it('by the handle of a folder saves what is in it', async () => {
      expect((await getHere((await handles()).get('100CANON') ?? '')).code).toBe(0);
      expect(saved()).toEqual(names);
    });

    it.each([
      [['MISC'], 'MISC: nothing to download\n'],
      [['*JPG', '--only', 'raw'], '*JPG: nothing to download\n'],
      [['DCIM/1*'], 'DCIM/1*: only folders match; "DCIM/1*/*" names what is in them\n'],
    ])('%j is no error, but is told', async (args, text) => {
      const { code, stdout, stderr } = await getHere(...args);
      expect([code, stdout, stderr]).toEqual([0, '', text]);
    });

    it('dates files as the camera does', async () => {
      await getHere('--all');
      const objects = documents((await runHere('ls', 'DCIM/100CANON', '--jsonl')).stdout);
      for (const { name, date } of objects as { name: string; date: string }[]) {
        expect(statSync(path.join(shell.folder, name)).mtime).toEqual(new Date(date));
      }
    });

    it('skips what is there, keeps what differs, and obeys --on-exists', async () => {
      await getHere('*1.JPG');
      const again = await getHere('*1.JPG', '--jsonl');
      expect(documents(again.stdout)).toEqual([
        {
          name: '2U4A0001.JPG',
          file: path.join(shell.folder, '2U4A0001.JPG'),
          bytes: expect.any(Number),
          skipped: true,
        },
      ]);
      writeFileSync(path.join(shell.folder, '2U4A0002.JPG'), 'mine');
      expect((await getHere('*2.JPG', '--on-exists', 'fail')).code).toBe(1);
      expect((await getHere('*2.JPG', '--on-exists', 'skip')).code).toBe(0);
      expect((await getHere('*2.JPG')).code).toBe(0);
      expect(saved()).toEqual(['2U4A0001.JPG', '2U4A0002-1.JPG', '2U4A0002.JPG']);
      expect(readFileSync(path.join(shell.folder, '2U4A0002.JPG'), 'utf8')).toBe('mine');
      expect((await getHere('*2.JPG', '--on-exists', 'overwrite')).code).toBe(0);
      expect(readFileSync(path.join(shell.folder, '2U4A0002.JPG')).length).toBeGreaterThan(1000);
    });

    it('goes on after what it cannot get, and ends with 7', async () => {
      const result = await get('NOPE', '*1.JPG', '0x00000001');
      expect(result.code).toBe(7);
      expect(saved()).toEqual(['2U4A0001.JPG']);
      expect(result.stderr).toMatch(/hotshoe: there is no "NOPE" on the camera\n/);
      expect(result.stderr).toMatch(/hotshoe: GetObjectInfo was answered Invalid_ObjectHandle/);
    });

    it.each(['--json', '--jsonl'])('reports what failed in its place (%s)', async (form) => {
      const result = await getHere('NOPE', '*1.JPG', form);
      expect(result.code).toBe(7);
      const results = documents(result.stdout);
      expect(form === '--json' ? results[0] : results).toEqual([
        { name: 'NOPE', error: expect.objectContaining({ code: 'NOT_FOUND' }) },
        {
          name: '2U4A0001.JPG',
          file: path.join(shell.folder, '2U4A0001.JPG'),
          bytes: expect.any(Number),
          skipped: false,
        },
      ]);
    });

    it('names the folder that cannot be written', async () => {
      writeFileSync(path.join(shell.folder, 'file'), '');
      const folder = path.join(shell.folder, 'file', 'below');
      const { code, stderr } = await runHere('get', '*1.JPG', '-o', folder);
      expect(code).toBe(1);
      expect(stderr).toMatch(`hotshoe: cannot write ${folder}: not a directory`);
    });

    it('--quiet says nothing but where the files are', async () => {
      const { stdout, stderr } = await getHere('--all', '--quiet');
      expect(stderr).toBe('');
      expect(lines(stdout)).toHaveLength(3);
    });
  });

  describe('transact', () => {
    it('shows answer, parameters and data', async () => {
      const { code, stdout } = await run('transact', 'getstorageids');
      expect(code).toBe(0);
      expect(stdout).toBe(
        'OK 0x2001\n0000  02 00 00 00 01 00 01 00 00 00 02 00              |............|\n',
      );
      const counted = await runHere('transact', '0x1006', '-1', '0', '0b0');
      expect(counted.stdout).toBe('OK 0x2001  0x00000006\n');
    });

    it('--json has everything', async () => {
      const { stdout } = await runHere('transact', 'GetStorageIDs', '--json');
      expect(documents(stdout)).toEqual([
        {
          operation: 0x1004,
          operationName: 'GetStorageIDs',
          response: 0x2001,
          responseName: 'OK',
          params: [],
          data: '020000000100010000000200',
        },
      ]);
    });

    it.each([
      [['GetObjectInfo', '1'], 1, 'Invalid_ObjectHandle 0x2009\n'],
      [['0x9fff'], 5, 'Operation_Not_Supported 0x2005\n'],
    ])('%j ends with %i and shows %j', async (args, code, text) => {
      const result = await runHere('transact', ...args);
      expect([result.code, result.stdout, result.stderr]).toEqual([code, text, '']);
    });

    it('--raw shows the answer on stderr', async () => {
      const { code, stdout, stderr } = await runHere('transact', 'GetObject', '1', '--raw');
      expect([code, stdout, stderr]).toEqual([1, '', 'Invalid_ObjectHandle 0x2009\n']);
    });

    it('does not know every name', async () => {
      const { code, stderr } = await runHere('transact', 'MakeCoffee');
      expect(code).toBe(2);
      expect(stderr).toMatch(/^hotshoe: "MakeCoffee" is no operation.*\n.*0x/);
    });
  });

  describe('what went over the link', () => {
    it('-v shows a line for each question and one for each answer', async () => {
      const { stdout, stderr } = await runHere('-v', 'ls');
      expect(lines(stdout)).toEqual(listing);
      expect(lines(stderr)[0]).toMatch(/^--> \d+ OpenSession\(session=1\)$/);
      expect(stderr).toMatch(
        /^--> 1 GetDeviceInfo\(\)\n<-- 1 OK 553 bytes [\d.]+ ms {2}Canon EOS R6 3-1\.5\.0, 158 operations$/m,
      );
      expect(stderr).toMatch(/^--> 2 SetRemoteMode\(mode=remote\)$/m);
      expect(lines(stderr).every((line) => /^(-->|<--) /.test(line))).toBe(true);
    });

    it('-vv also dumps the data', async () => {
      const { stderr } = await runHere('-vv', 'transact', 'GetStorageIDs');
      expect(stderr).toMatch(/^ {2}< 0000 {2}02 00 00 00 01 00 01 00 00 00 02 00 +\|\.{12}\|$/m);
    });

    it('--log keeps it in a file, with the time', async () => {
      const log = path.join(shell.folder, 'log');
      expect((await runHere('--log', log, 'info')).stderr).toBe('');
      await runHere('--log', log, 'ls');
      const text = readFileSync(log, 'utf8');
      expect(lines(text)[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z --> \d+ OpenSession/);
      expect(text.match(/OpenSession/g)).toHaveLength(2);
    });

    // A device that is always full is there on Linux only.
    const full = existsSync('/dev/full');
    it.runIf(full)('--log on a full disk is told once, and the command goes on', async () => {
      const { code, stdout, stderr } = await runHere('--log', '/dev/full', 'ls');
      expect([code, lines(stdout)]).toEqual([0, listing]);
      expect(stderr).toBe(
        'hotshoe: cannot write /dev/full: the disk is full\n' +
          'The command goes on without the log.\n',
      );
    });

    it('has colours only where they are wanted', async () => {
      const esc = '\x1b';
      expect((await run('-v', 'ls')).stderr).not.toContain(esc);
      const forced = await here(['-c', address, '-v', 'ls'], { FORCE_COLOR: '1' });
      expect(forced.stderr).toContain(esc);
      expect(forced.stdout).not.toContain(esc);
      const env = { FORCE_COLOR: '1', NO_COLOR: '1' };
      const plain = await here(['-c', address, '-v', 'ls'], env);
      expect(plain.stderr).not.toContain(esc);
    });
  });
});

describe('shooting', () => {
  let studio: Shell;
  let address = '';
  let tell: (line: string) => void;

  /** The card is empty to begin with. */
  beforeAll(async () => {
    studio = new Shell();
    const card = path.join(studio.folder, 'card');
    await mkdir(card);
    const camera = await studio.virtualCamera('--card', card);
    ({ address } = camera);
    tell = (line) => camera.process.child.stdin.write(`${line}\n`);
  });

  afterAll(() => studio.close());

  const shoot = (...args: string[]) => shell.run(['-c', address, 'shoot', ...args]);

  it('leaves the picture on the card', async () => {
    const { code, stdout, stderr } = await shoot();
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^2U4A0001\.JPG {2}is on the card\n$/);
    expect((await here(['-c', address, 'ls'])).stdout).toContain('/2U4A0001.JPG');
  });

  it.each([
    ['card', ['card']],
    ['host', ['host']],
    ['both', ['card', 'host']],
  ])('to %s with --download saves the picture once', async (to, places) => {
    const { code, stdout } = await shoot('--to', to, '-d', '-o', shell.folder, '--json');
    expect(code).toBe(0);
    const [result] = documents(stdout) as [
      { files: { where: string }[]; downloads: { name: string }[] },
    ];
    const name = result.downloads[0]?.name ?? '';
    const file = path.join(shell.folder, name);
    const size = statSync(file).size;
    expect(result).toEqual({
      files: places.map(() => ({
        handle: expect.any(Number),
        name,
        size,
        where: expect.any(String),
      })),
      downloads: [{ name, file, bytes: size, skipped: false }],
      durationMs: expect.any(Number),
    });
    expect(result.files.map(({ where }) => where).sort()).toEqual(places);
    expect(readdirSync(shell.folder).filter((each) => each.startsWith('2U4A'))).toEqual([name]);
    expect(readFileSync(file).subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('--download -o - writes the picture to stdout and nothing else', async () => {
    const { code, bytes } = await shoot('--to', 'host', '--download', '-o', '-');
    expect(code).toBe(0);
    expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(bytes.subarray(-2).toString('hex')).toBe('ffd9');
  });

  it('says why there is no picture, and takes one when the cause is gone', async () => {
    tell('fault af-failed');
    const failed = await shoot('--to', 'card');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      'hotshoe: the camera could not focus\n' +
        'Give it something with contrast and light, or shoot without autofocus (`--no-af`).\n',
    );
    expect((await shoot('--to', 'card', '--no-af')).code).toBe(0);

    tell('fault off\nfault card-full');
    const full = await shoot('--to', 'card', '--json');
    expect(full.code).toBe(1);
    expect(failureOf(full.stdout)).toMatchObject({
      code: 'CARD_FULL',
      message: 'there is no room for another picture',
    });
    tell('fault off');
    expect((await shoot('--to', 'card')).code).toBe(0);
  });
});

describe('breaking off', () => {
  /** A camera with a file that takes long to download. */
  const withLargeFile = async () => {
    const card = path.join(shell.folder, 'card');
    await mkdir(path.join(card, 'DCIM', '100CANON'), { recursive: true });
    const movie = path.join(card, 'DCIM', '100CANON', 'MVI_0001.MP4');
    writeFileSync(movie, '');
    truncateSync(movie, 3e9);
    return shell.virtualCamera('--card', card);
  };

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'a download by %s ends with 130, keeps its part for later, and leaves the camera usable',
    async (signal) => {
      const { address } = await withLargeFile();
      const folder = path.join(shell.folder, 'out');
      const get = shell.start(['-c', address, 'get', '--all', '-o', folder]);
      await sizeReached(path.join(folder, 'MVI_0001.MP4.part'), 1 << 20);
      get.child.kill(signal);
      const { code, stdout, stderr } = await get.ended;
      expect([code, stdout, stderr]).toEqual([130, '', 'interrupted\n']);
      expect(await readdir(folder)).toEqual(['MVI_0001.MP4.part']);
      expect((await shell.run(['-c', address, 'info'])).code).toBe(0);
    },
  );

  it('in JSON is an error like any other', async () => {
    const { address } = await withLargeFile();
    const folder = path.join(shell.folder, 'out');
    const get = shell.start(['-c', address, 'get', '--all', '-o', folder, '--json']);
    await sizeReached(path.join(folder, 'MVI_0001.MP4.part'), 1 << 20);
    get.child.kill('SIGINT');
    const result = await get.ended;
    expect(result.code).toBe(130);
    expect(failureOf(result.stdout)).toEqual({ code: 'INTERRUPTED', message: 'interrupted' });
  });

  it('while somebody is asked at the camera ends with 130', async () => {
    const { address, process } = await emptyCamera('--accept', 'ask');
    const info = shell.start(['-c', address, 'info']);
    await process.until(({ stderr }) => stderr.includes('waiting for'));
    info.child.kill('SIGINT');
    expect((await info.ended).code).toBe(130);
  });

  it('a camera that does not answer says so, and that a second Ctrl-C ends at once', async () => {
    const { address, process } = await emptyCamera('--fault', 'silent');
    const info = shell.start(['-c', address, '-v', 'info']);
    await info.until(({ stderr }) => stderr.includes('--> 0 OpenSession'));
    info.child.kill('SIGINT');
    await info.until(({ stderr }) => stderr.includes('Ctrl-C again'));
    const from = performance.now();
    info.child.kill('SIGINT');
    expect((await info.ended).code).toBe(130);
    expect(performance.now() - from).toBeLessThan(2000);
    process.child.stdin.write('fault off\n');
    expect((await shell.run(['-c', address, 'transact', 'GetStorageIDs'])).code).toBe(0);
  });

  it('by closing stdout early is no error, and leaves the camera usable', async () => {
    const { address } = await withLargeFile();
    const get = shell.start(['-c', address, 'get', '--all', '-o', '-']);
    await get.until(({ stdout }) => stdout.length > 0);
    get.child.stdout.destroy();
    const { code, stderr } = await get.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect((await shell.run(['-c', address, 'info'])).code).toBe(0);
  });

  it.each(['--json', '--jsonl'])(
    'by the camera going away tells what was done before, and then why (%s)',
    async (form) => {
      const { address, process } = await withLargeFile();
      const small = path.join(shell.folder, 'card', 'DCIM', '100CANON', 'IMG_0001.JPG');
      writeFileSync(small, 'small');
      const folder = path.join(shell.folder, 'out');
      const get = shell.start(['-c', address, 'get', '--all', '-o', folder, form]);
      await sizeReached(path.join(folder, 'MVI_0001.MP4.part'), 1 << 20);
      process.child.stdin.write('unplug\n');
      const { code, stdout, stderr } = await get.ended;
      expect([code, stderr]).toEqual([
        6,
        expect.stringMatching(/^IMG_0001\.JPG [^\n]+\n[^\n]+\n$/),
      ]);
      expect(documents(stdout).flat()).toEqual([
        { name: 'IMG_0001.JPG', file: path.join(folder, 'IMG_0001.JPG'), bytes: 5, skipped: false },
        {
          name: '/SD1/DCIM/100CANON/MVI_0001.MP4',
          error: expect.objectContaining({ code: 'LINK_LOST' }),
        },
      ]);
    },
  );

  it('a download to a pipe whose reader stands still ends at once', async () => {
    const { address } = await withLargeFile();
    const get = shell.start(['-c', address, 'get', '--all', '-o', '-']);
    await get.until(({ stdout }) => stdout.length > 0);
    get.child.stdout.pause();
    get.child.kill('SIGINT');
    const [code] = (await once(get.child, 'exit')) as [number];
    expect([code, get.stderr]).toEqual([130, expect.stringMatching(/interrupted\n$/)]);
    expect((await shell.run(['-c', address, 'info'])).code).toBe(0);
  });

  it('by the camera going away ends with 6 and keeps the part for later', async () => {
    const { address, process } = await withLargeFile();
    const folder = path.join(shell.folder, 'out');
    const get = shell.start(['-c', address, 'get', '--all', '-o', folder, '--jsonl']);
    await sizeReached(path.join(folder, 'MVI_0001.MP4.part'), 1 << 20);
    process.child.stdin.write('unplug\n');
    const result = await get.ended;
    expect(result.code).toBe(6);
    expect(failureOf(result.stdout)).toMatchObject({ code: 'LINK_LOST', hint: expect.any(String) });
    expect(await readdir(folder)).toEqual(['MVI_0001.MP4.part']);
  });
});

describe('first-picture', () => {
  it('shows the real commands, and leaves another photograph each time', async () => {
    const folder = path.join(shell.folder, 'pictures');
    const { code, stdout } = await shell.run(['first-picture', '-o', folder]);
    expect(code).toBe(0);
    for (const text of ['$ hotshoe info', '$ hotshoe ls', '$ hotshoe shoot', 'Canon EOS R6']) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toContain(folder);
    const [name = ''] = await readdir(folder);
    expect(readFileSync(path.join(folder, name)).subarray(0, 2).toString('hex')).toBe('ffd8');

    const json = await shell.run(['first-picture', '-o', folder, '--jsonl']);
    expect(json.code).toBe(0);
    expect(documents(json.stdout).at(-1)).toMatchObject({ downloads: [expect.any(Object)] });
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('is more than one JSON document', async () => {
    const { code, stdout } = await here(['first-picture', '--json']);
    expect(code).toBe(2);
    expect(failureOf(stdout).hint).toContain('--jsonl');
  });
});

/** Runs a command line in this process. */
async function here(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const [out, err] = [new Captured(), new Captured()];
  const code = await runCommandLine(args, {
    streams: { stdout: out, stderr: err, stdin: Readable.from([]) },
    env,
    signal: new AbortController().signal,
  });
  const bytes = Buffer.concat(out.chunks);
  const stderr = Buffer.concat(err.chunks).toString();
  return { code, stdout: bytes.toString(), stderr, bytes };
}

class Captured extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

/** The error in what was printed last, alone or as the last of a list. */
function failureOf(stdout: string): Record<string, string> {
  const last = [documents(stdout).at(-1)].flat().at(-1) as { error: Record<string, string> };
  return last.error;
}

/** One document, however many lines it has, or one a line. */
function documents(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return lines(text).map((line) => JSON.parse(line) as unknown);
  }
}

function lines(text: string): string[] {
  return text === '' ? [] : text.trimEnd().split('\n');
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function version(): string {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version.replaceAll('.', '\\.');
}

/** Resolves when the file has grown so large. */
async function sizeReached(file: string, size: number): Promise<void> {
  for (;;) {
    const found = await stat(file).catch(() => undefined);
    if (found && found.size >= size) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
