import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { settle } from '../../test/support/settle.ts';
import { CameraFinder, type FinderEvent } from './finder.ts';
import type { HttpAnswer } from './ports.ts';

const UUID = '00000000-0000-0000-0001-60128B7CC240';
const TYPE = 'urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1';
const CAMERA = { address: '192.168.0.120', port: 60285 };

const message = (lines: string[]) => new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
const alive = (location: string, uuid = UUID) =>
  message([
    'NOTIFY * HTTP/1.1',
    `Location: ${location}`,
    `NT: ${TYPE}`,
    'NTS: ssdp:alive',
    `USN: uuid:${uuid}::${TYPE}`,
  ]);
const byebye = message([
  'NOTIFY * HTTP/1.1',
  `NT: ${TYPE}`,
  'NTS: ssdp:byebye',
  `USN: uuid:${UUID}::${TYPE}`,
]);
const at = (address: string) => `http://${address}:49152/upnp/CameraDevDesc.xml`;

const description = (uuid = UUID, service = '') =>
  `<root><device><modelName>Canon EOS 70D</modelName><UDN>uuid:${uuid}</UDN>` +
  `<serviceList><service>${service}</service></serviceList></device></root>`;

let clock: FakeClock;
let finder: CameraFinder;
let told: string[];
let refused: string[];
let fetched: { url: string; headers: string[] }[];
let body: () => string | Promise<string>;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  refused = [];
  fetched = [];
  body = () => description();
  finder = new CameraFinder({
    interfaces: () => [{ name: 'wlan0', address: '192.168.0.10', netmask: '255.255.255.0' }],
    async get(url, headers): Promise<HttpAnswer> {
      fetched.push({ url: url.href, headers: headers.map((header) => header.join(': ')) });
      return { status: 200, headers: [], body: await body() };
    },
    clock,
    onEvent: ({ type, camera }: FinderEvent) =>
      told.push(`${type} ${camera.model} ${camera.host}${camera.inUse ? ' in use' : ''}`),
    onRefused: (reason, from) => refused.push(`${from.address}: ${reason}`),
  });
});

