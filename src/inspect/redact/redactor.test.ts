import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixture } from '../../../test/support/hex-fixture.ts';
import {
  byIp,
  byUsb,
  connection,
  type Exchange,
  streamBytes,
} from '../../../test/support/ptp-traffic.ts';
import { concat } from '../../base/byte-stream.ts';
import { Decoder } from '../decode/decoder.ts';
import type { Seen, Transaction } from '../decode/seen.ts';
import type { Traffic } from '../traffic.ts';
import { Redactor } from './redactor.ts';

const init = {
  request: hexFixture('ptpip/init-command-request-eos-utility.hex'),
  ack: hexFixture('ptpip/init-command-ack-eos-r.hex'),
};
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));

function redact(traffic: readonly Traffic[]): Traffic[] {
  const emitted: Traffic[] = [];
  const redactor = new Redactor((item) => emitted.push(item));
  for (const item of traffic) redactor.push(item);
  redactor.end();
  return emitted;
}

function decode(traffic: readonly Traffic[]): Seen[] {
  const seen: Seen[] = [];
  const decoder = new Decoder((item) => seen.push(item), { keep: () => 1e7 });
  for (const item of traffic) decoder.push(item);
  decoder.end();
  return seen;
}

/** Data phases after redaction. */
function dataOf(traffic: readonly Traffic[]): (Uint8Array | undefined)[] {
  return decode(redact(traffic))
    .filter((seen): seen is Transaction => seen.kind === 'transaction')
    .map(({ data }) => data?.bytes);
}

/** `bytes` with each `from` replaced. */
function replaced(bytes: Uint8Array, ...pairs: [from: Uint8Array, to: Uint8Array][]): Uint8Array {
  let text = Buffer.from(bytes).toString('latin1');
  for (const [from, to] of pairs) {
    const parts = text.split(Buffer.from(from).toString('latin1'));
    expect(parts.length).toBeGreaterThan(1);
    text = parts.join(Buffer.from(to).toString('latin1'));
  }
  return latin1(text);
}

const sameData = (found: (Uint8Array | undefined)[], wanted: Uint8Array[]) => {
  expect(found.map((bytes) => bytes && Buffer.from(bytes).toString('hex'))).toEqual(
    wanted.map((bytes) => Buffer.from(bytes).toString('hex')),
  );
};

const strings = hexFixture('canon/eos60d-getevent-strings.hex');
const initial = hexFixture('canon/eos60d-getevent-initial.hex');
const deviceInfo = hexFixture('ptp/device-info-eos-60d.hex');
const friendlyName = hexFixture('ptp/device-prop-desc-eos-60d-friendly-name.hex');
const storage = hexFixture('ptp/storage-info-eos-70d.hex');

const maskedStrings = replaced(
  strings,
  [latin1('Jane Q. Example'), latin1('XXXX X. XXXXXXX')],
  [latin1('1234567890'), latin1('0000000000')],
);

describe('data phases of real bodies', () => {
  const exchanges: Exchange[] = [
    { code: 0x9116, data: strings },
    { code: 0x9116, data: initial },
    { code: 0x1005, data: storage },
    { code: 0x1014, params: [0xd402], data: friendlyName },
    { code: 0x9033, data: fromHex('58d50a13a80b') },
    { code: 0x9030, direction: 'out', data: latin1('a key and a name') },
  ];
  const wanted = [
    maskedStrings,
    initial,
    storage,
    replaced(friendlyName, [utf16('Canon EOS 60D'), utf16('XXXXX XXX 00X')]),
    new Uint8Array(6),
    new Uint8Array(16),
  ];

  for (const size of [13, 512, 1 << 20]) {
    it(`are masked on PTP/IP in segments of ${size} bytes`, () => {
      sameData(dataOf(byIp(init, exchanges, size)), wanted);
    });
  }
  for (const size of [512, 1 << 20]) {
    it(`are masked on USB in transfers of ${size} bytes`, () => {
      sameData(dataOf(byUsb(exchanges, size)), wanted);
    });
  }

  it('lose the serial number of DeviceInfo and nothing else', () => {
    const [bytes] = dataOf(byUsb([{ code: 0x1001, data: deviceInfo }], 512));
    const serial = /(?:[0-9a-f]\0){32}/.exec(Buffer.from(deviceInfo).toString('latin1'))?.[0] ?? '';
    const masked = serial.replace(/[0-9]/g, '0').replace(/[a-f]/g, 'X');
    sameData([bytes], [replaced(deviceInfo, [latin1(serial), latin1(masked)])]);
  });

  it('become zeros behind what cannot be read', () => {
    const cut = strings.subarray(0, 40);
    const [bytes] = dataOf(byUsb([{ code: 0x9116, data: cut }], 512));
    // The first record, an empty owner, is whole.
    sameData([bytes], [concat([cut.subarray(0, 13), new Uint8Array(27)])]);
  });

  it('are masked where the request was not seen', () => {
    const traffic = byIp(init, [{ code: 0x9116, data: strings }], 1 << 20).filter(
      (item, i) => i !== 2 || item.kind !== 'bytes',
    );
    sameData(dataOf(traffic), [maskedStrings]);
  });
});

