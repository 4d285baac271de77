/**
 * Values of EOS properties that are a row of numbers and texts, most of them behind a word with
 * their own size. Layouts from captures and camera listings; fields of unknown meaning are numbered.
 */
import { type Codec, i32, u8, u16, u32 } from '../../../bytes/index.ts';
import { nameField } from '../object-entry.ts';

export type FlatFields = Readonly<Record<string, number | string>>;

export interface FlatLayout {
  /** Bytes in all. */
  size: number;
  codec: Codec<FlatFields>;
  fields: readonly string[];
}

interface Field {
  readonly name: string;
  readonly bytes: number;
  readonly codec: Codec<number> | Codec<string>;
}

/** Nested, not spread: bundlers keep what is spread, used or not. */
type Fields = readonly (Field | readonly Field[])[];

/* @__NO_SIDE_EFFECTS__ */
function word(name: string): Field {
  return { name, bytes: 4, codec: u32 };
}

/* @__NO_SIDE_EFFECTS__ */
function signed(name: string): Field {
  return { name, bytes: 4, codec: i32 };
}

/* @__NO_SIDE_EFFECTS__ */
function text(name: string, bytes: number): Field {
  return { name, bytes, codec: nameField(bytes) };
}

/* @__NO_SIDE_EFFECTS__ */
function flat(parts: Fields, padding = 0): FlatLayout {
  const fields: readonly Field[] = parts.flat();
  const size = fields.reduce((sum, { bytes }) => sum + bytes, padding);
  return {
    size,
    fields: fields.map(({ name }) => name),
    codec: {
      read(reader) {
        const values = Object.fromEntries(
          fields.map(({ name, codec }) => [name, codec.read(reader)]),
        );
        reader.take(padding);
        return values;
      },
      write(writer, values) {
        for (const { name, codec } of fields) codec.write(writer, values[name] as never);
        writer.zeros(padding);
      },
    },
  };
}

/** Behind a word that gives the size, itself included. */
/* @__NO_SIDE_EFFECTS__ */
function sized(fields: Fields): FlatLayout {
  const { size: inner, codec, fields: names } = flat(fields);
  const size = inner + 4;
  return {
    size,
    fields: names,
    codec: {
      read(reader) {
        const announced = reader.u32();
        if (announced !== size) throw reader.invalid(`size ${announced} in ${size} bytes`, 0);
        return codec.read(reader);
      },
      write: (writer, values) => codec.write(writer.u32(size), values),
    },
  };
}

const tone = [
  signed('contrast'),
  signed('sharpness'),
  signed('saturation'),
  signed('colorTone'),
  signed('filter'),
  signed('toning'),
];

const focusShift = [
  word('version'),
  word('enabled'),
  word('shots'),
  word('stepWidth'),
  word('exposureSmoothing'),
];

const movie4 = [
  word('unknown1'),
  word('resolution'),
  word('frameRateHundredths'),
  word('gopLength'),
  word('unknown2'),
  word('compression'),
  word('unknown3'),
  word('light'),
];

/** One to eight of the same. */
/* @__NO_SIDE_EFFECTS__ */
function repeat(count: number, fields: (number: number) => Field[]): readonly Field[] {
  return Array.from({ length: count }, (_, i) => fields(i + 1)).flat();
}

/**
 * By name; where a structure grew with the bodies, its forms from the oldest on. They are told apart
 * by their sizes.
 */
export const flatLayouts = {
  /** Contrast -4 to 4, sharpness 0 to 7, saturation and tone -4 to 4, filter and toning 0 to 4. */
  pictureStyle: [sized([tone])],
  /** Base style: a value of D110, 0x81 to 0x87. */
  pictureStyleUser: [sized([word('baseStyle'), tone])],
  pictureStyleEx: [sized([word('version'), tone, signed('fineness'), signed('threshold')])],
  pictureStyleExUser: [
    sized([word('version'), word('baseStyle'), tone, signed('fineness'), signed('threshold')]),
  ],
  /** Minutes east of UTC, without summer time. */
  timezone: [sized([word('zone'), signed('minutes')])],
  movieParam: [sized([word('unknown1'), word('unknown2'), word('frameRate'), word('gopLength')])],
  /** Resolution 1 at 50 and 60 frames on a 1300D, whose only such mode is 1280x720. */
  movieParam2: [
    sized([
      word('unknown1'),
      word('resolution'),
      word('frameRate'),
      word('gopLength'),
      word('unknown2'),
    ]),
  ],
  /** Resolution 5 3840x2160, 0 1920x1080, 1 1280x720; GOP length 1 and compression 1: ALL-I. */
  movieParam4: [sized([movie4]), sized([movie4, word('unknown4'), word('unknown5')])],
  /** Codec 0 standard IPB, 1 light IPB; read-out 0x10 fine, 8 cropped, 0 others. */
  movieParam5: [
    sized([
      word('frameRateHundredths'),
      word('resolution'),
      word('unknown1'),
      word('unknown2'),
      word('codec'),
      word('unknown3'),
      word('unknown4'),
      word('unknown5'),
      word('readout'),
    ]),
  ],
  /** Version 1 (R6, 90D) and 3 (R10). Step width 1 to 10; trimming -1 and flash -2: unavailable. */
  focusShift: [
    sized([focusShift]),
    sized([focusShift, word('stacking'), signed('trimming'), signed('flashInterval')]),
  ],
  timeShoot: [sized([word('unknown1'), word('unknown2'), word('unknown3'), word('unknown4')])],
  intervalShoot: [
    sized([word('unknown1'), word('unknown2'), word('unknown3'), word('interval'), word('count')]),
  ],
  hdr: [
    sized([
      word('unknown1'),
      word('unknown2'),
      word('unknown3'),
      word('unknown4'),
      word('unknown5'),
    ]),
  ],
  /** 1000 on new bodies, 14000 on an EOS R: probably releases, rounded to thousands. */
  releaseCounter: [sized([word('version'), word('releases'), word('releases2')])],
  /** 400D: one block for each custom function. */
  customFunction: [sized([{ name: 'value', bytes: 1, codec: u8 }])],
  /** Charge in per cent, by the one sample of an EOS R. */
  batteryInfo: [sized([word('charge'), word('unknown1'), word('unknown2'), text('name', 10)])],
  /** The first battery of a grip; stale bytes behind it. */
  batteryInfoEx: [
    flat(
      [
        word('count'),
        word('unknown1'),
        { name: 'unknown2', bytes: 1, codec: u8 },
        { name: 'unknown3', bytes: 2, codec: u16 },
        text('name', 10),
        { name: 'unknown4', bytes: 2, codec: u16 },
        word('serial'),
      ],
      69,
    ),
  ],
  errorHistory: [
    sized([word('version'), repeat(8, (n) => [word(`error${n}`), word(`detail${n}`)])]),
  ],
  /** `key` is 0xFFFFFFFF for unused entries. */
  lensHistory: [
    sized([word('version'), repeat(5, (n) => [word(`key${n}`), text(`lens${n}`, 64)])]),
  ],
} as const satisfies Record<string, readonly FlatLayout[]>;

export type FlatName = keyof typeof flatLayouts;
