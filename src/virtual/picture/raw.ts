/**
 * Raw files of virtual cameras: containers as real bodies write them, with settings, thumbnail and
 * preview. They hold no sensor data: who develops them finds nothing to develop.
 */
import { cr2 } from './cr2.ts';
import { cr3 } from './cr3.ts';
import type { RawFields, RawKind } from './raw-fields.ts';

/** `jpeg` is the whole picture, without EXIF. */
export function rawFile(kind: RawKind, jpeg: Uint8Array, fields: RawFields): Uint8Array {
  return kind === 'CR2' ? cr2(jpeg, fields) : cr3(jpeg, fields);
}
