/** What the settings of several models are made of. */
import { type ImageFile, ImageFileType, type ImageFormat } from '../../canon/ptp/index.ts';
import type { DialPosition, PictureSize } from './model.ts';

export const jpeg = (size: number, quality: number): ImageFormat => [
  { type: ImageFileType.JPEG, size, quality },
];

/** `size` and `quality` as in `ImageFile`. */
export const raw = (size: number, quality: number): ImageFile => ({
  type: ImageFileType.RAW,
  size,
  quality,
});

/** Exposure codes from one to another, a third of a stop apart. */
export function thirds(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((code) =>
    [0, 3, 5].includes(code & 7),
  );
}

/** Each of these with a raw file beside it, and at the end the raw file alone. */
export function withRaw(
  raw: ImageFile,
  jpegs: readonly PictureSize[],
  bytesPerShot: number,
): [both: PictureSize[], alone: PictureSize] {
  const both = jpegs.map((size) => ({
    ...size,
    format: [raw, ...size.format],
    bytesPerShot: size.bytesPerShot + bytesPerShot,
  }));
  const [largest] = jpegs;
  if (!largest) throw new Error('no sizes');
  return [both, { ...largest, format: [raw], bytesPerShot }];
}

/** The movie camera on the dial. */
export const MOVIE_POSITION: DialPosition = {
  ...{ label: 'Movie', code: 0x14, movie: true, exif: 2 },
  ...{ aperture: false, shutter: false, iso: true, compensation: true },
};

/** A position that leaves to the photographer only what it names. */
export function dialPosition(
  label: string,
  code: number,
  free: Partial<DialPosition>,
): DialPosition {
  return {
    label,
    code,
    aperture: false,
    shutter: false,
    iso: false,
    compensation: false,
    exif: 0,
    ...free,
  };
}

/** P, Tv, Av and M; `compensation` is that of M. */
export function creativeDial(compensation: false | 'autoIso'): DialPosition[] {
  return [
    dialPosition('P', 0, { iso: true, compensation: true, exif: 2 }),
    dialPosition('Tv', 1, { shutter: true, iso: true, compensation: true, exif: 4 }),
    dialPosition('Av', 2, { aperture: true, iso: true, compensation: true, exif: 3 }),
    dialPosition('M', 3, { aperture: true, shutter: true, iso: true, compensation, exif: 1 }),
  ];
}
