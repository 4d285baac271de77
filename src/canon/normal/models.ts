/**
 * How the generations of bodies differ, by the product id of USB. From libgphoto2
 * camlibs/canon/library.c and Protocol.xml.
 */
import type { Generation } from './commands.ts';

export type ModelClass = 0 | 1 | 4 | 5 | 6;

/** Bodies that are in no other list are of class 1. */
const CLASSES: Readonly<Record<0 | 4 | 5 | 6, readonly number[]>> = {
  0: [0x3041, 0x3043, 0x3045, 0x3046, 0x3047, 0x3048, 0x3049, 0x3051, 0x3052],
  4: [0x3044, 0x3060, 0x3070, 0x3077, 0x3083, 0x3084, 0x30c1],
  5: [
    ...[0x306c, 0x306e, 0x3072, 0x3085, 0x309c, 0x30b1, 0x30b2, 0x30b3, 0x30b4, 0x30b7, 0x30b8],
    ...[0x30b9, 0x30ba, 0x30bb, 0x30c4, 0x30f2, 0x30fd],
  ],
  6: [0x30c0, 0x30eb, 0x30ee, 0x3101],
};

export function modelClass(productId: number): ModelClass {
  for (const number of [0, 4, 5, 6] as const) {
    if (CLASSES[number].includes(productId)) return number;
  }
  return 1;
}

export function generationOf(modelClass: ModelClass): Generation {
  return modelClass === 6 ? 'new' : 'old';
}

/** Bodies whose 68 bytes at waking come in one piece. */
export function wakesInOnePiece(productId: number): boolean {
  return productId === 0x30f2 || modelClass(productId) === 6;
}

/** Bodies with interchangeable lenses: they have no zoom, and no live view. */
const EOS: readonly number[] = [0x3044, 0x3060, 0x3083, 0x3084, 0x30eb, 0x30ee, 0x3101];

export function isEosBody(productId: number): boolean {
  return EOS.includes(productId);
}

/** The 300D tells of no end: a capture is over when what was asked for is there. */
export function tellsNoEnd(productId: number): boolean {
  return productId === 0x3084;
}