describe('what is held back', () => {
  it('is given as soon as its transaction has ended', () => {
    const emitted: Traffic[] = [];
    const redactor = new Redactor((item) => emitted.push(item));
    const traffic = byUsb([{ code: 0x9116, data: strings }], 128);
    const sizes = traffic.map((item) => {
      redactor.push(item);
      return emitted.length;
    });
    // The command passes; then nothing, until the response.
    expect(sizes).toEqual([1, 1, 1, 4]);
  });

  it('is never much more than a mebibyte, and what comes too late is zero', () => {
    const data = new Uint8Array(3 << 20).fill(0x41);
    const emitted: Traffic[] = [];
    const redactor = new Redactor((item) => emitted.push(item));
    const traffic = byUsb([{ code: 0x9116, data }], 1 << 16);
    let most = 0;
    for (const [i, item] of traffic.entries()) {
      redactor.push(item);
      most = Math.max(most, i + 1 - emitted.length);
    }
    redactor.end();
    expect(most).toBeLessThanOrEqual(17);
    expect(emitted).toHaveLength(traffic.length);
    sameData(
      decode(emitted).map((seen) => (seen as Transaction).data?.bytes),
      [new Uint8Array(data.length)],
    );
  });

  it('is a copy: the pushed bytes stay as they were', () => {
    const traffic = byUsb([{ code: 0x9116, data: strings }], 1 << 20);
    const before = structuredClone(traffic);
    redact(traffic);
    expect(traffic).toEqual(before);
  });
});

