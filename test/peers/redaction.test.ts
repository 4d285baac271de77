/**
 * Redacted traffic: of real bodies, where nothing but what names somebody may change, and of
 * pictures that exiftool wrote and reads.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { Decoder } from '../../src/inspect/decode/decoder.ts';
import { readTraffic, tell } from '../../src/inspect/index.ts';
import { Redactor } from '../../src/inspect/redact/redactor.ts';
import type { Traffic } from '../../src/inspect/traffic.ts';
import { fromHex } from '../support/hex-fixture.ts';
import { peer, runs } from '../support/peers.ts';
import { byUsb, type Exchange } from '../support/ptp-traffic.ts';

const folder =
  process.env.HOTSHOE_CAPTURES ?? path.resolve(import.meta.dirname, '../../../shared/captures');
const captures = peer('captures', () =>
  existsSync(folder) ? undefined : 'no folder of captures: set HOTSHOE_CAPTURES',
);

/** What the captures hold of a person and a body, each with the mask that must stand there. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/285028000294/g, '000000000000'],
  [/36f2378d151f4f6db3af5463e6b6d575/g, '00X0000X000X0X0XX0XX0000X0X0X000'],
  [/58D50A13A80B(?=[^-\w])/g, '000000000000'],
  [/58d50a13a80b/g, '00X00X00X00X'],
  [/(?<=Service|CWC)13a80b/g, '00X00X'],
  [/Andrew Wong/g, 'XXXXXX XXXX'],
  [/EOSR\.A/g, 'XXXX.X'],
  [/FENNEL/g, 'XXXXXX'],
];
/** The same, where it is a name that the owner may choose and has left as it was. */
const NICKNAMES = /(?<=friendlyName>|nicname\.canon\.com=|upnp">)Canon EOS R/g;

const wide = (text: string) => Buffer.from(text, 'utf16le').toString('latin1');

const WIDE = ['36f2378d151f4f6db3af5463e6b6d575', 'EOSR.A', 'FENNEL'] as const;

function expectedMask(bytes: Uint8Array): string {
  let text = Buffer.from(bytes).toString('latin1');
  for (const [secret, mask] of TEXTS) text = text.replace(secret, mask);
  text = text.replace(NICKNAMES, 'XXXXX XXX X');
  for (const secret of WIDE) {
    const mask = secret.replace(/[0-9]/g, '0').replace(/[a-z]/gi, 'X');
    text = text.replaceAll(wide(secret), wide(mask));
  }
  for (const node of ['58d50a13a80b', '0b5b15e4fd05']) {
    text = text.replaceAll(Buffer.from(node, 'hex').toString('latin1'), '\0'.repeat(6));
  }
  return text;
}

/** Five numbers of lenses in one record of GetEvent, three words of a flash in another. */
function withoutHistories(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const lenses = bytes.indexOf('89c100006ad10000', 'hex');
  for (let entry = 0; lenses >= 0 && entry < 5; entry++) {
    const at = lenses + 16 + 68 * entry;
    if (bytes.readUInt32LE(at) !== 0xffffffff) bytes.writeUInt32LE(0, at);
  }
  const flash = bytes.indexOf('89c100006bd10000', 'hex');
  if (flash >= 0) bytes.fill(0, flash + 16, flash + 28);
  return bytes.toString('latin1');
}

const SECRETS = [
  ...['285028000294', '36f2378d151f4f6db3af5463e6b6d575', '58d50a13a80b', '13a80b'],
  ...['andrew', 'wong', 'fennel', 'eosr.a'],
];

function expectNone(text: string): void {
  const low = text.toLowerCase();
  for (const secret of SECRETS) {
    expect(low).not.toContain(secret);
    expect(low).not.toContain(wide(secret));
  }
  expect(text).not.toContain(Buffer.from('13a80b', 'hex').toString('latin1'));
}

async function trafficOf(name: string): Promise<Traffic[]> {
  const file = readFileSync(path.join(folder, `${name}.pcapng`));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(file);
  }
  const items: Traffic[] = [];
  for await (const item of readTraffic(source(), name).traffic) {
    // Views of the reader are valid until the next item.
    items.push('bytes' in item ? { ...item, bytes: item.bytes.slice() } : item);
  }
  return items;
}

function redact(traffic: readonly Traffic[]): Traffic[] {
  const emitted: Traffic[] = [];
  const redactor = new Redactor((item) => emitted.push(item));
  for (const item of traffic) redactor.push(item);
  redactor.end();
  return emitted;
}

const bytesOf = (item: Traffic | undefined) =>
  item && 'bytes' in item ? item.bytes : new Uint8Array(0);
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const latin1Of = (item: Traffic | undefined) => Buffer.from(bytesOf(item)).toString('latin1');

/** What was seen, in short, without what may be masked. */
function kindsOf(traffic: readonly Traffic[]): string[] {
  const kinds: string[] = [];
  const decoder = new Decoder((seen) => {
    const { json, unknown, fault } = tell(seen);
    const size = seen.kind === 'transaction' ? [seen.code, seen.data?.size] : json.size;
    kinds.push(JSON.stringify([seen.kind, seen.time, size, unknown, fault]));
  });
  for (const item of traffic) decoder.push(item);
  decoder.end();
  return kinds;
}

