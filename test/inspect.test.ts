/** `inspect` as people and programs use it, on recordings of virtual cameras. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HotshoeError } from '../src/base/errors.ts';
import { openPtpCamera } from '../src/camera/open-ptp.ts';
import { inspect } from '../src/index.ts';
import { open, recordTo } from '../src/node/index.ts';
import { listenTcp } from '../src/node/tcp.ts';
import { connectUsb, Operation } from '../src/ptp/index.ts';
import { createUsbDevice, MemoryCard, patternContent } from '../src/virtual/index.ts';
import { type Captured, type CaptureOptions, commandLine } from './support/command-line.ts';
import { smallCamera } from './support/small-pictures.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-inspect-'));
const at = (name: string) => path.join(folder, name);
const ip = at('ip.pcapng');
const usb = at('usb.pcapng');

/** Two files, of which one is longer than a packet of IP. */
function card(): MemoryCard {
  const made = new MemoryCard();
  made.addFile('DCIM/100CANON/2U4A0001.JPG', patternContent(200_000), 1);
  made.addFile('DCIM/100CANON/2U4A0002.JPG', patternContent(300), 1);
  return made;
}

/** Files, live view, a setting, a picture, and a refusal. */
async function session(camera: Awaited<ReturnType<typeof open>>): Promise<void> {
  const { ptp, storage, capture } = camera;
  if (!ptp) throw new Error('no session');
  for await (const object of storage?.list({ recursive: true }) ?? []) {
    if (object.kind === 'file') await storage?.read(object, { write: () => {} });
  }
  await capture?.shoot({ to: 'card' });
  const output = Uint8Array.of(12, 0, 0, 0, 0xb0, 0xd1, 0, 0, 2, 0, 0, 0);
  await ptp.transaction(0x9110, [], { data: output });
  for (let frame = 0; frame < 3; frame++) await ptp.transaction(0x9153, [0x200000, 0, 0]);
  await ptp.transaction(Operation.GetObjectInfo, [0xdead]);
  await camera.close();
}

beforeAll(async () => {
  const camera = smallCamera({ card: card() });
  const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  const first = recordTo(ip);
  await session(await open(`ptpip://127.0.0.1:${server.port}`, { traffic: first.tap }));
  await first.finish();
  await server.close();
  await camera.close();

  const plugged = smallCamera({ card: card() });
  const second = recordTo(usb);
  const device = second.tap.usb(createUsbDevice(plugged));
  await session(await openPtpCamera(await connectUsb({ device, name: 'x' }), 'usb:'));
  await second.finish();
  await plugged.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], options: CaptureOptions = {}): Promise<Captured> =>
  commandLine(['inspect', ...args], options);
