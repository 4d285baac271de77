/** Object properties of MTP 1.1: what they are, and many values in one dataset. */
import { array, type Codec, dataset, type Reader, u16, u32, type Writer } from '../bytes/index.ts';
import { DataType, dataTypeName, type PtpValue, ptpString, valueCodec } from './data-types.ts';

export type ObjectPropForm =
  | { kind: 'none' }
  | { kind: 'range'; minimum: PtpValue; maximum: PtpValue; step: PtpValue }
  | { kind: 'enumeration'; values: PtpValue[] }
  | { kind: 'dateTime' }
  | { kind: 'fixedLengthArray'; length: number }
  | { kind: 'regularExpression'; expression: string }
  | { kind: 'byteArray'; maximumLength: number }
  | { kind: 'longString'; maximumLength: number }
  /** A form that MTP 1.1 does not know; its bytes are kept. */
  | { kind: 'unknown'; flag: number; bytes: Uint8Array };

export interface ObjectPropDesc {
  propertyCode: number;
  dataType: number;
  writable: boolean;
  defaultValue: PtpValue;
  /** Properties of one group are cheap to fetch together; 0xFFFFFFFF is slow. */
  groupCode: number;
  form: ObjectPropForm;
}

const FormFlag = {
  none: 0,
  range: 1,
  enumeration: 2,
  dateTime: 3,
  fixedLengthArray: 4,
  regularExpression: 5,
  byteArray: 6,
  longString: 0xff,
} as const;

/** Answer of GetObjectPropDesc. */
export const ObjectPropDesc = dataset<ObjectPropDesc>('ObjectPropDesc', {
  read(reader) {
    const propertyCode = reader.u16();
    const dataType = reader.u16();
    const codec = codecOf(dataType, reader);
    const writable = reader.u8() !== 0;
    const defaultValue = codec.read(reader);
    const groupCode = reader.u32();
    return {
      propertyCode,
      dataType,
      writable,
      defaultValue,
      groupCode,
      form: readForm(reader, codec),
    };
  },
  write(writer, value) {
    const codec = valueCodec(value.dataType);
    if (!codec) throw new RangeError(`unknown datatype ${dataTypeName(value.dataType)}`);
    writer
      .u16(value.propertyCode)
      .u16(value.dataType)
      .u8(value.writable ? 1 : 0);
    codec.write(writer, value.defaultValue);
    writer.u32(value.groupCode);
    writeForm(writer, value.form, codec);
  },
});

function readForm(reader: Reader, codec: Codec<PtpValue>): ObjectPropForm {
  if (reader.remaining === 0) return { kind: 'none' };
  const flag = reader.u8();
  switch (flag) {
    case FormFlag.none:
      return { kind: 'none' };
    case FormFlag.range: {
      const minimum = codec.read(reader);
      const maximum = codec.read(reader);
      return { kind: 'range', minimum, maximum, step: codec.read(reader) };
    }
    case FormFlag.enumeration: {
      const count = reader.u16();
      reader.expect(count, 1, 'values');
      return {
        kind: 'enumeration',
        values: Array.from({ length: count }, () => codec.read(reader)),
      };
    }
    case FormFlag.dateTime:
      return { kind: 'dateTime' };
    case FormFlag.fixedLengthArray:
      return { kind: 'fixedLengthArray', length: reader.u16() };
    case FormFlag.regularExpression:
      return { kind: 'regularExpression', expression: ptpString.read(reader) };
    case FormFlag.byteArray:
      return { kind: 'byteArray', maximumLength: reader.u16() };
    case FormFlag.longString:
      return { kind: 'longString', maximumLength: reader.u16() };
    default:
      return { kind: 'unknown', flag, bytes: reader.rest().slice() };
  }
}

function writeForm(writer: Writer, form: ObjectPropForm, codec: Codec<PtpValue>): void {
  if (form.kind === 'unknown') {
    writer.u8(form.flag).put(form.bytes);
    return;
  }
  writer.u8(FormFlag[form.kind]);
  switch (form.kind) {
    case 'range':
      for (const value of [form.minimum, form.maximum, form.step]) codec.write(writer, value);
      break;
    case 'enumeration':
      writer.u16(form.values.length);
      for (const value of form.values) codec.write(writer, value);
      break;
    case 'fixedLengthArray':
      writer.u16(form.length);
      break;
    case 'regularExpression':
      ptpString.write(writer, form.expression);
      break;
    case 'byteArray':
    case 'longString':
      writer.u16(form.maximumLength);
      break;
    case 'none':
    case 'dateTime':
  }
}

/** One value of one object. */
export interface ObjectPropElement {
  objectHandle: number;
  propertyCode: number;
  dataType: number;
  value: PtpValue;
}

const element: Codec<ObjectPropElement> = {
  read(reader) {
    const objectHandle = reader.u32();
    const propertyCode = reader.u16();
    const dataType = reader.u16();
    const value = codecOf(dataType, reader).read(reader);
    return { objectHandle, propertyCode, dataType, value };
  },
  write(writer, value) {
    const codec = valueCodec(value.dataType);
    if (!codec) throw new RangeError(`unknown datatype ${dataTypeName(value.dataType)}`);
    writer.u32(value.objectHandle).u16(value.propertyCode).u16(value.dataType);
    codec.write(writer, value.value);
  },
};

/** Handle, code and type, and a value of at least one byte. */
const SMALLEST_ELEMENT = 9;

/** Answer of GetObjectPropList; data of SetObjectPropList and SendObjectPropList. */
export const ObjectPropList = dataset('ObjectPropList', array(u32, element, SMALLEST_ELEMENT));

/**
 * Answer of GetInterdependentPropDesc: sets of descriptions that hold together. The width of the
 * inner count is from one source only; no device seen implements the operation.
 */
export const InterdependentPropDesc = dataset(
  'InterdependentPropDesc',
  array(u32, array(u16, ObjectPropDesc, SMALLEST_ELEMENT), 2),
);

/** The text of properties that are arrays of 16-bit units instead of strings. */
export function textOfUnits(value: PtpValue): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return String(value);
  const end = value.indexOf(0);
  const units: number[] = end < 0 ? value : value.slice(0, end);
  let text = '';
  for (const unit of units) text += String.fromCharCode(unit);
  return text;
}

function codecOf(dataType: number, reader: Reader): Codec<PtpValue> {
  const codec = dataType === DataType.UNDEF ? undefined : valueCodec(dataType);
  if (!codec) throw reader.invalid(`unknown datatype ${dataTypeName(dataType)}`, reader.offset - 2);
  return codec;
}
