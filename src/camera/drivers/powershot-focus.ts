/** Focusing a PowerShot from here: once, and held. */
import { UnsupportedError } from '../../base/errors.ts';
import { CanonResponse, PowerShotOperation } from '../../canon/ptp/index.ts';
import { LONG_TIMEOUT_MS, type PtpSession, ResponseError } from '../../ptp/index.ts';
import type { CameraFocus, FocusResult, WaitOptions } from '../camera.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { ReleaseControl } from './powershot-control.ts';
import type { PowerShotEvents } from './powershot-events.ts';

/** Bit of DoAeAfAwb. */
const FOCUS = 2;

export class PowerShotFocus implements CameraFocus {
  #session: PtpSession;
  #events: PowerShotEvents;
  #control: ReleaseControl;

  constructor(session: PtpSession, events: PowerShotEvents, control: ReleaseControl) {
    this.#session = session;
    this.#events = events;
    this.#control = control;
  }

  auto({ signal }: WaitOptions = {}): Promise<FocusResult> {
    return this.#focus(PowerShotOperation.DoAeAfAwb, [FOCUS], signal);
  }

  /** Every picture until `cancel` has this focus. */
  lock({ signal }: WaitOptions = {}): Promise<FocusResult> {
    return this.#focus(PowerShotOperation.FocusLock, [], signal);
  }

  at(): Promise<FocusResult> {
    return Promise.reject(lacks('focus at a place'));
  }

  async cancel({ signal }: WaitOptions = {}): Promise<void> {
    await this.#control.enter(signal);
    await this.#session.call(PowerShotOperation.FocusUnlock, [], { signal });
  }

  drive(): Promise<void> {
    return Promise.reject(lacks('move its lens step by step'));
  }

  /** These bodies do not tell whether they have found it; one that refuses has not. */
  async #focus(
    operation: number,
    params: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<FocusResult> {
    await this.#control.enter(signal);
    const options = { timeoutMs: LONG_TIMEOUT_MS, signal };
    try {
      await untilNotBusy(this.#events, signal, () =>
        this.#session.call(operation, params, options),
      );
      return 'unknown';
    } catch (error) {
      const { Operation_Refused } = CanonResponse;
      if (error instanceof ResponseError && error.response === Operation_Refused) return 'failed';
      throw error;
    }
  }
}

function lacks(what: string): UnsupportedError {
  return new UnsupportedError(`this camera cannot ${what} for a computer`);
}
