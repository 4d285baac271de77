/** What the shooting mode's values mean: they are not those of PTP above 100. libgphoto2 camlibs/canon. */
export const shootingModes: Readonly<Record<number, string>> = {
  0: 'auto',
  1: 'P',
  2: 'Tv',
  3: 'Av',
  4: 'M',
  5: 'A-DEP',
  6: 'M-DEP',
  7: 'bulb',
  0x65: 'manual 2',
  0x66: 'far scene',
  0x67: 'fast shutter',
  0x68: 'slow shutter',
  0x69: 'night',
  0x6a: 'gray',
  0x6b: 'sepia',
  0x6c: 'portrait',
  0x6d: 'spot',
  0x6e: 'macro',
  0x6f: 'black and white',
  0x70: 'pan focus',
  0x71: 'vivid',
  0x72: 'neutral',
  0x73: 'flash off',
  0x74: 'long shutter',
  0x75: 'super macro',
  0x76: 'foliage',
  0x77: 'indoor',
  0x78: 'fireworks',
  0x79: 'beach',
  0x7a: 'underwater',
  0x7b: 'snow',
  0x7c: 'kids and pets',
  0x7d: 'night snapshot',
  0x7e: 'digital macro',
  0x7f: 'my colors',
  0x80: 'photo in movie',
};

/** As photographers read them in the menu: the quality's code to its name. */
export const qualityNames: Readonly<Record<number, string>> = {
  1: 'economy',
  2: 'normal',
  3: 'fine',
  4: 'RAW',
  5: 'superfine',
};

export const sizeNames: Readonly<Record<number, string>> = {
  0: 'large',
  1: 'medium 1',
  2: 'small',
  3: 'medium 2',
  7: 'medium 3',
};

export interface FormatTriple {
  fileFormat: number;
  imageSize: number;
  quality: number;
}

const RAW = 2;
const BOTH = 0x12;

/** "large superfine", "RAW", "RAW + small fine". */
export function formatLabel({ fileFormat, imageSize, quality }: FormatTriple): string {
  if (fileFormat === RAW) return 'RAW';
  const isBoth = fileFormat === BOTH;
  // Beside a raw file quality and size have their code in the other half of the byte.
  const size = isBoth ? imageSize >> 4 : imageSize;
  const grade = isBoth ? quality >> 4 : quality;
  const text = `${sizeNames[size] ?? `size ${size}`} ${qualityNames[grade] ?? `quality ${grade}`}`;
  return isBoth ? `RAW + ${text}` : text;
}

/** One number for all three. */
export function formatNumber({ fileFormat, imageSize, quality }: FormatTriple): number {
  return (quality << 16) | (fileFormat << 8) | imageSize;
}

/** The records of the list of image formats. */
export function formatsOf(bytes: readonly number[]): FormatTriple[] {
  const formats: FormatTriple[] = [];
  for (let at = 0; at + 6 <= bytes.length; at += 6) {
    const [fileFormat = 0, imageSize = 0, quality = 0] = bytes.slice(at, at + 3);
    formats.push({ fileFormat, imageSize, quality });
  }
  return formats;
}
