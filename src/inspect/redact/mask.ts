/**
 * Masks that keep the length: digits become "0", letters "X", so that a masked text still shows its
 * form. All work in place.
 */
const ZERO = 0x30;
const X = 0x58;

function masked(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return ZERO;
  const letter = unit & 0xdf;
  if ((letter >= 0x41 && letter <= 0x5a && unit < 0x80) || unit >= 0x80) return X;
  return unit;
}

/** Text of eight-bit units: ASCII, Latin-1 or UTF-8. */
export function maskText(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = masked(bytes[i] ?? 0);
}

/** Text of UTF-16, little-endian. */
export function maskText16(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    view.setUint16(at, masked(view.getUint16(at, true)), true);
  }
}

/** The same for a text that already is a string of such units. */
export function maskedText(text: string): string {
  return Array.from({ length: text.length }, (_, i) =>
    String.fromCharCode(masked(text.charCodeAt(i))),
  ).join('');
}
