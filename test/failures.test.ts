/**
 * Whatever goes wrong between a camera and a folder: the message is clear, the exit code is the
 * documented one, no file has its final name unless it is whole, nothing lies outside the folder, and
 * the next command works. Commands and cameras are processes of their own.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../src/base/time.ts';
import { fromHex, hexFixture } from './support/hex-fixture.ts';
import { type Command, type Ended, Shell } from './support/hotshoe.ts';
import { silentPort } from './support/silent-port.ts';
import { tinyDisk } from './support/tiny-disk.ts';

const PHOTO = Buffer.concat([fromHex('ffd8'), randomBytes(300_000), fromHex('ffd9')]);
const PICTURE = 'IMG_0001.JPG';
const MOVIE = 'MVI_0002.MP4';
const MOVIE_SIZE = 1 << 30;

let shell: Shell;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  shell = new Shell();
  mkdirSync(at('card', 'DCIM', '100CANON'), { recursive: true });
  mkdirSync(at('out'));
  writeFileSync(onCard(PICTURE), PHOTO);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await shell.close();
});

const at = (...parts: string[]) => path.join(shell.folder, ...parts);
const onCard = (name: string) => at('card', 'DCIM', '100CANON', name);

/** A movie of zeros: it takes long to download, and no room on the disk of this computer. */
function addMovie(name = MOVIE, size = MOVIE_SIZE): void {
  writeFileSync(onCard(name), '');
  truncateSync(onCard(name), size);
}

/** Names and sizes of what was downloaded, parts included. */
function downloaded(): Record<string, number> {
  return Object.fromEntries(readdirSync(at('out')).map((n) => [n, statSync(at('out', n)).size]));
}

/** Only what a command may write to: its target, and the state folder. */
function expectNothingElsewhere(): void {
  const beside = readdirSync(shell.folder).filter((name) => name !== 'state');
  expect(beside.sort()).toEqual(['card', 'out']);
}

/** A camera on a port, and the program behind it. */
interface Place {
  address: string;
  camera?: Command;
}

async function virtual(model: string, ...options: string[]): Promise<Place> {
  const card = at('card');
  const camera = shell.start(['virtual', model, '--port', '0', '--card', card, ...options]);
  await camera.until(({ stdout }) => stdout.includes('\n'));
  return { address: camera.stdout.split('\n')[0] ?? '', camera };
}

