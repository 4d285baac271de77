/** The containers of the USB Still Image class (1.0, section 7.1), from the camera's side. */
import { struct, u16, u32, Writer } from '../../bytes/index.ts';

export const ContainerType = { Command: 1, Data: 2, Response: 3, Event: 4 } as const;

export const CONTAINER_HEAD = 12;
/** A command or response with all its five parameters. */
export const LONGEST_BLOCK = 32;
/** Stands for a length that does not fit: a short packet is the end. */
export const UNKNOWN_LENGTH = 0xffffffff;

/** `length` counts the head too. */
export const ContainerHead = struct('container', {
  length: u32,
  type: u16,
  code: u16,
  transactionId: u32,
});

export interface Block {
  type: number;
  code: number;
  transactionId: number;
  params?: readonly number[] | undefined;
}

/** A command, response or event. */
export function encodeBlock({ type, code, transactionId, params = [] }: Block): Uint8Array {
  const writer = new Writer(LONGEST_BLOCK);
  ContainerHead.write(writer, {
    length: CONTAINER_HEAD + 4 * params.length,
    type,
    code,
    transactionId,
  });
  for (const param of params) writer.u32(param);
  return writer.finish();
}

/** The head of a data container with `size` bytes of payload. */
export function encodeDataHead(code: number, transactionId: number, size: number): Uint8Array {
  const length = Math.min(CONTAINER_HEAD + size, UNKNOWN_LENGTH);
  return ContainerHead.encode({ length, type: ContainerType.Data, code, transactionId });
}
