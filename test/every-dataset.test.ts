/**
 * Every dataset and decoder of src/ptp, src/canon/ptp and src/canon/chdk, found by what the modules
 * export, so that a new one cannot be forgotten: any bytes at all give a value or a ProtocolError,
 * nothing is read beyond them, and what was read is the same when it is written and read again.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, Reader, Writer } from '../src/bytes/index.ts';
import { decodeChdkDisplay } from '../src/canon/chdk/index.ts';
import * as canon from '../src/canon/ptp/index.ts';
import { object64 } from '../src/canon/ptp/object-entry.ts';
import { readWhole, writeWhole } from '../src/canon/ptp/sent.ts';
import * as ptp from '../src/ptp/index.ts';
import { decodeHead, decodePayload } from '../src/ptp/transport/ip-packets.ts';
import { decodeContainerHead, decodeParams } from '../src/ptp/transport/usb-containers.ts';
import { fromHex, hexFixture, hexFixtureParts } from './support/hex-fixture.ts';
import { outcomeOnAnyBytes } from './support/protocol-errors.ts';

const src = path.resolve(import.meta.dirname, '../src');

interface Subject {
  /** Good bytes to begin with; most are real, see the tests beside each dataset. */
  seeds: Uint8Array[];
  decode(bytes: Uint8Array): unknown;
  /** Absent where nothing writes it. */
  encode?: ((value: never) => Uint8Array) | undefined;
}

const zeros = (size: number) => new Uint8Array(size);
const fixtures = (...names: string[]) => names.map((name) => hexFixture(`ptp/${name}.hex`));

/** The values that a property has in the data of GetEvent. */
function valuesIn(fixture: string, property: number): Uint8Array[] {
  return canon
    .decodeEvents(hexFixture(fixture))
    .filter((event) => event.kind === 'propValue')
    .filter((event) => event.property === property)
    .map(({ value }) => value);
}

/** Good bytes for what is exported with `read` and `write`. */
const SEEDS: Readonly<Record<string, Uint8Array[]>> = {
  // An event of a PowerShot's interrupt pipe, as ISO 15740 lays it out.
  'canon/ptp/check-event.ts CheckedEvent': [fromHex('10000000 0400 0240 07000000 41009001')],
  'ptp/data-types.ts ptpString': [fromHex('04 4300 5200 3300 0000')],
  'ptp/datasets.ts U32Array': [fromHex('02000000 01000100 00000200')],
  'ptp/datasets.ts U16Array': [fromHex('02000000 0138 0630')],
  'ptp/datasets.ts DeviceInfo': fixtures('device-info-eos-60d', 'device-info-powershot-g5x'),
  'ptp/datasets.ts StorageInfo': fixtures('storage-info-eos-70d', 'storage-info-gigabeat'),
  'ptp/datasets.ts ObjectInfo': fixtures(
    'object-info-eos-60d-img-7520',
    'object-info-eos-60d-dcim',
  ),
  'ptp/device-prop-desc.ts DevicePropDesc': fixtures(
    'device-prop-desc-eos-60d-battery-level',
    'device-prop-desc-eos-60d-friendly-name',
    'device-prop-desc-iriver-t10-friendly-name',
  ),
  'ptp/object-props.ts ObjectPropDesc': fixtures(
    'object-prop-desc-gigabeat-audio-bit-rate',
    'object-prop-desc-gigabeat-date-created',
    'object-prop-desc-gigabeat-object-size',
  ),
  'ptp/object-props.ts ObjectPropList': fixtures('object-prop-list-windows'),
  'ptp/object-props.ts InterdependentPropDesc': [
    Uint8Array.of(1, 0, 0, 0, 1, 0, ...hexFixture('ptp/object-prop-desc-gigabeat-object-size.hex')),
  ],
  'ptp/ptp11-datasets.ts StreamInfo': [zeros(36)],
  'ptp/ptp11-datasets.ts ObjectFilesystemInfo': [zeros(36)],
  'ptp/ptp11-datasets.ts FilesystemManifest': [Uint8Array.of(1, ...zeros(7 + 36))],
  'ptp/ptp11-datasets.ts VendorExtensionMaps': [Uint8Array.of(1, ...zeros(7 + 8))],
  'canon/ptp/folder-entry.ts FolderEntry': [zeros(28)],
  'canon/ptp/object-entry.ts name16': [fromHex('4443494d 00000000 00000000 00000000')],
  'canon/ptp/object-entry.ts paddedU16': [fromHex('0130 0000')],
  'canon/ptp/object-entry.ts size64': [
    fromHex('00bca065 01000000'),
    // All ones: not known.
    fromHex('ffffffff ffffffff'),
  ],
  'canon/ptp/device-info-ex.ts DeviceInfoEx': [hexFixture('canon/eos60d-deviceinfoex.hex')],
  'canon/ptp/object-info-64.ts ObjectInfo64': [zeros(60)],
  'canon/chdk/datasets.ts ChdkUpload': [fromHex('01000000 41 0102')],
  'canon/chdk/datasets.ts ChdkCall': [fromHex('00f8ff00 02000000')],
  'canon/ptp/tree.ts DirectoryRecord': [zeros(76)],
  'canon/ptp/tree.ts Tree': [fromHex('01000000 00000030 02 4400 0000')],
  'canon/ptp/event-proc.ts EventProcCall': [
    fromHex(`4100 02000000 02000000 05000000 00000000 00000000 00000000
      04000000 00000000 00000000 00000000 02000000 01000000 00000000 4200`),
  ],
  'canon/ptp/object-entry.ts size32': [fromHex('00bca065')],
  'canon/ptp/object-entry.ts object32': [zeros(52)],
  'canon/ptp/object-entry.ts object64': [zeros(56)],
  'canon/ptp/object-entry.ts objectLongName': [zeros(41)],
  'canon/ptp/sent.ts restBytes': [fromHex('00 01')],
  'canon/ptp/structures/custom-functions.ts customFunctions': valuesIn(
    'canon/eos60d-getevent-initial.hex',
    canon.EosProperty.CustomFuncEx,
  ),
  'canon/ptp/structures/focus-info.ts focusInfo': [hexFixture('canon/eos100d-focusinfoex.hex')],
};

