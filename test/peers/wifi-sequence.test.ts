/**
 * What a virtual R6 says in a network, seen by tshark, against what an EOS R said in the captured
 * session: the same messages in the same order, with the same times to live.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect } from 'vitest';
import { sleep } from '../../src/base/time.ts';
import { Shell } from '../support/hotshoe.ts';
import { Networks, noNamespaces } from '../support/network-namespaces.ts';
import { peer, runs } from '../support/peers.ts';

const folder =
  process.env.HOTSHOE_CAPTURES ?? path.resolve(import.meta.dirname, '../../../shared/captures');
const tshark = peer('tshark', () => runs('tshark', '--version') ?? noNamespaces());

let shell: Shell;
let net: Networks;
const others: ChildProcess[] = [];

beforeEach(() => {
  shell = new Shell();
  net = new Networks();
});
afterEach(async () => {
  for (const child of others.splice(0)) child.kill('SIGKILL');
  await shell.close();
  net.close();
});

/** Captures on the cable until it is stopped. */
async function capture(file: string): Promise<() => Promise<void>> {
  const [ip = '', ...prefix] = net.prefix('camera');
  // Packets are written as they come; what is still in a buffer when it ends would be lost.
  const child = spawn(ip, [...prefix, 'dumpcap', '-q', '-i', 'w0', '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  others.push(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes('File:')) resolve();
    });
  });
  return async () => {
    // What the kernel has not handed over yet would be lost.
    await sleep(500);
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.kill('SIGINT');
    });
  };
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ 1: 'A', 12: 'PTR', 16: 'TXT', 33: 'SRV', 47: 'NSEC', 255: 'ANY' },
};

/**
 * What one host says to the groups, and by PTP/IP's handshake, a line each; repetitions are one
 * line. In brackets IP's time to live.
 */
async function kinds(file: string, address: string, which = 'udp'): Promise<string[]> {
  const fields = ['ip.ttl', 'udp.dstport', 'udp.payload', 'dns.qry.type', 'dns.resp.type'];
  const { stdout } = await promisify(execFile)('tshark', [
    ...['-r', file, '-Y', `ip.src==${address} && ip.dst==224.0.0.0/4 && udp && ${which}`],
    ...['-T', 'fields', ...fields.flatMap((field) => ['-e', field]), '-e', 'dns.resp.ttl'],
  ]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [ttl = '', port, payload = '', question = '', types = '', seconds = ''] =
        line.split('\t');
      if (port === '1900') {
        const text = Buffer.from(payload, 'hex').toString();
        const header = (name: string) => new RegExp(`^${name}: (.*?)\r$`, 'm').exec(text)?.[1];
        const type = header('NT')?.replace(/^uuid:[-0-9A-F]+$/, 'uuid');
        return `${header('NTS')} ${type} [${ttl}]`;
      }
      // NSEC names the types of records that there are: those are no records.
      const records = types.replace(/,47,1$/, ',47').split(',');
      const names = records.map((type) => TYPES[type] ?? type).join(' ');
      if (question) return `probe ${TYPES[question]} with ${names} [${ttl}]`;
      return `${seconds === '0' ? 'goodbye' : 'record'} ${names} [${ttl}]`;
    });
  return lines.filter((line, i) => line !== lines[i - 1]);
}

const NOTIFIED = [
  'upnp:rootdevice',
  'uuid',
  'urn:schemas-upnp-org:device:Basic:1',
  'urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1',
];
const notified = (nts: string) => NOTIFIED.map((type) => `ssdp:${nts} ${type} [4]`);
const SERVICE = 'record A SRV TXT PTR PTR NSEC [255]';
const IN_SESSION = ['goodbye PTR [255]', SERVICE];
const LEAVING = [...notified('byebye'), 'goodbye PTR [255]', 'goodbye A [255]'];

tshark.describe('the announcements of a virtual R6', () => {
  tshark.it(
    'are those of an EOS R, from joining the network to leaving it',
    async () => {
      const file = path.join(shell.folder, 'r6.pcapng');
      const stop = await capture(file);
      const body = shell.start(
        ['virtual', 'eos-r6', '--wifi', '--timing', 'realistic'],
        {},
        net.prefix('camera'),
      );
      await body.until(({ stdout }) => stdout.includes('\n'));
      // Until the service has been announced twice.
      await sleep(4500);
      const events = ['--json', 'events', '--for', '2500ms'];
      const address = `ptpip://${net.address.camera}`;
      const { code } = await shell.run(['-c', address, ...events], {}, net.prefix('computer'));
      expect(code).toBe(0);
      body.child.stdin.write('quit\n');
      await body.ended;
      await stop();
      const seen = await kinds(file, net.address.camera);
      expect(seen).toEqual([
        ...notified('byebye'),
        'probe ANY with A [1]',
        'goodbye A [255]',
        'record A NSEC [255]',
        ...notified('alive'),
        'probe ANY with SRV [1]',
        'goodbye PTR [255]',
        SERVICE,
        ...IN_SESSION,
        ...LEAVING,
      ]);
      if (!existsSync(folder)) return;
      // The capture begins with the acknowledgement; between, its A record was said once more.
      // It was made on two interfaces of one computer, which heard all of it twice.
      const real = await kinds(
        path.join(folder, 'pair_accept.pcapng'),
        '192.168.0.46',
        'frame.interface_id==0',
      );
      const session = real.filter((kind) => kind !== 'record A NSEC [255]');
      expect(session.filter((kind, i) => kind !== session[i - 1])).toEqual([
        ...IN_SESSION,
        ...LEAVING,
      ]);
    },
    60_000,
  );

  tshark.it(
    'end before a computer hears that it is refused',
    async () => {
      const file = path.join(shell.folder, 'refused.pcapng');
      const body = shell.start(
        ['virtual', 'eos-r6', '--wifi', '--accept', 'no'],
        {},
        net.prefix('camera'),
      );
      await body.until(({ stdout }) => stdout.includes('\n'));
      const stop = await capture(file);
      const { code } = await shell.run(
        ['-c', `ptpip://${net.address.camera}`, 'info'],
        {},
        net.prefix('computer'),
      );
      expect(code).toBe(6);
      await stop();
      const seen = await kinds(file, net.address.camera);
      expect(seen.slice(-LEAVING.length)).toEqual(LEAVING);
      const { stdout } = await promisify(execFile)('tshark', [
        ...['-r', file, '-Y', `ip.src==${net.address.camera} && (tcp.len > 0 || mdns)`],
        ...['-T', 'fields', '-e', 'udp.dstport', '-e', 'tcp.payload'],
      ]);
      // Init Fail, reason 1, behind the last goodbye.
      expect(stdout.trim().split('\n').at(-1)).toBe('\t0c0000000500000001000000');
    },
    60_000,
  );
});
