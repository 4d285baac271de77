/** Byte fixtures: annotated hex text under test/fixtures, read by nothing of src. */
import { readFileSync } from 'node:fs';

/** "0a ff", with spaces and line breaks anywhere; throws for anything that is not hexadecimal. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** "0a ff". */
export function toSpacedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The bytes of a fixture, `ptp/device-info-eos-60d.hex`; what follows `#` is comment. */
export function hexFixture(path: string): Uint8Array {
  return fromHex(readFixture(path));
}

/** The paragraphs of a fixture that holds several packets. */
export function hexFixtureParts(path: string): Uint8Array[] {
  return readFixture(path)
    .split(/\n\s*\n/)
    .map((paragraph) => fromHex(paragraph))
    .filter((bytes) => bytes.length > 0);
}

function readFixture(path: string): string {
  const text = readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
  // A line of nothing but comment goes whole: it must not look like the end of a paragraph.
  return text.replace(/^#.*\n/gm, '').replace(/#.*/g, '');
}
