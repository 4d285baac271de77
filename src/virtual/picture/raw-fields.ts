/** What raw files of all kinds are made of. */
import type { ExifFields } from './exif.ts';

export type RawKind = 'CR2' | 'CR3';

export interface RawFields extends ExifFields {
  /** Canon's model id. */
  readonly modelId: number;
  readonly thumbnail: Uint8Array;
  /** A JPEG of about two million pixels. */
  readonly preview: { readonly jpeg: Uint8Array; readonly width: number; readonly height: number };
}
