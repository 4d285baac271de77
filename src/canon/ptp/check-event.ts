/**
 * Data of CheckEvent (0x9013): nothing, or one event as a whole container of the interrupt pipe, u32
 * length, u16 type 4, u16 code, u32 transaction id and up to three parameters.
 */
import { dataset, type Reader, type Writer } from '../../bytes/index.ts';

export interface CheckedEvent {
  code: number;
  transactionId: number;
  params: readonly number[];
}

const HEAD = 12;
const EVENT = 4;
const MOST_PARAMS = 5;

export const CheckedEvent = dataset<CheckedEvent | undefined>('CheckEvent', {
  read(reader) {
    if (isBlank(reader)) return undefined;
    const length = reader.u32();
    if (length < HEAD || length > reader.remaining + 4) {
      throw reader.invalid(`an event of ${length} bytes`, 0);
    }
    const type = reader.u16();
    if (type !== EVENT) throw reader.invalid(`a container of type ${type}`, 4);
    const code = reader.u16();
    const transactionId = reader.u32();
    const count = Math.min(MOST_PARAMS, (length - HEAD) >> 2);
    const params = Array.from({ length: count }, () => reader.u32());
    return { code, transactionId, params };
  },
  write(writer: Writer, event) {
    if (!event) return;
    const { code, transactionId, params } = event;
    writer.u32(HEAD + 4 * params.length).u16(EVENT);
    writer.u16(code).u32(transactionId);
    for (const param of params) writer.u32(param);
  },
});

/** Some bodies send zeros where they have nothing to tell. */
function isBlank({ bytes, offset }: Reader): boolean {
  return bytes.subarray(offset).every((byte) => byte === 0);
}