/** DHCP, with addresses of interfaces, and the like. SSDP is answered from any port. */
const isForeign = (item: Traffic) =>
  item.kind === 'datagram' &&
  ![item.source.port, item.destination.port].includes(5353) &&
  !/^(?:NOTIFY|M-SEARCH|HTTP)/.test(latin1Of(item));

captures.describe('redacted traffic of an EOS R', () => {
  for (const name of ['pair_perform', 'pair_accept', 'idle', 'changed_iso_feedback']) {
    captures.it(`${name}: names nobody, and is the same in everything else`, async () => {
      const traffic = await trafficOf(name);
      const emitted = redact(traffic);
      expect(emitted).toHaveLength(traffic.length);
      for (const [i, item] of traffic.entries()) {
        expect({ ...emitted[i], bytes: undefined }).toEqual({ ...item, bytes: undefined });
        const text = latin1Of(emitted[i]);
        expectNone(text);
        const wanted = isForeign(item)
          ? '\0'.repeat(text.length)
          : withoutHistories(expectedMask(bytesOf(item)));
        // By hexadecimal digits a failure can be read.
        expect(hex(text)).toBe(hex(wanted));
      }
      const kinds = kindsOf(traffic);
      expect(kinds.length).toBeGreaterThan(0);
      expect(kindsOf(emitted)).toEqual(kinds);
    });
  }
});

const exiftool = peer('exiftool', () => runs('exiftool', '-ver'));

/** 8 by 8 pixels, as far as exiftool looks: it writes no EXIF into less. */
const JPEG = fromHex(`
  ffd8 ffdb 0043 00 ${'10'.repeat(64)} ffc0 000b 08 0008 0008 01 01 11 00
  ffc4 0014 00 01 ${'00'.repeat(15)} 00 ffda 0008 01 01 00 00 3f 00 00 ffd9`);

const TAGS = {
  Artist: 'Jane Q. Example',
  Copyright: '(c) 2026 Jane',
  OwnerName: 'Jane Example',
  SerialNumber: '052024001234',
  LensSerialNumber: '3100001234',
  LensModel: 'RF35mm F1.8 MACRO IS STM',
  ISO: '400',
  GPSLatitude: '48.2082',
  GPSLatitudeRef: 'N',
  GPSLongitude: '16.3738',
  GPSLongitudeRef: 'E',
  GPSDateStamp: '2026:07:14',
};

