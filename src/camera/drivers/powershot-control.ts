/**
 * Release control: a PowerShot in it lists more properties, takes pictures for the computer, and
 * leaves its own buttons without effect.
 */
import { ignore } from '../../base/time.ts';
import {
  CanonEvent,
  CanonResponse,
  PowerShotOperation,
  PowerShotProperty,
} from '../../canon/ptp/index.ts';
import {
  DataType,
  Event,
  LONG_TIMEOUT_MS,
  type PtpSession,
  ResponseError,
} from '../../ptp/index.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { PowerShotEvents } from './powershot-events.ts';

/** How long a body may take to say that it is in another mode. */
const ENTER_MS = 500;
const LEAVE_TIMEOUT_MS = 5000;
/** EventEmulateMode as bodies come from the factory. */
const EVENTS_BY_DEFAULT = 4;
const ENTERED: readonly number[] = [CanonEvent.CameraModeChanged, Event.StorageInfoChanged];

export class ReleaseControl {
  #session: PtpSession;
  #events: PowerShotEvents;
  #entered: Promise<void> | undefined;

  constructor(session: PtpSession, events: PowerShotEvents) {
    this.#session = session;
    this.#events = events;
  }

  get isListed(): boolean {
    return this.#session.supports(PowerShotOperation.InitiateReleaseControl);
  }

  /** Once; bodies without release control stay as they are. */
  enter(signal?: AbortSignal): Promise<void> {
    this.#entered ??= this.#enter(signal).catch((error: unknown) => {
      this.#entered = undefined;
      throw error;
    });
    return this.#entered;
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    const session = this.#session;
    await this.#events.start(signal);
    if (!this.isListed) return;
    using feed = this.#events.follow();
    if (await this.#call(PowerShotOperation.InitiateReleaseControl, signal)) {
      const entered = () => feed.take().some(({ code }) => ENTERED.includes(code)) || undefined;
      await this.#events.waitFor(entered, { timeoutMs: ENTER_MS, signal });
    }
    // The properties that there are now.
    await session.getDeviceInfo({ signal });
  }

  /** Gives the camera back to its user. Errors on the way out are of no use to anybody. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    await this.#entered.catch(ignore);
    this.#entered = undefined;
    if (this.isListed) await this.#terminate().catch(ignore);
  }

  /**
   * Ends what a session that broke off has left behind: FlashMode is there under release control
   * only. Where events went to is no more known than what they were before.
   */
  async recover(signal: AbortSignal | undefined): Promise<void> {
    const session = this.#session;
    const { devicePropertiesSupported } = session.deviceInfo;
    if (!this.isListed || !devicePropertiesSupported.includes(PowerShotProperty.FlashMode)) return;
    const send = (operation: number) =>
      session.supports(operation) ? session.transaction(operation, [], { signal }) : undefined;
    await send(PowerShotOperation.ViewfinderOff);
    await send(PowerShotOperation.FocusUnlock);
    try {
      await this.#terminate(signal);
      const property = PowerShotProperty.EventEmulateMode;
      await session.setDevicePropValue(property, DataType.UINT16, EVENTS_BY_DEFAULT, { signal });
    } catch (error) {
      // Some bodies list FlashMode at all times.
      if (!(error instanceof ResponseError)) throw error;
    }
    await session.getDeviceInfo({ signal });
  }

  #terminate(signal?: AbortSignal): Promise<boolean> {
    const busyMs = LEAVE_TIMEOUT_MS;
    return this.#call(PowerShotOperation.TerminateReleaseControl, signal, busyMs);
  }

  /** Resolves with false where the body is in the wanted state already. */
  async #call(operation: number, signal?: AbortSignal, busyMs?: number): Promise<boolean> {
    const call = () => this.#session.call(operation, [], { timeoutMs: LONG_TIMEOUT_MS, signal });
    try {
      await untilNotBusy(this.#events, signal, call, busyMs);
      return true;
    } catch (error) {
      const already =
        error instanceof ResponseError && error.response === CanonResponse.Already_In_That_State;
      if (already) return false;
      throw error;
    }
  }
}
