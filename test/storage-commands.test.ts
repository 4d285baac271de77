/** What the commands that delete refuse to do by accident, and what handles know of the mark of new. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenTcp, type TcpServer } from '../src/node/tcp.ts';
import type { MemoryCard } from '../src/virtual/index.ts';
import type { VirtualCamera } from '../src/virtual/virtual-camera.ts';
import { commandLine } from './support/command-line.ts';
import { smallCamera, smallCard } from './support/small-pictures.ts';

let card: MemoryCard;
let camera: VirtualCamera;
let server: TcpServer;

beforeEach(async () => {
  card = smallCard();
  camera = smallCamera({ card });
  server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
});

afterEach(async () => {
  await server.close();
  await camera.close();
});

/** The camera makes folders of its own on a card that is put in. */
const pictures = () => card.paths().filter((path) => path.endsWith('.JPG'));

const hotshoe = (...args: string[]) =>
  commandLine(['-c', `ptpip://127.0.0.1:${server.port}`, ...args]);

describe('rm', () => {
  it.each([
    ['DCIM', 'is a folder'],
    ['/SD1/DCIM/', 'is a folder'],
    ['/', 'is a whole card'],
    ['sd1', 'is a whole card'],
  ])('refuses %s, and deletes nothing', async (target, reason) => {
    const before = pictures();
    const { code, stderr } = await hotshoe('rm', target);
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(pictures()).toEqual(before);
    expect(camera.requests(0x100b)).toBe(0);
  });

  it('refuses a whole card with -r as well', async () => {
    const before = pictures();
    expect((await hotshoe('rm', '-r', '/')).code).toBe(2);
    expect(pictures()).toEqual(before);
  });

  it.each([
    [['DCIM/1*'], ['DCIM', 'MISC']],
    [
      ['DCIM/100CANON', '*.JPG', 'DCIM/100CANON/2U4A0001.JPG'],
      ['DCIM', 'MISC'],
    ],
    [['0x51900000'], ['DCIM', 'MISC']],
    [['*'], []],
  ])('-r %j deletes each thing once, folders with what is in them', async (targets, left) => {
    const { code, stderr } = await hotshoe('rm', '-r', ...targets);
    expect([code, stderr]).toEqual([0, '']);
    expect(card.paths()).toEqual(left);
  });

  it.each([
    [['DCIM/1*'], 0, 'DCIM/1*: only folders match'],
    [['0x51900000'], 2, '"0x51900000" is a folder'],
    [['MISC/*'], 1, 'nothing on the camera matches'],
    [['0x51900999'], 1, 'Invalid_ObjectHandle'],
  ])('%j without -r deletes nothing, and says why', async (targets, expected, reason) => {
    const before = pictures();
    const { code, stderr } = await hotshoe('rm', ...targets);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(reason)]);
    expect(pictures()).toEqual(before);
  });

  it('deletes a folder with -r, and with --dry-run only says so', async () => {
    const before = pictures();
    expect((await hotshoe('rm', '-r', '-n', 'DCIM')).code).toBe(0);
    expect(pictures()).toEqual(before);
    expect((await hotshoe('rm', '-r', 'DCIM')).code).toBe(0);
    expect(card.paths().filter((path) => path.startsWith('DCIM'))).toEqual([]);
  });
});

describe('get', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-get-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('brings pictures of one name from several folders, and nothing the second time', async () => {
    const of = (text: string) => new TextEncoder().encode(text);
    card.addFile('DCIM/101CANON/2U4A0001.JPG', of('another'), 1);
    card.addFile('DCIM/102CANON/2U4A0001.JPG', of('a third'), 1);
    expect((await hotshoe('get', '--all', '-o', folder)).code).toBe(0);
    const files = ['2U4A0001-1.JPG', '2U4A0001-2.JPG', '2U4A0001.JPG'];
    expect(readdirSync(folder).sort()).toEqual(files);
    const reads = camera.requests(0x101b);
    for (const onExists of ['rename', 'skip', 'overwrite', 'fail']) {
      const again = await hotshoe('get', '--all', '-o', folder, '--on-exists', onExists, '--json');
      expect(again.code).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject([
        { file: path.join(folder, '2U4A0001.JPG'), skipped: true },
        { file: path.join(folder, '2U4A0001-1.JPG'), skipped: true },
        { file: path.join(folder, '2U4A0001-2.JPG'), skipped: true },
      ]);
    }
    expect(readdirSync(folder).sort()).toEqual(files);
    expect(camera.requests(0x101b)).toBe(reads);
  });

  it('by --on-exists overwrite replaces none of the pictures that it has just brought', async () => {
    card.addFile('DCIM/101CANON/2U4A0001.JPG', new TextEncoder().encode('another'), 1);
    const { code } = await hotshoe('get', '--all', '-o', folder, '--on-exists', 'overwrite');
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['2U4A0001-1.JPG', '2U4A0001.JPG']);
  });
});

it('storage with --jsonl tells each card once', async () => {
  const { stdout } = await hotshoe('--jsonl', 'storage');
  const units = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { label: string });
  expect(units.map(({ label }) => label)).toEqual(['SD1', 'SD2']);
});
