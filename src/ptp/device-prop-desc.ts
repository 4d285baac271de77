/** DevicePropDesc: what a property is, what it is set to, what it may be set to. */
import { type Codec, dataset, ProtocolError, type Reader, type Writer } from '../bytes/index.ts';
import { DataType, dataTypeName, integerSize, type PtpValue, valueCodec } from './data-types.ts';

export type PropertyForm =
  | { kind: 'none' }
  | { kind: 'range'; minimum: PtpValue; maximum: PtpValue; step: PtpValue }
  | {
      kind: 'enumeration';
      values: PtpValue[];
      /**
       * The elements stand on the wire as 16 bit although the property is declared 8 bit. EOS
       * bodies write BatteryLevel so (seen on the 60D).
       */
      doubleWidth?: true;
    };

export interface DevicePropDesc {
  propertyCode: number;
  dataType: number;
  writable: boolean;
  factoryDefault: PtpValue;
  /** May lie outside the form: real cameras do that. */
  current: PtpValue;
  form: PropertyForm;
}

const FORM_RANGE = 1;
const FORM_ENUMERATION = 2;

export const DevicePropDesc = dataset<DevicePropDesc>('DevicePropDesc', {
  read(reader) {
    const propertyCode = reader.u16();
    const dataType = reader.u16();
    const codec = valueCodec(dataType);
    if (!codec) throw reader.invalid(`unknown datatype ${dataTypeName(dataType)}`, 2);
    const writable = reader.u8() !== 0;
    const factoryDefault = codec.read(reader);
    // A string property may end after its default; then that is the current value.
    const endsHere = dataType === DataType.STR && reader.remaining === 0;
    const current = endsHere ? factoryDefault : codec.read(reader);
    const form = readForm(reader, dataType, codec);
    return { propertyCode, dataType, writable, factoryDefault, current, form };
  },
  write(writer, value) {
    const codec = valueCodec(value.dataType);
    if (!codec) throw new RangeError(`unknown datatype ${dataTypeName(value.dataType)}`);
    writer
      .u16(value.propertyCode)
      .u16(value.dataType)
      .u8(value.writable ? 1 : 0);
    codec.write(writer, value.factoryDefault);
    codec.write(writer, value.current);
    writeForm(writer, value.form, value.dataType, codec);
  },
});

function readForm(reader: Reader, dataType: number, codec: Codec<PtpValue>): PropertyForm {
  if (reader.remaining === 0) return { kind: 'none' };
  const flag = reader.u8();
  if (flag === FORM_RANGE) {
    const minimum = codec.read(reader);
    const maximum = codec.read(reader);
    return { kind: 'range', minimum, maximum, step: codec.read(reader) };
  }
  if (flag !== FORM_ENUMERATION) return { kind: 'none' };
  const count = reader.u16();
  if (integerSize(dataType) === 1 && count > 0 && reader.remaining === 2 * count) {
    const wide = doubleWidthCodec(dataType);
    const values: PtpValue[] = [];
    for (let i = 0; i < count; i++) values.push(wide.read(reader));
    return { kind: 'enumeration', values, doubleWidth: true };
  }
  const values: PtpValue[] = [];
  for (let i = 0; i < count && reader.remaining > 0; i++) values.push(codec.read(reader));
  if (values.length < count) {
    // A count in the wrong byte order (HP PhotoSmart 120) is no reason to lose the values.
    const swapped = ((count & 0xff) << 8) | (count >> 8);
    if (swapped <= values.length) {
      return { kind: 'enumeration', values: values.slice(0, swapped) };
    }
    throw new ProtocolError(
      'TRUNCATED',
      `${reader.what}: ${count} values announced, ${values.length} found`,
      reader.bytes,
      reader.offset,
    );
  }
  return { kind: 'enumeration', values };
}

function doubleWidthCodec(dataType: number): Codec<PtpValue> {
  const wide = dataType === DataType.INT8 ? DataType.INT16 : DataType.UINT16;
  return valueCodec(wide) as Codec<PtpValue>;
}

function writeForm(
  writer: Writer,
  form: PropertyForm,
  dataType: number,
  codec: Codec<PtpValue>,
): void {
  switch (form.kind) {
    case 'none':
      writer.u8(0);
      return;
    case 'range':
      writer.u8(FORM_RANGE);
      codec.write(writer, form.minimum);
      codec.write(writer, form.maximum);
      codec.write(writer, form.step);
      return;
    case 'enumeration': {
      const element = form.doubleWidth ? doubleWidthCodec(dataType) : codec;
      writer.u8(FORM_ENUMERATION).u16(form.values.length);
      for (const value of form.values) element.write(writer, value);
    }
  }
}
