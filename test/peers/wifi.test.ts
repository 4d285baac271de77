/**
 * Cameras in one network namespace, hotshoe in another, and a cable between them: real multicast,
 * real sockets, one process each, as in a network of people.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { sleep } from '../../src/base/time.ts';
import { DocumentedTypes } from '../support/documented-types.ts';
import { type Command, type Ended, Shell } from '../support/hotshoe.ts';
import { Networks, noNamespaces } from '../support/network-namespaces.ts';
import { peer, runs } from '../support/peers.ts';

const networks = peer('network namespaces', noNamespaces);
const gphoto2 = peer('gphoto2', () => runs('gphoto2', '--version') ?? noNamespaces());

const TIMEOUT = 60_000;
const documented = readFileSync(path.resolve(import.meta.dirname, '../../docs/json.md'), 'utf8');
const types = new DocumentedTypes(documented);
/** What in the lines is not as documented. */
const faults = (lines: string, type: string) =>
  lines
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => types.faults(JSON.parse(line), type));

let shell: Shell;
let net: Networks;

beforeEach(() => {
  shell = new Shell();
  if (noNamespaces() === undefined) net = new Networks();
});
afterEach(async () => {
  // PowerShots are held by the first command that reaches them.
  await shell.run(['release', '--all', '--force']);
  await shell.close();
  net?.close();
});

/** A virtual camera that has joined the network, or searches it. */
async function camera(model: string, ...options: string[]): Promise<Command> {
  // Three files that need not be rendered first: programs wait no longer than they do for real ones.
  const folder = path.join(shell.folder, 'card', 'DCIM', '100CANON');
  mkdirSync(folder, { recursive: true });
  for (const i of [1, 2, 3]) writeFileSync(path.join(folder, `IMG_000${i}.JPG`), `picture ${i}`);
  const card = ['--card', path.join(shell.folder, 'card')];
  const args = ['virtual', model, '--wifi', ...options, '-v', ...card];
  const command = shell.start(args, {}, net.prefix('camera'));
  await command.until(({ stdout }) => stdout.includes('\n'));
  return command;
}

const hotshoe = (...args: string[]): Promise<Ended> => shell.run(args, {}, net.prefix('computer'));

const start = (...args: string[]): Command => shell.start(args, {}, net.prefix('computer'));

/** Ctrl-C. */
async function interrupt(command: Command): Promise<Ended> {
  command.child.kill('SIGINT');
  return command.ended;
}

