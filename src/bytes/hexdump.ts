export interface HexdumpOptions {
  /** Offset printed for the first byte. Default 0. */
  base?: number;
  /** Print at most this many bytes and say how many were left out. Default: all. */
  limit?: number;
}

/** `0010  48 6f 74 73 68 6f 65 …  |Hotshoe…|`, sixteen bytes a line. */
export function hexdump(bytes: Uint8Array, options: HexdumpOptions = {}): string {
  const { base = 0, limit = bytes.length } = options;
  const shown = bytes.subarray(0, limit);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += 16) {
    const row = shown.subarray(at, at + 16);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(row, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('');
    lines.push(`${(base + at).toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  |${text}|`);
  }
  if (shown.length < bytes.length) lines.push(`… ${bytes.length - shown.length} more bytes`);
  return lines.join('\n');
}

/** "0a ff" or "0aff" or with line breaks -> bytes; undefined when it is not hexadecimal. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Lower-case hexadecimal without separators. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 0x1001 -> "0x1001". */
export function hex16(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}

/** 0x91900012 -> "0x91900012". */
export function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
