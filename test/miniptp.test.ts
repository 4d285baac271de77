/** `hotshoe miniptp`: the order of a run, as the camera sees it, and what becomes of refusals. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCell, encodeEvents } from '../src/canon/ptp/index.ts';
import {
  DeviceInfo,
  ObjectInfo,
  openPtpCamera,
  registerOpener,
  StorageInfo,
  U32Array,
  Writer,
} from '../src/index.ts';
import { listenTcp, type TcpServer } from '../src/node/tcp.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { type Captured, commandLine } from './support/command-line.ts';
import {
  type Script,
  type ScriptedTransport,
  scriptedTransport,
} from './support/scripted-transport.ts';
import { smallCamera, TINY_JPEG } from './support/small-pictures.ts';

const home = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-miniptp-'));
  process.env.XDG_STATE_HOME = join(folder, '.state');
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const files = () => readdirSync(folder).filter((name) => !name.startsWith('.'));
const lines = (text: string) => text.trimEnd().split('\n');

describe('with a virtual EOS R6', () => {
  let camera: VirtualCamera;
  let server: TcpServer;
  let seen: string[];

  beforeEach(async () => {
    seen = [];
    camera = smallCamera({
      trace: (line) => seen.push(line),
    });
    server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  });

  afterEach(async () => {
    await server.close();
    await camera.close();
  });

  const miniptp = (...args: string[]): Promise<Captured> =>
    commandLine(['-c', `ptpip://127.0.0.1:${server.port}`, 'miniptp', ...args]);

  it('-Lodip prints all facts in the order of the original', async () => {
    const { code, stdout, stderr } = await miniptp('-Lodip');
    expect([code, stderr]).toEqual([0, '']);
    const printed = lines(stdout);
    expect(printed[1]).toMatch(/^0x1001\/GetDeviceInfo 0x1002\/OpenSession .* 0x91f1\/\w+$/);
    printed.splice(1, 1);
    expect(printed).toEqual([
      '+ operations_supported',
      '+ device_prop_supported',
      '0x5001/BatteryLevel 0xd303/UseDeviceStage 0xd402/DeviceFriendlyName ' +
        '0xd406/SessionInitiatorVersionInfo 0xd407/PerceivedDeviceType',
      '+ Model= Canon EOS R6',
      '+ Device_version= 3-1.5.0',
      '+ Opening session',
      'Connected',
      '+ Model_id: 0x80000453',
      "LensName b'RF24-105mm F4 L IS USM'",
      "hostname b'EOSR6'",
      "+ Mac_addr b'02bfc0450536'",
      '+ properties supported',
      'property_code: 0x5001/BatteryLevel, datatype: 0x2/uint8, current: 100',
      'property_code: 0xd303/UseDeviceStage, datatype: 0x2/uint8, current: 1',
      'property_code: 0xd402/DeviceFriendlyName, datatype: 0xffff/str, current: Canon EOS R6',
      'property_code: 0xd406/SessionInitiatorVersionInfo, datatype: 0xffff/str, ' +
        'current: Windows/10.0.19045 MTPClassDriver/10.0.19041.0',
      'property_code: 0xd407/PerceivedDeviceType, datatype: 0x6/uint32, current: 1',
      '+ Storage_IDs',
      '2',
      expect.stringMatching(
        /^\{'storage_type': 4, 'filesystem_type': 3, 'access_capability': 0, 'max_capacity': \d+, 'free_space_bytes': \d+, 'free_space_objects': 4294967295, 'storage_description': 'SD1', 'volume_identifier': ''\}$/,
      ),
      '  50000000 00010001 00000000 3001 1        0 DCIM',
      '    51900000 00010001 50000000 3001 1        0 100CANON',
      `      51900012 00010001 51900000 3801 0       ${TINY_JPEG.length} 2U4A0001.JPG`,
      '  60080000 00010001 00000000 3001 1        0 MISC',
      '0',
      expect.stringContaining("'max_capacity': 0, "),
    ]);
    expect(seen).toEqual([
      'GetDeviceInfo(): OK',
      'OpenSession(0x1): OK',
      'SetEventMode(0x1): OK',
      'GetEvent(): OK',
      'SetDevicePropValue(0xd406): OK',
      'GetMACAddress(): OK',
      ...['5001', 'd303', 'd402', 'd406', 'd407'].map((code) => `GetDevicePropDesc(0x${code}): OK`),
      'GetStorageIDs(): OK',
      'GetNumObjects(0x10001, 0x0, 0xffffffff): OK',
      'GetStorageInfo(0x10001): OK',
      'GetObjectHandles(0x10001, 0x0, 0xffffffff): OK',
      'GetObjectInfo(0x50000000): OK',
      'GetObjectHandles(0x10001, 0x0, 0x50000000): OK',
      'GetObjectInfo(0x51900000): OK',
      'GetObjectHandles(0x10001, 0x0, 0x51900000): OK',
      'GetObjectInfo(0x51900012): OK',
      'GetObjectInfo(0x60080000): OK',
      'GetObjectHandles(0x10001, 0x0, 0x60080000): OK',
      'GetNumObjects(0x20000, 0x0, 0xffffffff): OK',
      'GetStorageInfo(0x20000): OK',
      'GetObjectHandles(0x20000, 0x0, 0xffffffff): OK',
      'CloseSession(): OK',
    ]);
  });

  it('without flags tells who the camera is; the long flags are the short ones', async () => {
    const plain = await miniptp();
    expect(lines(plain.stdout)).toHaveLength(8);
    expect((await miniptp('--info')).stdout).toBe(plain.stdout);
    const long = ['operations', 'properties', 'properties-description', 'files'];
    const all = await miniptp(...long.map((name) => `--list-${name}`));
    expect(all.stdout).toBe((await miniptp('-o', '-p', '-d', '-L')).stdout);
  });

  it('--json is one document of the same facts', async () => {
    const address = `ptpip://127.0.0.1:${server.port}`;
    const args = ['--json', '-c', address, 'miniptp', '-Lodp', '-g', '51900012'];
    const { code, stdout, stderr } = await commandLine(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      operations: expect.arrayContaining([
        { code: 0x9033, name: 'GetMACAddress' },
        { code: 0x9180, name: null },
      ]),
      properties: expect.arrayContaining([{ code: 0x5001, name: 'BatteryLevel' }]),
      model: 'Canon EOS R6',
      deviceVersion: '3-1.5.0',
      modelId: 0x80000453,
      lensName: 'RF24-105mm F4 L IS USM',
      hostName: 'EOSR6',
      macAddress: '02bfc0450536',
      propertyDescriptions: expect.arrayContaining([
        { code: 0x5001, name: 'BatteryLevel', dataType: 2, typeName: 'uint8', current: 100 },
      ]),
      storages: [
        {
          id: 0x10001,
          objects: 2,
          info: { storageDescription: 'SD1', maxCapacity: expect.any(Number) },
          files: expect.arrayContaining([
            {
              handle: 0x51900012,
              storageId: 0x10001,
              parent: 0x51900000,
              format: 0x3801,
              protection: 0,
              size: TINY_JPEG.length,
              name: '2U4A0001.JPG',
              level: 3,
            },
          ]),
        },
        { id: 0x20000, objects: 0, files: [] },
      ],
      download: { name: '2U4A0001.JPG', bytes: TINY_JPEG.length, skipped: false },
    });
    const short = JSON.parse((await commandLine(['--json', '-c', address, 'miniptp'])).stdout);
    expect(Object.keys(short)).not.toContain('storages');
  });

  it.each(['51900012', '0x51900012'])('-g %s downloads', async (handle) => {
    const { code, stdout } = await miniptp('-g', handle);
    expect(code).toBe(0);
    expect(lines(stdout).slice(-2)).toEqual([
      `transfering 2U4A0001.JPG (${TINY_JPEG.length} bytes)...`,
      'done',
    ]);
    expect(files()).toEqual(['2U4A0001.JPG']);
    expect(readFileSync('2U4A0001.JPG')).toEqual(Buffer.from(TINY_JPEG));
    expect(seen.slice(-3)).toEqual([
      'GetObjectInfo(0x51900012): OK',
      'GetObject(0x51900012): OK',
      'CloseSession(): OK',
    ]);
  });

  it('-g overwrites nothing', async () => {
    writeFileSync('2U4A0001.JPG', 'mine');
    const { code, stderr } = await miniptp('--get-file', '51900012');
    expect([code, stderr]).toEqual([0, 'written to 2U4A0001-1.JPG\n']);
    expect(readFileSync('2U4A0001.JPG', 'utf8')).toBe('mine');
    expect(readFileSync('2U4A0001-1.JPG')).toEqual(Buffer.from(TINY_JPEG));
    expect((await miniptp('-g', '51900012')).stderr).toBe('2U4A0001-1.JPG is here already\n');
    expect(files()).toHaveLength(2);
  });

  it.each([
    ['9190d381', /^hotshoe: the camera has no object 0x9190d381\n`hotshoe miniptp -L`/, 1],
    ['51900000', /^hotshoe: 0x51900000 is the folder 100CANON, not a file\n/, 2],
  ])('-g %s says what is wrong, after all else was told', async (handle, message, exit) => {
    const { code, stdout, stderr } = await miniptp('-L', '-g', handle);
    expect(code).toBe(exit);
    expect(stdout).toContain('2U4A0001.JPG');
    expect(stderr).toMatch(message);
    expect(files()).toEqual([]);
    expect(seen.at(-1)).toBe('CloseSession(): OK');
  });

  it('-u is refused by this body, and the run goes on', async () => {
    writeFileSync('ssdp.txt', 'hello');
    const { code, stdout, stderr } = await miniptp('-u', '0x00010001,ssdp.txt', '-d');
    expect(code).toBe(1);
    expect(lines(stdout).slice(6, 10)).toEqual([
      "hostname b'EOSR6'",
      'Try to upload ssdp.txt',
      'error 200f',
      "+ Mac_addr b'02bfc0450536'",
    ]);
    expect(stdout).toContain('+ properties supported');
    expect(stderr).toContain('Access_Denied (0x200f)');
    expect(seen.slice(4, 7)).toEqual([
      'SetDevicePropValue(0xd406): OK',
      'SendObjectInfo(0x10001, 0x0): Access_Denied',
      'GetMACAddress(): OK',
    ]);
  });

  it.each([
    [['-g', 'xyz'], 'Handles and storages are hexadecimal'],
    [['-u', 'ssdp.txt'], 'Name the storage and the file'],
    [['-u', '0,'], 'Name the storage and the file'],
  ])('%j is not understood, and no camera is asked', async (args, message) => {
    const { code, stderr } = await miniptp(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(seen).toEqual([]);
  });

  it('a file that is not there is known before the camera is asked', async () => {
    const { code, stderr } = await miniptp('-u', '0,nothing.txt');
    expect([code, seen]).toEqual([1, []]);
    expect(stderr).toContain('cannot read nothing.txt');
  });

  it('-h says that -d deletes nothing', async () => {
    const { code, stdout } = await miniptp('-h');
    expect(code).toBe(0);
    expect(stdout).toContain('In ptpcam -d deletes files; here it describes properties.');
  });
});

describe('with an IXUS 180 that takes uploads', () => {
  let transport: ScriptedTransport;
  let answers: Partial<Record<number, Script>>;

  beforeEach(() => {
    answers = {};
    registerOpener('script', {
      form: 'script:',
      open: (_, address, options) => openPtpCamera(transport, address, options),
    });
    transport = scriptedTransport((operation, params, received) => {
      const script = answers[operation] ?? ixus180[operation];
      return script?.(operation, params, received) ?? { code: 0x2005 };
    });
  });

  const miniptp = (...args: string[]) => commandLine(['-c', 'script:', 'miniptp', ...args]);

  it('-u puts the file where it was told to, and sends what the original sends', async () => {
    writeFileSync('ssdp.txt', 'hello');
    const { code, stdout, stderr } = await miniptp('-Lpu', '0x00010001,./ssdp.txt');
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toEqual([
      '+ device_prop_supported',
      '0x5001/BatteryLevel 0xd0ff 0xd406/SessionInitiatorVersionInfo',
      '+ Model= Canon IXUS 180',
      '+ Device_version= 1-15.0.1.0',
      '+ Opening session',
      'Connected',
      '+ Model_id: 0x4030000',
      'Try to upload ssdp.txt',
      'PTP_SendObjectInfo returned: storage = 0x10001 and handle = 0x40029',
      'Done',
      '+ Storage_IDs',
      '1',
      expect.stringContaining("'storage_description': 'SD'"),
      '  00080000 00010001 00000000 3001 0        0 DCIM',
      '    00040029 00010001 00080000 bf01 0        5 a\ufffdb.txt',
    ]);
    expect(transport.asked).toEqual([
      '1001()',
      '1002(1)',
      '9115(1)',
      '9116()',
      '1016(d406) +95 bytes',
      '100c(10001, 0) +74 bytes',
      '100d() +5 bytes',
      '1004()',
      '1006(10001, 0, ffffffff)',
      '1005(10001)',
      '1007(10001, 0, ffffffff)',
      '1008(80000)',
      '1007(10001, 0, 80000)',
      '1008(40029)',
      '1003()',
    ]);
  });

  it('the ObjectInfo of an upload has the format that the body wants', async () => {
    let info: ObjectInfo | undefined;
    answers[0x100c] = (...[, , received]) => {
      info = ObjectInfo.decode(received ?? new Uint8Array(0));
      return { params: [0x10001, 0, 0x40029] };
    };
    writeFileSync('a,b.txt', 'hello');
    expect((await miniptp('--upload', '10001,a,b.txt')).code).toBe(0);
    expect(info).toMatchObject({
      storageId: 0x10001,
      objectFormat: 0xbf01,
      objectCompressedSize: 5,
      parentObject: 0,
      filename: 'a,b.txt',
    });
  });

  it('Parameter_Not_Supported says what may help', async () => {
    answers[0x100c] = () => ({ code: 0x2006 });
    writeFileSync('a.txt', '');
    const { code, stdout, stderr } = await miniptp('-u', '10001,a.txt');
    expect(code).toBe(1);
    expect(stdout).toContain('\nerror 2006\n');
    expect(stderr).toContain('-u 0,a.txt');
  });

  it('refusals on the way are no end', async () => {
    answers[0x9115] = () => ({ code: 0x2019 });
    answers[0x9116] = () => ({ code: 0x2019 });
    answers[0x1016] = () => ({ code: 0x200a });
    answers[0x1006] = () => ({ code: 0x2013 });
    answers[0x1014] = (_, [property]) => {
      if (property === 0xd406) return { code: 0x200a };
      return {
        data: new Writer(8)
          .u16(property ?? 0)
          .u16(0xaa)
          .u32(0)
          .finish(),
      };
    };
    const { code, stdout } = await miniptp('-Ld');
    expect(code).toBe(0);
    expect(lines(stdout).slice(4, 11)).toEqual([
      '0x2019 Device_Busy',
      '+ properties supported',
      'property_code: 0x5001/BatteryLevel, datatype: 0xaa/?, current: n/a',
      'property_code: 0xd0ff/?, datatype: 0xaa/?, current: n/a',
      'property_code: 0xd406, error 200a',
      '+ Storage_IDs',
      'error 2013',
    ]);
  });

  it('a body that answers with the whole tree, and with folders in themselves, is listed once', async () => {
    answers[0x1007] = () => ({ data: U32Array.encode([0x80000, 0x40029]) });
    const { stdout } = await miniptp('-L');
    expect(lines(stdout).slice(-2)).toEqual([
      '  00080000 00010001 00000000 3001 0        0 DCIM',
      '    00040029 00010001 00080000 bf01 0        5 a\ufffdb.txt',
    ]);
  });

  it('names from the camera stay in the folder', async () => {
    answers[0x1008] = () => ({ data: object({ filename: '../../x\n.txt' }) });
    const { code } = await miniptp('-g', '40029');
    expect(code).toBe(0);
    expect(readFileSync('.._.._x_.txt', 'utf8')).toBe('hello');
  });

  it('a session that is refused is told by its code, after who refuses', async () => {
    answers[0x1002] = () => ({ code: 0x2019 });
    const { code, stdout, stderr } = await miniptp('-o');
    expect(code).toBe(4);
    expect(lines(stdout).slice(2)).toEqual([
      '+ Model= Canon IXUS 180',
      '+ Device_version= 1-15.0.1.0',
      '+ Opening session',
      '0x2019 Device_Busy',
      'error 2019',
    ]);
    expect(stderr).toContain('OpenSession was answered Device_Busy');
  });

  it('an old session is closed and opened anew, as everywhere', async () => {
    let refusals = 1;
    answers[0x1002] = () => (refusals-- > 0 ? { code: 0x201e } : {});
    expect((await miniptp()).code).toBe(0);
    expect(transport.asked.slice(0, 4)).toEqual(['1001()', '1002(1)', '1003()', '1002(1)']);
  });
});

/** An object of five bytes, unless told otherwise. */
function object(fields: Partial<ObjectInfo>): Uint8Array {
  return ObjectInfo.encode({
    storageId: 0x10001,
    objectFormat: 0xbf01,
    protectionStatus: 0,
    objectCompressedSize: 5,
    thumbFormat: 0,
    thumbCompressedSize: 0,
    thumbPixWidth: 0,
    thumbPixHeight: 0,
    imagePixWidth: 0,
    imagePixHeight: 0,
    imageBitDepth: 0,
    parentObject: 0x80000,
    associationType: 0,
    associationDesc: 0,
    sequenceNumber: 0,
    filename: 'a\rb.txt',
    captureDate: '',
    modificationDate: '',
    keywords: '',
    ...fields,
  });
}

