/** The values of EOS properties: bytes to numbers, texts and structures, and back. */
import { type Codec, ProtocolError, Reader, struct, Writer } from '../../bytes/index.ts';
import { decodeImageFormat, encodeImageFormat, type ImageFormat } from './image-format.ts';
import { decodeCells, decodeText, encodeText } from './prop-value.ts';
import { type NumberType, propertyType } from './property-types.ts';
import { readWhole, restBytes, type Sent, writeWhole } from './sent.ts';
import { type CustomFunctionGroup, customFunctions } from './structures/custom-functions.ts';
import { type FlatFields, type FlatLayout, type FlatName, flatLayouts } from './structures/flat.ts';
import { type FocusInfo, focusInfo } from './structures/focus-info.ts';

export type EosValue = Sent &
  (
    | {
        kind: 'number';
        /** Of the property's own width: what else the cell holds is not part of it. */
        value: number;
      }
    | {
        kind: 'text';
        text: string;
        /** Bytes of the field, if it is longer than the text and its terminator. */
        size?: number;
      }
    | { kind: 'imageFormat'; files: ImageFormat }
    | { kind: 'customFunctions'; groups: CustomFunctionGroup[] }
    | { kind: 'focusInfo'; info: FocusInfo }
    | { kind: 'fields'; structure: FlatName; fields: FlatFields }
    | {
        /** Words behind one that gives the size, of unknown meaning. */
        kind: 'words';
        words: number[];
      }
    | { kind: 'bytes'; bytes: Uint8Array }
  );

const CELL = 4;

