/** Views of one thing that came in pieces, to be looked at as a whole and changed in place. */
import { concat } from '../../base/byte-stream.ts';

export class Collected {
  size = 0;
  #views: Uint8Array[] = [];

  push(view: Uint8Array): void {
    this.#views.push(view);
    this.size += view.length;
  }

  /** A copy. */
  whole(): Uint8Array {
    return concat(this.#views);
  }

  /** What `change` does to the whole is done to the views; they are given up. */
  change(change: (whole: Uint8Array) => void): void {
    const whole = this.whole();
    change(whole);
    let at = 0;
    for (const view of this.#views) {
      view.set(whole.subarray(at, at + view.length));
      at += view.length;
    }
    this.#views = [];
    this.size = 0;
  }
}