const one = <T>(encode: (value: T) => Uint8Array) => encode as (value: never) => Uint8Array;
/** One of each layout: image format, custom functions, focus points, texts, structures, numbers. */
const PROPERTIES = [
  ...['ImageFormat', 'CustomFuncEx', 'FocusInfoEx', 'Owner', 'BatteryInfo', 'ISOSpeed'],
].map((name) => canon.EosProperty[name as keyof typeof canon.EosProperty]);

const imageFormat = fromHex('01000000 10000000 01000000 00000000 03000000');
const packets = [
  hexFixture('ptpip/init-command-request-eos-utility.hex'),
  hexFixture('ptpip/init-command-ack-eos-r.hex'),
  ...hexFixtureParts('ptpip/get-storage-info-eos-70d.hex'),
];

/** Decoders that are functions. */
const FUNCTIONS: Readonly<Record<string, Subject>> = {
  'canon/chdk/datasets.ts decodeChdkDisplay': {
    seeds: [Uint8Array.of(2, 0, 0, 0, 2, ...zeros(27))],
    decode: decodeChdkDisplay,
  },
  'canon/ptp/directory.ts decodeDirectory': {
    seeds: [
      fromHex(`01000000 38000000 00000030 01000000 01300000 01000000 10000000 00000000
      00000020 00000030 4443494d 00000000 00000000 00000000 ccc30146`),
    ],
    decode: (bytes) => canon.decodeDirectory(bytes, canon.DirectoryEntrySize.Bits32),
    encode: one((value: canon.EosObject[]) =>
      canon.encodeDirectory(value, canon.DirectoryEntrySize.Bits32),
    ),
  },
  'canon/ptp/events.ts decodeEvents': {
    seeds: [
      hexFixture('canon/eos60d-getevent-strings.hex'),
      hexFixture('canon/eos60d-getevent-after-capturedest-4.hex'),
      fromHex(`25000000 b8c10000 40c03214 08b10000 00000000 d41ca602 00000000 00c03214
        06000000 00 08000000 00000000`),
      Uint8Array.of(0x40, 0, 0, 0, 0xa7, 0xc1, 0, 0, ...zeros(56), 8, ...zeros(7)),
    ],
    decode: canon.decodeEvents,
    encode: one(canon.encodeEvents),
  },
  'canon/ptp/events.ts readEvents': {
    seeds: [hexFixture('canon/eos60d-getevent-strings.hex')],
    decode: canon.readEvents,
  },
  'canon/ptp/eos-value.ts decodeEosValue': {
    seeds: [
      fromHex('04000000'),
      imageFormat,
      fromHex('1a0000004f00000002000000000000004c502d45364e00000000'),
      ...valuesIn('canon/eos60d-getevent-initial.hex', canon.EosProperty.CustomFuncEx),
    ],
    decode: (bytes) => PROPERTIES.map((property) => canon.decodeEosValue(property, bytes)),
    encode: one(([value]: canon.EosValue[]) =>
      canon.encodeEosValue(PROPERTIES[0] ?? 0, value as canon.EosValue),
    ),
  },
  'canon/ptp/eos-value.ts splitChoices': {
    seeds: [Uint8Array.of(1, ...imageFormat)],
    decode: ([count = 0, ...entries]) =>
      canon.splitChoices(canon.EosProperty.ImageFormat, {
        count,
        entries: Uint8Array.from(entries),
      }),
  },
  'canon/ptp/image-format.ts decodeImageFormat': {
    seeds: [imageFormat],
    decode: canon.decodeImageFormat,
    encode: one(canon.encodeImageFormat),
  },
  'canon/ptp/image-format.ts decodeImageFormats': {
    seeds: [imageFormat, Uint8Array.of(...imageFormat, ...imageFormat)],
    decode: canon.decodeImageFormats,
  },
  'canon/ptp/live-view.ts decodeLiveView': {
    seeds: [fromHex('0c000000 04000000 01000000 08000000 00000000')],
    decode: canon.decodeLiveView,
    encode: one(canon.encodeLiveView),
  },
  'canon/ptp/live-view.ts readLiveView': {
    seeds: [fromHex('0c000000 04000000 01000000 08000000 00000000')],
    decode: canon.readLiveView,
  },
  'canon/ptp/live-view.ts decodeLiveViewPart': {
    seeds: [4, 8, 10, 13].map((type) => Uint8Array.of(type, ...zeros(28))),
    decode: ([type = 0, ...payload]) =>
      canon.decodeLiveViewPart({ type, payload: Uint8Array.from(payload) }),
  },
  'canon/ptp/olc-fields.ts decodeOlcField': {
    seeds: Array.from({ length: 13 }, (_, bit) => Uint8Array.of(bit, ...zeros(9))),
    decode: ([bit = 0, ...field]) => canon.decodeOlcField(1 << bit, Uint8Array.from(field)),
  },
  'canon/ptp/olc.ts readOlcFields': {
    seeds: [zeros(40)],
    decode: (fields) => canon.readOlcFields({ mask: 0x0fff, fields }, 0x14),
  },
  'canon/ptp/olc.ts splitOlc': {
    seeds: [zeros(40)],
    decode: (fields) => canon.splitOlc({ mask: 0x0fff, fields }, 0x14),
  },
  'canon/ptp/olc.ts readOlc': {
    seeds: [zeros(40)],
    decode: (fields) => canon.readOlc({ mask: 0x0fff, fields }, 0x14),
  },
  'canon/ptp/prop-value.ts decodePropValue': {
    seeds: [fromHex('0c000000 1cd10000 04000000')],
    decode: canon.decodePropValue,
    encode: one((given: ReturnType<typeof canon.decodePropValue>) =>
      canon.encodePropValue(given.property, given.value),
    ),
  },
  'canon/ptp/prop-value.ts decodeCell': {
    seeds: [fromHex('04000000')],
    decode: canon.decodeCell,
    encode: one((value: number | undefined) =>
      value === undefined ? zeros(0) : canon.encodeCell(value),
    ),
  },
  'canon/ptp/prop-value.ts decodeCells': {
    seeds: [fromHex('04000000 05000000')],
    decode: canon.decodeCells,
    encode: one(canon.encodeCells),
  },
  'canon/ptp/prop-value.ts decodeText': {
    seeds: [fromHex('43616e6f6e 00')],
    decode: canon.decodeText,
    encode: one(canon.encodeText),
  },
  'canon/ptp/sent.ts readWhole': {
    seeds: [zeros(60)],
    decode: (bytes) => readWhole(object64, bytes, 'any bytes'),
    encode: one((value: canon.EosObject & canon.Sent) => {
      const writer = new Writer();
      writeWhole(object64, writer, value);
      return writer.finish();
    }),
  },
  'ptp/transport/usb-containers.ts decodeContainerHead': {
    seeds: [fromHex('10000000 0100 0110 00000000'), fromHex('ffffffff 0200 0910 07000000')],
    decode: decodeContainerHead,
  },
  'ptp/transport/usb-containers.ts decodeParams': {
    seeds: [fromHex('01000100 00000000')],
    decode: (bytes) => decodeParams(bytes),
  },
  'ptp/transport/ip-packets.ts decodeHead': {
    seeds: packets.map((packet) => packet.subarray(0, 8)),
    decode: decodeHead,
  },
  'ptp/transport/ip-packets.ts decodePayload': {
    seeds: packets.map((packet) => packet.subarray(8)),
    decode: (bytes) => decodePayload(ptp.PacketType.OperationResponse, bytes),
  },
  'ptp/transport/ip-packets.ts decodePacket': {
    seeds: packets,
    decode: ptp.decodePacket,
    encode: one(({ type, ...fields }: ReturnType<typeof ptp.decodePacket>) =>
      ptp.encodePacket(type, fields as never),
    ),
  },
};

