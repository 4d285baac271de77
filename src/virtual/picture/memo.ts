/** Things that are costly to make, kept for the next who needs the same. */
export class Recent<Value> {
  private readonly kept = new Map<string, Value>();
  private readonly size: number;

  /** Keeps up to `size` of them, and forgets the one not asked for longest. */
  constructor(size: number) {
    this.size = size;
  }

  get(key: string, make: () => Value): Value {
    const value = this.kept.get(key) ?? make();
    this.kept.delete(key);
    this.kept.set(key, value);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > this.size && oldest !== undefined) this.kept.delete(oldest);
    return value;
  }
}

/** What `make` returns, made when it is first asked for. */
export function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
