/** The whole card at once, as PowerShots of 2004 to 2008 tell it for direct transfer (libgphoto2). */
import { array, dataset, type Infer, struct, u8, u16, u32 } from '../../bytes/index.ts';
import { ptpString } from '../../ptp/index.ts';
import { nameField } from './object-entry.ts';

/** An entry of GetDirectory (0x902D): 76 bytes, one behind the other. Handles link the tree. */
export const DirectoryRecord = struct('DirectoryRecord', {
  version: u16,
  format: u16,
  unknown1: u32,
  handle: u32,
  parent: u32,
  previous: u32,
  next: u32,
  firstChild: u32,
  /** 0xFFFFFFFF but for the storages themselves. */
  storageId: u32,
  /** 8.3, without a terminator where it is full. */
  name: nameField(12),
  flags: u32,
  size: u32,
  /** Seconds since 1970 by the camera's own clock. */
  time: u32,
  year: u8,
  month: u8,
  day: u8,
  hour: u8,
  minute: u8,
  second: u8,
  unknown2: u16,
  thumbSize: u32,
  width: u32,
  height: u32,
});
export type DirectoryRecord = Infer<typeof DirectoryRecord>;

/** A handle and an empty name. */
const SMALLEST_ENTRY = 5;

/** Answer of GetTreeSize (0x9029). */
export const Tree = dataset(
  'Tree',
  array(u32, struct('tree entry', { handle: u32, name: ptpString }), SMALLEST_ENTRY),
);
