/**
 * Answer of GetObjectInfo64 (0x9170): ObjectInfo with a size of 64 bits in the place of the 32. In
 * the answer of an EOS R for a folder everything is in its place so, up to the last byte: the parent
 * is the handle of DCIM, the association type 1, the name 100CANON. Notes that tell of a 32-bit size
 * and of four bytes behind the keywords describe the same bytes, read the other way.
 */
import { struct, u16, u32 } from '../../bytes/index.ts';
import { ptpString } from '../../ptp/index.ts';
import { size64 } from './object-entry.ts';

export const ObjectInfo64 = struct('ObjectInfo64', {
  storageId: u32,
  objectFormat: u16,
  protectionStatus: u16,
  objectSize: size64,
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
  captureDate: ptpString,
  modificationDate: ptpString,
  keywords: ptpString,
});