/** Something on a port that is no camera, or a bad one. */
async function listening(server: net.Server): Promise<Place> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return { address: `ptpip://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Answers the first bytes of each connection so, then hangs up. */
function answering(bytes: Uint8Array): Promise<Place> {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(bytes));
  });
  return listening(server);
}

interface Failure {
  what: string;
  where(): Promise<Place>;
  args: string[];
  code: number;
  /** What stderr holds. */
  says: RegExp;
  /** Given where a camera can go on: then the next `ls` must work. */
  lives?: false;
  /** What lies in the target folder afterwards; nothing unless told otherwise. */
  left?: Record<string, number>;
  /** What happens once the command is under way. */
  meanwhile?(place: Place, command: Command): Promise<void>;
}

const get = ['get', '--all'];
const dead = { args: get, lives: false } as const;
const movieUnderWay = (file = MOVIE) => sizeReached(at('out', `${file}.part`), 1 << 20);

const FAILURES: Failure[] = [
  {
    what: 'nobody listens at the address',
    ...dead,
    async where() {
      const server = net.createServer();
      const place = await listening(server);
      await closers.pop()?.();
      return place;
    },
    code: 6,
    says: /^hotshoe: 127\.0\.0\.1:\d+ refused the connection\nNothing listens there: .+\n$/,
  },
  {
    what: 'the host has no address',
    ...dead,
    where: () => Promise.resolve({ address: 'ptpip://no..such.host' }),
    code: 6,
    says: /^hotshoe: .*no\.\.such\.host.*\n.+\n$/,
  },
  ...(process.platform === 'linux'
    ? [
        {
          what: 'the host answers nothing at all',
          ...dead,
          async where() {
            const { port, close } = await silentPort();
            closers.push(close);
            return { address: `ptpip://127.0.0.1:${port}` };
          },
          code: 6,
          says: /^hotshoe: no connection to 127\.0\.0\.1:\d+ within 5 s\n.+\n$/,
        },
      ]
    : []),
  {
    what: 'a web server is at the port',
    ...dead,
    where: () => listening(createServer((_, response) => response.end('<html>'))),
    code: 1,
    says: /^hotshoe: 127\.0\.0\.1:\d+ does not speak PTP\/IP: .+\nIs that the address of a camera\?/,
  },
  {
    what: 'it hangs up without an answer',
    ...dead,
    where: () => answering(new Uint8Array(0)),
    code: 6,
    says: /^hotshoe: .+ closed the connection without an answer\nAnother program may hold/,
  },
  {
    what: 'it hangs up in the middle of its answer',
    ...dead,
    where: () => answering(hexFixture('ptpip/init-command-ack-eos-70d.hex').subarray(0, 20)),
    code: 6,
    says: /^hotshoe: .+ ended the connection inside Init Command Ack: .+\nThe camera went away/,
  },
  {
    what: 'the camera lets nobody in: Init Fail 1',
    ...dead,
    where: () => virtual('eos-r6', '--accept', 'no'),
    code: 6,
    says: /^hotshoe: .+ rejected this computer\nConfirm this computer on the camera/,
  },
  {
    what: 'another computer is connected: Init Fail 2',
    ...dead,
    where: () => answering(fromHex('0c000000 05000000 02000000')),
    code: 4,
    says: /^hotshoe: .+ is busy: another program or computer is connected\nEnd the other program/,
  },
  {
    what: 'the camera gives no reason: Init Fail 3',
    ...dead,
    where: () => answering(fromHex('0c000000 05000000 03000000')),
    code: 6,
    says: /^hotshoe: .+ refused the connection without a reason \(Init Fail 0x3\)\n.+\n$/,
  },
  {
    what: 'nobody presses OK at the camera',
    where: () => virtual('eos-r6', '--accept', 'ask'),
    ...dead,
    args: ['--wait', '200ms', ...get],
    code: 6,
    says: /^hotshoe: .+ did not accept the connection within 200 ms\nThe camera may be asking/,
  },
  {
    what: 'the camera is busy',
    where: () => virtual('eos-r6', '--fault', 'busy'),
    args: get,
    code: 4,
    says: /^hotshoe: .+ Device_Busy \(0x2019\)\n.+\n$/,
  },
  {
    what: 'the card is full: no upload',
    where: () => virtual('ixus-180', '--fault', 'card-full'),
    args: ['put', 'CARD'],
    code: 1,
    says: /^hotshoe: SendObjectInfo was answered Store_Full \(0x200c\)\n.+\n$/,
  },
  {
    what: 'the card is full: no picture',
    where: () => virtual('eos-r6', '--fault', 'card-full'),
    args: ['shoot', '--to', 'card', '--download'],
    code: 1,
    says: /^hotshoe: there is no room for another picture\n.+\n$/,
  },
  {
    what: 'a file of that name is here, and --on-exists fail',
    async where() {
      writeFileSync(at('out', PICTURE), 'mine');
      return virtual('eos-r6');
    },
    args: [...get, '--on-exists', 'fail'],
    code: 1,
    says: /^IMG_0001\.JPG {2}failed\nhotshoe: .+IMG_0001\.JPG exists already\nChoose with --on-exists/,
    left: { [PICTURE]: 4 },
  },
  {
    what: 'the folder cannot be made',
    async where() {
      writeFileSync(at('out', 'file'), '');
      return virtual('eos-r6');
    },
    args: [...get, '-o', 'OUT/file/below'],
    code: 1,
    says: /hotshoe: cannot write .+below: not a directory\n/,
    left: { file: 0 },
  },
  {
    what: 'the picture vanishes from the card',
    async where() {
      addMovie('IMG_0000.MP4', 64 << 20);
      return virtual('eos-r6');
    },
    args: get,
    async meanwhile() {
      await movieUnderWay('IMG_0000.MP4');
      unlinkSync(onCard(PICTURE));
    },
    code: 7,
    says: /^IMG_0000\.MP4 {2}.+\nIMG_0001\.JPG {2}failed\nhotshoe: .+ was answered .+\n/,
    left: { 'IMG_0000.MP4': 64 << 20 },
  },
  {
    what: 'the camera sends fewer bytes than it says',
    where: () => virtual('eos-r6', '--fault', 'short-data'),
    args: get,
    code: 1,
    says: /^IMG_0001\.JPG {2}failed\nhotshoe: .+ announced \d+ bytes and sent \d+\n/,
    left: { [`${PICTURE}.part`]: PHOTO.length },
  },
  {
    what: 'the camera sends more bytes than it says',
    where: () => virtual('eos-r6', '--fault', 'long-data'),
    args: get,
    code: 1,
    says: /^IMG_0001\.JPG {2}failed\nhotshoe: .+ sent more than the \d+ bytes that it announced\n/,
  },
  {
    what: 'the camera sends rubbish',
    where: () => virtual('eos-r6', '--fault', 'garbage'),
    args: get,
    code: 1,
    says: /^hotshoe: .+ sent packet of unknown type .+ instead of an answer\nThe other side/,
  },
  {
    what: 'the link breaks within a file',
    async where() {
      addMovie();
      return virtual('eos-r6', '--fault', 'link-lost-mid-transfer');
    },
    args: ['get', PICTURE],
    code: 6,
    says: /^IMG_0001\.JPG {2}failed\nhotshoe: .+\n.+\n$/,
    left: { [`${PICTURE}.part`]: expect.any(Number) as number },
  },
  {
    what: 'the camera is switched off within a file, whose part stays',
    async where() {
      addMovie();
      return virtual('eos-r6');
    },
    args: ['get', MOVIE],
    async meanwhile({ camera }) {
      await movieUnderWay();
      camera?.child.stdin.write('unplug\n');
    },
    lives: false,
    code: 6,
    says: /^MVI_0002\.MP4 {2}failed\nhotshoe: .+ ended the connection\nThe camera was switched off/,
    left: { [`${MOVIE}.part`]: expect.any(Number) as number },
  },
];

