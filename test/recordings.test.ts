/** Recordings of our own sessions, and the cameras that they become. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrafficTap } from '../src/camera/address.ts';
import { openPtpCamera } from '../src/camera/open-ptp.ts';
import type { inspect } from '../src/index.ts';
import { open, openCapture, openTraffic, recordTo } from '../src/node/index.ts';
import { connectUsb, Operation, type Tap } from '../src/ptp/index.ts';
import {
  createUsbDevice,
  ReplayTransport,
  readRecording,
  type VirtualCamera,
} from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { ixusCard, smallCamera, smallCard, smallIxus } from './support/small-pictures.ts';

let folder = '';
let camera: VirtualCamera | undefined;
let network: NetworkCamera | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-record-'));
});
afterEach(async () => {
  await network?.stopListening();
  await camera?.close();
  network = undefined;
  camera = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => path.join(folder, name);

async function serve(made: VirtualCamera): Promise<string> {
  camera = made;
  network = await inNetwork(made);
  return network.address;
}

/** What went through the session, as it saw it. */
function witness() {
  const seen: unknown[] = [];
  const sizes = new Map<unknown, number>();
  const tap: Tap = {
    data(transaction, _direction, bytes) {
      sizes.set(
        transaction.transactionId,
        (sizes.get(transaction.transactionId) ?? 0) + bytes.length,
      );
    },
    response({ code, transactionId, params }, response, bytes) {
      seen.push([code, transactionId, [...params], response.code, response.params, bytes]);
    },
  };
  return { tap, seen };
}

/** The same, as the recording has it. */
async function recorded(file: string) {
  const capture = openCapture(file);
  const items: inspect.Seen[] = [];
  for await (const item of capture.seen) items.push(item);
  const transactions = items
    .filter((item) => item.kind === 'transaction')
    .map(({ code, transactionId, params, response, data }) => [
      ...[code, transactionId, [...params], response?.code, [...(response?.params ?? [])]],
      data?.size ?? 0,
    ]);
  const holes = items.filter(({ kind }) => kind === 'unread');
  return { transactions, holes, statistics: capture.statistics };
}

describe('a recording', () => {
  it('has every transaction of a PTP/IP session, and every byte', async () => {
    const address = await serve(smallCamera({ card: smallCard() }));
    const file = at('session.pcapng');
    const { run, seen } = await sessionOver(file, (tap, traffic) =>
      open(address, { tap, traffic }),
    );
    expect(run).toBe(file);
    const { transactions, holes, statistics } = await recorded(file);
    expect(transactions).toEqual(seen);
    expect(transactions.length).toBeGreaterThan(8);
    expect([holes, statistics.cut]).toEqual([[], undefined]);
  });

  it('has every transaction of a USB session', async () => {
    camera = smallCamera({ card: smallCard() });
    const device = createUsbDevice(camera);
    const file = at('usb.pcapng');
    const { seen } = await sessionOver(file, async (tap, traffic) => {
      const transport = await connectUsb({ device: traffic.usb(device), name: 'recorded' });
      return openPtpCamera(transport, 'usb:', { tap });
    });
    const { transactions, statistics } = await recorded(file);
    expect(transactions).toEqual(seen);
    expect(transactions.length).toBeGreaterThan(8);
    expect(statistics.framesByProtocol.get('usb')).toBe(statistics.frames);
    // A camera again, whatever it was plugged into.
    const { code, stdout } = await commandLine(['-c', `replay:${file}`, 'ls', '-R']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('2U4A0001.JPG')]);
  });

  /** Lists the card and downloads a picture, with a witness, into a recording. */
  async function sessionOver(
    file: string,
    connect: (tap: Tap, traffic: TrafficTap) => Promise<Awaited<ReturnType<typeof openPtpCamera>>>,
  ) {
    const { tap, seen } = witness();
    const recording = recordTo(file);
    const opened = await connect(tap, recording.tap);
    const files = [];
    for await (const object of opened.storage?.list({ recursive: true }) ?? []) files.push(object);
    const [picture] = files.filter(({ kind }) => kind === 'file');
    if (!picture || !opened.ptp) throw new Error('the card is empty');
    await opened.ptp.transaction(Operation.GetObject, [picture.handle]);
    await opened.ptp.transaction(0x9999, [1, 2, 3]);
    await opened.close();
    return { run: await recording.finish(), seen };
  }
});