function withFile<T>(bytes: Uint8Array, name: string, use: (file: string) => T): T {
  const directory = mkdtempSync(path.join(tmpdir(), 'hotshoe-'));
  try {
    const file = path.join(directory, name);
    writeFileSync(file, bytes);
    return use(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('exiftool', args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

function tagged(...more: string[]): Uint8Array {
  return withFile(JPEG, 'a.jpg', (file) => {
    const args = Object.entries(TAGS).map(([tag, value]) => `-exif:${tag}=${value}`);
    run('-q', '-overwrite_original', '-exif:Make=Canon', ...more, ...args, file);
    return readFileSync(file);
  });
}

const read = (picture: Uint8Array): Record<string, unknown> =>
  withFile(picture, 'a.jpg', (file) => {
    const [tags] = JSON.parse(run('-j', '-n', '-a', '-G1', file)) as [Record<string, unknown>];
    return tags;
  });

/** Without those that exiftool computes of others. */
const namesOf = (tags: Record<string, unknown>) =>
  Object.keys(tags).filter((name) => !name.startsWith('Composite:'));

/** The data of the exchanges behind each other, as they pass in transfers of `size` bytes. */
function passed(exchanges: readonly Exchange[], size: number): Buffer {
  const data: Uint8Array[] = [];
  const decoder = new Decoder(
    (seen) => {
      if (seen.kind === 'transaction' && seen.data?.bytes) data.push(seen.data.bytes);
    },
    { keep: () => 1e7 },
  );
  for (const item of redact(byUsb(exchanges, size))) decoder.push(item);
  decoder.end();
  return Buffer.concat(data);
}

const HANDLE = 0x1234;

/** By GetObject, GetThumb, SendObject and as a picture of the live view. */
function inOne(data: Uint8Array): Exchange[][] {
  return [
    [{ code: 0x1009, params: [HANDLE], data }],
    [{ code: 0x100a, params: [HANDLE], data }],
    [{ code: 0x100d, direction: 'out', data }],
    [{ code: 0x9153, params: [0x00200000], data }],
  ];
}

/** By GetPartialObject. */
function inPieces(picture: Uint8Array, size: number): Exchange[] {
  return Array.from({ length: Math.ceil(picture.length / size) }, (_, i) => ({
    code: 0x101b,
    params: [HANDLE, size * i, size],
    data: picture.subarray(size * i, size * (i + 1)),
  }));
}

interface Entry {
  tag: number;
  type: number;
  count: number;
  /** Up to four bytes stand in the entry. */
  value: Buffer;
}

/** A directory of a TIFF, at `at`, with its values behind it. */
function directory(at: number, entries: readonly Entry[]): Buffer {
  const head = Buffer.alloc(2 + 12 * entries.length + 4);
  const values: Buffer[] = [];
  let place = at + head.length;
  head.writeUInt16LE(entries.length);
  for (const [i, { tag, type, count, value }] of entries.entries()) {
    const entry = 2 + 12 * i;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(count, entry + 4);
    if (value.length <= 4) {
      head.set(value, entry + 8);
    } else {
      head.writeUInt32LE(place, entry + 8);
      values.push(value);
      place += value.length;
    }
  }
  return Buffer.concat([head, ...values]);
}

const text = (tag: number, value: string): Entry => ({
  ...{ tag, type: 2, count: value.length, value: Buffer.from(value) },
});
const long = (tag: number, value: number): Entry => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { tag, type: 4, count: 1, value: bytes };
};

const TIFF = Buffer.from('II*\0\b\0\0\0');
const canonEntries = [
  text(0x0006, 'Canon EOS R6\0\0'),
  text(0x0009, 'Jane Example\0\0'),
  long(0x000c, 520_240_012),
  text(0x0096, 'ZB0123456\0'),
];

const canonTiff = () => Buffer.concat([TIFF, directory(TIFF.length, canonEntries)]);

function canonTextMasked(whole: string): string {
  const number = long(0, 520_240_012).value.toString('latin1');
  return whole
    .replace('Jane Example', 'XXXX XXXXXXX')
    .replace('ZB0123456', 'XX0000000')
    .replace(number, '\0\0\0\0');
}

/** A JPEG file whose EXIF has Canon's maker note, as bodies lay it out. */
function withMakerNote(): Buffer {
  const make = text(0x010f, 'Canon\0');
  const first = directory(TIFF.length, [make, long(0x8769, 0)]).length;
  const exifAt = TIFF.length + first;
  const noteAt = exifAt + directory(exifAt, [text(0x927c, 'xxxxx')]).length - 5;
  const note = directory(noteAt, canonEntries);
  const tiff = Buffer.concat([
    TIFF,
    directory(TIFF.length, [make, long(0x8769, exifAt)]),
    directory(exifAt, [{ tag: 0x927c, type: 7, count: note.length, value: note }]),
  ]);
  const head = Buffer.from('ffd8ffe10000457869660000', 'hex');
  head.writeUInt16BE(2 + 6 + tiff.length, 4);
  return Buffer.concat([head, tiff, JPEG.subarray(2)]);
}

exiftool.describe('pictures with EXIF', () => {
  for (const order of ['II', 'MM']) {
    exiftool.it(`lose names, numbers and places, and still read: ${order}`, () => {
      const picture = tagged(`-ExifByteOrder=${order}`);
      const before = read(picture);
      expect(before).toMatchObject({ 'GPS:GPSLatitude': 48.2082, 'IFD0:Artist': TAGS.Artist });
      for (const exchanges of inOne(picture)) {
        const masked = passed(exchanges, 512);
        expect(masked).toHaveLength(picture.length);
        expect(masked.toString('latin1')).not.toMatch(
          /Jane|Example|052024001234|3100001234|2026:07/,
        );
        const tags = read(masked);
        expect(tags).not.toHaveProperty('ExifTool:Warning');
        expect(tags).toMatchObject({
          'IFD0:Make': 'Canon',
          'IFD0:Artist': 'XXXX X. XXXXXXX',
          'IFD0:Copyright': '(X) 0000 XXXX',
          'ExifIFD:OwnerName': 'XXXX XXXXXXX',
          'ExifIFD:LensModel': TAGS.LensModel,
          'ExifIFD:ISO': 400,
        });
        expect(namesOf(tags)).toEqual(namesOf(before));
        expect(JSON.stringify(tags)).not.toMatch(/48\.|16\.3|2026:07/);
      }
    });
  }

  exiftool.it("lose those of Canon's maker note, and of CR3's boxes", () => {
    const picture = withMakerNote();
    const before = { 'Canon:OwnerName': 'Jane Example', 'Canon:SerialNumber': 520240012 };
    expect(read(picture)).toMatchObject({ ...before, 'Canon:InternalSerialNumber': 'ZB0123456' });
    const after = { 'Canon:OwnerName': 'XXXX XXXXXXX', 'Canon:SerialNumber': 0 };
    const [whole = []] = inOne(picture);
    const masked = passed(whole, 512);
    expect(read(masked)).toMatchObject({ ...after, 'Canon:InternalSerialNumber': 'XX0000000' });

    // The maker note's directory is a file's first one there.
    const box = Buffer.concat([Buffer.from('....CMT3'), canonTiff()]);
    const boxed = passed([{ code: 0x1009, params: [HANDLE], data: box }], 512);
    expect(boxed.toString('latin1')).toBe(canonTextMasked(box.toString('latin1')));
  });

  exiftool.it('lose them in pieces, too, that cut values', () => {
    const picture = tagged();
    const [whole = []] = inOne(picture);
    // The directories stand in the first piece, most values behind it.
    expect(passed(inPieces(picture, 400), 512)).toEqual(passed(whole, 512));
  });
});
