/** Real data, published with its meaning. */
import { describe, expect, it, test } from 'vitest';
import { fromHex as hex, hexFixture } from '../../../test/support/hex-fixture.ts';
import {
  canonNames,
  EosOperation as Eos,
  PowerShotOperation as Shot,
} from '../../canon/ptp/index.ts';
import { standardNames } from '../../ptp/codes/names.ts';
import { MtpOperation, Operation } from '../../ptp/index.ts';
import {
  carriesObject,
  describeData,
  describeEvent,
  describeParams,
  describeResponse,
  objectPiece,
} from './index.ts';

const names = canonNames;

function told(operation: number, bytes: Uint8Array, params: number[] = []) {
  const description = describeData({ operation, params, direction: 'in', bytes, names });
  if (!description) throw new Error('not described');
  return description;
}

const paramsOf = (operation: number, ...params: number[]) =>
  describeParams(operation, params, names).map(({ name, text }) => `${name}=${text}`);

describe('an EOS 60D', () => {
  it('is named by its DeviceInfo', () => {
    const { what, summary, lines } = told(
      Operation.GetDeviceInfo,
      hexFixture('ptp/device-info-eos-60d.hex'),
    );
    expect(what).toBe('DeviceInfo');
    expect(summary).toMatch(/^Canon EOS 60D 3-1\.1\.0, 87 operations$/);
    expect(lines).toContain('operation: 0x9116 GetEvent');
  });

  it('tells its events and properties by GetDeviceInfoEx', () => {
    const { summary, json, unknown } = told(
      Eos.GetDeviceInfoEx,
      hexFixture('canon/eos60d-deviceinfoex.hex'),
    );
    expect(summary).toBe('18 events, 87 properties');
    expect(json).toMatchObject({ unknown: [0, 1, 2, 4] });
    expect(unknown).toEqual([]);
  });

  it('has a card', () => {
    const { json, summary } = told(Eos.GetStorageInfo, hexFixture('canon/eos60d-storageinfo.hex'));
    expect(summary).toMatch(/^SD \d+\.\d of \d+\.\d GB free$/);
    expect(json).toMatchObject({ storageType: 4, filesystemType: 3, storageDescription: 'SD' });
  });

  it('dumps its properties in photographers’ words', () => {
    const { lines, unknown } = told(Eos.GetEvent, hexFixture('canon/eos60d-getevent-initial.hex'));
    expect(lines.slice(0, 3)).toEqual([
      'AutoExposureMode=Av',
      'FocusMode=manual',
      'DriveMode=high-speed continuous',
    ]);
    expect(lines).toContain('ImageFormat=L');
    expect(lines).toContain('CTGInfoCheckComplete storageId=0x20001');
    expect(lines).toContain('FocusMode: 3 choices (One-Shot, AI Focus, AI Servo)');
    expect(unknown).toEqual([]);
  });

  it('tells owner, artist, copyright, and the number on the body', () => {
    const { lines } = told(Eos.GetEvent, hexFixture('canon/eos60d-getevent-strings.hex'));
    expect(lines).toEqual([
      'Owner=',
      'Artist=Jane Q. Example',
      'Copyright=Jane Q. Example',
      'SerialNumber=1234567890',
    ]);
  });

  it.each([
    ['4', 'host'],
    ['2', 'card'],
  ])('tells where pictures go after CaptureDestination %s', (value, place) => {
    const fixture = `canon/eos60d-getevent-after-capturedest-${value}.hex`;
    expect(told(Eos.GetEvent, hexFixture(fixture)).lines).toContain(`CaptureDestination=${place}`);
  });

  it('is told where pictures shall go', () => {
    const { summary } = told(Eos.SetDevicePropValueEx, hex('0c000000 1cd10000 04000000'));
    expect(summary).toBe('CaptureDestination=host');
  });

  it('describes its own standard properties', () => {
    const friendly = hexFixture('ptp/device-prop-desc-eos-60d-friendly-name.hex');
    expect(told(Operation.GetDevicePropDesc, friendly).summary).toMatch(/^DeviceFriendlyName="/);
    const battery = hexFixture('ptp/device-prop-desc-eos-60d-battery-level.hex');
    expect(told(Operation.GetDevicePropDesc, battery).summary).toMatch(/^BatteryLevel=\d+ %/);
    const kind = hexFixture('ptp/device-prop-desc-eos-60d-perceived-device-type.hex');
    expect(told(Operation.GetDevicePropDesc, kind).summary).toBe(
      'PerceivedDeviceType=still camera (read only)',
    );
  });
});

/** The records that camera_control_dart and libgphoto2 publish with their meaning. */
describe('events', () => {
  const END = '08000000 00000000';
  test.each([
    ['1/20', '10000000 89c10000 02d10000 5b000000', 'ShutterSpeed=1/20'],
    ['f/2', '10000000 89c10000 01d10000 18000000', 'Aperture=f/2'],
    ['live view on both', '10000000 89c10000 b0d10000 03000000', 'EVFOutputDevice=camera + host'],
    [
      'apertures',
      '20000000 8ac10000 01d10000 00000000 03000000 15000000 18000000 1b000000',
      'Aperture: 3 choices (f/1.8, f/2, f/2.2)',
    ],
    [
      'a picture that waits for its host',
      `25000000 b8c10000 40c03214 08b10000 00000000 d41ca602 00000000 00c03214 06000000 00`,
      'RequestObjectTransfer64LFN handle=0x1432c040 format=CR3 size=44440788 group=0x1432c000 name=',
    ],
    [
      'the ISO field of an M10, alone',
      '14000000 a5c10000 0c000000 08000000 00000001',
      'OLCInfoChanged 0x0008 iso=auto',
    ],
    ['a record without a name', '0c000000 a0c10000 01000000', '0xc1a0 01000000'],
  ])('%s', (_what, record, line) => {
    expect(told(Eos.GetEvent, hex(`${record} ${END}`)).lines).toEqual([line]);
  });

  test('codes that no table knows are noted for the researcher', () => {
    const { unknown } = told(
      Eos.GetEvent,
      hex(`0c000000 a0c10000 01000000 10000000 89c10000 1ed20000 01000000 ${END} ff`),
    );
    expect(unknown).toEqual(['EOS event 0xc1a0', 'property 0xd21e', '1 bytes behind EOS events']);
  });

  test('no events', () => {
    expect(told(Eos.GetEvent, hex(END))).toMatchObject({ summary: 'no events', unknown: [] });
  });
});

describe('samples of libgphoto2’s ptp.h', () => {
  test('the folder DCIM', () => {
    const { lines } = told(
      Eos.GetObjectInfoEx,
      hex(`01000000 38000000 00000030 01000000 01300000 01000000 10000000 00000000 00000020
        00000030 4443494d 00000000 00000000 00000000 ccc30146`),
    );
    expect(lines).toEqual(['0x30000000 Association 0 DCIM']);
  });

  test('a slot without its card', () => {
    const { json } = told(
      Eos.GetStorageInfo,
      hex(`0400 0300 0000 0000000000000000 0000000000000000 ffffffff 03 43004600 0000 03 4100 3a00
        0000`),
    );
    expect(json).toMatchObject({ maxCapacity: 0, storageDescription: 'CF', volumeLabel: 'A:' });
  });

  test('an address', () => {
    expect(told(Shot.GetMACAddress, hex('2c9efcc833e3')).summary).toBe('2c:9e:fc:c8:33:e3');
  });

  test('blocks that nobody understands', () => {
    const spec = '0001080014 00bcce000078000078000014 0000';
    expect(told(Shot.GetWebServiceSpec, hex(spec)).json).toBe(spec.replaceAll(' ', ''));
  });
});

describe('values without their type', () => {
  const value = (property: number, bytes: string) =>
    told(Operation.GetDevicePropValue, hex(bytes), [property]).summary;

  test.each([
    [0x5001, '64', 'BatteryLevel=100 %'],
    [0x5007, '1801', 'FNumber=f/2.8'],
    [0x500d, '28000000', 'ExposureTime=1/250'],
    [0x5010, 'befe', 'ExposureBiasCompensation=-0.32'],
    [0x5011, '04 3200 3000 3200 0000', 'DateTime="202"'],
    [0xd01f, '15', 'ExpCompensation=+1/3'],
    [0xd017, 'ff', 'Contrast=low 1'],
    [0xd013, '01', 'WhiteBalance=daylight'],
    [0xd2ff, '010203', '0xd2ff=010203'],
  ])('%i', (property, bytes, summary) => {
    expect(value(property, bytes)).toBe(summary);
  });

  test('Canon’s tables do not speak for others', () => {
    const bytes = hex('18');
    const seen = { params: [0xd101], direction: 'in', bytes, names: standardNames } as const;
    const description = describeData({ operation: Operation.GetDevicePropValue, ...seen });
    expect(description?.summary).toBe('SecureTime=24');
  });

  test('of an object', () => {
    const { summary } = told(
      MtpOperation.GetObjectPropValue,
      hex('03 4100 4200 0000'),
      [1, 0xdc07],
    );
    expect(summary).toBe('ObjectFileName="AB"');
  });
});

describe('PowerShots', () => {
  test('an event that was asked for', () => {
    const { summary } = told(Shot.CheckEvent, hex('10000000 0400 09c0 05000000 01000080'));
    expect(summary).toBe('RequestObjectTransfer(handle=0x80000001)');
    expect(told(Shot.CheckEvent, hex('00')).summary).toBe('no event');
  });

  test('a call of a firmware function', () => {
    const { summary } = told(
      Shot.ExecuteEventProc,
      hex(`77726974656164647200 02000000 02000000 00f80000 00000000 00000000 00000000
        04000000 00000000 00000000 00000000 03000000 01000000 00000000 412f00`),
    );
    expect(summary).toBe('writeaddr(0xf800, "A/")');
  });

  test('what changed, and the entries of a tree', () => {
    expect(told(Shot.GetChanges, hex('02000000 1cd0 1ed0')).lines).toEqual([
      'ISOSpeed',
      'ShutterSpeed',
    ]);
    expect(told(Shot.GetTreeSize, hex('01000000 00000030 02 4400 0000')).lines).toEqual([
      '0x30000000 D',
    ]);
  });

  test('records of a directory', () => {
    const head = '0000 0138 00000000 11000030 10000030 00000000 00000000 00000000 ffffffff';
    const name = '494d475f303030312e4a5047';
    const { lines } = told(
      Shot.GetDirectory,
      hex(
        `${head} ${name} 20000000 00100000 00000000 d80701010a1e 0000 00000000 40060000 b0040000`,
      ),
    );
    expect(lines).toEqual(['0x30000011 in 0x30000010 EXIF_JPEG 4096 IMG_0001.JPG']);
  });
});

describe('parameters', () => {
  test.each([
    [Eos.RemoteReleaseOn, [1, 0], ['button=half', 'focus=with AF']],
    [Eos.RequestDevicePropValue, [0xd1af], ['property=SerialNumber']],
    [Eos.DriveLens, [0x8002], ['step=far 2']],
    [Eos.SetRemoteMode, [1], ['mode=remote']],
    [Eos.PCHDDCapacity, [0x161, 0x1000, 0], ['clusters=353', 'bytesPerSector=4096', 'reset=0']],
    [Eos.GetPartialObject64, [0x91900011, 16, 32], ['handle=0x91900011', 'offset=16', 'size=32']],
    [Shot.DoAeAfAwb, [7], ['what=exposure, focus, white balance']],
    [
      Operation.GetObjectHandles,
      [0xffffffff, 0, 0x90000000],
      ['storage=0xffffffff', 'format=0x0000', 'parent=0x90000000'],
    ],
    // Nobody knows what the first is; those that follow are 0.
    [0x9fff, [0x12, 0, 0], ['undefined=0x00000012']],
  ])('of request %i', (operation, params, expected) => {
    expect(paramsOf(operation, ...params)).toEqual(expected);
  });

  test('of answers and events', () => {
    const [result] = describeResponse(Eos.RemoteRelease, [], [1], names);
    expect(result).toEqual({ name: 'result', value: 1, text: 'AF failed' });
    expect(describeEvent(0x4002, [0x91900011], names)).toEqual({
      name: 'ObjectAdded',
      params: [{ name: 'handle', value: 0x91900011, text: '0x91900011' }],
    });
  });
});

describe('structures', () => {
  const value = (property: string, bytes: string) => {
    const payload = hex(`${property} ${bytes}`);
    const head = Uint8Array.of(8 + payload.length, 0, 0, 0, 0x89, 0xc1, 0, 0);
    const stream = Uint8Array.of(...head, ...payload, ...hex('08000000 00000000'));
    return told(Eos.GetEvent, stream).lines[0];
  };

  test('six movie formats of an EOS R7 that camera_control_dart names', () => {
    const middle = '03000000 01000000 00000000 00000000 02000000 0a000000';
    expect(value('0dd20000', `28000000 c4090000 05000000 ${middle} 10000000`)).toBe(
      'MovieParam5=frameRateHundredths 2500, resolution 5, codec 0, readout 16',
    );
  });

  test('custom functions of an EOS R6, by name where the menus were compared', () => {
    const items =
      '01010000 01000000 00000000 08010000 01000000 00000000 12010000 01000000 00000000';
    expect(value('a0d10000', `38000000 01000000 01000000 2c000000 03000000 ${items}`)).toBe(
      'CustomFuncEx=exposure steps 1/3, 0x108 0, 0x112 0',
    );
  });

  test('the AF points of an EOS 100D', () => {
    const info = hexFixture('canon/eos100d-focusinfoex.hex');
    const block = Uint8Array.of(...hex(`22010000 d3d10000`), ...info);
    expect(told(Eos.SetDevicePropValueEx, block).summary).toBe(
      'FocusInfoEx=9 of 31 AF points in use, 0 selected',
    );
  });

  test('words and bytes without meaning', () => {
    expect(value('2dd10000', '0c000000 00000000 07000000')).toBe('AutoTransMobile=0x0 0x7');
    expect(value('dbd10000', '00000000 03000000 2f000000 2800')).toBe(
      'StroboWirelessSetting=00000000030000002f0000002800',
    );
    expect(value('09d10000', '18000000')).toBe('WhiteBalance=0x18');
  });
});

describe('pieces of objects', () => {
  test.each([
    ['a whole one', Operation.GetObject, [7], { handle: 7, offset: 0, size: undefined }],
    ['a piece', Operation.GetPartialObject, [7, 16, 32], { handle: 7, offset: 16, size: 32 }],
    [
      'a piece beyond 4 GiB',
      Eos.GetPartialObjectEx64,
      [7, 16, 2, 32],
      { handle: 7, offset: 2 * 2 ** 32 + 16, size: 32 },
    ],
    ['one that is made', Eos.GetReducedObject, [7], undefined],
    ['one that is sent', Operation.SendObject, [], undefined],
  ])('%s', (_what, operation, params, piece) => {
    expect(carriesObject(operation)).toBe(true);
    expect(objectPiece(operation, params)).toEqual(piece);
    const seen = { operation, params, direction: 'in', bytes: hex('ffd8'), names } as const;
    expect(describeData(seen)).toBeUndefined();
  });

  test('other data is none', () => {
    expect(carriesObject(Eos.GetEvent)).toBe(false);
    expect(objectPiece(Eos.GetEvent, [])).toBeUndefined();
  });
});
