/** Little-endian writer that grows. Numbers out of range are a programming error: RangeError. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    check(value, 0, 0xff);
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
    return this;
  }

  i8(value: number): this {
    check(value, -0x80, 0x7f);
    const at = this.#advance(1);
    this.#view.setInt8(at, value);
    return this;
  }

  u16(value: number): this {
    check(value, 0, 0xffff);
    const at = this.#advance(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  i16(value: number): this {
    check(value, -0x8000, 0x7fff);
    const at = this.#advance(2);
    this.#view.setInt16(at, value, true);
    return this;
  }

  u32(value: number): this {
    check(value, 0, 0xffffffff);
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  i32(value: number): this {
    check(value, -0x80000000, 0x7fffffff);
    const at = this.#advance(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    if (value < 0n || value > 0xffffffffffffffffn) throw new RangeError(`${value} is not a u64`);
    const at = this.#advance(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  i64(value: bigint): this {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is not an i64`);
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value, true);
    return this;
  }

  put(bytes: Uint8Array): this {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    this.#advance(count);
    return this;
  }

  /** Overwrites four bytes already written: lengths that are known only at the end. */
  patchU32(offset: number, value: number): this {
    check(offset, 0, this.#length - 4);
    check(value, 0, 0xffffffff);
    this.#view.setUint32(offset, value, true);
    return this;
  }

  /** What was written, as a view on the writer's memory. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Replaces `#view` when it grows the memory: call it before taking `#view`. */
  #advance(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

function check(value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${value} is not an integer from ${min} to ${max}`);
  }
}
