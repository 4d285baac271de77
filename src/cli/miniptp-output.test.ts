import { describe, expect, it } from 'vitest';
import { canonNames } from '../canon/ptp/index.ts';
import { DataType, type ObjectInfo, standardNames } from '../index.ts';
import {
  codesLine,
  errorLine,
  identityLines,
  listedObject,
  listedProperty,
  macLine,
  namedCodes,
  objectLine,
  propertyLine,
  pythonBytes,
  responseLine,
  storageLine,
} from './miniptp-output.ts';

describe('codes', () => {
  it('are sorted, and named where a table has a name', () => {
    const codes = namedCodes([0x9fff, 0x1002, 0x9033, 0x1001], canonNames.operations);
    expect(codesLine(codes)).toBe(
      '0x1001/GetDeviceInfo 0x1002/OpenSession 0x9033/GetMACAddress 0x9fff',
    );
    expect(codes.at(-1)).toEqual({ code: 0x9fff, name: null });
  });

  it('of responses have a name where there is one', () => {
    expect(responseLine(0x200f, standardNames)).toBe('0x200f Access_Denied');
    expect(responseLine(0xa1ff, standardNames)).toBe('0xa1ff');
    expect(errorLine(0x200f)).toBe('error 200f');
  });
});

describe('an object', () => {
  const info: ObjectInfo = {
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
    captureDate: '',
    modificationDate: '',
    keywords: '',
  };

  it.each([
    [0x90000000, info, 1, '  90000000 00020001 00000000 3001 1        0 DCIM'],
    [
      0x9190d381,
      {
        ...info,
        objectFormat: 0xb108,
        protectionStatus: 0,
        objectCompressedSize: 24_321_536,
        parentObject: 0x91900000,
        filename: '2U4A3384.CR3',
      },
      3,
      '      9190d381 00020001 91900000 b108 0 24321536 2U4A3384.CR3',
    ],
    [
      0x00080000,
      { ...info, storageId: 0x00010001, protectionStatus: 0 },
      1,
      '  00080000 00010001 00000000 3001 0        0 DCIM',
    ],
  ])('0x%s is one line', (handle, object, level, line) => {
    expect(objectLine(listedObject(handle, object, level))).toBe(line);
  });

  it('cannot forge another line by its name', () => {
    const object = listedObject(1, { ...info, filename: 'a\nb\u2028c\u001b[2J' }, 1);
    expect(objectLine(object)).toMatch(/ a\ufffdb\ufffdc\ufffd\[2J$/);
  });
});

describe('a property', () => {
  const battery = { propertyCode: 0x5001, dataType: DataType.UINT8, current: 16 };

  it.each([
    [battery, 'property_code: 0x5001/BatteryLevel, datatype: 0x2/uint8, current: 16'],
    [
      { propertyCode: 0xd402, dataType: DataType.STR, current: 'Canon EOS R6' },
      'property_code: 0xd402/DeviceFriendlyName, datatype: 0xffff/str, current: Canon EOS R6',
    ],
    [
      { ...battery, propertyCode: 0xd0ff },
      'property_code: 0xd0ff/?, datatype: 0x2/uint8, current: 16',
    ],
    [
      { propertyCode: 0x5001, dataType: 0x00aa },
      'property_code: 0x5001/BatteryLevel, datatype: 0xaa/?, current: n/a',
    ],
    [
      { propertyCode: 0xd033, dataType: 0x4002, current: [77, 101] },
      'property_code: 0xd033/CameraOwner, datatype: 0x4002/auint8, current: [77, 101]',
    ],
    [
      { propertyCode: 0x5001, dataType: DataType.UINT64, current: 2n ** 60n },
      'property_code: 0x5001/BatteryLevel, datatype: 0x8/uint64, current: 1152921504606846976',
    ],
  ])('%o is one line', (property, line) => {
    expect(propertyLine(listedProperty(property, canonNames.properties))).toBe(line);
  });
});

describe('as Python prints', () => {
  it('a storage', () => {
    expect(
      storageLine({
        storageType: 4,
        filesystemType: 3,
        accessCapability: 0,
        maxCapacity: 127_814_074_368n,
        freeSpaceInBytes: 116_123_238_400n,
        freeSpaceInImages: 0xffffffff,
        storageDescription: 'SD2',
        volumeLabel: "it's",
      }),
    ).toBe(
      "{'storage_type': 4, 'filesystem_type': 3, 'access_capability': 0, " +
        "'max_capacity': 127814074368, 'free_space_bytes': 116123238400, " +
        "'free_space_objects': 4294967295, 'storage_description': 'SD2', " +
        "'volume_identifier': \"it's\"}",
    );
  });

  it.each([
    ['EOSR6', "b'EOSR6'"],
    ['', "b''"],
    ["it's", 'b"it\'s"'],
    ['\'"', "b'\\'\"'"],
    ['a\\b\u00e9\n\u001b', "b'a\\\\b\\xe9\\n\\x1b'"],
  ])('the bytes of %j', (text, printed) => {
    expect(pythonBytes(text)).toBe(printed);
  });

  it('a MAC address', () => {
    expect(macLine(Uint8Array.of(0x74, 0xbf, 0xc0, 1, 2, 0xff))).toBe("+ Mac_addr b'74bfc00102ff'");
  });
});

it('model and version are always told', () => {
  const info = { model: 'Canon EOS R6', deviceVersion: '3-1.5.0' };
  expect(identityLines(info)).toEqual(['+ Model= Canon EOS R6', '+ Device_version= 3-1.5.0']);
});