const dcim = object({
  objectFormat: 0x3001,
  objectCompressedSize: 0,
  parentObject: 0,
  associationType: 1,
  filename: 'DCIM',
});

/** What the body answers; of its operations and properties those that a run asks for. */
const ixus180: Partial<Record<number, Script>> = {
  4097: () => ({
    data: DeviceInfo.encode({
      standardVersion: 100,
      vendorExtensionId: 0x0b,
      vendorExtensionVersion: 1,
      vendorExtensionDesc: '',
      functionalMode: 0,
      operationsSupported: [0x1001, 0x1002, 0x1003, 0x1014, 0x100c, 0x100d, 0x9115, 0x9116],
      eventsSupported: [],
      devicePropertiesSupported: [0xd406, 0xd0ff, 0x5001],
      captureFormats: [],
      imageFormats: [],
      manufacturer: 'Canon Inc.',
      model: 'Canon IXUS 180',
      deviceVersion: '1-15.0.1.0',
      serialNumber: '',
    }),
  }),
  4098: () => ({}),
  4099: () => ({}),
  4100: () => ({ data: U32Array.encode([0x10001]) }),
  4101: () => ({
    data: StorageInfo.encode({
      storageType: 4,
      filesystemType: 3,
      accessCapability: 0,
      maxCapacity: 8_000_000_000n,
      freeSpaceInBytes: 7_000_000_000n,
      freeSpaceInImages: 0xffffffff,
      storageDescription: 'SD',
      volumeLabel: '',
    }),
  }),
  4102: () => ({ params: [1] }),
  4103: (_, [, , parent]) => ({ data: U32Array.encode([parent === 0x80000 ? 0x40029 : 0x80000]) }),
  4104: (_, [handle]) => ({ data: handle === 0x80000 ? dcim : object({}) }),
  4105: () => ({ data: new TextEncoder().encode('hello') }),
  4118: () => ({}),
  4108: () => ({ params: [0x10001, 0, 0x40029] }),
  4109: () => ({}),
  37141: () => ({}),
  37142: () => ({
    data: encodeEvents([{ kind: 'propValue', property: 0xd116, value: encodeCell(0x04030000) }]),
  }),
};