networks.describe('hotshoe pair', () => {
  const flows = [
    ['EOS Utility', 'eos-r6', 'eos-utility', 'EOSR6', 'announced'],
    ['EOS and a phone', 'eos-r6', 'smartphone', 'EOSR6', 'announced'],
    ['PowerShot and a computer', 'powershot-sx730', 'computer', 'SX730HS', 'computer'],
    ['PowerShot and a phone', 'powershot-sx730', 'smartphone', 'SX730HS', 'announced'],
  ] as const;
  for (const [flow, model, menu, name, kind] of flows) {
    networks.it(
      flow,
      async () => {
        const body = await camera(model, menu, '--accept', '300ms');
        const paired = await hotshoe('pair', '--json');
        expect(paired.code, paired.stderr).toBe(0);
        const port = 15740;
        expect(types.faults(JSON.parse(paired.stdout), 'Paired')).toEqual([]);
        expect(JSON.parse(paired.stdout)).toMatchObject({
          ...{ name, address: `wifi:${name}`, host: net.address.camera, port, flow: kind },
        });
        // The name is enough, and whoever names none means the only one.
        const listed = await hotshoe('--camera', name.toLowerCase(), 'ls', '-R', '--json');
        expect(listed.code, listed.stderr).toBe(0);
        const files = JSON.parse(listed.stdout).filter(
          ({ kind }: { kind: string }) => kind === 'file',
        );
        expect(files.length).toBe(3);
        const got = await hotshoe('get', '--all', '-o', shell.folder);
        expect(got.code, got.stderr).toBe(0);
        const saved = readdirSync(shell.folder).filter((file) => file.endsWith('.JPG'));
        expect(saved).toHaveLength(3);
        const shot = await hotshoe('shoot', '--download', '-o', path.join(shell.folder, 'shot'));
        expect(shot.code, shot.stderr).toBe(0);
        const [picture = ''] = readdirSync(path.join(shell.folder, 'shot'));
        const jpeg = readFileSync(path.join(shell.folder, 'shot', picture));
        expect(jpeg.subarray(0, 2).toString('hex')).toBe('ffd8');
        expect(body.stderr).not.toContain('is refused');
        if (kind === 'computer') {
          // Once: the first command keeps the connection for the next ones.
          expect(listed.stderr).toContain('in the Wi-Fi menu of SX730HS');
          expect(listed.stderr).toMatch(/held by process \d+, until `hotshoe release` or 30 min/);
          expect(got.stderr + shot.stderr).not.toContain('in the Wi-Fi menu');
          expect((await hotshoe('release', '--all')).stdout).toContain('released: ');
        }
      },
      TIMEOUT,
    );
  }

  networks.it(
    'keeps a PowerShot with --hold, for commands that come',
    async () => {
      const body = await camera('powershot-sx730', 'computer', '--accept', '300ms');
      const pairing = start('pair', '--hold');
      await pairing.until(({ stderr }) => stderr.includes('It stays connected'));
      const listed = await hotshoe('-c', 'SX730HS', 'ls', '-R', '--json');
      expect(listed.code, listed.stderr).toBe(0);
      const shot = await hotshoe('shoot', '--download', '-o', path.join(shell.folder, 'shot'));
      expect(shot.code, shot.stderr).toBe(0);
      expect(readdirSync(path.join(shell.folder, 'shot'))).toHaveLength(1);
      // Nobody had to choose the computer on the camera again.
      expect(listed.stderr + shot.stderr).not.toContain('in the Wi-Fi menu');
      expect(body.stderr.match(/Connected to device/g)).toHaveLength(1);
      expect((await hotshoe('release', '--all')).code).toBe(0);
      const { code, stderr } = await pairing.ended;
      expect(code, stderr).toBe(0);
    },
    TIMEOUT,
  );

  networks.it(
    'tells what happens, and is let in at the second try',
    async () => {
      const body = await camera('eos-r6', '--accept', 'ask');
      const pairing = start('pair');
      await body.until(({ stderr }) => stderr.includes('waiting for "accept"'));
      body.child.stdin.write('refuse\n');
      await pairing.until(({ stderr }) => stderr.includes('rejected this computer'));
      expect(body.stderr).toContain('is refused');
      body.child.stdin.write('plug\n');
      await body.until(({ stderr }) => (stderr.match(/waiting for "accept"/g) ?? []).length === 2);
      await pairing.until(({ stderr }) => stderr.includes('press OK on the camera'));
      body.child.stdin.write('accept\n');
      const { code, stdout, stderr } = await pairing.ended;
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('connected: Canon EOS R6 at 10.77.0.2, from now on "EOSR6"');
      expect(stderr.indexOf('Remote control (EOS Utility)')).toBeLessThan(
        stderr.indexOf('announces itself'),
      );
    },
    TIMEOUT,
  );

  networks.it(
    'keeps what it remembers from others, and forgets when told to',
    async () => {
      await camera('eos-r6');
      expect((await hotshoe('pair', '--as', 'studio')).code).toBe(0);
      const folder = path.join(shell.folder, 'state', 'hotshoe');
      const files = readdirSync(folder, { recursive: true, withFileTypes: true });
      const modes = files.map((file) => {
        const mode = statSync(path.join(file.parentPath, file.name)).mode & 0o777;
        return `${file.isDirectory() ? 'folder' : 'file'} ${mode.toString(8)}`;
      });
      expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
      expect((await hotshoe('-c', 'studio', 'info')).stdout).toContain('Canon EOS R6');
      expect((await hotshoe('pair', '--forget', 'STUDIO')).stdout).toBe(
        'forgotten: studio (Canon EOS R6)\n',
      );
      const { code, stderr } = await hotshoe('-c', 'studio', 'info');
      expect([code, stderr]).toEqual([2, expect.stringContaining('"studio" is not an address')]);
    },
    TIMEOUT,
  );

  networks.it(
    'recognises a PowerShot that waits for the phone program, and says what to do',
    async () => {
      await camera('powershot-sx730', 'imink');
      const pairing = start('pair', '--jsonl');
      await pairing.until(({ stderr }) => stderr.includes('IMINK'));
      const { code, stdout, stderr } = await interrupt(pairing);
      expect(code).toBe(130);
      expect(faults(stdout, 'Pairing | Paired | Failure')).toEqual([]);
      expect(stdout).toContain('"event":"other-mode","host":"10.77.0.2"');
      expect(stderr).toContain('choose the computer symbol in its Wi-Fi menu instead');
    },
    TIMEOUT,
  );
});

