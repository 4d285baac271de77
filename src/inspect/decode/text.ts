/** What SSDP and HTTP share: a start line, headers, an empty line. */
import type { Header } from './seen.ts';

/** More is no message of a camera. */
export const HEAD_LIMIT = 16 << 10;

export interface TextHead {
  start: string;
  headers: Header[];
  /** Bytes, the empty line included. */
  size: number;
}

/** The head that `bytes` begin with; undefined where it is not whole. Lines may end in LF alone. */
export function readTextHead(bytes: Uint8Array): TextHead | undefined {
  const end = endOfHead(bytes);
  if (end === undefined) return undefined;
  const [start = '', ...lines] = latin1(bytes.subarray(0, end)).trimEnd().split(/\r?\n/);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return colon < 0
      ? { name: line.trim(), value: '' }
      : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
  });
  return { start, headers, size: end };
}

export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name)?.value;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const LF = 10;
const CR = 13;

function endOfHead(bytes: Uint8Array): number | undefined {
  const limit = Math.min(bytes.length, HEAD_LIMIT);
  for (let at = bytes.indexOf(LF); at >= 0 && at + 1 < limit; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (next < limit && bytes[next] === LF) return next + 1;
  }
  return undefined;
}
