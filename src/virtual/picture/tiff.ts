/** Directories of a little-endian TIFF (TIFF 6.0), as EXIF and Canon's raw files have them. */

/** TIFF types that occur here, and their sizes in bytes. */
const ASCII = 2;
export const SHORT = 3;
export const LONG = 4;
export const RATIONAL = 5;
export const UNDEFINED = 7;
export const SRATIONAL = 10;
const sizes: Readonly<Record<number, number>> = {
  [ASCII]: 1,
  [SHORT]: 2,
  [LONG]: 4,
  [RATIONAL]: 8,
  [UNDEFINED]: 1,
  [SRATIONAL]: 8,
};

/** Tag, type, and the values: rationals as numerator, denominator, numerator… */
export type Entry = readonly [tag: number, type: number, values: readonly number[]];

/** Bytes of the directory and of the values that do not fit in it. */
export function ifdLength(entries: readonly Entry[]): number {
  return entries.reduce((sum, [, type, values]) => sum + 12 + outside(type, values), 2 + 4);
}

function outside(type: number, values: readonly number[]): number {
  const length = byteLength(type, values);
  // TIFF wants values to begin at even offsets.
  return length > 4 ? length + (length & 1) : 0;
}

function byteLength(type: number, values: readonly number[]): number {
  return count(type, values) * (sizes[type] ?? 1);
}

function count(type: number, values: readonly number[]): number {
  return type === RATIONAL || type === SRATIONAL ? values.length / 2 : values.length;
}

export function writeIfd(out: DataView, at: number, entries: readonly Entry[], next: number): void {
  let entryAt = at + 2;
  let dataAt = entryAt + entries.length * 12 + 4;
  out.setUint16(at, entries.length, true);
  for (const [tag, type, values] of entries) {
    out.setUint16(entryAt, tag, true);
    out.setUint16(entryAt + 2, type, true);
    out.setUint32(entryAt + 4, count(type, values), true);
    const length = outside(type, values);
    if (length > 0) out.setUint32(entryAt + 8, dataAt, true);
    writeValues(out, length > 0 ? dataAt : entryAt + 8, type, values);
    dataAt += length;
    entryAt += 12;
  }
  out.setUint32(entryAt, next, true);
}

function writeValues(out: DataView, at: number, type: number, values: readonly number[]): void {
  const size = type === SHORT ? 2 : type === ASCII || type === UNDEFINED ? 1 : 4;
  values.forEach((value, index) => {
    const to = at + index * size;
    if (size === 1) out.setUint8(to, value);
    else if (size === 2) out.setUint16(to, value, true);
    else if (type === SRATIONAL) out.setInt32(to, value, true);
    else out.setUint32(to, value, true);
  });
}

export function text(tag: number, value: string): Entry {
  return [tag, ASCII, [...characters(value), 0]];
}

export function optionalText(tag: number, value: string | undefined): Entry[] {
  return value ? [text(tag, value)] : [];
}

/** EXIF's text is 7-bit; as the camera's own menus do, we know no other letters. */
export function characters(value: string): number[] {
  return [...value].map((character) => {
    const code = character.charCodeAt(0);
    return code >= 0x20 && code < 0x7f ? code : 0x3f;
  });
}
