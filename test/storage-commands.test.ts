/** What the commands that delete refuse to do by accident, and what handles know of the mark of new. */
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

  it('deletes a folder with -r, and with --dry-run only says so', async () => {
    const before = pictures();
    expect((await hotshoe('rm', '-r', '-n', 'DCIM')).code).toBe(0);
    expect(pictures()).toEqual(before);
    expect((await hotshoe('rm', '-r', 'DCIM')).code).toBe(0);
    expect(card.paths().filter((path) => path.startsWith('DCIM'))).toEqual([]);
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
