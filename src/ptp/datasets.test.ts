/** Golden datasets of real devices, each cut at every byte, and round trips of made-up ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixture, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import { DeviceInfo, ObjectInfo, StorageInfo, U16Array, U32Array } from './datasets.ts';

const G5X = hexFixture('ptp/device-info-powershot-g5x.hex');
const EOS_60D = hexFixture('ptp/device-info-eos-60d.hex');

const G5X_VALUE: DeviceInfo = {
  standardVersion: 100,
  vendorExtensionId: 6,
  vendorExtensionVersion: 100,
  vendorExtensionDesc: '',
  functionalMode: 0,
  operationsSupported: [
    0x1014, 0x1015, 0x1016, 0x1017, 0x1001, 0x1002, 0x1003, 0x9013, 0x901f, 0x1004, 0x1005, 0x1006,
    0x1007, 0x1008, 0x1009, 0x100a, 0x101b, 0x100c, 0x100d, 0x100b, 0x100f, 0x1012, 0x9001, 0x9021,
    0x901b, 0x901e, 0x9019, 0x9006, 0x901c, 0x9002, 0x904c, 0x9024, 0x9025, 0x9038, 0x9039, 0x903a,
    0x903b, 0x904b, 0x9060, 0x9062, 0x9801, 0x9802, 0x9803, 0x9804, 0x9805, 0x9116, 0x9101, 0x9102,
    0x9103, 0x9107, 0x9109, 0x910a, 0x9117, 0x9118, 0x912c, 0x9132, 0x9141, 0x9143, 0x9115, 0x9114,
    0x9153, 0x9128, 0x9129, 0x9154, 0x9160, 0x915b, 0x9110, 0x9050, 0x9051, 0x905c, 0x905d,
  ],
  eventsSupported: [
    0x4001, 0x4002, 0x4003, 0x4004, 0x4005, 0x4006, 0x4007, 0x4008, 0x4009, 0x400a, 0x400b, 0x400c,
    0x400e, 0xc001, 0xc005, 0xc00a, 0xc101,
  ],
  devicePropertiesSupported: [
    0xd045, 0xd04a, 0xd02e, 0xd02f, 0x5001, 0xd002, 0xd003, 0xd034, 0xd047, 0xd046, 0xd030, 0xd049,
    0xd032, 0xd033, 0xd031, 0xd050, 0xd051, 0xd052, 0xd053, 0xd054, 0xd057, 0xd402, 0xd406, 0xd407,
    0xd303,
  ],
  captureFormats: [0x3801],
  imageFormats: [0x3001, 0x3002, 0x3006, 0x3008, 0x3801, 0x3800, 0xb103, 0xb982, 0xb105, 0xbf01],
  manufacturer: 'Canon Inc.',
  model: 'Canon PowerShot G5 X',
  deviceVersion: '1-14.0.1.0',
  serialNumber: '9BB3F3CAB14D99841F9C9EB6F8209D87',
};

const FOLDER: ObjectInfo = {
  storageId: 0x00020001,
  objectFormat: 0x3001,
  protectionStatus: 1,
  objectCompressedSize: 0,
  thumbFormat: 0,
  thumbCompressedSize: 0,
  thumbPixWidth: 0,
  thumbPixHeight: 0,
  imagePixWidth: 0,
  imagePixHeight: 0,
  imageBitDepth: 0,
  parentObject: 0,
  associationType: 1,
  associationDesc: 0,
  sequenceNumber: 0,
  filename: 'DCIM',
  captureDate: '20120201T122657.0',
  modificationDate: '20120201T122656.0',
  keywords: '',
};

const OBJECTS: [string, ObjectInfo][] = [
  ['dcim', FOLDER],
  ['100canon', { ...FOLDER, parentObject: 0x90000000, filename: '100CANON' }],
  [
    'img-7520',
    {
      storageId: 0x00020001,
      objectFormat: 0x3801,
      protectionStatus: 0,
      objectCompressedSize: 4855570,
      thumbFormat: 0x3808,
      thumbCompressedSize: 11568,
      thumbPixWidth: 160,
      thumbPixHeight: 120,
      imagePixWidth: 5184,
      imagePixHeight: 3456,
      imageBitDepth: 24,
      parentObject: 0x91900000,
      associationType: 0,
      associationDesc: 0,
      sequenceNumber: 0,
      filename: 'IMG_7520.JPG',
      captureDate: '20120202T141654.0',
      modificationDate: '20120202T141654.0',
      keywords: '',
    },
  ],
];

describe('DeviceInfo', () => {
  it('of a PowerShot G5 X has every stated value', () => {
    const info = DeviceInfo.decode(G5X);
    expect(info).toEqual(G5X_VALUE);
    expect(info.operationsSupported).toHaveLength(71);
    expect(info.eventsSupported).toHaveLength(17);
    expect(info.devicePropertiesSupported).toHaveLength(25);
  });

  it('of a PowerShot G5 X is written back from its value alone', () => {
    expect(toSpacedHex(DeviceInfo.encode(structuredClone(G5X_VALUE)))).toBe(toSpacedHex(G5X));
  });

  it('of an EOS 60D has every stated value', () => {
    const info = DeviceInfo.decode(EOS_60D);
    expect(info).toMatchObject({
      standardVersion: 100,
      vendorExtensionId: 6,
      vendorExtensionVersion: 200,
      vendorExtensionDesc: '',
      functionalMode: 0,
      eventsSupported: [0x4009, 0x4004, 0x4005, 0x4003, 0x4002, 0x4007, 0xc101],
      devicePropertiesSupported: [0xd402, 0xd407, 0xd406, 0xd303, 0x5001],
      captureFormats: [0x3801],
      imageFormats: [
        0x3001, 0x3002, 0x3006, 0x300a, 0x3008, 0x3801, 0xb101, 0xb103, 0xbf02, 0x3800, 0xb104,
        0xb105,
      ],
      manufacturer: 'Canon Inc.',
      model: 'Canon EOS 60D',
      deviceVersion: '3-1.1.0',
      serialNumber: '0123456789abcdef0123456789abcdef',
    });
    expect(info.operationsSupported).toHaveLength(0x57);
    expect(info.operationsSupported.slice(0, 4)).toEqual([0x1014, 0x1015, 0x1016, 0x1001]);
    expect(info.operationsSupported.slice(-2)).toEqual([0x905a, 0x905f]);
  });

  it('of an EOS 60D is written back from its value alone', () => {
    const value = structuredClone(DeviceInfo.decode(EOS_60D));
    expect(toSpacedHex(DeviceInfo.encode(value))).toBe(toSpacedHex(EOS_60D));
  });

  it.each([
    ['PowerShot G5 X', G5X],
    ['EOS 60D', EOS_60D],
  ])('of the %s throws a ProtocolError for every cut, at once', (_model, whole) => {
    const from = performance.now();
    for (let size = 0; size < whole.length; size++) {
      expect(protocolErrorOf(() => DeviceInfo.decode(whole.subarray(0, size))).code).toBe(
        'TRUNCATED',
      );
    }
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('with any byte replaced gives a value or a ProtocolError, at once', () => {
    const from = performance.now();
    for (let at = 0; at < G5X.length; at++) {
      for (const byte of [0x00, 0x7f, 0xff]) {
        const broken = G5X.slice();
        broken[at] = byte;
        expect(['value', 'TRUNCATED']).toContain(outcomeOnAnyBytes(broken, DeviceInfo.decode));
      }
    }
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  // libgphoto2's virtual camera sends one string more.
  it('with surplus bytes is read as without them', () => {
    const surplus = Uint8Array.of(...EOS_60D, 3, 0x48, 0, 0x69, 0, 0, 0);
    expect(DeviceInfo.decode(surplus)).toEqual(DeviceInfo.decode(EOS_60D));
  });
});

describe('ObjectInfo', () => {
  it.each(OBJECTS)('of the EOS 60D, %s, has every stated value', (name, value) => {
    expect(ObjectInfo.decode(hexFixture(`ptp/object-info-eos-60d-${name}.hex`))).toEqual(value);
  });

  it.each(OBJECTS)('of the EOS 60D, %s, is written back from its value alone', (name, value) => {
    const golden = hexFixture(`ptp/object-info-eos-60d-${name}.hex`);
    expect(toSpacedHex(ObjectInfo.encode(structuredClone(value)))).toBe(toSpacedHex(golden));
  });

  it('may end before any of the strings behind the file name, and nowhere else', () => {
    const whole = hexFixture('ptp/object-info-eos-60d-img-7520.hex');
    const value = OBJECTS[2]?.[1] as ObjectInfo;
    // Offsets of CaptureDate, ModificationDate and Keywords, as the fixture states them.
    const accepted = new Map<number, ObjectInfo>([
      [79, { ...value, captureDate: '', modificationDate: '', keywords: '' }],
      [116, { ...value, modificationDate: '', keywords: '' }],
      [153, { ...value, keywords: '' }],
    ]);
    for (let size = 0; size < whole.length; size++) {
      const cut = whole.subarray(0, size);
      const expected = accepted.get(size);
      if (expected) expect(ObjectInfo.decode(cut)).toEqual(expected);
      else expect(protocolErrorOf(() => ObjectInfo.decode(cut)).code).toBe('TRUNCATED');
    }
  });

  it('is 56 bytes at least when it is written', () => {
    const smallest = { ...FOLDER, filename: '', captureDate: '', modificationDate: '' };
    expect(ObjectInfo.encode(smallest)).toHaveLength(56);
  });

  // The answer of an EOS R to 0x9170 ends with four zero bytes.
  it('with surplus bytes is read as without them', () => {
    const whole = hexFixture('ptp/object-info-eos-60d-img-7520.hex');
    const surplus = Uint8Array.of(...whole, 0, 0, 0, 0);
    expect(ObjectInfo.decode(surplus)).toEqual(ObjectInfo.decode(whole));
  });
});

describe('StorageInfo', () => {
  const GIGABEAT = hexFixture('ptp/storage-info-gigabeat.hex');
  const EOS_70D = hexFixture('ptp/storage-info-eos-70d.hex');
  const gigabeat: StorageInfo = {
    storageType: 3,
    filesystemType: 2,
    accessCapability: 0,
    maxCapacity: 1022623744n,
    freeSpaceInBytes: 1007517696n,
    freeSpaceInImages: 0xffffffff,
    storageDescription: 'Internal Storage',
    volumeLabel: '',
  };
  const eos70d: StorageInfo = {
    storageType: 4,
    filesystemType: 3,
    accessCapability: 0,
    maxCapacity: 0x076d1a0000n,
    freeSpaceInBytes: 0x04f05c8000n,
    freeSpaceInImages: 0xffffffff,
    storageDescription: 'SD',
    volumeLabel: '',
  };

  it('of a gigabeat has every stated value, and is written back from it alone', () => {
    expect(StorageInfo.decode(GIGABEAT)).toEqual(gigabeat);
    expect(toSpacedHex(StorageInfo.encode(structuredClone(gigabeat)))).toBe(toSpacedHex(GIGABEAT));
  });

  it('of an EOS 70D has every stated value', () => {
    expect(StorageInfo.decode(EOS_70D)).toEqual(eos70d);
  });

  it('of an EOS 70D is written back but for the two surplus bytes', () => {
    expect(EOS_70D).toHaveLength(36);
    const written = StorageInfo.encode(structuredClone(eos70d));
    expect(toSpacedHex(written)).toBe(toSpacedHex(EOS_70D.subarray(0, 34)));
  });

  it.each([
    ['gigabeat', GIGABEAT],
    ['EOS 70D', EOS_70D.subarray(0, 34)],
  ])('of the %s throws a ProtocolError for every cut', (_name, whole) => {
    for (let size = 0; size < whole.length; size++) {
      expect(protocolErrorOf(() => StorageInfo.decode(whole.subarray(0, size))).code).toBe(
        'TRUNCATED',
      );
    }
  });
});

describe('arrays', () => {
  // GetStorageIDs of a Samsung NX1; an empty list of handles of a gigabeat.
  it('of handles and storage ids are read and written back', () => {
    expect(U32Array.decode(fromHex('01 00 00 00 01 00 02 00'))).toEqual([0x00020001]);
    expect(toSpacedHex(U32Array.encode([0x00020001]))).toBe('01 00 00 00 01 00 02 00');
    expect(U32Array.decode(fromHex('00 00 00 00'))).toEqual([]);
  });

  it('of codes are read and written back', () => {
    expect(U16Array.decode(fromHex('02 00 00 00 01 dc 02 dc'))).toEqual([0xdc01, 0xdc02]);
    expect(toSpacedHex(U16Array.encode([0xdc01, 0xdc02]))).toBe('02 00 00 00 01 dc 02 dc');
  });

  it('throw a ProtocolError for every cut and for a lying count', () => {
    const whole = fromHex('02 00 00 00 01 00 02 00 01 00 03 00');
    for (let size = 0; size < whole.length; size++) {
      expect(protocolErrorOf(() => U32Array.decode(whole.subarray(0, size))).code).toBe(
        'TRUNCATED',
      );
    }
    expect(protocolErrorOf(() => U32Array.decode(fromHex('ff ff ff ff 00 00'))).code).toBe(
      'TRUNCATED',
    );
    expect(protocolErrorOf(() => U16Array.decode(fromHex('ff ff ff 7f 00 00'))).code).toBe(
      'TRUNCATED',
    );
  });
});

describe('round trips', () => {
  const u16 = fc.integer({ min: 0, max: 0xffff });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  const u64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
  const codes = fc.array(u16, { maxLength: 30 });
  const text = fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .map((any) => any.replaceAll('\0', ''));

  const cases = {
    DeviceInfo: [
      DeviceInfo,
      fc.record<DeviceInfo>({
        standardVersion: u16,
        vendorExtensionId: u32,
        vendorExtensionVersion: u16,
        vendorExtensionDesc: text,
        functionalMode: u16,
        operationsSupported: codes,
        eventsSupported: codes,
        devicePropertiesSupported: codes,
        captureFormats: codes,
        imageFormats: codes,
        manufacturer: text,
        model: text,
        deviceVersion: text,
        serialNumber: text,
      }),
    ],
    StorageInfo: [
      StorageInfo,
      fc.record<StorageInfo>({
        storageType: u16,
        filesystemType: u16,
        accessCapability: u16,
        maxCapacity: u64,
        freeSpaceInBytes: u64,
        freeSpaceInImages: u32,
        storageDescription: text,
        volumeLabel: text,
      }),
    ],
    ObjectInfo: [
      ObjectInfo,
      fc.record<ObjectInfo>({
        storageId: u32,
        objectFormat: u16,
        protectionStatus: u16,
        objectCompressedSize: u32,
        thumbFormat: u16,
        thumbCompressedSize: u32,
        thumbPixWidth: u32,
        thumbPixHeight: u32,
        imagePixWidth: u32,
        imagePixHeight: u32,
        imageBitDepth: u32,
        parentObject: u32,
        associationType: u16,
        associationDesc: u32,
        sequenceNumber: u32,
        filename: text,
        captureDate: text,
        modificationDate: text,
        keywords: text,
      }),
    ],
    'array of UINT32': [U32Array, fc.array(u32)],
    'array of UINT16': [U16Array, fc.array(u16)],
  } as const;

  it.each(Object.keys(cases) as (keyof typeof cases)[])(
    'every %s that is encoded is decoded to itself',
    (name) => {
      const [dataset, value] = cases[name];
      fc.assert(
        fc.property(value as fc.Arbitrary<never>, (any) => {
          expect(dataset.decode(dataset.encode(any))).toEqual(any);
        }),
      );
    },
  );

  it.each(Object.keys(cases) as (keyof typeof cases)[])(
    'any bytes read as %s give a value or a ProtocolError',
    (name) => {
      const [dataset] = cases[name];
      fc.assert(
        fc.property(anyBytesLike(dataset.name), (bytes) => {
          expect(['value', 'TRUNCATED']).toContain(outcomeOnAnyBytes(bytes, dataset.decode));
        }),
        { numRuns: 500 },
      );
    },
  );

  /** Noise, and golden bytes with a few of them replaced and the end cut off. */
  function anyBytesLike(name: string): fc.Arbitrary<Uint8Array> {
    const golden =
      name === 'StorageInfo'
        ? hexFixture('ptp/storage-info-gigabeat.hex')
        : name === 'ObjectInfo'
          ? hexFixture('ptp/object-info-eos-60d-img-7520.hex')
          : EOS_60D;
    const at = fc.nat({ max: golden.length - 1 });
    const mutated = fc
      .tuple(fc.array(fc.tuple(at, fc.nat({ max: 255 })), { maxLength: 6 }), at)
      .map(([changes, end]) => {
        const bytes = golden.slice();
        for (const [where, byte] of changes) bytes[where] = byte;
        return bytes.subarray(0, end + 1);
      });
    return fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated);
  }
});