const subjects = new Map<string, Subject>();
const functions: string[] = [];
for (const folder of ['ptp', 'canon/ptp', 'canon/chdk']) {
  for (const entry of readdirSync(path.join(src, folder), { recursive: true, encoding: 'utf8' })) {
    const file = path.posix.join(folder, entry.split(path.sep).join('/'));
    if (!/(?<!\.test|index)\.ts$/.test(file)) continue;
    const exported = (await import(path.join(src, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      const key = `${file} ${name}`;
      if (isCodec(value)) subjects.set(key, codecSubject(value, SEEDS[key] ?? []));
      else if (typeof value === 'function' && /^(decode|split|read)/.test(name))
        functions.push(key);
    }
  }
}
const codecs = [...subjects.keys()];
for (const [key, subject] of Object.entries(FUNCTIONS)) subjects.set(key, subject);

function isCodec(value: unknown): value is Codec<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'read' in value &&
    typeof value.read === 'function' &&
    'write' in value
  );
}

function codecSubject(codec: Codec<unknown>, seeds: Uint8Array[]): Subject {
  return {
    seeds,
    decode: (bytes) => codec.read(new Reader(bytes, 'any bytes')),
    encode(value) {
      const writer = new Writer();
      codec.write(writer, value);
      return writer.finish();
    },
  };
}

