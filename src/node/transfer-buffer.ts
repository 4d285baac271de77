/**
 * Large blocks from malloc begin 16 bytes behind the start of a page. Copies between there and the
 * start of a page, where files and packets lie in the kernel, take three times as long as any others
 * on AMD processors: each load seems to touch what was just stored. So these begin at the next cache
 * line.
 */
const SHIFT = 48;

/** Memory for files and sockets to be read into; not cleared. */
export function transferBuffer(size: number): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(SHIFT + size);
  return new Uint8Array(buffer, byteOffset + SHIFT, size);
}
