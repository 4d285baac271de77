/**
 * What sets EOS bodies apart from each other. Each is told by what a body lists, never by its name:
 * bodies that nobody here has seen are then treated as their relatives.
 */
import { CanonObjectFormat, EosOperation } from '../../canon/ptp/index.ts';
import type { DeviceInfo } from '../../ptp/index.ts';

export interface EosQuirk {
  /** Operations that the body lists, all of them. */
  readonly lists?: readonly number[];
  /** Operations that it does not list, none of them. */
  readonly lacks?: readonly number[];
  /** An image format that it lists. */
  readonly format?: number;
  readonly source: string;
}

export const EOS_QUIRKS = {
  /** Focus and exposure are one operation: no half press, no burst, no release without focusing. */
  exposesAtOnce: {
    lists: [EosOperation.RemoteRelease],
    lacks: [EosOperation.RemoteReleaseOn],
    source: 'listings of 30D, 400D, 40D, 450D and 1000D; libgphoto2, camlibs/ptp2/library.c',
  },
  /** Busy until a bit of EVFOutputDevice is set, and some list their operations only then. */
  needsShootingMode: {
    lists: [EosOperation.RemoteReleaseOn],
    lacks: [EosOperation.RemoteRelease],
    source: 'listings of EOS M3 to M100 and PowerShots from 2014 on; libgphoto2; CHDK forum',
  },
  /** Folders in entries with sizes of 64 bits. */
  listsWide: {
    lists: [EosOperation.GetObjectInfoEx64],
    source: 'listings of R bodies; EOS Utility with an EOS R, in a capture',
  },
  /** Folders in one transaction, with sizes of 32 bits. */
  listsFolders: {
    lists: [EosOperation.GetObjectInfoEx],
    lacks: [EosOperation.GetObjectInfoEx64],
    source: 'listings of all others; a transcript of a 60D',
  },
  /** Parts beyond 4 GiB. */
  readsWide: {
    lists: [EosOperation.GetPartialObjectEx64],
    source: 'listings of R bodies; libgphoto2',
  },
  /** Takes files in its root, of this format and at a place of its own choice. */
  takesUploads: {
    format: CanonObjectFormat.CanonInternal1,
    source: "miniPtp's transcript of an IXUS 180; an R6 lists it not and answers 0x200F",
  },
} as const satisfies Readonly<Record<string, EosQuirk>>;

type Listed = Pick<DeviceInfo, 'operationsSupported' | 'imageFormats'>;

export function hasQuirk(
  { operationsSupported, imageFormats }: Listed,
  name: keyof typeof EOS_QUIRKS,
): boolean {
  const { lists = [], lacks = [], format }: EosQuirk = EOS_QUIRKS[name];
  return (
    lists.every((operation) => operationsSupported.includes(operation)) &&
    !lacks.some((operation) => operationsSupported.includes(operation)) &&
    (format === undefined || imageFormats.includes(format))
  );
}