const lines = (text: string) => text.split('\n').filter(Boolean);
/** The operations that lines tell of. */
const operations = ({ stdout }: Captured) =>
  lines(stdout).flatMap((line) => /#\d+ (\w+)\(/.exec(line)?.[1] ?? []);

describe.each([
  ['PTP/IP', ip],
  ['USB', usb],
])('a recording of %s', (_name, file) => {
  it('is told in a line for each transaction, below the name of its link', async () => {
    const { stdout, stderr, code } = await run([file]);
    expect(code).toBe(0);
    expect(lines(stdout)[0]).toMatch(/^-- (127\.0\.0\.1:|10\.0\.0\.1:\d+ > |usb:001,001)/);
    expect(stdout).toMatch(
      /#\d+ GetDeviceInfo\(\) {2}OK {2}553 bytes in {2}Canon EOS R6 3-1\.5\.0/,
    );
    expect(stdout).toMatch(/#\d+ GetObjectInfo\(handle=0x0000dead\) {2}Invalid_ObjectHandle$/m);
    expect(stdout).toMatch(
      /SetDevicePropValueEx\(\) {2}OK {2}12 bytes out {2}EVFOutputDevice=host/,
    );
    expect(stdout).toMatch(/GetViewFinderData\(.*\) {2}OK.*picture of \d+ bytes/);
    expect(stderr).toMatch(/: \d+ frames$/m);
  });

  it('--op takes names, codes and patterns', async () => {
    const found = operations(await run([file, '--op', 'GetObjectInfo,0x1001', '--op', 'Open*']));
    expect(new Set(found)).toEqual(new Set(['OpenSession', 'GetDeviceInfo', 'GetObjectInfo']));
    expect(new Set(operations(await run([file, '--op', '0x9153'])))).toEqual(
      new Set(['GetViewFinderData']),
    );
  });

  it('--prop finds what asks for, sets and tells of a property', async () => {
    const found = operations(await run([file, '--prop', 'EVFOutputDevice']));
    expect(new Set(found)).toEqual(new Set(['GetEvent', 'SetDevicePropValueEx']));
    expect(operations(await run([file, '--prop', '0xd1b0']))).toEqual(found);
    expect(operations(await run([file, '--prop', 'EVFOutput*']))).toEqual(found);
  });

  it('--errors tells of what did not go well, and of nothing else', async () => {
    const { stdout } = await run([file, '--errors']);
    expect(lines(stdout).slice(1)).toEqual([
      // The camera needs a moment for its first picture.
      ...[/GetViewFinderData.*Object_Not_Ready/, /Invalid_ObjectHandle/].map((form) =>
        expect.stringMatching(form),
      ),
    ]);
  });

  it('--from and --to cut by time', async () => {
    const all = operations(await run([file]));
    const items = JSON.parse((await commandLine(['--json', 'inspect', file])).stdout) as {
      kind: string;
      seconds: number;
    }[];
    const middle = items[Math.floor(items.length / 2)]?.seconds ?? 0;
    const before = operations(await run([file, '--to', String(middle)]));
    const after = operations(await run([file, '--from', String(middle)]));
    expect(before.length).toBeGreaterThan(3);
    expect(after.length).toBeGreaterThan(3);
    // Those at the very moment are in both.
    expect(before.length + after.length).toBeGreaterThanOrEqual(all.length);
    expect(before.length + after.length).toBeLessThan(all.length + 4);
  });

  it('--long and --hex show the data', async () => {
    const { stdout } = await run([file, '--long', '--hex', '--op', 'SetDevicePropValueEx']);
    expect(stdout).toMatch(/^ +0000 {2}0c 00 00 00 b0 d1 00 00 02 00 00 00 +\|/m);
    const info = await run([file, '--long', '--op', 'GetDeviceInfo']);
    expect(info.stdout).toMatch(/^ +operation: 0x9116 GetEvent$/m);
  });

  it('--summary counts, and lists what nobody knows', async () => {
    const { stdout } = await run([file, '--summary']);
    expect(stdout).toMatch(/^GetObjectInfo +1 +1 not OK/m);
    expect(stdout).toMatch(/^GetViewFinderData +3 /m);
    expect(stdout).toMatch(/what hotshoe does not know:\n(?: +\d+ {2}operation 0x[0-9a-f]{4}\n)+/);
  });

  it('--extract writes objects and live view pictures, byte for byte', async () => {
    const out = at(`out-${path.basename(file)}`);
    const { code, stderr } = await run([file, '--extract', out]);
    expect(code).toBe(0);
    const names = readdirSync(out).sort();
    expect(names.filter((name) => name.endsWith('.JPG'))).toEqual([
      ...['2U4A0001.JPG', '2U4A0002.JPG'],
    ]);
    expect(names.filter((name) => /^live-\d{6}\.jpg$/.test(name)).length).toBeGreaterThan(0);
    expect(names.filter((name) => name.startsWith('.') || name.endsWith('.part'))).toEqual([]);
    const big = readFileSync(path.join(out, '2U4A0001.JPG'));
    const whole = patternContent(200_000);
    expect(big).toHaveLength(200_000);
    expect(whole.read(0, 200_000)).toEqual(new Uint8Array(big));
    expect(stderr).toContain('2U4A0001.JPG: 200.0 kB');
    // Once more: nothing that is there is touched.
    await run([file, '--extract', out]);
    expect(readdirSync(out)).toContain('2U4A0001-1.JPG');
  });

  it('is read from stdin, too', async () => {
    const piped = await run(['-'], { stdin: readFileSync(file) });
    expect(piped.stdout).toBe((await run([file])).stdout);
  });

  it('that is cut is read as far as it goes, and ends with 7', async () => {
    const bytes = readFileSync(file);
    writeFileSync(at('cut.pcapng'), bytes.subarray(0, bytes.length - 100));
    const { code, stdout, stderr } = await run([at('cut.pcapng')]);
    expect(code).toBe(7);
    expect(stdout).toContain('GetDeviceInfo');
    expect(stderr).toContain('it ends in the middle of a frame');
  });

  it('that is cut or damaged anywhere never hangs nor crashes', async () => {
    const bytes = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 40 }),
        fc.oneof(fc.constant(undefined), fc.nat()),
        fc.oneof(fc.constant(undefined), fc.tuple(fc.nat(), fc.nat({ max: 5000 }))),
        async (changes, cut, gap) => {
          let damaged = Buffer.from(bytes);
          for (const [where, byte] of changes) damaged[where % damaged.length] = byte;
          if (gap) {
            const from = gap[0] % damaged.length;
            damaged = Buffer.concat([damaged.subarray(0, from), damaged.subarray(from + gap[1])]);
          }
          if (cut !== undefined) damaged = damaged.subarray(0, cut % damaged.length);
          const { traffic } = inspect.readTraffic(pieces(damaged), 'damaged');
          const { seen } = inspect.decodeTraffic(traffic);
          try {
            for await (const item of seen) inspect.tell(item);
          } catch (error) {
            // Its first bytes no longer say that it is a capture.
            expect(error).toBeInstanceOf(HotshoeError);
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 9001) yield bytes.subarray(from, from + 9001);
}

describe('inspect', () => {
  it('takes several files', async () => {
    const { stdout } = await run([ip, usb]);
    expect(lines(stdout).filter((line) => line.startsWith('=='))).toEqual([
      ...[`== ${ip}`, `== ${usb}`],
    ]);
  });

  it.each([
    [['none.pcapng'], 1, 'cannot read none.pcapng'],
    [[ip, '--op', 'MakeCoffee'], 2, '"MakeCoffee" is no operation'],
    [[ip, '--prop', 'Flavour'], 2, '"Flavour" is no property'],
    [[ip, '--from', 'soon'], 2, 'soon'],
    [[ip, '--extract', '/dev/null/x'], 1, 'cannot write /dev/null/x'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const ran = await run(args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(message);
  });

  it('says that a file is no capture', async () => {
    writeFileSync(at('text'), 'neither pcap nor pcapng');
    const { code, stderr } = await run([at('text')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${at('text')} is no capture`)]);
  });

  it('ends at Ctrl-C', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const { code } = await run([ip], { signal: stop.signal });
    expect(code).not.toBe(0);
  });

  it('leaves what did not pass whole as a part', async () => {
    // Everything up to the middle of the first object.
    const bytes = readFileSync(ip);
    const begin = bytes.indexOf(Buffer.from(patternContent(200_000).read(0, 64)));
    expect(begin).toBeGreaterThan(0);
    const middle = begin + 150_000;
    writeFileSync(at('half.pcapng'), bytes.subarray(0, middle));
    const out = at('half');
    await run([at('half.pcapng'), '--extract', out]);
    const names = readdirSync(out);
    expect(names).toEqual(['2U4A0001.JPG.part']);
  });
});