describe('outside of transactions', () => {
  it.each([
    ['init-command-request-eos-utility', 'FENNEL', 'XXXXXX', '0b5b15e4fd05'],
    ['init-command-request-libgphoto2', 'uphoto', 'XXXXXX', '000c29b57eef'],
    ['init-command-ack-eos-r', 'EOSR.A', 'XXXX.X', '58d50a13a80b'],
    ['init-command-ack-eos-70d', '70D', '00X', '60128b7cc240'],
  ])('Init packets lose name and address: %s', (file, name, mask, address) => {
    const packet = hexFixture(`ptpip/${file}.hex`);
    const pieces = [packet.subarray(0, 5), packet.subarray(5, 27), packet.subarray(27)];
    const emitted = redact(pieces.map((bytes) => streamBytes(file.includes('request'), bytes)));
    sameData(
      [concat(emitted.map((item) => ('bytes' in item ? item.bytes : new Uint8Array(0))))],
      [replaced(packet, [utf16(name), utf16(mask)], [fromHex(address), new Uint8Array(6)])],
    );
  });

  it('descriptions by HTTP lose serial number, names and address, however they are cut', () => {
    const body =
      '<root><friendlyName>Jane’s R</friendlyName><serialNumber>285028000294</serialNumber>' +
      '<UDN>uuid:00000000-0000-0000-0001-58D50A13A80B</UDN>' +
      '<ns:X_targetId xmlns:ns="a">uuid:00000000-0000-0000-0001-FFFFFFFFFFFF</ns:X_targetId>' +
      '<ns:X_deviceNickname xmlns:ns="a">Jane</ns:X_deviceNickname></root>';
    const bytes = new TextEncoder().encode(body);
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    const message = concat([latin1(head), bytes]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
        const web = { ...connection, server: { address: '192.168.0.46', port: 49_152 } };
        const traffic: Traffic[] = [];
        for (let at = 0, i = 0; at < message.length; i++) {
          const piece = message.subarray(at, at + (sizes[i % sizes.length] ?? 1));
          traffic.push(streamBytes(false, piece, web));
          at += piece.length;
        }
        const emitted = redact(traffic);
        expect(emitted).toHaveLength(traffic.length);
        const all = concat(emitted.map((item) => ('bytes' in item ? item.bytes : latin1(''))));
        expect(new TextDecoder().decode(all)).toBe(
          `${head}<root><friendlyName>XXXXXXXX X</friendlyName>` +
            '<serialNumber>000000000000</serialNumber>' +
            '<UDN>uuid:00000000-0000-0000-0001-000000000000</UDN>' +
            '<ns:X_targetId xmlns:ns="a">uuid:00000000-0000-0000-0001-FFFFFFFFFFFF</ns:X_targetId>' +
            '<ns:X_deviceNickname xmlns:ns="a">XXXX</ns:X_deviceNickname></root>',
        );
      }),
    );
  });

  it("a USB device's serial number is masked, its name is not", () => {
    const control = (value: number, bytes: Uint8Array): Traffic => ({
      ...{ kind: 'usb', time: 0, asked: 0, place, type: 'control', direction: 'in', status: 0 },
      ...{ endpoint: 0, size: bytes.length, bytes },
      setup: {
        ...{ requestType: 'standard', recipient: 'device', request: 6, value, index: 0x409 },
        ...{ length: 255, direction: 'in' },
      },
    });
    const place = { bus: 1, device: 4 };
    const text = (of: string) => concat([Uint8Array.of(2 + 2 * of.length, 3), utf16(of)]);
    // Its texts: 1 maker, 2 product, 4 serial number.
    const device = fromHex('12 01 0002 000000 40 a904 1a32 0100 01 02 04 01');
    const emitted = redact([
      control(0x100, device),
      control(0x302, text('Canon Digital Camera')),
      control(0x304, text('C767F1')),
    ]);
    sameData(
      emitted.map((item) => ('bytes' in item ? item.bytes : undefined)),
      [device, text('Canon Digital Camera'), text('X000X0')],
    );
  });
});

it('keeps number, order and sizes of any bytes, and never throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0x1001, 0x1009, 0x1014, 0x1015, 0x9030, 0x9104, 0x9110, 0x9116, 0x9153),
      fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        fc
          .tuple(fc.constantFrom('Exif\0\0II*\0\x08\0\0\0', 'CMT4MM\0*\0\0\0\x08'), fc.uint8Array())
          .map(([mark, bytes]) => concat([latin1(mark), bytes])),
      ),
      fc.integer({ min: 0, max: 0xffff }),
      (code, data, param) => {
        const traffic = byUsb([{ code, params: [param], data }], 128);
        const emitted = redact(traffic);
        expect(emitted.map((item) => ({ ...item, bytes: undefined }))).toEqual(
          traffic.map((item) => ({ ...item, bytes: undefined })),
        );
        const size = (item: Traffic) => ('bytes' in item ? item.bytes.length : 0);
        expect(emitted.map(size)).toEqual(traffic.map(size));
      },
    ),
  );
});

it('keeps number and sizes of any streams and datagrams, and never throws', () => {
  const begin = fc.constantFrom('', 'NOTIFY * HTTP/1.1\r\nNT: a\r\n', 'GET / HTTP/1.1\r\n', '<a>');
  const bytes = fc.tuple(begin, fc.uint8Array({ maxLength: 80 })).map(([text, rest]) => {
    return concat([latin1(text), rest]);
  });
  const item = fc
    .tuple(
      fc.constantFrom<'stream' | 'hole' | 5353 | 1900>('stream', 'hole', 5353, 1900),
      fc.boolean(),
      bytes,
    )
    .map(([kind, fromClient, data]): Traffic => {
      if (kind === 'stream') return streamBytes(fromClient, data);
      if (kind === 'hole') return { kind, time: 0, connection, fromClient, size: data.length };
      const place = { address: '192.168.0.46', port: kind };
      return { kind: 'datagram', time: 0, source: place, destination: place, bytes: data };
    });
  fc.assert(
    fc.property(fc.array(item), (traffic) => {
      const sizes = (items: readonly Traffic[]) =>
        items.map((one) => [one.kind, 'bytes' in one ? one.bytes.length : 0]);
      expect(sizes(redact(traffic))).toEqual(sizes(traffic));
    }),
  );
});
