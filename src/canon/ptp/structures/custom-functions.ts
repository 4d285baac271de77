/**
 * CustomFuncEx (D1A0): u32 size, u32 number of groups; each group u32 number, u32 size from this
 * word to the group's end, u32 number of items; each item u32 id, u32 number of values, the values.
 * 1300D, 1000D and 1DX send all groups in one record, 60D, 70D, M50 II, R and R6 one group in each of
 * several records: a host indexes by group.
 */
import { type Codec, Reader, type Writer } from '../../../bytes/index.ts';

export interface CustomFunction {
  /** 0x101 exposure steps, 0x60f mirror lockup; numbers differ between bodies. */
  id: number;
  values: number[];
}

export interface CustomFunctionGroup {
  group: number;
  functions: CustomFunction[];
}

const GROUP_HEAD = 12;
const ITEM_HEAD = 8;

export const customFunctions: Codec<{ groups: CustomFunctionGroup[] }> = {
  read(reader) {
    const size = reader.u32();
    if (size !== reader.bytes.length) {
      throw reader.invalid(`size ${size} in ${reader.bytes.length} bytes`, 0);
    }
    const count = reader.u32();
    reader.expect(count, GROUP_HEAD, 'groups');
    const groups: CustomFunctionGroup[] = [];
    for (let i = 0; i < count; i++) groups.push(readGroup(reader));
    return { groups };
  },
  write(writer, { groups }) {
    const start = writer.length;
    writer.u32(0).u32(groups.length);
    for (const group of groups) writeGroup(writer, group);
    writer.patchU32(start, writer.length - start);
  },
};

function readGroup(outer: Reader): CustomFunctionGroup {
  const group = outer.u32();
  const size = outer.u32();
  if (size < 8) throw outer.invalid(`group of ${size} bytes`, outer.offset - 4);
  const reader = new Reader(outer.take(size - 4), 'custom function group');
  const count = reader.u32();
  reader.expect(count, ITEM_HEAD, 'functions');
  const functions: CustomFunction[] = [];
  for (let i = 0; i < count; i++) {
    const id = reader.u32();
    const length = reader.u32();
    reader.expect(length, 4, 'values');
    functions.push({ id, values: Array.from({ length }, () => reader.u32()) });
  }
  return { group, functions };
}

function writeGroup(writer: Writer, { group, functions }: CustomFunctionGroup): void {
  const sizeAt = writer.u32(group).length;
  writer.u32(0).u32(functions.length);
  for (const { id, values } of functions) {
    writer.u32(id).u32(values.length);
    for (const value of values) writer.u32(value);
  }
  writer.patchU32(sizeAt, writer.length - sizeAt);
}
