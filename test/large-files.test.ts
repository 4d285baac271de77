/** Files of 4 GiB and more on a body without operations of 64 bits: their size is a property there. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPtpCamera } from '../src/index.ts';
import { downloadFile } from '../src/node/download.ts';
import { listenTcp, type TcpServer } from '../src/node/tcp.ts';
import { MemoryCard, patternContent, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { hexFixture } from './support/hex-fixture.ts';
import { type ScriptedAnswer, scriptedTransport } from './support/scripted-transport.ts';
import { smallIxus } from './support/small-pictures.ts';

const SIZE = 8 * 2 ** 30 + 5;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-large-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a movie of 8 GiB on an IXUS 180', () => {
  let camera: VirtualCamera;
  let server: TcpServer;
  let out: Promise<string> | undefined;

  beforeEach(async () => {
    out = undefined;
    const card = new MemoryCard({ capacity: 64e9 });
    const { read } = patternContent(SIZE);
    card.addFile('DCIM/100___11/MVI_0001.MP4', {
      size: SIZE,
      read(offset, size) {
        if (offset > 16 << 20) out ??= camera.control('card out');
        return read(offset, size);
      },
    });
    camera = smallIxus({ card });
    server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  });
  afterEach(async () => {
    await server.close();
    await camera.close();
  });

  const hotshoe = (...args: string[]) =>
    commandLine(['-c', `ptpip://127.0.0.1:${server.port}`, ...args]);

  it.each(['MVI_0001.MP4', '0x01900011', 'DCIM/100___11'])('is listed so: ls %s', async (what) => {
    const { stdout } = await hotshoe('ls', what, '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'MVI_0001.MP4', size: SIZE }]);
  });

  it('is read whole, because parts do not reach its end, and is no file until it is all there', async () => {
    const { code, stderr } = await hotshoe('get', 'MVI_0001.MP4', '-o', folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Incomplete_Transfer')]);
    await out;
    expect([camera.requests(0x1009), camera.requests(0x101b)]).toEqual([1, 0]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a camera that lists no size for a file', () => {
  const TRUE_SIZE = 5 * 2 ** 30;
  const PICTURE = 0x91000012;
  /** An EOS 60D's picture (libgphoto2's log), its size all ones; GetObject brings 1000 bytes. */
  const info = hexFixture('ptp/object-info-eos-60d-img-7520.hex');
  info.set([0xff, 0xff, 0xff, 0xff], 8);

  const open = async (size: ScriptedAnswer) => {
    const answers: Record<number, ScriptedAnswer> = {
      4097: { data: hexFixture('ptp/device-info-powershot-g5x.hex') },
      4100: { data: Uint8Array.of(1, 0, 0, 0, 1, 0, 1, 0) },
      4101: { data: hexFixture('ptp/storage-info-eos-70d.hex') },
      4103: { data: Uint8Array.of(1, 0, 0, 0, 0x12, 0, 0, 0x91) },
      4104: { data: info },
      4105: { data: new Uint8Array(1000) },
      38915: size,
      38917: { code: 0x2005 },
    };
    const transport = scriptedTransport((operation) => answers[operation] ?? {});
    const camera = await openPtpCamera(transport, 'script:', { driver: 'standard' });
    return { camera, transport, storage: camera.storage ?? expect.fail('there is no storage') };
  };
  const u64 = (value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    return bytes;
  };

  it.each([
    ['tells it as a property', { data: u64(TRUE_SIZE) }, TRUE_SIZE],
    ['has no such property', { code: 0xa801 }, 0xffffffff],
    ['has it with all ones', { data: new Uint8Array(8).fill(0xff) }, 0xffffffff],
    ['has it as 0', { data: u64(0) }, 0xffffffff],
    ['has it in 32 bits', { data: Uint8Array.of(0, 0, 0, 1) }, 0xffffffff],
  ])('and %s', async (_how, answer, expected) => {
    const { camera, storage, transport } = await open(answer);
    const object = await storage.object(PICTURE);
    expect(object.size).toBe(expected);
    expect(transport.asked).toContain('9803(91000012, dc04)');
    await camera.close();
  });

  it('is not believed when less than the true size comes', async () => {
    const { camera, storage } = await open({ data: u64(TRUE_SIZE) });
    const object = await storage.object(PICTURE);
    const download = downloadFile({
      folder,
      name: object.name,
      size: object.size,
      read: (sink) => storage.read(object, sink),
    });
    await expect(download).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: `${object.name}: 1000 bytes came, the camera lists it with ${TRUE_SIZE}`,
    });
    expect(readdirSync(folder)).toEqual([]);
    await camera.close();
  });
});
