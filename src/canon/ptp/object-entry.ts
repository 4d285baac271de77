/**
 * How EOS bodies describe a file or folder: the same fields in ObjectAddedEx records and in the
 * entries of GetObjectInfoEx, with a size of 32 or 64 bits.
 */
import { type Codec, struct, u32, u64 } from '../../bytes/index.ts';
import { ptpString } from '../../ptp/index.ts';
import { decodeText, encodeText } from './prop-value.ts';

export const ObjectFlag = {
  Protected: 0x01,
  Folder: 0x10,
  /** Not downloaded yet. */
  New: 0x20,
} as const;

export interface EosObject {
  handle: number;
  storageId: number;
  format: number;
  /** Word of unknown meaning: 1 for every folder seen in a directory, 0 in event records. */
  unknown: number;
  flags: number;
  size: number;
  parent: number;
  /** Handle shared by the files of one shot; a folder's own handle. */
  group: number;
  /** Empty where the record has none. */
  name: string;
  /** Seconds since 1970 by the camera's own clock. */
  time: number;
}

/** A name in a field of fixed size, padded with zeros. */
export function nameField(size: number): Codec<string> {
  return {
    read: (reader) => decodeText(reader.take(size)),
    write(writer, name) {
      const bytes = encodeText(name).subarray(0, size);
      writer.put(bytes).zeros(size - bytes.length);
    },
  };
}

/** Names in these entries. */
export const name16: Codec<string> = nameField(16);

/** u16 with two bytes of padding behind it. */
export const paddedU16: Codec<number> = {
  read(reader) {
    const value = reader.u16();
    reader.take(2);
    return value;
  },
  write: (writer, value) => void writer.u16(value).zeros(2),
};

/** u64 as a number: sizes of files stay far below 2^53, but for all ones, which are 2^64 then. */
export const size64: Codec<number> = {
  read: (reader) => Number(u64.read(reader)),
  write: (writer, value) => u64.write(writer, value >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(value)),
};

/** Sizes of 4 GiB and more do not fit into the old form. */
export const size32: Codec<number> = {
  read: (reader) => u32.read(reader),
  write: (writer, value) => u32.write(writer, Math.min(value, 0xffffffff)),
};

const head = {
  handle: u32,
  storageId: u32,
  format: paddedU16,
  unknown: u32,
  flags: u32,
};

/** 52 bytes: C181, C187 and, behind the size word, GetObjectInfoEx (0x9109). */
export const object32: Codec<EosObject> = struct('EOS object', {
  ...head,
  size: size32,
  parent: u32,
  group: u32,
  name: name16,
  time: u32,
});

/** 56 bytes: C1A7, C1A8 and, behind the size word, GetObjectInfoEx64 (0x9173). */
export const object64: Codec<EosObject> = struct('EOS object', {
  ...head,
  size: size64,
  parent: u32,
  group: u32,
  name: name16,
  time: u32,
});

/** C1B6, C1B7: the name comes last, in UTF-16. */
export const objectLongName: Codec<EosObject> = struct('EOS object', {
  ...head,
  size: size64,
  parent: u32,
  group: u32,
  time: u32,
  name: ptpString,
});
