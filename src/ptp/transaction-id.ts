const LAST = 0xfffffffe;

/** 0 belongs to OpenSession, 0xFFFFFFFF to no transaction at all: counting skips both. */
export function nextTransactionId(id: number): number {
  return id >= LAST ? 1 : id + 1;
}
