/** No device is known to send these: bytes are laid out from the tables of PTP 1.1. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toSpacedHex } from '../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../test/support/protocol-errors.ts';
import {
  FilesystemManifest,
  type ObjectFilesystemInfo,
  StreamInfo,
  VendorExtensionMaps,
} from './ptp11-datasets.ts';

const STREAM_INFO = [
  '01 00 00 00 00 00 00 00', // DatasetSize
  '02 00 00 00 00 00 00 00', // TimeResolution
  '03 00 00 00', // FrameHeaderSize
  '04 00 00 00', // FrameMaxSize
  '05 00 00 00', // PacketHeaderSize
  '06 00 00 00', // PacketMaxSize
  '07 00 00 00', // PacketAlignment
].join(' ');

const FILE: ObjectFilesystemInfo = {
  objectHandle: 1,
  storageId: 0x00010001,
  objectFormat: 0x3801,
  protectionStatus: 0,
  objectCompressedSize: 0x100000000n,
  parentObject: 2,
  associationType: 0,
  associationDesc: 0,
  sequenceNumber: 3,
  filename: '',
  modificationDate: '',
};

const ONE_FILE = [
  '01 00 00 00 00 00 00 00', // u64 count
  '01 00 00 00', // ObjectHandle
  '01 00 01 00', // StorageID
  '01 38', // ObjectFormat
  '00 00', // ProtectionStatus
  '00 00 00 00 01 00 00 00', // ObjectCompressedSize
  '02 00 00 00', // ParentObject
  '00 00', // AssociationType
  '00 00 00 00', // AssociationDesc
  '03 00 00 00', // SequenceNumber
  '00', // Filename
  '00', // ModificationDate
].join(' ');

const ONE_MAP = '01 00 00 00 00 00 00 00 01 91 02 91 0b 00 00 00';

describe('datasets of PTP 1.1', () => {
  it('StreamInfo is read and written back', () => {
    const value = StreamInfo.decode(fromHex(STREAM_INFO));
    expect(value).toEqual({
      datasetSize: 1n,
      timeResolution: 2n,
      frameHeaderSize: 3,
      frameMaxSize: 4,
      packetHeaderSize: 5,
      packetMaxSize: 6,
      packetAlignment: 7,
    });
    expect(toSpacedHex(StreamInfo.encode(value))).toBe(STREAM_INFO);
  });

  it('a manifest of one file without a name is read and written back', () => {
    expect(FilesystemManifest.decode(fromHex(ONE_FILE))).toEqual([FILE]);
    expect(toSpacedHex(FilesystemManifest.encode([FILE]))).toBe(ONE_FILE);
  });

  it('a map of vendor codes is read and written back', () => {
    const value = [{ nativeCode: 0x9101, mappedCode: 0x9102, mappedVendorExtensionId: 11 }];
    expect(VendorExtensionMaps.decode(fromHex(ONE_MAP))).toEqual(value);
    expect(toSpacedHex(VendorExtensionMaps.encode(value))).toBe(ONE_MAP);
  });

  it.each([
    ['StreamInfo', StreamInfo, STREAM_INFO],
    ['FilesystemManifest', FilesystemManifest, ONE_FILE],
    ['VendorExtensionMaps', VendorExtensionMaps, ONE_MAP],
  ])('%s throws a ProtocolError for every cut', (_name, dataset, hex) => {
    const whole = fromHex(hex);
    for (let size = 0; size < whole.length; size++) {
      expect(protocolErrorOf(() => dataset.decode(whole.subarray(0, size))).code).toBe('TRUNCATED');
    }
  });

  it.each(['ff ff ff ff ff ff ff ff', '00 00 00 00 01 00 00 00', 'ff ff ff ff 00 00 00 00'])(
    'a lying count of 64 bit, %s, is refused before anything is read',
    (count) => {
      const lying = fromHex(`${count} ${ONE_FILE.slice(24)}`);
      expect(protocolErrorOf(() => FilesystemManifest.decode(lying)).offset).toBeLessThanOrEqual(8);
      expect(protocolErrorOf(() => VendorExtensionMaps.decode(lying)).offset).toBeLessThanOrEqual(
        8,
      );
    },
  );

  it('any list of files is decoded to itself', () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const text = fc.string({ maxLength: 20 }).map((any) => any.replaceAll('\0', ''));
    const file = fc.record<ObjectFilesystemInfo>({
      objectHandle: u32,
      storageId: u32,
      objectFormat: u16,
      protectionStatus: u16,
      objectCompressedSize: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      parentObject: u32,
      associationType: u16,
      associationDesc: u32,
      sequenceNumber: u32,
      filename: text,
      modificationDate: text,
    });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 8 }), (files) => {
        expect(FilesystemManifest.decode(FilesystemManifest.encode(files))).toEqual(files);
      }),
    );
  });

  it('any bytes give a value or a ProtocolError', () => {
    const count = fc.nat({ max: 3 }).map((low) => Uint8Array.of(low, 0, 0, 0, 0, 0, 0, 0));
    const bytes = fc
      .tuple(count, fc.uint8Array({ maxLength: 150 }))
      .map(([start, rest]) => Uint8Array.of(...start, ...rest));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 150 })), (any) => {
        for (const { decode } of [StreamInfo, FilesystemManifest, VendorExtensionMaps]) {
          expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(outcomeOnAnyBytes(any, decode));
        }
      }),
      { numRuns: 500 },
    );
  });
});
