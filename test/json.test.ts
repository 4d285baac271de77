/** docs/json.md: every command prints what the document says that it prints. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenTcp, type TcpServer } from '../src/node/tcp.ts';
import { createUsbBus, type VirtualCamera } from '../src/virtual/index.ts';
import { type Captured, commandLine } from './support/command-line.ts';
import { DocumentedTypes } from './support/documented-types.ts';
import { ixusCard, smallCamera, smallCard, smallIxus } from './support/small-pictures.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../docs/json.md'), 'utf8');
const photograph = readFileSync(
  path.resolve(import.meta.dirname, '../docs/images/first-picture.jpg'),
);
const types = new DocumentedTypes(text);
const table = [...text.matchAll(/^\| `([^`]+)` \| (.+?) \| (.+?) \|$/gm)].map((row) => {
  const [, command = '', json = '', jsonl = ''] = row;
  return [command, typeOf(json), typeOf(jsonl)] as const;
});

/** "`A \| B`" -> "A | B"; undefined for words without a type. */
function typeOf(cell: string): string | undefined {
  return /^`(.+)`$/.exec(cell)?.[1]?.replaceAll('\\|', '|');
}

let folder = '';
let camera: VirtualCamera;
let server: TcpServer;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-json-'));
  writeFileSync(path.join(folder, 'note.txt'), 'hello\n');
  mkdirSync(path.join(folder, 'out'));
});
afterEach(async () => {
  await server?.close();
  await camera?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function runOn(
  model: (typeof MODELS)[number],
  args: readonly string[],
  faults: string[] = [],
): Promise<Captured> {
  const small = model === 'eos-r6' ? smallCamera : smallIxus;
  const card = model === 'eos-r6' ? smallCard() : ixusCard();
  card.addFile('DCIM/100CANON/2U4A0002.JPG', photograph, 1);
  camera = small({ card, faults });
  server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  if (args.includes('inspect')) {
    const recorded = path.join(folder, 'session.pcapng');
    await commandLine([
      ...['-c', `ptpip://127.0.0.1:${server.port}`, '--record', recorded],
      ...['get', '--all', '-o', path.join(folder, 'out')],
    ]);
  }
  const places = args.map((arg) => arg.replace('TMP', folder));
  const usb = createUsbBus([camera]);
  return commandLine(['-c', `ptpip://127.0.0.1:${server.port}`, ...places], { usb });
}

const MODELS = ['eos-r6', 'ixus-180'] as const;

/** What is run for each row; a second exit code is that of the IXUS 180. */
const RUNS: Readonly<Record<string, [args: string, ...codes: number[]][]>> = {
  list: [['list', 0]],
  'list --watch': [],
  // Wait for cameras in the network: test/peers/wifi.test.ts.
  pair: [],
  'pair --forget': [['pair --forget nobody', 1]],
  respond: [],
  alias: [
    ['alias', 0],
    ['alias studio usb:serial=123', 0],
    ['alias studio', 0],
    ['alias nobody', 1],
    ['alias a:b usb:', 2],
  ],
  // Processes in the background: test/holder.test.ts.
  hold: [],
  'hold --foreground': [],
  release: [['release', 3]],
  doctor: [],
  info: [['info', 0]],
  'info --can': [['info --can', 0]],
  ls: [
    ['ls', 0],
    ['ls -l *.JPG NOPE', 7],
    ['ls NOPE 0x1', 1],
  ],
  storage: [['storage', 0]],
  get: [
    ['get --all -o TMP/out', 0],
    ['get NOPE *2.JPG -o TMP/out', 7],
    ['get --all --only raw', 0],
  ],
  // One of them has no thumbnail.
  thumb: [['thumb DCIM -o TMP/out', 7]],
  put: [['put TMP/note.txt TMP/none', 1, 7]],
  rm: [
    ['rm -r DCIM', 0],
    ['rm -n *.JPG', 0],
  ],
  mkdir: [['mkdir X', 5]],
  rmdir: [['rmdir MISC', 0]],
  protect: [
    ['protect *.JPG', 0],
    ['protect --off DCIM', 0],
  ],
  format: [
    ['format SD1 -n', 0, 1],
    ['format SD --yes', 1, 0],
  ],
  shoot: [
    ['shoot', 0],
    ['shoot -d --to both -o TMP/out', 0, 5],
  ],
  'shoot --frames': [['shoot --frames 2', 0]],
  // Waits for somebody to press the button: test/tether.test.ts.
  tether: [],
  record: [
    ['record start', 0, 5],
    ['record start --for 100ms --download -o TMP/out', 0, 5],
    ['record stop', 2, 5],
  ],
  focus: [
    ['focus near 1 --times 2', 0, 5],
    ['focus sideways', 2],
  ],
  zoom: [
    ['zoom 5', 0, 5],
    ['zoom 4', 2, 5],
  ],
  config: [
    ['config', 0],
    ['config iso', 0],
    ['config iso=400 flavour', 7],
    ['config flavour', 1],
  ],
  'config --save': [['config --save TMP/settings.json', 0]],
  clock: [['clock', 0]],
  owner: [
    ['owner', 0, 1],
    ['owner Ada', 0, 1],
  ],
  events: [['events --for 100ms', 0]],
  live: [['live --frame TMP/out/view.jpg', 0]],
  'live --http': [],
  serve: [],
  // Takes virtual cameras of this process only: test/firmware.test.ts.
  firmware: [],
  transact: [
    ['transact GetStorageIDs', 0],
    ['transact GetThumb 1', 1],
    ['transact GetStorageIDs -o TMP/ids', 0],
  ],
  'transact eventproc': [
    ['transact eventproc FA_GetProperty 0x2000005 0 --return-data', 5, 0],
    ['transact eventproc EnableBootDisk', 2],
  ],
  'transact --list': [['transact --list 0x10*', 0]],
  inspect: [['inspect TMP/session.pcapng', 0]],
  'inspect --summary': [['inspect --summary TMP/session.pcapng', 0]],
  miniptp: [
    ['miniptp', 0],
    ['miniptp -opdL', 0],
    ['miniptp -u 0x00010001,TMP/note.txt -g 0x1', 1],
  ],
  virtual: [],
  completion: [['completion bash', 0]],
  'first-picture': [],
};

const cases = Object.entries(RUNS).flatMap(([row, runs]) =>
  runs.flatMap(([args, ...codes]) =>
    MODELS.map((model, i) => [args, model, row, codes[i] ?? codes[0]] as const),
  ),
);

describe('docs/json.md', () => {
  it('has a row for each command, and a type for each name in it', async () => {
    const { stdout } = await commandLine(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
    const commands = listed.filter((name) => name !== 'help' && !name?.startsWith('-'));
    expect(new Set(table.map(([row]) => row.split(' ')[0]))).toEqual(new Set(commands));
    expect(table.map(([row]) => row)).toEqual(Object.keys(RUNS));
  });

  it.each(cases)(
    '%s on %s --json is as under %s, and ends with %i',
    async (args, model, row, code) => {
      const type = table.find(([name]) => name === row)?.[1];
      const ran = await runOn(model, ['--json', ...args.split(' ')]);
      const value: unknown = JSON.parse(ran.stdout);
      expect(types.faults(value, `${type} | Failure`)).toEqual([]);
      expect(ran.code).toBe(code);
      if (code === 0) expect(types.faults(value, 'Failure')).not.toEqual([]);
    },
  );

  it.each(cases)(
    '%s on %s --jsonl is as under %s, and ends with %i',
    async (args, model, row, code) => {
      const type = table.find(([name]) => name === row)?.[2];
      const ran = await runOn(model, ['--jsonl', ...args.split(' ')]);
      const lines = ran.stdout.split('\n').filter(Boolean);
      for (const line of lines) {
        expect(types.faults(JSON.parse(line), `${type} | Failure`)).toEqual([]);
      }
      expect(ran.code).toBe(code);
    },
  );

  it('virtual tells its addresses line by line', async () => {
    const stop = new AbortController();
    const type = table.find(([name]) => name === 'virtual')?.[2] ?? '';
    const ran = commandLine('--jsonl virtual ixus-180 --port 0 --control 0'.split(' '), {
      signal: stop.signal,
    });
    // It listens before anything is read from it.
    stop.abort();
    const { code, stdout } = await ran;
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect([code, lines.length]).toEqual([0, 2]);
    for (const line of lines) expect(types.faults(line, type)).toEqual([]);
  });

  it('serve tells its addresses, and the picture it took', async () => {
    const stop = new AbortController();
    const type = table.find(([name]) => name === 'serve')?.[2] ?? '';
    const { code, stdout } = await commandLine(
      ['--jsonl', 'serve', '--port', '0', '--first-picture', '-o', folder],
      { signal: stop.signal, onOutput: (text) => text.includes('http://') && stop.abort() },
    );
    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([0, 2]);
    for (const line of lines) expect(types.faults(JSON.parse(line), type)).toEqual([]);
  });

  it('live --http tells its address', async () => {
    const stop = new AbortController();
    const type = table.find(([name]) => name === 'live --http')?.[2] ?? '';
    const { code, stdout } = await commandLine(
      ['--jsonl', '-c', 'virtual:eos-r6', 'live', '--http', '0'],
      { signal: stop.signal, onOutput: () => stop.abort() },
    );
    expect([code, types.faults(JSON.parse(stdout), type)]).toEqual([0, []]);
  });

  it('list --watch tells what comes', async () => {
    const stop = new AbortController();
    const type = table.find(([name]) => name === 'list --watch')?.[2] ?? '';
    camera = smallCamera();
    const { code, stdout } = await commandLine(['--jsonl', 'list', '--watch'], {
      usb: createUsbBus([camera]),
      signal: stop.signal,
      onOutput: () => stop.abort(),
    });
    expect([code, types.faults(JSON.parse(stdout), type)]).toEqual([0, []]);
  });

  // What it finds, and so its exit code, is this computer's.
  it.each(['--json', '--jsonl'])('doctor %s', async (flag) => {
    const row = table.find(([name]) => name === 'doctor') ?? [];
    const type = row[flag === '--json' ? 1 : 2] ?? '';
    camera = smallCamera();
    const { stdout } = await commandLine([flag, 'doctor'], { usb: createUsbBus([camera]) });
    const values = flag === '--json' ? [stdout] : stdout.trimEnd().split('\n');
    for (const value of values) expect(types.faults(JSON.parse(value), type)).toEqual([]);
  });

  it('first-picture prints what its commands print', async () => {
    const type = table.find(([name]) => name === 'first-picture')?.[2] ?? '';
    const { code, stdout } = await commandLine(['--jsonl', 'first-picture', '-o', folder]);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(types.faults(line, type)).toEqual([]);
  });

  it.each([
    ['miniptp -o -g 0x51900012', 'MiniPtp'],
    ['shoot -d -o TMP/out', 'Shot'],
  ])('%s tells what it knows when the link is lost', async (args, type) => {
    const ran = await runOn('eos-r6', ['--json', ...args.split(' ')], ['link-lost-mid-transfer']);
    const value: unknown = JSON.parse(ran.stdout);
    expect(ran.code).toBe(6);
    expect(types.faults(value, type)).toEqual([]);
    expect(JSON.stringify(value)).toContain('"code":"LINK_LOST"');
  });
});

describe('a documented type', () => {
  const shapes = new DocumentedTypes(
    '```ts\ninterface A { a: number; b?: B | null }\ninterface B { c: ("x" | "y")[] }\n```\n',
  );

  it.each([
    [{ a: 1 }, []],
    [{ a: 1, b: { c: ['x', 'y'] } }, []],
    [{ a: 1, b: null }, []],
    [{}, ['$.a is missing']],
    [{ a: '1' }, ['$.a: "1" is no number']],
    [{ a: 1, d: 2 }, ['$.d is not documented']],
    [{ a: 1, b: { c: ['z'] } }, ['$.b.c[0]: "z" is no "x"']],
    [[], ['$: [] is no object']],
  ])('finds in %j the faults %j', (value, faults) => {
    expect(shapes.faults(value, 'A')).toEqual(faults);
  });
});
