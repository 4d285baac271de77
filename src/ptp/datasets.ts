/** The datasets of ISO 15740 that every camera uses, each declared once for both directions. */
import {
  array,
  type Codec,
  dataset,
  type Infer,
  struct,
  tail,
  u16,
  u32,
  u64,
} from '../bytes/index.ts';
import { ptpString } from './data-types.ts';

const codes = array(u32, u16, 2);

/** Arrays of handles and of storage ids. */
export const U32Array = dataset('array of UINT32', array(u32, u32, 4));

/** Arrays of codes. */
export const U16Array = dataset('array of UINT16', codes);

/** Answer of GetDeviceInfo. Versions are hundredths: 100 is 1.00. */
export const DeviceInfo = struct('DeviceInfo', {
  standardVersion: u16,
  vendorExtensionId: u32,
  vendorExtensionVersion: u16,
  vendorExtensionDesc: ptpString,
  functionalMode: u16,
  operationsSupported: codes,
  eventsSupported: codes,
  devicePropertiesSupported: codes,
  captureFormats: codes,
  imageFormats: codes,
  manufacturer: ptpString,
  model: ptpString,
  deviceVersion: ptpString,
  serialNumber: ptpString,
});
export type DeviceInfo = Infer<typeof DeviceInfo>;

/** Answer of GetStorageInfo. Sizes in bytes; all ones means unknown. */
export const StorageInfo = struct('StorageInfo', {
  storageType: u16,
  filesystemType: u16,
  accessCapability: u16,
  maxCapacity: u64,
  freeSpaceInBytes: u64,
  freeSpaceInImages: u32,
  storageDescription: ptpString,
  volumeLabel: ptpString,
});
export type StorageInfo = Infer<typeof StorageInfo>;

const lateString: Codec<string> = tail(ptpString, '');

/**
 * Answer of GetObjectInfo and data of SendObjectInfo. `objectCompressedSize` 0xFFFFFFFF means 4 GiB
 * or more. Dates are kept as the text that was sent; see `parseDateTime`.
 */
export const ObjectInfo = struct('ObjectInfo', {
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
  filename: ptpString,
  captureDate: lateString,
  modificationDate: lateString,
  keywords: lateString,
});
export type ObjectInfo = Infer<typeof ObjectInfo>;