networks.describe('a camera that was paired', () => {
  networks.it(
    'is found again where DHCP has moved it',
    async () => {
      const before = await camera('eos-r6');
      expect((await hotshoe('pair')).code).toBe(0);
      await interrupt(before);
      net.removeAddress('camera', net.address.camera);
      net.addAddress('camera', '10.77.0.99');
      await camera('eos-r6');
      const { code, stdout, stderr } = await hotshoe('-c', 'EOSR6', 'info');
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('Canon EOS R6');
      expect(stderr).toContain('EOSR6 is not where it was');
      // Remembered: the next command goes there at once.
      expect((await hotshoe('-c', 'EOSR6', 'info')).stderr).not.toContain('not where it was');
    },
    TIMEOUT,
  );

  networks.it(
    'is not mistaken for another one at its old address',
    async () => {
      const before = await camera('eos-r6');
      expect((await hotshoe('pair')).code).toBe(0);
      await interrupt(before);
      await camera('eos-1300d', 'eos-utility');
      const { code, stderr } = await hotshoe('-c', 'EOSR6', '--wait', '1s', 'info');
      expect(code).toBe(6);
      expect(stderr).toContain('EOSR6 (Canon EOS R6) did not come within 1 s');
    },
    TIMEOUT,
  );
});

networks.describe('a download', () => {
  networks.it(
    'goes on after the network was away for ten seconds',
    async () => {
      const folder = path.join(shell.folder, 'card', 'DCIM', '100CANON');
      mkdirSync(folder, { recursive: true });
      const movie = randomBytes(1 << 20);
      const file = path.join(folder, 'MVI_0009.MP4');
      for (let i = 0; i < 384; i++) {
        movie.writeUInt32LE(i);
        appendFileSync(file, movie);
      }
      await camera('eos-r6');
      expect((await hotshoe('pair')).code).toBe(0);
      const out = path.join(shell.folder, 'out');
      const getting = start('-c', 'EOSR6', 'get', '--all', '-o', out, '--json');
      const part = path.join(out, 'MVI_0009.MP4.part');
      while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < 8 << 20) await sleep(5);
      net.link('camera', 'down');
      await sleep(500);
      const before = statSync(part).size;
      await sleep(9500);
      // It stood still in the middle of it.
      expect(statSync(part).size - before).toBeLessThan(4 << 20);
      net.link('camera', 'up');
      const { code, stdout, stderr } = await getting.ended;
      expect(code, stdout + stderr).toBe(0);
      const hash = (name: string) => createHash('sha256').update(readFileSync(name)).digest('hex');
      expect(hash(path.join(out, 'MVI_0009.MP4'))).toBe(hash(file));
    },
    2 * TIMEOUT,
  );
});

