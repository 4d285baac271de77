/** Bytes: cursors, declared datasets, hexdump. Imports nothing but the error base. */
export { hex16, hex32, hexdump, parseHex, toHex } from './hexdump.ts';
export { ProtocolError } from './protocol-error.ts';
export { Reader } from './reader.ts';
export type { Codec, Infer, Struct } from './struct.ts';
export { array, bytes, dataset, i8, i16, i32, struct, tail, u8, u16, u32, u64 } from './struct.ts';
export { Writer } from './writer.ts';
