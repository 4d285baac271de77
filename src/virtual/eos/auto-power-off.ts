/** A body that nobody touches switches itself off, and says so before. */
import { ignore } from '../../base/time.ts';
import { EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import type { EosBody } from './body.ts';

/** How long before; assumed. */
const WARNING_MS = 10_000;

export class AutoPowerOff {
  #body: EosBody;
  #stop: () => void = ignore;

  constructor(body: EosBody) {
    this.#body = body;
  }

  /**
   * A computer asks for something, which counts as a touch. Of an EOS R it is known that questions
   * for events are enough; of older bodies that hosts send KeepDeviceOn beside them, so that here
   * they alone are not.
   */
  asked(operation: number): void {
    const { model } = this.#body.parts;
    if (operation !== EosOperation.GetEvent || model.pollingKeepsOn) this.touched();
  }

  /** Counts from the beginning. */
  touched(): void {
    const { timing, clock } = this.#body.parts;
    this.stop();
    const ms = 1000 * this.#body.properties.number(EosProperty.AutoPowerOff);
    if (!timing.realExposures || ms === 0) return;
    this.#stop = clock.after(Math.max(0, ms - WARNING_MS), () => {
      const seconds = Math.min(ms, WARNING_MS) / 1000;
      this.#body.queue.push({ kind: 'shutdownSoon', seconds });
      this.#stop = clock.after(1000 * seconds, () => {
        if (this.#body.busy) this.touched();
        else this.#body.parts.switchOff();
      });
    });
  }

  stop(): void {
    this.#stop();
    this.#stop = ignore;
  }
}
