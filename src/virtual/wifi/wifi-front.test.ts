/** Cameras in a network of this process: whom they list, whom they let in, when they leave. */
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { settle } from '../../../test/support/settle.ts';
import type { Endpoint, HttpAnswer, HttpRequest } from '../../discovery/index.ts';
import type { AcceptMode } from '../ip/ip-front.ts';
import type { WifiMenu } from './ports.ts';
import { WifiFront } from './wifi-front.ts';

const ME = Uint8Array.of(...Array<number>(10).fill(0), 2, 1, 1, 1, 1, 1);
const OTHER = Uint8Array.of(...Array<number>(10).fill(0), 2, 2, 2, 2, 2, 2);
const COMPUTER = { address: '10.77.0.1', port: 1900 };
const UUID = '11111111-2222-4333-8444-555555555555';

let clock: FakeClock;
let log: string[];
let said: string[];
let open: boolean;
let disconnected: number;
let hear: (text: string) => void;
let ask: (path: string) => HttpAnswer;
let document: HttpAnswer;
let objects: number;

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  said = [];
  open = false;
  disconnected = 0;
  objects = 0;
  document = {
    status: 200,
    headers: [
      ['Server', 'Microsoft-Windows/10.0 UPnP/1.0'],
      ['Content-type', 'text/xml; charset="utf-8"'],
    ],
    body: `<root><device><friendlyName>FENNEL: Ann:</friendlyName><UDN>uuid:${UUID}</UDN></device></root>`,
  };
});

function front(menu: WifiMenu, accept: AcceptMode = 'yes'): WifiFront {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return new WifiFront({
    ...{ menu, accept, clock, realistic: false, isEos: menu === 'eos-utility' },
    identity: {
      model: 'Canon EOS R6',
      serialNumber: '1',
      mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
      productId: 0x32f5,
    },
    delay: () => 0,
    objectRequests: () => objects,
    disconnect: async () => {
      disconnected++;
    },
    log: (line) => log.push(line),
    ports: {
      address: '10.77.0.2',
      async openSsdp(onDatagram) {
        hear = (message) => onDatagram(new TextEncoder().encode(message), COMPUTER);
        return {
          async send(bytes: Uint8Array, to: Endpoint) {
            const group = to.address === '239.255.255.250' ? '' : ` to ${to.address}`;
            const [start = ''] = text(bytes)
              .replace(/^HTTP.*/, 'answer HTTP')
              .split(' HTTP');
            const type = /^(?:NT|ST): (.*)\r$/m.exec(text(bytes))?.[1] ?? '';
            const nts = /^NTS: (.*)\r$/m.exec(text(bytes))?.[1] ?? start;
            said.push(`${nts} ${type}${group}`);
          },
          close: async () => {},
        };
      },
      openMdns: async () => ({ send: async () => {}, close: async () => {} }),
      async serveHttp(handler: (request: HttpRequest) => HttpAnswer) {
        ask = (path) => handler({ method: 'GET', path, headers: {}, from: COMPUTER });
        return { port: 49152, close: async () => {} };
      },
      get: async () => document,
      async listen() {
        open = true;
        return {
          async close() {
            open = false;
          },
        };
      },
    },
  });
}

const answer = (change: (text: string) => string = (text) => text) =>
  hear(
    change(
      'HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n' +
        `USN: uuid:${UUID}::upnp:rootdevice\r\n` +
        'LOCATION: http://10.77.0.1:8043/x.xml\r\n' +
        'Server: Microsoft-Windows-NT/5.1 UPnP/1.0 UPnP-Device-Host/1.0\r\n\r\n',
    ),
  );

