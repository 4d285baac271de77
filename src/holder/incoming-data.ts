/** Data of a client on its way to the camera: the socket is read only as fast as the camera takes. */
import { LinkError } from '../base/errors.ts';

export class IncomingData {
  readonly size: number;
  #chunk: Uint8Array | undefined;
  #taken: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #left: number;
  #over = false;

  constructor(size: number) {
    this.size = size;
    this.#left = size;
  }

  /** Resolves when the chunk may be overwritten. */
  async put(chunk: Uint8Array): Promise<void> {
    if (this.#over) return;
    const taken = new Promise<void>((resolve) => {
      this.#taken = resolve;
    });
    this.#chunk = chunk;
    this.#wake?.();
    await taken;
  }

  /** No more is wanted, or will come. */
  end(): void {
    this.#over = true;
    this.#wake?.();
    this.#taken?.();
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#left > 0) {
      while (!this.#chunk) {
        if (this.#over) throw new LinkError('the command that sends the data has ended');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const chunk = this.#chunk;
      this.#left -= chunk.length;
      try {
        yield chunk;
      } finally {
        this.#chunk = undefined;
        this.#taken?.();
      }
    }
  }
}
