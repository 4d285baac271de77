import { ProtocolError } from './protocol-error.ts';

/** Little-endian cursor over bytes. Reading beyond the end throws a ProtocolError, nothing else. */
export class Reader {
  readonly bytes: Uint8Array;
  /** What is being read, for errors: "DeviceInfo". */
  readonly what: string;
  #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, what = 'data') {
    this.bytes = bytes;
    this.what = what;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  /** Moves to an absolute offset, for datasets whose plain reading has failed. */
  seek(offset: number): void {
    if (offset < 0 || offset > this.bytes.length) throw this.truncated(offset - this.#at);
    this.#at = offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  /** A view, not a copy. */
  take(size: number): Uint8Array {
    const from = this.#advance(size);
    return this.bytes.subarray(from, from + size);
  }

  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** Checks a count from the wire against what is left before anything is allocated for it. */
  expect(count: number, bytesEach: number, what: string): void {
    if (count * bytesEach > this.remaining) {
      throw new ProtocolError(
        'TRUNCATED',
        `${this.what}: ${count} ${what} announced, ${this.remaining} bytes left`,
        this.bytes,
        this.#at,
      );
    }
  }

  invalid(message: string, offset = this.#at): ProtocolError {
    return new ProtocolError('INVALID_DATA', `${this.what}: ${message}`, this.bytes, offset);
  }

  truncated(wanted: number): ProtocolError {
    return new ProtocolError(
      'TRUNCATED',
      `${this.what} ends too early: ${wanted} bytes wanted, ${this.remaining} left`,
      this.bytes,
      this.#at,
    );
  }

  #advance(size: number): number {
    const at = this.#at;
    // Not `at + size > length`: a huge or negative size must not pass by overflow.
    if (!(size >= 0 && size <= this.bytes.length - at)) throw this.truncated(size);
    this.#at = at + size;
    return at;
  }
}