describe('a camera that announces itself', () => {
  it('is open to connections, asks about strangers, and knows whom it has accepted', async () => {
    const camera = front('eos-utility');
    await camera.join();
    expect(open).toBe(true);
    expect(camera.knows(ME)).toBe(false);
    camera.began(ME);
    expect([camera.knows(ME), camera.knows(OTHER)]).toEqual([true, false]);
  });

  it('says that it is in use, and says goodbye when it is not any more', async () => {
    const camera = front('eos-utility');
    await camera.join();
    const onService = () => /X_onService[^>]*>(\d)/.exec(ask('/upnp/CameraDevDesc.xml').body)?.[1];
    expect(onService()).toBe('0');
    camera.began(ME);
    expect(onService()).toBe('1');
    said = [];
    await camera.ended();
    expect(said.slice(0, 2)).toEqual([
      'ssdp:byebye upnp:rootdevice',
      'ssdp:byebye upnp:rootdevice',
    ]);
    await clock.advance(0);
    // It is back.
    expect(said.at(-1)).toBe('ssdp:alive urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1');
    expect(onService()).toBe('0');
  });

  it('answers searches for it, and passes over a flood of them', async () => {
    const camera = front('smartphone');
    await camera.join();
    said = [];
    for (let i = 0; i < 10_000; i++) hear('M-SEARCH * HTTP/1.1\r\nMX: 3\r\nST: ssdp:all\r\n\r\n');
    await clock.advance(0);
    expect(said).toHaveLength(4 * 32);
    expect(said[3]).toBe(
      'answer urn:schemas-canon-com:service:ICPO-SmartPhoneEOSSystemService:1 to 10.77.0.1',
    );
  });

  it('leaves when it refuses, and comes back when it is sent there', async () => {
    const camera = front('eos-utility', 'no');
    await camera.join();
    said = [];
    await camera.refused();
    expect(said).toHaveLength(8);
    expect(open).toBe(true);
    await camera.turnedAway();
    expect(open).toBe(false);
    await clock.advance(60_000);
    expect(open).toBe(false);
    await camera.join();
    expect(open).toBe(true);
  });

  it('is gone for good when it is switched off before it came back', async () => {
    const camera = front('eos-utility');
    await camera.join();
    camera.began(ME);
    await camera.ended();
    await camera.leave();
    await clock.advance(60_000);
    expect(open).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('a PowerShot that looks for computers', () => {
  it('searches every two seconds, and opens its port to the one that is chosen', async () => {
    const camera = front('computer', 'ask');
    await camera.join();
    await clock.advance(6000);
    expect(said).toEqual(Array(4).fill('M-SEARCH * upnp:rootdevice'));
    expect([open, camera.choosing]).toEqual([false, false]);
    answer();
    await settle();
    expect(camera.choosing).toBe(true);
    expect(log).toEqual(['the camera lists "FENNEL"', 'waiting for "accept"']);
    expect(camera.choose()).toBe(true);
    await settle();
    expect(open).toBe(true);
    // The choice was the answer: nobody is asked.
    expect(camera.knows(OTHER)).toBe(true);
  });

  it('gives up a computer that asks for no objects', async () => {
    const camera = front('computer');
    await camera.join();
    answer();
    await settle();
    camera.began(ME);
    await clock.advance(9999);
    expect(disconnected).toBe(0);
    await clock.advance(1);
    expect(disconnected).toBe(1);
  });

  it('stays with one that does', async () => {
    const camera = front('computer');
    await camera.join();
    answer();
    await settle();
    camera.began(ME);
    objects++;
    await clock.advance(60_000);
    expect(disconnected).toBe(0);
  });

  it('leaves with the computer, and then looks for that one alone', async () => {
    const camera = front('computer');
    await camera.join();
    answer();
    await settle();
    camera.began(ME);
    await camera.ended();
    expect(open).toBe(false);
    await clock.advance(0);
    answer((text) => text.replace(UUID, UUID.replace('1', '9')));
    await settle();
    expect([open, log.at(-1)]).toEqual([
      false,
      '10.77.0.1 is not listed: it has another uuid than the computer that is registered',
    ]);
    answer();
    await settle();
    expect(open).toBe(true);
  });

  it.each([
    ['an answer that does not pass for Windows', (text: string) => text.replace('Microsoft-', '')],
    ['an answer about something else', (text: string) => text.replaceAll('upnp:root', 'x')],
    ['an answer without a uuid', (text: string) => text.replace(`uuid:${UUID}`, '')],
    ['a LOCATION by name', (text: string) => text.replace('10.77.0.1:', 'fennel:')],
  ])('does not list %s, and says why', async (_, change) => {
    await front('computer').join();
    answer(change);
    await settle();
    expect([open, log.length]).toEqual([false, 1]);
    expect(log[0]).toMatch(/^10\.77\.0\.1 is not listed: /);
  });

  it.each([
    ['status', { status: 404 }, '404'],
    [
      'content type',
      { headers: [['Content-Type', 'text/xml'] as const] },
      'the Content-Type of its description is text/xml, not',
    ],
    [
      'server',
      { headers: [['Content-type', 'text/xml; charset="utf-8"'] as const] },
      'the Server of its description',
    ],
    ['name', { body: '<root><device><UDN>uuid:x</UDN></device></root>' }, 'no friendlyName'],
    ['XML', { body: 'hello' }, 'makes no sense'],
  ])('does not list a description with another %s', async (_, change, why) => {
    document = { ...document, ...change };
    await front('computer').join();
    answer();
    await settle();
    expect([open, log]).toEqual([false, [expect.stringContaining(why)]]);
  });
});
