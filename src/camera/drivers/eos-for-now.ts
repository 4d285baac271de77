/** Settings of an EOS body that are changed for a while. */
import { TimeoutError } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import { nameOf, type PtpSession } from '../../ptp/index.ts';
import { BUSY_TIMEOUT_MS } from './eos-busy.ts';
import type { EosState } from './eos-events.ts';
import { setEosProperty } from './eos-set-property.ts';

const TOLD_MS = 1000;

export class EosForNow {
  #session: PtpSession;
  #state: EosState;
  #changed: (readonly [property: number, former: number])[] = [];

  constructor(session: PtpSession, state: EosState) {
    this.#session = session;
    this.#state = state;
  }

  /** Whether there is something to put back. */
  get any(): boolean {
    return this.#changed.length > 0;
  }

  /** Sends the value, where it is another, and notes the former one. */
  async set(property: number, value: number, signal: AbortSignal | undefined): Promise<void> {
    const former = this.#state.number(property) ?? 0;
    if (former === value) return;
    this.#changed.unshift([property, former]);
    await setEosProperty(this.#session, this.#state, property, value, { signal });
  }

  /** As `set`, and waits until the body has confirmed it. */
  async confirm(property: number, value: number, signal: AbortSignal | undefined): Promise<void> {
    await this.set(property, value, signal);
    const isSet = () => this.#state.number(property) === value || undefined;
    if (await this.#state.waitFor(isSet, { timeoutMs: BUSY_TIMEOUT_MS, signal })) return;
    throw new TimeoutError(
      `the camera did not confirm ${nameOf(this.#session.names.properties, property)}`,
    );
  }

  /**
   * Everything as it was, and told so, as far as the body tells: who comes next must not take it for
   * what it was meanwhile. Whoever was at work has the reason already if the link is gone.
   */
  async putBack(): Promise<void> {
    for (const change of this.#changed.splice(0)) await this.#putBack(...change).catch(ignore);
  }

  async #putBack(property: number, former: number): Promise<void> {
    const signal = undefined;
    await setEosProperty(this.#session, this.#state, property, former, { signal });
    const isBack = () => this.#state.number(property) === former || undefined;
    await this.#state.waitFor(isBack, { timeoutMs: TOLD_MS, signal });
  }
}
