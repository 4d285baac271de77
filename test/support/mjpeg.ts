import { expect } from 'vitest';

/** The pictures of an MJPEG stream, by their first and last markers. */
export function mjpegPictures(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes.subarray(at, at + 3).toString('hex')).toBe('ffd8ff');
    const end = bytes.indexOf('ffd9', at, 'hex') + 2;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}