describe('--record', () => {
  it('leaves a file that is there alone, and says where the recording is', async () => {
    const address = await serve(smallCamera());
    writeFileSync(at('a.pcapng'), 'mine');
    const { stderr, code } = await commandLine(['-c', address, '--record', at('a.pcapng'), 'info']);
    expect([code, stderr]).toEqual([0, `recorded in ${at('a-1.pcapng')}\n`]);
    expect(readFileSync(at('a.pcapng'), 'utf8')).toBe('mine');
    expect((await recorded(at('a-1.pcapng'))).transactions.length).toBeGreaterThan(2);
    expect(readdirSync(folder).sort()).toEqual(['a-1.pcapng', 'a.pcapng']);
  });

  it('says that it cannot write before the camera is asked anything', async () => {
    const address = await serve(smallCamera());
    const file = at('none/a.pcapng');
    const { stderr, code } = await commandLine(['-c', address, '--record', file, 'info']);
    expect([code, camera?.requests(Operation.OpenSession)]).toEqual([1, 0]);
    expect(stderr).toContain(`cannot write ${file}`);
  });

  it('has what led to a failure', async () => {
    const address = await serve(smallCamera({ faults: ['link-lost-mid-transfer'] }));
    const file = at('failed.pcapng');
    const { code } = await commandLine([
      ...['-c', address, '--record', file, 'get', '--all', '-o', at('out')],
    ]);
    expect(code).toBe(6);
    const { transactions } = await recorded(file);
    // The one that broke has no response.
    expect(transactions.filter(([, , , response]) => response === undefined)).toHaveLength(1);
  });

  it('--redact leaves nobody to be recognised, and replays all the same', async () => {
    const address = await serve(smallCamera());
    const [plain, masked] = [at('plain.pcapng'), at('masked.pcapng')];
    await commandLine(['-c', address, '--record', plain, 'info']);
    await commandLine(['-c', address, '--record', masked, '--redact', 'info']);
    // The number on the virtual body, and the MAC of its network.
    const secrets = [Buffer.from('013070001234'), Buffer.from('02bfc0450536', 'hex')];
    for (const secret of secrets) {
      expect(readFileSync(plain).includes(secret)).toBe(true);
      expect(readFileSync(masked).includes(secret)).toBe(false);
    }
    const { stdout, code } = await commandLine(['-c', `replay:${masked}`, 'info']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('000000000000')]);
    const shown = await commandLine(['--redact', 'inspect', '--long', plain]);
    expect(shown.stdout).toContain('SerialNumber=000000000000');
    expect(shown.stdout).not.toContain('013070001234');
  });

  it('is for its owner only', async () => {
    const address = await serve(smallCamera());
    await commandLine(['-c', address, '--record', at('a.pcapng'), 'info']);
    expect(statSync(at('a.pcapng')).mode & 0o777).toBe(0o600);
  });
});

describe('replay:', () => {
  /** Records a command, then runs it on the recording: the same result. */
  async function twice(address: string, ...args: string[]) {
    const file = at('replay.pcapng');
    const command = (from: string, out: string) => [
      ...['--json', '-c', from],
      ...args.map((arg) => arg.replace('OUT', at(out))),
    ];
    const first = await commandLine(['--record', file, ...command(address, 'out')]);
    await network?.stopListening();
    const again = await commandLine(command(`replay:${file}`, 'again'));
    const same = (text: string) => text.replaceAll(at('again'), at('out'));
    const settled = (text: string) =>
      same(text)
        .replaceAll(`replay:${file}`, address)
        .replace(/"durationMs": [\d.]+/g, '');
    expect(again.code).toBe(first.code);
    expect(settled(again.stdout)).toBe(settled(first.stdout));
    return { first: JSON.parse(first.stdout), file };
  }

  it.each(['info', 'ls -R -l', 'storage', 'transact GetDeviceInfo', 'miniptp -o -p -i -L'])(
    'answers %s as the camera did',
    async (command) => {
      await twice(await serve(smallCamera({ card: smallCard() })), ...command.split(' '));
    },
  );

  it.each(['eos-r6', 'ixus-180'])('gives the files of %s byte for byte', async (model) => {
    const made =
      model === 'eos-r6' ? smallCamera({ card: smallCard() }) : smallIxus({ card: ixusCard() });
    const { first } = await twice(await serve(made), 'get', '--all', '-o', 'OUT');
    expect(first.length).toBeGreaterThan(0);
    for (const { name } of first) {
      expect(readFileSync(at(`again/${name}`))).toEqual(readFileSync(at(`out/${name}`)));
    }
  });

  it('takes the picture that was taken', async () => {
    const { first } = await twice(await serve(smallCamera()), 'shoot', '-d', '-o', 'OUT');
    const [{ name }] = first.files;
    expect(readFileSync(at(`again/${name}`))).toEqual(readFileSync(at(`out/${name}`)));
  });

  it('says at the first request that it does not cover', async () => {
    const { file } = await twice(await serve(smallCamera()), 'storage');
    const { code, stderr } = await commandLine(['-c', `replay:${file}`, 'shoot']);
    expect(code).toBe(5);
    expect(stderr).toContain(`${file} has no answer to SetEventMode(0x00000001)`);
    expect(stderr).toContain('A recording answers what was asked when it was made');
  });

  it('never tells of what had not happened yet', async () => {
    const { file } = await twice(await serve(smallCamera()), 'shoot');
    const recording = await readRecording(file, openTraffic(file).traffic);
    const transport = new ReplayTransport(recording);
    const poll = async () => {
      let bytes = 0;
      const sink = {
        write(chunk: Uint8Array) {
          bytes += chunk.length;
        },
      };
      const request = { code: 0x9116, transactionId: 1, params: [] };
      await transport.transact(request, { sink, idleTimeoutMs: 1000 });
      return bytes;
    };
    // Polled on and on without a release, it has no picture.
    for (let i = 0; i < 50; i++) await poll();
    expect(await poll()).toBe(8);
    await transport.close();
  });

  it.each([
    ['no file', undefined, 'cannot read'],
    ['no capture', 'not a capture at all', 'is no capture'],
    ['nothing of a camera', '', 'is no capture'],
  ])('says what is wrong with %s', async (_what, content, message) => {
    if (content !== undefined) writeFileSync(at('x.pcapng'), content);
    const { code, stderr } = await commandLine(['-c', `replay:${at('x.pcapng')}`, 'ls']);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(at('x.pcapng'));
    expect(stderr).toContain(message);
    expect(existsSync(at('x.pcapng'))).toBe(content !== undefined);
  });
});
