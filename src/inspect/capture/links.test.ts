import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../test/support/hex-fixture.ts';
import type { Traffic, UsbTransfer } from '../traffic.ts';
import type { Frame } from './frames.ts';
import { addressText, readNetwork } from './network.ts';
import { UsbReader } from './usb.ts';

const frame = (linkType: number, hex: string, littleEndian = true): Frame => {
  const bytes = fromHex(hex);
  return { time: 5, linkType, littleEndian, size: bytes.length, bytes };
};

/** IPv4 and UDP from 10.0.0.1:1900 to 10.0.0.2:5353, with "hi". */
const UDP = '0000 4500001e 00000000 40110000 0a000001 0a000002 076c14e9000a0000 6869'.slice(5);
const UDP_OPTIONS = `46000022 00000000 40110000 0a000001 0a000002 01010100 076c14e9000a0000 6869`;
/** IPv6 with hop-by-hop options before UDP, from fe80::1 to ff02::fb. */
const UDP6 = `60000000 0012 00 ff fe800000000000000000000000000001 ff0200000000000000000000000000fb
  1100010400000000 076c14e9000a0000 6869`;

function network(given: Frame) {
  const told: unknown[] = [];
  const protocol = readNetwork(given, {
    segment: () => told.push('segment'),
    datagram: ({ source, destination, hops }, from, to, payload) => {
      told.push([
        ...[`${addressText(source)}:${from}`, `${addressText(destination)}:${to}`, hops],
        Buffer.from(payload).toString(),
      ]);
    },
  });
  return [protocol, ...told];
}

const MACS = '010000000002 020000000001';
const told4 = ['udp', ['10.0.0.1:1900', '10.0.0.2:5353', 64, 'hi']];

