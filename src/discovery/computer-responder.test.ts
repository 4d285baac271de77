import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ComputerResponder, type ComputerResponderOptions } from './computer-responder.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SEARCH = bytes(
  'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 3\r\nST: upnp:rootdevice\r\n\r\n',
);
const CAMERA = { address: '192.168.123.45', port: 58981 };

/** What reyalp's ptpip-canon-upnp-helper 0.1.1 sends, which cameras are known to take. */
const ANSWER =
  'HTTP/1.1 200 OK\r\n' +
  'ST: upnp:rootdevice\r\n' +
  'USN: uuid:11111111-2222-4333-8444-555555555555::upnp:rootdevice\r\n' +
  'LOCATION: http://192.168.123.10:8043/ptpip-canon-desc-helper.xml\r\n' +
  'Cache-Control: max-age=900\r\n' +
  'Server:Microsoft-Windows/10.0 UPnP/1.0 UPnP-Device-Host/1.0\r\n' +
  'Ext: \r\n' +
  '\r\n';

function responder(options: Partial<ComputerResponderOptions> = {}) {
  const clock = new FakeClock();
  const refused: string[] = [];
  const made = new ComputerResponder({
    uuid: '11111111-2222-4333-8444-555555555555',
    location: ({ address }) => `http://${address}:8043/ptpip-canon-desc-helper.xml`,
    interfaces: () => [
      { name: 'eth0', address: '10.1.2.3', netmask: '255.0.0.0' },
      { name: 'wlan0', address: '192.168.123.10', netmask: '255.255.255.0' },
    ],
    clock,
    onRefused: (reason, from) => refused.push(`${from.address}: ${reason}`),
    ...options,
  });
  return { made, clock, refused };
}

describe('ComputerResponder', () => {
  it('answers byte for byte what cameras are known to take', () => {
    const answer = responder().made.answer(SEARCH, CAMERA);
    expect(new TextDecoder().decode(answer)).toBe(ANSWER);
  });

  it('names its address in the network of whoever asks', () => {
    const answer = responder().made.answer(SEARCH, { address: '10.9.9.9', port: 1 });
    expect(new TextDecoder().decode(answer)).toContain('LOCATION: http://10.1.2.3:8043/');
  });

  it.each([
    ['ssdp:all', false],
    ['urn:schemas-upnp-org:device:InternetGatewayDevice:1', false],
    ['upnp:rootdevice', true],
  ])('is asked for %s', (type, answers) => {
    const search = bytes(`M-SEARCH * HTTP/1.1\r\nST:${type}\r\n\r\n`);
    expect(responder().made.answer(search, CAMERA) !== undefined).toBe(answers);
    expect(responder({ answerAll: true }).made.answer(search, CAMERA) !== undefined).toBe(
      answers || type === 'ssdp:all',
    );
  });

  it('answers nobody outside its networks, no broadcast address, no port 0', () => {
    const { made, refused } = responder();
    for (const address of ['192.168.124.45', '8.8.8.8', '192.168.123.255', '192.168.123.0']) {
      expect(made.answer(SEARCH, { address, port: 58981 })).toBeUndefined();
    }
    expect(made.answer(SEARCH, { ...CAMERA, port: 0 })).toBeUndefined();
    // One line a second, however many come.
    expect(refused).toEqual(['192.168.124.45: a search from another network']);
  });

  it('tells of searches that are none', () => {
    const { made, refused } = responder();
    for (const rubbish of ['M-SEARCH', `M-SEARCH * HTTP/1.1\r\nST: ${'x'.repeat(60_000)}`]) {
      expect(made.answer(bytes(rubbish), CAMERA)).toBeUndefined();
    }
    expect(made.answer(bytes('NOTIFY * HTTP/1.1\r\nNT: x\r\n\r\n'), CAMERA)).toBeUndefined();
    expect(refused).toEqual(['192.168.123.45: a search that is malformed']);
  });

  it('answers one camera five times a second, and all of them twenty times', async () => {
    const { made, clock, refused } = responder();
    const answered = (from: (i: number) => string) =>
      Array.from({ length: 10_000 }, (_, i) =>
        made.answer(SEARCH, { address: from(i), port: 2000 }),
      ).filter(Boolean).length;
    expect(answered(() => CAMERA.address)).toBe(5);
    expect(answered((i) => `192.168.123.${50 + (i % 200)}`)).toBe(15);
    expect(refused).toEqual(['192.168.123.45: more searches than a camera sends']);
    await clock.advance(1000);
    expect(answered(() => CAMERA.address)).toBe(5);
  });

  it('does not grow under a flood', async () => {
    const { made, clock } = responder();
    const flood = async () => {
      for (let second = 0; second < 20; second++) {
        for (let i = 0; i < 10_000; i++) {
          const address = `10.${second}.${i >> 8}.${(i & 127) + 1}`;
          made.answer(SEARCH, { address, port: 1 + i });
        }
        await clock.advance(1000);
      }
    };
    await flood();
    const before = process.memoryUsage().heapUsed;
    await flood();
    // 200,000 searches: a map that kept them would have tens of megabytes.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(3e7);
  });
});