describe('what goes wrong', () => {
  it.each(FAILURES)(
    '$what: $code',
    async ({ where, args, meanwhile, code, says, lives, left = {} }) => {
      const place = await where();
      const ended = await run(place, args, meanwhile);
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(says)]);
      expect(downloaded()).toEqual(left);
      expectNothingElsewhere();
      if (lives === false) return;
      place.camera?.child.stdin.write('fault off\n');
      const next = await shell.run(['-c', place.address, 'ls']);
      expect([next.code, next.stderr]).toEqual([0, '']);
    },
  );

  const disk = tinyDisk();
  it.skipIf(disk.missing)(`the disk is full: 1${disk.missing ?? ''}`, async () => {
    const place = await virtual('eos-r6');
    disk.mount(at('out'));
    try {
      const ended = await run(place, get);
      expect([ended.code, ended.stderr]).toEqual([
        1,
        expect.stringMatching(
          /^IMG_0001\.JPG {2}failed\nhotshoe: cannot write .+: the disk is full\nMake room, or/,
        ),
      ]);
      // A part that filled the disk is no use to anybody.
      expect(Object.keys(downloaded()).filter((name) => name !== `${PICTURE}.part`)).toEqual([]);
    } finally {
      disk.unmount(at('out'));
    }
    expectNothingElsewhere();
    expect((await run(place, get)).code).toBe(0);
    expect(readFileSync(at('out', PICTURE)).equals(PHOTO)).toBe(true);
  });

  it('a link that broke: the next download goes on where it stopped', async () => {
    const movie = randomBytes(96 << 20);
    writeFileSync(onCard(MOVIE), movie);
    const place = await virtual('eos-r6', '--control', '0');
    const first = await run(place, ['get', MOVIE], async ({ camera }) => {
      await movieUnderWay();
      await control(camera, 'unplug');
    });
    expect(first.code).toBe(6);
    await control(place.camera, 'plug');
    const second = await run(place, ['get', MOVIE]);
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('that were there')]);
    expect(downloaded()).toEqual({ [MOVIE]: movie.length });
    expect(readFileSync(at('out', MOVIE)).equals(movie)).toBe(true);
    expectNothingElsewhere();
  });

  it('Ctrl-C at any moment: 130, or 0 where it came too late', async () => {
    const movie = randomBytes(96 << 20);
    writeFileSync(onCard(MOVIE), movie);
    const { address } = await virtual('eos-r6');
    const codes = new Set<unknown>();
    for (let i = 0; i < 25; i++) {
      const ended = await run({ address }, get, async (_, command) => {
        // Once where it must count, however fast or slow the machine starts a program.
        if (i === 0) await movieUnderWay();
        else await sleep(Math.random() * 600);
        command.child.kill('SIGINT');
      });
      codes.add(ended.code);
      // Before the program has a say in it, the signal itself ends it.
      expect([0, 130, 'SIGINT']).toContain(ended.code);
      for (const [name, size] of Object.entries(downloaded())) {
        expect([PICTURE, MOVIE, `${MOVIE}.part`, `${PICTURE}.part`]).toContain(name);
        if (name === PICTURE) expect(size).toBe(PHOTO.length);
        if (name !== MOVIE) continue;
        expect(readFileSync(at('out', MOVIE)).equals(movie)).toBe(true);
        // Begin again, or the rest would all find the file complete.
        unlinkSync(at('out', MOVIE));
      }
      expectNothingElsewhere();
    }
    expect(codes).toContain(130);
    expect((await run({ address }, get)).code).toBe(0);
    expect(downloaded()).toEqual({ [PICTURE]: PHOTO.length, [MOVIE]: movie.length });
    expect(readFileSync(at('out', MOVIE)).equals(movie)).toBe(true);
  }, 120_000);
});

/** Runs a command to its end; CARD is a file on the card, OUT the target folder. */
async function run(
  place: Place,
  args: readonly string[],
  meanwhile?: Failure['meanwhile'],
): Promise<Ended> {
  const given = args.map((arg) => arg.replace('CARD', onCard(PICTURE)).replace('OUT', at('out')));
  const writes = ['get', 'shoot', 'thumb'].some((name) => given.includes(name));
  const target = writes && !given.includes('-o') ? ['-o', at('out')] : [];
  const command = shell.start(['-c', place.address, ...given, ...target]);
  command.child.stdin.end();
  await meanwhile?.(place, command);
  return command.ended;
}

/** Sends a line to the camera's control port, and waits until it was obeyed. */
async function control(camera: Command | undefined, line: string): Promise<void> {
  await camera?.until(({ stdout }) => /control \S+\n/.test(stdout));
  const port = Number(/control \S+:(\d+)\n/.exec(camera?.stdout ?? '')?.[1]);
  const socket = net.connect(port, '127.0.0.1');
  socket.write(`${line}\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(answer.toString()).toBe('ok\n');
}

/** Resolves when the file has grown so large. */
async function sizeReached(file: string, size: number): Promise<void> {
  while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < size) await sleep(5);
}
