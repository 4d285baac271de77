import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSsdp, parseSsdp, searchMessage, uuidOfUsn } from './ssdp.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (message: Uint8Array) => new TextDecoder().decode(message);

/** Of an EOS 70D, as julianschroden.com publishes it. */
const ALIVE = [
  'NOTIFY * HTTP/1.1',
  'Host: 239.255.255.250:1900',
  'Cache-Control: max-age=1800',
  'Location: http://192.168.0.120:49152/upnp/CameraDevDesc.xml',
  'NT: urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1',
  'NTS: ssdp:alive',
  'Server: Camera OS/1.0 UPnP/1.0 Canon Device Discovery/1.0',
  'USN: uuid:00000000-0000-0000-0001-60128B7CC240::urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1',
];

describe('parseSsdp', () => {
  it.each([
    ['CR LF', `${ALIVE.join('\r\n')}\r\n\r\n`],
    ['LF alone', `${ALIVE.join('\n')}\n\n`],
    ['no empty line at the end', ALIVE.join('\r\n')],
    ['blanks and another case', `${ALIVE.join('\r\n').replace('Location:', 'LOCATION : ')}\r\n`],
  ])('reads what a 70D announces: %s', (_, message) => {
    const read = parseSsdp(bytes(message));
    expect(read?.kind).toBe('alive');
    expect(read?.headers.get('location')).toBe('http://192.168.0.120:49152/upnp/CameraDevDesc.xml');
    expect(uuidOfUsn(read?.headers.get('usn'))).toBe('00000000-0000-0000-0001-60128B7CC240');
  });

  it('knows a goodbye, an answer and a search', () => {
    const kinds = [
      ALIVE.join('\r\n').replace('ssdp:alive', 'ssdp:byebye'),
      'HTTP/1.1 200 OK\r\nEXT: \r\nST: upnp:rootdevice\r\n\r\n',
      'M-SEARCH * HTTP/1.1\r\nST: upnp:rootdevice\r\n\r\n',
    ].map((message) => parseSsdp(bytes(message))?.kind);
    expect(kinds).toEqual(['byebye', 'answer', 'search']);
  });

  it.each([
    ['a search for nothing', 'M-SEARCH * HTTP/1.1\r\n\r\n'],
    ['an answer that is none', 'HTTP/1.1 404 Not Found\r\nST: x\r\n\r\n'],
    ['another kind of news', ALIVE.join('\r\n').replace('ssdp:alive', 'ssdp:update')],
    ['a line without a colon', 'M-SEARCH * HTTP/1.1\r\nST: x\r\nrubbish\r\n\r\n'],
    ['more headers than anybody sends', `M-SEARCH * HTTP/1.1\r\n${manyHeaders(100)}ST: x\r\n\r\n`],
    ['more bytes than anybody sends', `M-SEARCH * HTTP/1.1\r\nST: ${'x'.repeat(4000)}\r\n\r\n`],
    ['nothing', ''],
  ])('does not take %s', (_, message) => {
    expect(parseSsdp(bytes(message))).toBeUndefined();
  });

  it('takes the first of two values', () => {
    const read = parseSsdp(bytes('M-SEARCH * HTTP/1.1\r\nST: a\r\nst: b\r\n\r\n'));
    expect(read?.headers.get('st')).toBe('a');
  });

  it('throws at no bytes whatever', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => void parseSsdp(any)));
    const begins = fc.constantFrom('M-SEARCH * HTTP/1.1\r\n', 'NOTIFY * HTTP/1.1\r\n', 'HTTP/1.1 ');
    fc.assert(
      fc.property(begins, fc.string(), (begin, rest) => void parseSsdp(bytes(begin + rest))),
    );
  });
});

function manyHeaders(count: number): string {
  return Array.from({ length: count }, (_, i) => `X-${i}: y\r\n`).join('');
}

it('formatSsdp writes what a 70D writes', () => {
  const headers = ALIVE.slice(1).map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)] as const;
  });
  expect(text(formatSsdp('NOTIFY * HTTP/1.1', headers))).toBe(`${ALIVE.join('\r\n')}\r\n\r\n`);
});

it('searchMessage has the five headers that UPnP demands', () => {
  expect(text(searchMessage('upnp:rootdevice', 3))).toBe(
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 3\r\n' +
      'ST: upnp:rootdevice\r\n\r\n',
  );
});