describe('frames of networks', () => {
  it.each([
    ['Ethernet', 1, `${MACS} 0800 ${UDP}`],
    ['Ethernet with VLAN tags', 1, `${MACS} 88a80064 81000064 0800 ${UDP}`],
    ['Ethernet, padded', 1, `${MACS} 0800 ${UDP} 0000000000000000`],
    ['raw IP', 101, UDP],
    ['raw IPv4', 228, UDP],
    ['Linux cooked', 113, `0000 0001 0006 0200000000010000 0800 ${UDP}`],
    ['Linux cooked, version 2', 276, `0800 0000 00000002 0001 00 06 0200000000010000 ${UDP}`],
    ['loopback', 0, `02000000 ${UDP}`],
    ['with options of IP', 101, UDP_OPTIONS],
  ])('%s', (_name, linkType, hex) => {
    expect(network(frame(linkType, hex))).toEqual(told4);
  });

  it('IPv6, behind its extension heads', () => {
    expect(network(frame(1, `${MACS} 86dd ${UDP6}`))).toEqual([
      ...['udp', ['fe80::1:1900', 'ff02::fb:5353', 255, 'hi']],
    ]);
  });

  it.each([
    ['arp', 1, `${MACS} 0806 0001`],
    ['llc', 1, `${MACS} 0026 4242`],
    ['ip2', 101, '4600001c 00000000 01020000 0a000001 e0000016 94040000 2200'],
    ['fragment', 101, UDP.replace('00000000 4011', '00002000 4011')],
    ['cut', 101, '45'],
    ['cut', 1, '0102'],
    ['ethertype 0x88cc', 1, `${MACS} 88cc 00`],
    [undefined, 127, '00'],
  ])('%s is counted as that', (protocol, linkType, hex) => {
    expect(network(frame(linkType, hex))).toEqual([protocol]);
  });

  it.each([
    ['00000000000000000000000000000000', '::'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ])('%s is written %s', (hex, text) => {
    expect(addressText(fromHex(hex))).toBe(text);
  });
});

function usb(...frames: Frame[]): UsbTransfer[] {
  const items: Traffic[] = [];
  const reader = new UsbReader((item) => items.push(item));
  for (const one of frames) expect(reader.read(one)).toBe('usb');
  return items as UsbTransfer[];
}

/** Documentation/usb/usbmon.rst: id, event, type, endpoint, device, bus, flags, times, … */
const mon = (event: string, type: string, endpoint: string, flags: string, rest: string) =>
  `efbeadde00000000 ${event} ${type} ${endpoint} 04 0100 ${flags} 0000000000000000 00000000 ${rest}`;
const TAIL = '00000000 00000000 00000000 00000000';

describe('usbmon', () => {
  it('joins a request and its end: data go out with the one, come in with the other', () => {
    const out = usb(
      frame(
        220,
        `${mon('53', '03', '02', '2d00', '8dffffff 04000000 04000000 0000000000000000')} ${TAIL} 01020304`,
      ),
      frame(
        220,
        `${mon('43', '03', '02', '2d3e', '00000000 04000000 00000000 0000000000000000')} ${TAIL}`,
      ),
    );
    expect(out).toMatchObject([
      {
        type: 'bulk',
        direction: 'out',
        endpoint: 2,
        status: 0,
        size: 4,
        place: { bus: 1, device: 4 },
      },
    ]);
    expect(out[0]?.bytes).toEqual(fromHex('01020304'));
    const into = usb(
      frame(
        220,
        `${mon('53', '03', '81', '2d3c', '8dffffff 00020000 00000000 0000000000000000')} ${TAIL}`,
      ),
      frame(
        220,
        `${mon('43', '03', '81', '2d00', '00000000 02000000 02000000 0000000000000000')} ${TAIL} aabb`,
      ),
    );
    expect(into).toMatchObject([{ direction: 'in', endpoint: 1, size: 2, bytes: fromHex('aabb') }]);
  });

  it('has the setup of control transfers, in the short form of its head as well', () => {
    const [status] = usb(
      frame(189, mon('53', '02', '80', '003c', '8dffffff 04000000 00000000 a167000000000400')),
      frame(
        189,
        `${mon('43', '02', '80', '2d00', '00000000 04000000 04000000 0000000000000000')} 04000120`,
      ),
    );
    expect(status?.setup).toEqual({
      ...{ direction: 'in', requestType: 'class', recipient: 'interface', request: 0x67 },
      ...{ value: 0, index: 0, length: 4 },
    });
    expect(status?.bytes).toEqual(fromHex('04000120'));
  });

  it('tells what failed, what was cut, and what began before the capture', () => {
    const told = usb(
      // A stall; 512 bytes came, 2 were kept; its request was not seen.
      frame(
        220,
        `${mon('43', '03', '81', '2d3c', 'e0ffffff 00000000 00000000 0000000000000000')} ${TAIL}`,
      ),
      frame(
        220,
        `${mon('43', '03', '81', '2d00', '00000000 00020000 02000000 0000000000000000')} ${TAIL} aabb`,
      ),
    );
    expect(told).toMatchObject([
      { status: -32, size: 0, asked: undefined },
      { status: 0, size: 512, bytes: fromHex('aabb') },
    ]);
  });
});

/** https://desowin.org/usbpcap/captureformat.html: 27 bytes, 28 of control transfers. */
const pcap = (info: string, endpoint: string, type: string, size: string, more = '') =>
  `${more ? '1c00' : '1b00'} 0102030405060708 00000000 0900 ${info} 0100 0400 ${endpoint} ${type} ${size} ${more}`;

describe('USBPcap', () => {
  it('joins both halves of bulk transfers', () => {
    expect(
      usb(
        frame(249, `${pcap('00', '02', '03', '02000000')} 0102`),
        frame(249, pcap('01', '02', '03', '00000000')),
        frame(249, pcap('00', '81', '03', '00000000')),
        frame(249, `${pcap('01', '81', '03', '03000000')} aabbcc`),
      ),
    ).toMatchObject([
      { direction: 'out', endpoint: 2, size: 2, bytes: fromHex('0102') },
      { direction: 'in', endpoint: 1, size: 3, bytes: fromHex('aabbcc') },
    ]);
  });

  it('has the setup of control transfers', () => {
    expect(
      usb(
        frame(249, `${pcap('00', '80', '02', '08000000', '00')} a167000000000400`),
        frame(249, `${pcap('01', '80', '02', '04000000', '03')} 04000120`),
      ),
    ).toMatchObject([
      { type: 'control', direction: 'in', setup: { request: 0x67 }, bytes: fromHex('04000120') },
    ]);
  });

  it('keeps what a request had on the wire where its capture was cut', () => {
    const cut = frame(249, `${pcap('00', '02', '03', '00020000')} 0102`);
    expect(
      usb({ ...cut, size: 27 + 512 }, frame(249, pcap('01', '02', '03', '00000000'))),
    ).toMatchObject([{ size: 512, bytes: fromHex('0102') }]);
  });

  // Before USBPcap 1.5, stages are frames of their own: 0 setup, 1 data, 2 status.
  it('joins the stages of control transfers that send data', () => {
    expect(
      usb(
        frame(249, `${pcap('00', '00', '02', '08000000', '00')} 2164000000000600`),
        frame(249, `${pcap('00', '00', '02', '06000000', '01')} a1a2a3a4a5a6`),
        frame(249, pcap('01', '00', '02', '00000000', '02')),
      ),
    ).toMatchObject([
      { direction: 'out', setup: { request: 0x64 }, size: 6, bytes: fromHex('a1a2a3a4a5a6') },
    ]);
    // Eight bytes of data look like a setup.
    expect(
      usb(
        frame(249, `${pcap('00', '00', '02', '08000000', '00')} 2164000000000800`),
        frame(249, `${pcap('00', '00', '02', '08000000', '01')} a1a2a3a4a5a6a7a8`),
        frame(249, pcap('01', '00', '02', '00000000', '02')),
      ),
    ).toMatchObject([
      { direction: 'out', setup: { request: 0x64 }, bytes: fromHex('a1a2a3a4a5a6a7a8') },
    ]);
  });

  it('joins the stages of control transfers that fetch data', () => {
    expect(
      usb(
        frame(249, `${pcap('00', '80', '02', '08000000', '00')} a167000000000400`),
        frame(249, `${pcap('01', '80', '02', '04000000', '01')} 04000120`),
        frame(249, pcap('01', '80', '02', '00000000', '02')),
      ),
    ).toMatchObject([{ direction: 'in', setup: { request: 0x67 }, bytes: fromHex('04000120') }]);
  });
});
