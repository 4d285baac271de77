import { expect } from 'vitest';
import { ProtocolError } from '../../src/bytes/index.ts';

/** What `run` throws; fails where it throws nothing. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

/** The ProtocolError that `run` throws; fails for nothing and for anything else. */
export function protocolErrorOf(run: () => unknown): ProtocolError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ProtocolError);
  return error as ProtocolError;
}

/**
 * How a decoder takes bytes that may be anything: 'value', or the code of its ProtocolError; fails
 * for any other error. The bytes lie inside a larger buffer, once among zeros and once among ones,
 * so that a decoder that reads beyond its input gives two different answers.
 */
export function outcomeOnAnyBytes(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): string {
  const [amongZeros, amongOnes] = [0x00, 0xff].map((filler) => {
    const buffer = new Uint8Array(bytes.length + 64).fill(filler);
    buffer.set(bytes, 32);
    try {
      return { value: decode(buffer.subarray(32, 32 + bytes.length)) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { code: error.code, message: error.message };
    }
  });
  expect(amongOnes).toEqual(amongZeros);
  return amongZeros?.code ?? 'value';
}
