import { HotshoeError } from '../base/errors.ts';
import { hexdump } from './hexdump.ts';

/** Bytes around the fault that an error carries along. */
const CONTEXT = 64;

/**
 * Bytes that make no sense. `TRUNCATED`: the input ends too early, or a length in it points beyond
 * its end; `INVALID_DATA`: a value that cannot be.
 */
export class ProtocolError extends HotshoeError {
  /** Offset of the fault in the dataset or packet. */
  readonly offset: number;
  /** Hexdump of the bytes around the fault. */
  readonly dump: string;

  constructor(
    code: 'TRUNCATED' | 'INVALID_DATA',
    message: string,
    input: Uint8Array,
    offset: number,
    hint = 'The other side sent bytes that break the protocol; run again with -vv to see them.',
  ) {
    const place = input.length > 0 ? ` (at offset ${offset} of ${input.length} bytes)` : '';
    super(code, `${message}${place}`, { hint });
    this.offset = offset;
    const from = Math.max(0, Math.min(offset, input.length) - CONTEXT) & ~15;
    this.dump = hexdump(input.subarray(from, from + 2 * CONTEXT), { base: from });
  }
}