it('has good bytes for each that is exported, and for no other', () => {
  expect(codecs.sort()).toEqual(Object.keys(SEEDS).sort());
  expect(functions.sort()).toEqual(Object.keys(FUNCTIONS).sort());
  expect(codecs.length + functions.length).toBeGreaterThan(30);
});

describe.each([...subjects].filter(([, { seeds }]) => seeds.length > 0))(
  '%s',
  (_name, { seeds, decode, encode }) => {
    /** Good bytes cut off, lengthened, or with some bytes changed; or anything at all. */
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(
          fc.constantFrom(...seeds),
          fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }),
          fc.oneof(fc.constant(undefined), fc.nat()),
          fc.uint8Array({ maxLength: 6 }),
        )
        .map(([seed, changes, cut, more]) => {
          const changed = Uint8Array.of(...seed, ...more);
          for (const [at, byte] of changes) changed[at % changed.length] = byte;
          return cut === undefined ? changed : changed.subarray(0, cut % (changed.length + 1));
        }),
    );

    it('takes its good bytes, and writes what it reads in them', () => {
      for (const seed of seeds) {
        const value = decode(seed);
        if (encode) expect(decode(encode(value as never))).toEqual(value);
      }
    });

    it('takes any bytes', () => {
      fc.assert(fc.property(bytes, (any) => void outcomeOnAnyBytes(any, decode)));
    });

    if (!encode) return;
    it('reads the same again in what it writes', () => {
      fc.assert(
        fc.property(bytes, (any) => {
          let value: unknown;
          try {
            value = decode(any);
          } catch {
            // No value: what it threw is judged above.
            return;
          }
          expect(decode(encode(value as never))).toEqual(value);
        }),
      );
    });
  },
);
