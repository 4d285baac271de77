/**
 * The containers of PTP over USB (USB Still Image Capture Device Definition 1.0, 7.1): `u32 length,
 * u16 type, u16 code, u32 transaction id`, then parameters or payload. The length counts itself.
 */
import { Reader, Writer } from '../../bytes/index.ts';

export const ContainerType = { Command: 1, Data: 2, Response: 3, Event: 4 } as const;

export const CONTAINER_HEAD = 12;

/** Length of a data container that does not fit into 32 bits: a short packet ends it. */
export const UNKNOWN_LENGTH = 0xffffffff;

/** Containers other than data have at most five parameters; somewhat longer ones are put up with. */
const LONGEST_BLOCK = 64;

export interface ContainerHead {
  /** Of the whole container, in bytes. */
  length: number;
  type: number;
  code: number;
  transactionId: number;
}

/** Reads the first twelve bytes; undefined where no container can begin like that. */
export function decodeContainerHead(bytes: Uint8Array): ContainerHead | undefined {
  const reader = new Reader(bytes, 'container');
  const length = reader.u32();
  const type = reader.u16();
  const head = { length, type, code: reader.u16(), transactionId: reader.u32() };
  if (length < CONTAINER_HEAD || type < ContainerType.Command || type > ContainerType.Event) {
    return undefined;
  }
  return type !== ContainerType.Data && length > LONGEST_BLOCK ? undefined : head;
}

/** As many whole u32 as there are, at most `limit`. */
export function decodeParams(payload: Uint8Array, limit = 5): number[] {
  const reader = new Reader(payload, 'container');
  const params: number[] = [];
  while (params.length < limit && reader.remaining >= 4) params.push(reader.u32());
  return params;
}

/** A whole command, response or event. */
export function encodeBlock(
  type: number,
  code: number,
  transactionId: number,
  params: readonly number[],
): Uint8Array<ArrayBuffer> {
  const writer = headWriter(type, code, transactionId, CONTAINER_HEAD + 4 * params.length);
  for (const param of params) writer.u32(param);
  return owned(writer.finish());
}

/** The twelve bytes before the payload of a data container of `size` bytes. */
export function encodeDataHead(
  code: number,
  transactionId: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const length = Math.min(CONTAINER_HEAD + size, UNKNOWN_LENGTH);
  return owned(headWriter(ContainerType.Data, code, transactionId, length).finish());
}

function headWriter(type: number, code: number, transactionId: number, length: number): Writer {
  return new Writer(CONTAINER_HEAD).u32(length).u16(type).u16(code).u32(transactionId);
}

function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