/** Never throws: what does not fit its property's layout is words or bytes. */
export function decodeEosValue(property: number, bytes: Uint8Array): EosValue {
  for (const codec of candidates(property, bytes)) {
    try {
      return readWhole(codec, bytes, 'property value');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return { kind: 'bytes', bytes };
}

/** Throws a RangeError for numbers and texts that the property cannot hold. */
export function encodeEosValue(property: number, value: EosValue): Uint8Array {
  const writer = new Writer();
  writeWhole(codecOf(property, value), writer, value);
  return writer.finish();
}

/**
 * The choices of an AvailListChanged record, one by one: cells, or structures that give their own
 * size. Throws a ProtocolError where the bytes do not hold as many as announced.
 */
export function splitChoices(
  property: number,
  { count, entries }: { count: number; entries: Uint8Array },
): Uint8Array[] {
  const reader = new Reader(entries, 'list of choices');
  reader.expect(count, CELL, 'choices');
  const choices: Uint8Array[] = [];
  const cells = entries.length === CELL * count;
  for (let i = 0; i < count; i++) {
    const size = cells ? CELL : choiceSize(property, entries.subarray(reader.offset));
    choices.push(reader.take(size));
  }
  return choices;
}

function choiceSize(property: number, bytes: Uint8Array): number {
  const reader = new Reader(bytes, 'choice');
  const first = reader.u32();
  if (propertyType(property) === 'imageFormat') {
    // Number of files, each with its own size.
    for (let i = 0; i < first; i++) {
      const size = reader.u32();
      if (size < CELL) throw reader.invalid(`entry of ${size} bytes`, reader.offset - CELL);
      reader.take(size - CELL);
    }
    return reader.offset;
  }
  if (first < CELL) throw reader.invalid(`structure of ${first} bytes`, 0);
  return first;
}

/** Layouts that may fit, the likeliest first. */
function candidates(property: number, bytes: Uint8Array): Codec<EosValue>[] {
  const codecs: Codec<EosValue>[] = [];
  const type = propertyType(property);
  switch (type) {
    case 'text':
      return [textCodec];
    case 'imageFormat':
      codecs.push(imageFormatCodec);
      break;
    case 'customFunctions':
      codecs.push(customFunctionsCodec);
      break;
    case 'focusInfo':
      codecs.push(focusInfoCodec);
      break;
    case 'u8':
    case 'i8':
    case 'u16':
    case 'i16':
    case 'u32':
    case 'i32':
    case undefined:
      break;
    default: {
      const layout = layoutFor(type, bytes.length);
      if (layout) codecs.push(fieldsCodec(type, layout));
    }
  }
  if (bytes.length === CELL) codecs.push(numberCodec(numberType(property)));
  else if (bytes.length > CELL) codecs.push(wordsCodec);
  return codecs;
}

function codecOf(property: number, value: EosValue): Codec<EosValue> {
  switch (value.kind) {
    case 'number':
      return numberCodec(numberType(property));
    case 'text':
      return textCodec;
    case 'imageFormat':
      return imageFormatCodec;
    case 'customFunctions':
      return customFunctionsCodec;
    case 'focusInfo':
      return focusInfoCodec;
    case 'fields': {
      const layouts: readonly FlatLayout[] = flatLayouts[value.structure];
      const layout = layouts.find(
        ({ fields }) => fields.length === Object.keys(value.fields).length,
      );
      if (!layout) throw new RangeError(`${value.structure} has no form of these fields`);
      return fieldsCodec(value.structure, layout);
    }
    case 'words':
      return wordsCodec;
    case 'bytes':
      return bytesCodec;
  }
}

function layoutFor(name: FlatName, size: number): FlatLayout | undefined {
  const layouts: readonly FlatLayout[] = flatLayouts[name];
  return layouts.find((layout) => layout.size === size);
}

const NUMBER_TYPES: readonly unknown[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32'];

/** Unlisted properties and structures that came as a cell are numbers of 32 bits. */
function numberType(property: number): NumberType {
  const type = propertyType(property);
  return NUMBER_TYPES.includes(type) ? (type as NumberType) : 'u32';
}

type Of<K extends EosValue['kind']> = Extract<EosValue, { kind: K }>;

/** A codec of one kind as one of all: `codecOf` and the decoder choose by the kind. */
function forKind<K extends EosValue['kind']>(codec: Codec<Of<K>>): Codec<EosValue> {
  return codec as unknown as Codec<EosValue>;
}

/** In the low bytes of a cell; bytes are not extended by their sign, i32 are. */
function numberCodec(type: NumberType): Codec<EosValue> {
  return forKind<'number'>({
    read(reader) {
      const cell = reader.take(CELL);
      return { kind: 'number', value: new Reader(cell, 'property value')[type]() };
    },
    write(writer, { value }) {
      const start = writer.length;
      writer[type](value).zeros(CELL - (writer.length - start));
    },
  });
}

/** Some bodies put a zero byte before the text of an adapted lens. */
const textCodec = forKind<'text'>({
  read(reader) {
    const bytes = reader.rest();
    const from = bytes.findIndex((byte) => byte !== 0);
    const text = from < 0 ? '' : decodeText(bytes.subarray(from));
    const size = bytes.length;
    return size === text.length + 1 ? { kind: 'text', text } : { kind: 'text', text, size };
  },
  write(writer, { text, size = 0 }) {
    const bytes = encodeText(text);
    if (size > 0 && bytes.length > size) {
      throw new RangeError(`${JSON.stringify(text)} does not fit into ${size} bytes`);
    }
    writer.put(bytes).zeros(Math.max(0, size - bytes.length));
  },
});

const imageFormatCodec = forKind<'imageFormat'>({
  read: (reader) => ({ kind: 'imageFormat', files: decodeImageFormat(reader.rest()) }),
  write: (writer, { files }) => void writer.put(encodeImageFormat(files)),
});

const customFunctionsCodec = forKind<'customFunctions'>({
  read: (reader) => ({ kind: 'customFunctions', ...customFunctions.read(reader) }),
  write: (writer, value) => customFunctions.write(writer, value),
});

const focusInfoCodec = forKind<'focusInfo'>({
  read: (reader) => ({ kind: 'focusInfo', info: focusInfo.read(reader) }),
  write: (writer, { info }) => focusInfo.write(writer, info),
});

function fieldsCodec(structure: FlatName, { codec }: FlatLayout): Codec<EosValue> {
  return forKind<'fields'>({
    read: (reader) => ({ kind: 'fields', structure, fields: codec.read(reader) }),
    write: (writer, { fields }) => codec.write(writer, fields),
  });
}

const wordsCodec = forKind<'words'>({
  read(reader) {
    const size = reader.u32();
    if (size !== reader.bytes.length || size % CELL !== 0) {
      throw reader.invalid(`${reader.bytes.length} bytes that do not give their size`, 0);
    }
    return { kind: 'words', words: decodeCells(reader.rest()) };
  },
  write(writer, { words }) {
    writer.u32(CELL * (words.length + 1));
    for (const word of words) writer.u32(word);
  },
});

const bytesCodec = forKind<'bytes'>(struct('bytes', { bytes: restBytes }) as never);
