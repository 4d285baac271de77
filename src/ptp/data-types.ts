/** Datatypes of ISO 15740: integers, arrays of integers, strings. */
import type { Codec, Reader, Writer } from '../bytes/index.ts';
import { array, u32 } from '../bytes/index.ts';

export const DataType = {
  UNDEF: 0x0000,
  INT8: 0x0001,
  UINT8: 0x0002,
  INT16: 0x0003,
  UINT16: 0x0004,
  INT32: 0x0005,
  UINT32: 0x0006,
  INT64: 0x0007,
  UINT64: 0x0008,
  INT128: 0x0009,
  UINT128: 0x000a,
  STR: 0xffff,
} as const;

/** Added to the code of an integer type: an array of it, with a u32 count. */
export const ARRAY = 0x4000;

/** 64 and 128 bit integers are bigint, smaller ones number. */
export type PtpValue = number | bigint | string | readonly (number | bigint)[];

/** Longest string: the count is one byte and includes the terminator. */
const MAX_UNITS = 254;

/**
 * A counted UTF-16 string. Reads what real devices send: a missing terminator, text behind it, lone
 * surrogates. The value ends at the first NUL; all counted units are consumed.
 */
export const ptpString: Codec<string> = {
  read(reader) {
    const count = reader.u8();
    reader.expect(count, 2, 'characters');
    let text = '';
    let ended = false;
    for (let i = 0; i < count; i++) {
      const unit = reader.u16();
      if (unit === 0) ended = true;
      if (!ended) text += String.fromCharCode(unit);
    }
    return text;
  },
  write(writer, text) {
    if (text.length > MAX_UNITS) {
      throw new RangeError(
        `a PTP string holds ${MAX_UNITS} characters, this one has ${text.length}`,
      );
    }
    if (text.includes('\0')) throw new RangeError('a PTP string cannot hold a NUL character');
    if (text === '') {
      writer.u8(0);
      return;
    }
    writer.u8(text.length + 1);
    for (let i = 0; i < text.length; i++) writer.u16(text.charCodeAt(i));
    writer.u16(0);
  },
};

interface IntegerType {
  name: string;
  size: number;
  codec: Codec<number | bigint>;
}

const integer = <T extends number | bigint>(
  name: string,
  size: number,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): IntegerType => ({
  name,
  size,
  codec: { read, write: (writer, value) => write(writer, value as T) },
});

const INTEGERS: Readonly<Record<number, IntegerType>> = {
  [DataType.INT8]: integer(
    'INT8',
    1,
    (r) => r.i8(),
    (w, v) => void w.i8(v),
  ),
  [DataType.UINT8]: integer(
    'UINT8',
    1,
    (r) => r.u8(),
    (w, v) => void w.u8(v),
  ),
  [DataType.INT16]: integer(
    'INT16',
    2,
    (r) => r.i16(),
    (w, v) => void w.i16(v),
  ),
  [DataType.UINT16]: integer(
    'UINT16',
    2,
    (r) => r.u16(),
    (w, v) => void w.u16(v),
  ),
  [DataType.INT32]: integer(
    'INT32',
    4,
    (r) => r.i32(),
    (w, v) => void w.i32(v),
  ),
  [DataType.UINT32]: integer(
    'UINT32',
    4,
    (r) => r.u32(),
    (w, v) => void w.u32(v),
  ),
  [DataType.INT64]: integer(
    'INT64',
    8,
    (r) => r.i64(),
    (w, v) => void w.i64(v),
  ),
  [DataType.UINT64]: integer(
    'UINT64',
    8,
    (r) => r.u64(),
    (w, v) => void w.u64(v),
  ),
  [DataType.INT128]: integer(
    'INT128',
    16,
    (r) => r.u64() | (r.i64() << 64n),
    (w, v) => void w.u64(BigInt.asUintN(64, v)).i64(v >> 64n),
  ),
  [DataType.UINT128]: integer(
    'UINT128',
    16,
    (r) => r.u64() | (r.u64() << 64n),
    (w, v) => void w.u64(BigInt.asUintN(64, v)).u64(v >> 64n),
  ),
};

/** "UINT16", "AUINT8", "STR", or the code in hexadecimal. */
export function dataTypeName(type: number): string {
  if (type === DataType.STR) return 'STR';
  if (type === DataType.UNDEF) return 'UNDEF';
  const element = INTEGERS[type & ~ARRAY];
  if (!element) return `0x${type.toString(16).padStart(4, '0')}`;
  return (type & ARRAY ? 'A' : '') + element.name;
}

/** Codec of a value of datatype `type`; undefined for a type that ISO 15740 does not know. */
export function valueCodec(type: number): Codec<PtpValue> | undefined {
  if (type === DataType.STR) return ptpString as Codec<PtpValue>;
  const element = INTEGERS[type & ~ARRAY];
  if (!element) return undefined;
  if (type & ARRAY) return array(u32, element.codec, element.size) as Codec<PtpValue>;
  return element.codec as Codec<PtpValue>;
}

/** Bytes of one value of an integer type, undefined for strings and arrays. */
export function integerSize(type: number): number | undefined {
  return INTEGERS[type]?.size;
}
