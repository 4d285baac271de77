/**
 * One initiator at a time: the link that took the body first has it until it lets go. A real body
 * has one session too, and its Wi-Fi and its cable exclude each other.
 */
export class Seat {
  #holder: object | undefined;

  get isTaken(): boolean {
    return this.#holder !== undefined;
  }

  /** False when another link has the body. */
  take(link: object): boolean {
    this.#holder ??= link;
    return this.#holder === link;
  }

  leave(link: object): void {
    if (this.#holder === link) this.#holder = undefined;
  }

  isHeldBy(link: object): boolean {
    return this.#holder === link;
  }
}