networks.describe('hotshoe list', () => {
  networks.it(
    'shows who is there, who is paired, and who is elsewhere',
    async () => {
      const body = await camera('eos-r6');
      const [first] = JSON.parse((await hotshoe('list', '--json')).stdout);
      expect(types.faults([first], 'Listed[]')).toEqual([]);
      expect(first).toEqual({
        address: 'ptpip://10.77.0.2',
        model: 'Canon EOS R6',
        serialNumber: '013070001234',
        vendorId: 0x04a9,
        productId: 0x32f5,
        protocol: 'ptp',
        name: null,
        mode: 'eos-utility',
        state: 'free',
        holders: [],
      });
      expect((await hotshoe('pair')).code).toBe(0);
      expect((await hotshoe('list')).stdout).toContain('paired as "EOSR6"');
      const watching = start('list', '--watch', '--jsonl');
      await watching.until(({ stdout }) => stdout.includes('"event":"found"'));
      body.child.stdin.write('sleep\n');
      await watching.until(({ stdout }) => stdout.includes('"event":"gone"'));
      const { stdout } = await interrupt(watching);
      expect(faults(stdout, 'Plugged')).toEqual([]);
      expect(stdout).toContain('"address":"ptpip://10.77.0.2","model":"Canon EOS R6"');
      expect((await hotshoe('list')).stdout).toContain(
        'wifi:EOSR6  Canon EOS R6    paired: not in the network now, last at 10.77.0.2',
      );
    },
    TIMEOUT,
  );
});

gphoto2.describe('gphoto2', () => {
  gphoto2.it(
    'reaches a PowerShot that found this computer by `hotshoe respond`',
    async () => {
      const responding = start('--jsonl', 'respond', net.address.computer, '-n', 'DARKROOM');
      await responding.until(({ stdout }) => stdout.includes('"event":"ready"'));
      const body = await camera('powershot-sx730', 'computer');
      await body.until(({ stderr }) => stderr.includes('Connected to device DARKROOM'));
      const [ip = '', ...prefix] = net.prefix('computer');
      const { stdout, code } = await output(ip, [
        ...[...prefix, 'gphoto2', '--port', `ptpip:${net.address.camera}`],
        ...['--list-files'],
      ]);
      expect(stdout).toContain('IMG_0001.JPG');
      expect(code).toBe(0);
      const { code: ended, stdout: visits, stderr } = await interrupt(responding);
      expect(ended).toBe(0);
      expect(faults(visits, 'Visit')).toEqual([]);
      expect(visits).toContain('{"event":"read","address":"10.77.0.2","port":null}');
      // As those who come from the program of the same purpose know it.
      expect(stderr).toMatch(
        /^INFO:ptpip-upnp-helper:Received qualifying M-SEARCH from \('10\.77\.0\.2', \d+\)$/m,
      );
      expect(stderr).toMatch(
        /^10\.77\.0\.2 - - \[.+\] "GET \/ptpip-canon-desc-helper\.xml HTTP\/1\.1" 200 -$/m,
      );
    },
    TIMEOUT,
  );
});

const miniupnpc = peer('miniupnpc', () => runs('which', 'upnpc') ?? noNamespaces());

miniupnpc.describe('MiniUPnPc', () => {
  miniupnpc.it(
    'finds cameras and computers, several on one port',
    async () => {
      await camera('eos-r6');
      const responding = start('respond');
      await responding.until(({ stdout }) => stdout.includes('cameras find'));
      const [ip = '', ...prefix] = net.prefix('computer');
      const { stdout } = await output(ip, [...prefix, 'upnpc', '-m', 'w0', '-l']);
      const found = [...stdout.matchAll(/^ desc: (\S+)\n st: (\S+)$/gm)].map(([, ...at]) => at);
      const description = 'http://10.77.0.2:49152/upnp/CameraDevDesc.xml';
      // An EOS R answered this program's general search with four datagrams, too.
      expect(found.sort()).toEqual(
        [
          ['http://10.77.0.1:8043/ptpip-canon-desc-helper.xml', 'upnp:rootdevice'],
          [description, 'upnp:rootdevice'],
          [description, 'urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1'],
          [description, 'urn:schemas-upnp-org:device:Basic:1'],
          [description, 'uuid:00000000-0000-0000-0001-02BFC0450536'],
        ].sort(),
      );
      // Whoever answered last, which is either.
      expect(stdout).toMatch(
        /UPnP device found\. Is it an IGD \? : http:\/\/10\.77\.0\.[12]:\d+\//,
      );
    },
    TIMEOUT,
  );
});

