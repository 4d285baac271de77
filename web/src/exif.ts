/** What stands in a picture, from its first bytes. */
import type { Entry } from '../../src/api/schemas.ts';
import type { Client } from './client.ts';

export type ExifRow = readonly [name: string, value: string];

/** EXIF of cameras, with its thumbnail, is shorter. */
const HEAD = 128 << 10;

export async function exifRows(
  client: Client,
  camera: string,
  { handle, size }: Entry,
  signal: AbortSignal,
): Promise<ExifRow[]> {
  if (size === 0) return [];
  const [{ default: exifr }, head] = await Promise.all([
    import('exifr/dist/lite.esm.mjs'),
    client.head(camera, handle, Math.min(HEAD, size), signal),
  ]);
  const tags = ((await exifr.parse(head)) ?? {}) as Record<string, unknown>;
  const rows: (readonly [string, string | undefined])[] = [
    ['Shutter', shutterText(tags.ExposureTime)],
    ['Aperture', isNumber(tags.FNumber) ? `f/${tags.FNumber}` : undefined],
    ['ISO', text(tags.ISO)],
    ['Compensation', compensationText(tags.ExposureCompensation)],
    ['Focal length', isNumber(tags.FocalLength) ? `${tags.FocalLength} mm` : undefined],
    ['Lens', text(tags.LensModel)],
    ['Camera', text(tags.Model)],
    ['Pixels', pixels(tags.ExifImageWidth, tags.ExifImageHeight)],
  ];
  return rows.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const text = (value: unknown) =>
  typeof value === 'string' || isNumber(value) ? String(value).trim() : undefined;

function shutterText(seconds: unknown): string | undefined {
  if (!isNumber(seconds) || seconds <= 0) return undefined;
  return seconds < 0.3 ? `1/${Math.round(1 / seconds)}` : `${Number(seconds.toFixed(1))} s`;
}

function compensationText(stops: unknown): string | undefined {
  if (!isNumber(stops) || stops === 0) return undefined;
  return `${stops > 0 ? '+' : '−'}${Math.abs(stops).toFixed(1)}`;
}

const pixels = (width: unknown, height: unknown) =>
  isNumber(width) && isNumber(height) ? `${width} × ${height}` : undefined;
