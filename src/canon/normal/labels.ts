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
  101: 'manual 2',
  102: 'far scene',
  103: 'fast shutter',
  104: 'slow shutter',
  105: 'night',
  106: 'gray',
  107: 'sepia',
  108: 'portrait',
  109: 'spot',
  110: 'macro',
  111: 'black and white',
  112: 'pan focus',
  113: 'vivid',
  114: 'neutral',
  115: 'flash off',
  116: 'long shutter',
  117: 'super macro',
  118: 'foliage',
  119: 'indoor',
  120: 'fireworks',
  121: 'beach',
  122: 'underwater',
  123: 'snow',
  124: 'kids and pets',
  125: 'night snapshot',
  126: 'digital macro',
  127: 'my colors',
  128: 'photo in movie',
};

/** As photographers read them in the menu: the quality's code to its name. */
const qualityNames: Readonly<Record<number, string>> = {
  1: 'economy',
  2: 'normal',
  3: 'fine',
  4: 'RAW',
  5: 'superfine',
};

const sizeNames: Readonly<Record<number, string>> = {
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
