/** An entry of the PowerShots' GetObjectInfoEx (0x9021): 28 bytes, one behind the other. */
import { type Infer, struct, u8, u16, u32 } from '../../bytes/index.ts';
import { nameField, size32 } from './object-entry.ts';

export const FolderEntry = struct('FolderEntry', {
  handle: u32,
  format: u16,
  /** See `ObjectFlag`. */
  flags: u8,
  size: size32,
  /** Seconds since 1970 by the camera's own clock. */
  time: u32,
  /** 8.3, with its terminator. */
  name: nameField(13),
});
export type FolderEntry = Infer<typeof FolderEntry>;