/** Sends so many of each of these to the group, from an address; all within `seconds`. */
const FLOOD = `
const [address, seconds, each, ...kinds] = process.argv.slice(1);
const search = 'M-SEARCH * HTTP/1.1\\r\\nST: upnp:rootdevice\\r\\n';
const texts = {
  good: search + '\\r\\n',
  large: search + 'X: ' + 'y'.repeat(1300) + '\\r\\n'.repeat(400),
  malformed: 'M-SEARCH ' + 'z'.repeat(100),
  oversized: search + 'X: ' + 'y'.repeat(50000),
};
const socket = require('node:dgram').createSocket('udp4');
let answers = 0;
socket.on('message', () => answers++);
socket.bind(0, address, async () => {
  socket.setMulticastInterface(address);
  const end = Date.now() + 1000 * seconds;
  for (let i = 0; i < each; i++) {
    for (const kind of kinds) {
      await new Promise((done) => socket.send(texts[kind], 1900, '239.255.255.250', done));
    }
    const due = Date.now() + (end - Date.now()) / (each - i) - 5;
    if (i % 50 === 0) while (Date.now() < due) await new Promise((done) => setTimeout(done, 1));
  }
  setTimeout(() => { console.log(answers); process.exit(); }, 500);
});
`;

async function flood(address: string, seconds: number, each: number, ...kinds: string[]) {
  const [ip = '', ...prefix] = net.prefix('camera');
  const args = [...prefix, process.execPath, '-e', FLOOD, address, String(seconds), String(each)];
  return Number((await output(ip, [...args, ...kinds])).stdout);
}

const residentKilobytes = (pid = 0) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

networks.describe('hotshoe respond under a flood', () => {
  networks.it(
    'answers few, tells of few, does not grow, and is there afterwards',
    async () => {
      net.addAddress('camera', '10.99.0.5');
      const responding = start('respond');
      await responding.until(({ stdout }) => stdout.includes('cameras find'));
      const kinds = ['good', 'malformed', 'large'];
      // Warm, so that what is measured is not what every program takes.
      await flood(net.address.camera, 1, 3000, ...kinds);
      const before = residentKilobytes(responding.child.pid);
      // 10,000 a second.
      const answers = await flood(net.address.camera, 3, 10_000, ...kinds);
      await flood(net.address.camera, 1, 200, 'oversized');
      expect(await flood('10.99.0.5', 1, 3000, ...kinds)).toBe(0);
      expect(answers).toBeGreaterThan(0);
      expect(answers).toBeLessThanOrEqual(5 * 10);
      expect(residentKilobytes(responding.child.pid) - before).toBeLessThan(20_000);
      const { stderr } = responding;
      expect(stderr).toContain('Not answered: more searches than a camera sends');
      expect(stderr).toContain('Not answered: a search that is malformed');
      expect(stderr).toMatch(/Not answered: a search from another network, \('10\.99\.0\.5'/);
      expect(stderr.split('\n').length).toBeLessThan(250);
      await flood(net.address.camera, 1.1, 1, 'malformed');
      expect(await flood(net.address.camera, 0.1, 1, 'good')).toBe(1);
      expect((await interrupt(responding)).code).toBe(0);
    },
    TIMEOUT,
  );
});

function output(file: string, args: string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...shell.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stdout += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout }));
  });
}
