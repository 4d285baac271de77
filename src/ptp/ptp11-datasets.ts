/** Datasets that PTP 1.1 (ISO 15740:2008) added. No camera seen sends them. */
import { array, type Codec, dataset, type Infer, struct, u16, u32, u64 } from '../bytes/index.ts';
import { ptpString } from './data-types.ts';

const u64Count: Codec<number> = {
  read(reader) {
    const count = reader.u64();
    if (count > 0xffffffffn) throw reader.invalid(`${count} elements`, reader.offset - 8);
    return Number(count);
  },
  write: (writer, value) => void writer.u64(BigInt(value)),
};

/** Answer of GetStreamInfo (PTP 1.1). */
export const StreamInfo = struct('StreamInfo', {
  datasetSize: u64,
  timeResolution: u64,
  frameHeaderSize: u32,
  frameMaxSize: u32,
  packetHeaderSize: u32,
  packetMaxSize: u32,
  packetAlignment: u32,
});
export type StreamInfo = Infer<typeof StreamInfo>;

/** One object of GetFilesystemManifest (PTP 1.1). */
export const ObjectFilesystemInfo = struct('ObjectFilesystemInfo', {
  objectHandle: u32,
  storageId: u32,
  objectFormat: u16,
  protectionStatus: u16,
  objectCompressedSize: u64,
  parentObject: u32,
  associationType: u16,
  associationDesc: u32,
  sequenceNumber: u32,
  filename: ptpString,
  modificationDate: ptpString,
});
export type ObjectFilesystemInfo = Infer<typeof ObjectFilesystemInfo>;

/** Fixed fields of an ObjectFilesystemInfo and two empty strings. */
const SMALLEST_FILE = 36;

/** Answer of GetFilesystemManifest (PTP 1.1). */
export const FilesystemManifest = dataset(
  'FilesystemManifest',
  array(u64Count, ObjectFilesystemInfo, SMALLEST_FILE),
);

/** Answer of GetVendorExtensionMaps (PTP 1.1). */
export const VendorExtensionMaps = dataset(
  'VendorExtensionMaps',
  array(
    u64Count,
    struct('VendorExtensionMap', {
      nativeCode: u16,
      mappedCode: u16,
      mappedVendorExtensionId: u32,
    }),
    8,
  ),
);
