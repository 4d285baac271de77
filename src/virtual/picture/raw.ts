/**
 * Raw files of virtual cameras: containers as real bodies write them, with settings, thumbnail and
 * preview. They hold no sensor data: who develops them finds nothing to develop.
 */
import { cr2 } from './cr2.ts';
import { cr3 } from './cr3.ts';
import type { ExifFields } from './exif.ts';

export type RawKind = 'CR2' | 'CR3';

export interface RawFields extends ExifFields {
  /** Canon's model id. */
  readonly modelId: number;
  readonly thumbnail: Uint8Array;
  /** A JPEG of about two million pixels. */
  readonly preview: { readonly jpeg: Uint8Array; readonly width: number; readonly height: number };
}

/** `jpeg` is the whole picture, without EXIF. */
export function rawFile(kind: RawKind, jpeg: Uint8Array, fields: RawFields): Uint8Array {
  return kind === 'CR2' ? cr2(jpeg, fields) : cr3(jpeg, fields);
}
