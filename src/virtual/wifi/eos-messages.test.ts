/** Byte by byte what an EOS R with firmware 1.8.0 sent (pair_perform and pair_accept). */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type Announced,
  alive,
  answerHttp,
  byebye,
  cameraDescription,
  notificationTypes,
  searchAnswers,
  serviceAnnounced,
} from './eos-messages.ts';

const EOS_R: Announced = {
  model: 'Canon EOS R',
  serialNumber: '285028000294',
  mac: Uint8Array.of(0x58, 0xd5, 0x0a, 0x13, 0xa8, 0x0b),
  productId: 0x32da,
  address: '192.168.0.46',
  port: 49152,
  mode: 'eos-utility',
  path: '/upnp/CameraDevDesc.xml',
  inUse: false,
};
const UUID = 'uuid:00000000-0000-0000-0001-58D50A13A80B';
const SERVICE = 'urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1';
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const sha256 = (value: string) => createHash('sha256').update(value).digest('hex');

describe('descriptions', () => {
  it.each([
    [false, '366300ce80594362fc4c12b67dbb676eccbf1eefda22ea71ff1258bdeaf743ca'],
    [true, 'fb0fb0a5f8ad7a5f9ceb65d2ee6008115037e01a60e2d0e3df1163495618cb11'],
  ])('in use: %s', (inUse, hash) => {
    const body = cameraDescription({ ...EOS_R, inUse });
    expect(body).toHaveLength(1373);
    expect(sha256(body)).toBe(hash);
  });

  it('come with three headers', () => {
    const request = { method: 'GET', path: EOS_R.path, headers: {}, from: EOS_R };
    const { status, headers } = answerHttp(EOS_R, request);
    expect(status).toBe(200);
    expect(headers.map((header) => header.join(': '))).toEqual([
      'Content-Length: 1373',
      'Connection: close',
      'Content-Type: text/xml',
    ]);
    expect(answerHttp(EOS_R, { ...request, path: '/' }).status).toBe(404);
  });
});

describe('SSDP', () => {
  it('says goodbye for four types', () => {
    expect(notificationTypes(EOS_R).map((type) => text(byebye(EOS_R, type)))).toEqual(
      [
        ['upnp:rootdevice', `${UUID}::upnp:rootdevice`],
        [UUID, UUID],
        ['urn:schemas-upnp-org:device:Basic:1', `${UUID}::urn:schemas-upnp-org:device:Basic:1`],
        [SERVICE, `${UUID}::${SERVICE}`],
      ].map(
        ([type, usn]) =>
          `NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nNT: ${type}\r\nNTS: ssdp:byebye\r\nUSN: ${usn}\r\n\r\n`,
      ),
    );
    expect(notificationTypes(EOS_R).map((type) => byebye(EOS_R, type).length)).toEqual([
      153, 162, 193, 235,
    ]);
  });

  it('answers a search for its service', () => {
    const answers = searchAnswers(EOS_R, SERVICE);
    expect(answers.map(text)).toEqual([
      'HTTP/1.1 200 OK\r\n' +
        'Cache-Control: max-age=1800\r\n' +
        'EXT: \r\n' +
        'Location: http://192.168.0.46:49152/upnp/CameraDevDesc.xml\r\n' +
        'Server: Camera OS/1.0 UPnP/1.0 Canon Device Discovery/1.0\r\n' +
        `ST: ${SERVICE}\r\n` +
        `USN: ${UUID}::${SERVICE}\r\n` +
        '\r\n',
    ]);
    expect(answers[0]).toHaveLength(342);
  });

  it('answers a general search once for each type, and no other', () => {
    expect(searchAnswers(EOS_R, 'upnp:rootdevice')).toHaveLength(4);
    expect(searchAnswers(EOS_R, 'ssdp:all')).toHaveLength(4);
    expect(searchAnswers(EOS_R, 'urn:schemas-sony-com:service:ScalarWebAPI:1')).toEqual([]);
  });

  /** As julianschroden.com has it from a 70D. */
  it('announces', () => {
    const eos70d = { ...EOS_R, address: '192.168.0.120', mac: mac('60128b7cc240') };
    expect(text(alive(eos70d, SERVICE))).toBe(
      'NOTIFY * HTTP/1.1\r\n' +
        'Host: 239.255.255.250:1900\r\n' +
        'Cache-Control: max-age=1800\r\n' +
        'Location: http://192.168.0.120:49152/upnp/CameraDevDesc.xml\r\n' +
        `NT: ${SERVICE}\r\n` +
        'NTS: ssdp:alive\r\n' +
        'Server: Camera OS/1.0 UPnP/1.0 Canon Device Discovery/1.0\r\n' +
        `USN: uuid:00000000-0000-0000-0001-60128B7CC240::${SERVICE}\r\n` +
        '\r\n',
    );
  });
});

it('mDNS: the records of an EOS R that is in use', () => {
  const { answers = [], additionals = [] } = serviceAnnounced({ ...EOS_R, inUse: true });
  const instance = 'ICPO-WFTEOSSystemService13a80b._ptp._tcp.local';
  const host = 'CWC13a80b.local';
  expect(answers).toEqual([
    { name: host, type: 'A', ttl: 120, flush: true, data: '192.168.0.46' },
    {
      ...{ name: instance, type: 'SRV', ttl: 120, flush: true },
      data: { priority: 0, weight: 0, port: 15740, target: host },
    },
    {
      ...{ name: instance, type: 'TXT', ttl: 4500, flush: true },
      data: [
        'srvver.canon.com=2.0',
        'mf.canon.com=Canon',
        'md.canon.com=Canon Digital Camera',
        'mn.canon.com=Canon EOS R',
        'tid.canon.com=00000000-0000-0000-0001-FFFFFFFFFFFF',
        'srv.canon.com=1',
        'sid.canon.com=00000000-0000-0000-0001-58D50A13A80B',
        'myhwa.canon.com=58d50a13a80b',
        'snum.canon.com=285028000294',
        'usbid.canon.com=32da',
        'nicname.canon.com=Canon EOS R',
      ],
    },
    { name: '_services._dns-sd._udp.local', type: 'PTR', ttl: 4500, data: '_ptp._tcp.local' },
    { name: '_ptp._tcp.local', type: 'PTR', ttl: 4500, data: instance },
  ]);
  expect(additionals).toEqual([
    { name: host, type: 'NSEC', ttl: 120, data: { nextDomain: host, rrtypes: ['A'] } },
  ]);
});

function mac(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
