/**
 * Datasets are declared once, as codecs; decoding, encoding and the TypeScript type come from that
 * one declaration.
 */
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface Codec<T> {
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

/** The value type of a codec: `type DeviceInfo = Infer<typeof DeviceInfo>`. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

export interface Struct<T> extends Codec<T> {
  readonly name: string;
  /** Bytes behind the last field are ignored: real bodies send some. */
  decode(bytes: Uint8Array): T;
  encode(value: T): Uint8Array;
}

export const u8: Codec<number> = { read: (r) => r.u8(), write: (w, v) => void w.u8(v) };
export const i8: Codec<number> = { read: (r) => r.i8(), write: (w, v) => void w.i8(v) };
export const u16: Codec<number> = { read: (r) => r.u16(), write: (w, v) => void w.u16(v) };
export const i16: Codec<number> = { read: (r) => r.i16(), write: (w, v) => void w.i16(v) };
export const u32: Codec<number> = { read: (r) => r.u32(), write: (w, v) => void w.u32(v) };
export const i32: Codec<number> = { read: (r) => r.i32(), write: (w, v) => void w.i32(v) };
export const u64: Codec<bigint> = { read: (r) => r.u64(), write: (w, v) => void w.u64(v) };

/** Gives a whole dataset its name, `decode` and `encode`. */
/* @__NO_SIDE_EFFECTS__ */
export function dataset<T>(name: string, codec: Codec<T>): Struct<T> {
  return {
    name,
    read: codec.read,
    write: codec.write,
    decode: (bytes) => codec.read(new Reader(bytes, name)),
    encode(value) {
      const writer = new Writer();
      codec.write(writer, value);
      return writer.finish();
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the fields' own types are inferred, not lost
type Fields = Record<string, Codec<any>>;
type Values<F extends Fields> = { [K in keyof F]: Infer<F[K]> };

/** Fields in the order of the declaration, without padding. */
/* @__NO_SIDE_EFFECTS__ */
export function struct<F extends Fields>(name: string, fields: F): Struct<Values<F>> {
  const entries = Object.entries(fields);
  return dataset<Values<F>>(name, {
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const [key, codec] of entries) value[key] = codec.read(reader);
      return value as Values<F>;
    },
    write(writer, value) {
      for (const [key, codec] of entries) codec.write(writer, value[key as keyof F]);
    },
  });
}

/** `count` is the codec of the number of elements; `minBytes` the smallest element. */
/* @__NO_SIDE_EFFECTS__ */
export function array<T>(count: Codec<number>, element: Codec<T>, minBytes: number): Codec<T[]> {
  return {
    read(reader) {
      const length = count.read(reader);
      reader.expect(length, minBytes, 'elements');
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(element.read(reader));
      return values;
    },
    write(writer, values) {
      count.write(writer, values.length);
      for (const value of values) element.write(writer, value);
    },
  };
}

/** A field that some bodies leave out at the end of a dataset; then it reads as `fallback`. */
/* @__NO_SIDE_EFFECTS__ */
export function tail<T>(codec: Codec<T>, fallback: T): Codec<T> {
  return {
    read: (reader) => (reader.remaining === 0 ? fallback : codec.read(reader)),
    write: codec.write,
  };
}

/** `size` bytes as they are. */
/* @__NO_SIDE_EFFECTS__ */
export function bytes(size: number): Codec<Uint8Array> {
  return {
    read: (reader) => reader.take(size).slice(),
    write(writer, value) {
      if (value.length !== size)
        throw new RangeError(`${value.length} bytes given, ${size} wanted`);
      writer.put(value);
    },
  };
}
