/** Thumbnails, asked of the camera once: a strip of pictures is drawn again and again. */

const LIMIT_BYTES = 16 << 20;

export class Thumbnails {
  /** The one used last comes last. */
  #kept = new Map<number, Uint8Array>();
  #bytes = 0;
  #asked = new Map<number, Promise<Uint8Array>>();

  /** Those who ask for the same one at the same time share the answer. */
  async get(handle: number, ask: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const kept = this.#kept.get(handle);
    if (kept) {
      this.#kept.delete(handle);
      this.#kept.set(handle, kept);
      return kept;
    }
    const asked = this.#asked.get(handle);
    if (asked) return asked;
    const answer = ask();
    this.#asked.set(handle, answer);
    try {
      const picture = await answer;
      // Forgotten meanwhile: it may be of a file that was there before.
      if (this.#asked.get(handle) === answer) this.#keep(handle, picture);
      return picture;
    } finally {
      if (this.#asked.get(handle) === answer) this.#asked.delete(handle);
    }
  }

  forget(handle: number): void {
    this.#asked.delete(handle);
    const kept = this.#kept.get(handle);
    if (!kept) return;
    this.#bytes -= kept.length;
    this.#kept.delete(handle);
  }

  clear(): void {
    this.#asked.clear();
    this.#kept.clear();
    this.#bytes = 0;
  }

  #keep(handle: number, picture: Uint8Array): void {
    this.forget(handle);
    this.#kept.set(handle, picture);
    this.#bytes += picture.length;
    for (const [oldest] of this.#kept) {
      if (this.#bytes <= LIMIT_BYTES) return;
      this.forget(oldest);
    }
  }
}