describe('CameraFinder', () => {
  it('finds who announces itself, and asks as Windows does', async () => {
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(told).toEqual(['found Canon EOS 70D 192.168.0.120']);
    expect(fetched).toEqual([
      {
        url: 'http://192.168.0.120:49152/upnp/CameraDevDesc.xml',
        // Header by header the request of Windows in pair_perform.pcapng.
        headers: [
          'Cache-Control: no-cache',
          'Connection: Close',
          'Pragma: no-cache',
          'Accept: text/xml, application/xml',
          'Host: 192.168.0.120:49152',
          'User-Agent: Microsoft-Windows/10.0 UPnP/1.0',
        ],
      },
    ]);
  });

  it('asks for a description once in twenty seconds, and tells of what has changed', async () => {
    for (let i = 0; i < 8; i++) finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(fetched).toHaveLength(1);
    body = () => description(UUID, '<ns:X_onService>1</ns:X_onService>');
    await clock.advance(20_000);
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(told).toEqual([
      'found Canon EOS 70D 192.168.0.120',
      'changed Canon EOS 70D 192.168.0.120 in use',
    ]);
  });

  it('asks at most four at once, and has 64 cameras at most', async () => {
    body = () => new Promise(() => {});
    for (let i = 0; i < 10_000; i++) {
      const uuid = `00000000-0000-0000-0001-${String(i).padStart(12, '0')}`;
      finder.onDatagram(alive(at('192.168.0.120'), uuid), CAMERA);
    }
    expect(fetched).toHaveLength(4);
    for (let i = 0; i < 10_000; i++) {
      const sid = `00000000-0000-0000-0001-${String(i).padStart(12, '0')}`;
      const name = `ICPO-${i}._ptp._tcp.local`;
      const data = [new TextEncoder().encode(`sid.canon.com=${sid}`)];
      finder.onMdns(
        {
          answers: [
            { name: '_ptp._tcp.local', type: 'PTR', data: name },
            { name, type: 'TXT', data },
          ],
          additionals: [],
        },
        CAMERA,
      );
    }
    expect(finder.cameras).toHaveLength(64);
  });

  it('believes no description of another device than was announced', async () => {
    body = () => description('00000000-0000-0000-0001-000000000000');
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(told).toEqual([]);
    expect(refused).toEqual(['192.168.0.120: a description of another device than announced']);
  });

  it.each([
    ['itself', 'http://127.0.0.1:8043/x', 'points to this computer itself'],
    ['a router', 'http://192.168.0.1/reboot', 'points to 192.168.0.1, but 192.168.0.120 sent it'],
  ])('is not made to fetch from %s', async (_, location, why) => {
    finder.onDatagram(alive(location), CAMERA);
    await settle();
    expect(fetched).toEqual([]);
    expect(refused).toEqual([expect.stringContaining(why)]);
  });

  it('bears descriptions that fail, and asks again', async () => {
    body = () => Promise.reject(new Error('it is longer than 64 KiB'));
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(refused).toEqual(['192.168.0.120: it is longer than 64 KiB']);
    body = () => description();
    await clock.advance(2000);
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    expect(told).toEqual(['found Canon EOS 70D 192.168.0.120']);
  });

  it('does not lose a camera that says goodbye and comes back, as while it is being paired', async () => {
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    finder.onDatagram(byebye, CAMERA);
    await clock.advance(8000);
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    await clock.advance(60_000);
    expect(told).toEqual([
      'found Canon EOS 70D 192.168.0.120',
      'changed Canon EOS 70D 192.168.0.120',
    ]);
  });

  it('tells of one that stays away, and believes goodbyes from itself alone', async () => {
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    finder.onDatagram(byebye, { address: '192.168.0.66', port: 1900 });
    await clock.advance(60_000);
    expect(told).toHaveLength(1);
    finder.onDatagram(byebye, CAMERA);
    await clock.advance(10_000);
    expect(told[1]).toBe('gone Canon EOS 70D 192.168.0.120');
    expect(finder.cameras).toEqual([]);
  });

  it('takes no fewer words by mDNS for news', async () => {
    body = () => description(UUID, '<ns:X_deviceNickname>EOS70D</ns:X_deviceNickname>');
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    const name = 'ICPO-WFTEOSSystemService7cc240._ptp._tcp.local';
    const texts = [`sid.canon.com=${UUID}`, 'mn.canon.com=Canon EOS 70D', 'srv.canon.com=0'];
    const answers = [
      { name: '_ptp._tcp.local', type: 'PTR', data: name },
      { name, type: 'TXT', data: texts },
    ];
    finder.onMdns({ answers, additionals: [] }, CAMERA);
    expect(told).toEqual(['found Canon EOS 70D 192.168.0.120']);
    expect(finder.cameras[0]?.nickname).toBe('EOS70D');
    finder.onMdns(
      {
        answers: [
          answers[0] as never,
          { name, type: 'TXT', data: [...texts.slice(0, 2), 'srv.canon.com=1'] },
        ],
        additionals: [],
      },
      CAMERA,
    );
    expect(told[1]).toBe('changed Canon EOS 70D 192.168.0.120 in use');
  });

  it('follows a camera to another address', async () => {
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    finder.onDatagram(alive(at('192.168.0.77')), { address: '192.168.0.77', port: 60285 });
    await settle();
    expect(told[1]).toBe('changed Canon EOS 70D 192.168.0.77');
    expect(finder.cameras).toHaveLength(1);
  });

  it('leaves nothing under way when it is closed', async () => {
    finder.onDatagram(alive(at('192.168.0.120')), CAMERA);
    await settle();
    finder.onDatagram(byebye, CAMERA);
    finder.close();
    expect(clock.pending).toBe(0);
  });
});
