/** The shutter button of an EOS body: halfway, all the way, held, and let go on every path. */
import { ignore } from '../../base/time.ts';
import { EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import { LONG_TIMEOUT_MS, type PtpSession, Response, ResponseError } from '../../ptp/index.ts';
import type { FocusResult } from '../camera.ts';
import { captureError } from './capture-errors.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { EosState, EventFeed } from './eos-events.ts';
import { focusResult } from './eos-focus-result.ts';
import { hasQuirk } from './eos-quirks.ts';
import { requireReleased } from './eos-release.ts';

/** Parameters of RemoteReleaseOn and RemoteReleaseOff. */
const Press = { Half: 1, Full: 2, Both: 3 } as const;
const WITH_AF = 0;
const WITHOUT_AF = 1;

/** Value of FocusMode: nothing will move, and nothing be reported. */
const MANUAL_FOCUS = 3;
/** Bodies that report no focus within this are trusted to have it. */
const FOCUS_TIMEOUT_MS = 2000;

/** Values of MirrorLockupState. */
const Mirror = { LocksUp: 1, Up: 2 } as const;
const MIRROR_TIMEOUT_MS = 2000;

/** Works while the button is held. */
export type Hold = () => Promise<void>;

export interface PressOptions {
  autofocus: boolean;
  /** Called before each press that may come to be the exposure. */
  onPress?(): void;
  hold?: Hold | undefined;
  signal: AbortSignal | undefined;
}

export class EosShutter {
  #session: PtpSession;
  #state: EosState;
  /** Who holds the button halfway. */
  #halves = 0;

  constructor(session: PtpSession, state: EosState) {
    this.#session = session;
    this.#state = state;
  }

  /** False on bodies up to the EOS 1000D (2008), which focus and expose in one operation. */
  get holds(): boolean {
    return !hasQuirk(this.#session.deviceInfo, 'exposesAtOnce');
  }

  /** Focuses, and holds the button halfway until `letGo`. */
  async half(signal: AbortSignal | undefined): Promise<FocusResult> {
    using focus = this.#state.follow();
    try {
      await this.#on(Press.Half, WITH_AF, signal);
      const result = await this.#focused(focus, signal);
      this.#halves++;
      return result;
    } catch (error) {
      if (this.#halves === 0) await this.#off(Press.Half).catch(ignore);
      throw error;
    }
  }

  async letGo(): Promise<void> {
    if (this.#halves === 0) return;
    this.#halves--;
    if (this.#halves === 0) await this.#off(Press.Half);
  }

  async letGoOfAll(): Promise<void> {
    if (this.#halves === 0) return;
    this.#halves = 0;
    await this.#off(Press.Half);
  }

  /** One exposure, or what `hold` makes of it. */
  async press(options: PressOptions): Promise<void> {
    const { autofocus, hold, signal } = options;
    if (!this.holds) return hold ? this.#bulbAtOnce(options, hold) : this.#atOnce(options);
    if (this.#halves > 0) return this.#expose(Press.Full, WITH_AF, options);
    if (!autofocus) return this.#expose(Press.Both, WITHOUT_AF, options);
    // Before the press: what comes with its answer may be the news.
    using focus = this.#state.follow();
    await this.#whilePressed(Press.Half, WITH_AF, options, async () => {
      if ((await this.#focused(focus, signal)) === 'failed') throw captureError('FOCUS_FAILED');
      await this.#expose(Press.Full, WITH_AF, options);
    });
  }

  /** With mirror lockup the first press raises the mirror, and the second one exposes. */
  async #expose(press: number, af: number, options: PressOptions): Promise<void> {
    const mirror = () => this.#state.number(EosProperty.MirrorLockupState);
    if (mirror() === Mirror.LocksUp) {
      await this.#whilePressed(press, af, options);
      const isUp = () => mirror() === Mirror.Up || this.#state.busy || undefined;
      const wait = { timeoutMs: MIRROR_TIMEOUT_MS, signal: options.signal };
      await this.#state.waitFor(isUp, wait);
      // A body without a mirror has exposed.
      if (mirror() !== Mirror.Up) return;
    }
    await this.#whilePressed(press, af, options, options.hold);
  }

  /** Released on every path: a pressed button blocks the body. */
  async #whilePressed(
    press: number,
    af: number,
    { onPress, signal }: PressOptions,
    work?: () => Promise<void>,
  ): Promise<void> {
    try {
      await this.#on(press, af, signal, onPress);
      await work?.();
    } catch (error) {
      await this.#off(press).catch(ignore);
      throw error;
    }
    await this.#off(press);
  }

  async #on(
    press: number,
    af: number,
    signal: AbortSignal | undefined,
    onPress?: () => void,
  ): Promise<void> {
    await untilNotBusy(this.#state, signal, () => {
      onPress?.();
      return this.#call(EosOperation.RemoteReleaseOn, [press, af], signal);
    });
  }

  async #off(press: number): Promise<void> {
    await this.#session.call(EosOperation.RemoteReleaseOff, [press]);
  }

  /** Focus and exposure in one operation. */
  async #atOnce({ onPress, signal }: PressOptions): Promise<void> {
    await untilNotBusy(this.#state, signal, () => {
      onPress?.();
      return this.#resultOf(EosOperation.RemoteRelease, signal);
    });
  }

  /** The shutter is open between two operations. */
  async #bulbAtOnce({ onPress, signal }: PressOptions, hold: Hold): Promise<void> {
    await untilNotBusy(this.#state, signal, () => {
      onPress?.();
      return this.#resultOf(EosOperation.BulbStart, signal);
    });
    try {
      await hold();
    } catch (error) {
      await this.#resultOf(EosOperation.BulbEnd, undefined).catch(ignore);
      throw error;
    }
    await this.#resultOf(EosOperation.BulbEnd, undefined);
  }

  async #resultOf(operation: number, signal: AbortSignal | undefined): Promise<void> {
    const { params } = await this.#call(operation, [], signal);
    requireReleased(params[0] ?? 0, this.#session.names);
  }

  /** A body says no without a word why; what else it tells may explain it. */
  async #call(operation: number, params: readonly number[], signal: AbortSignal | undefined) {
    const session = this.#session;
    try {
      return await session.call(operation, params, { timeoutMs: LONG_TIMEOUT_MS, signal });
    } catch (error) {
      const refused = error instanceof ResponseError && error.response === Response.General_Error;
      if (!refused) throw error;
      await this.#state.drain({ signal });
      if (lensIsSilent(this.#state)) throw captureError('LENS_ERROR', { cause: error });
      throw error;
    }
  }

  async #focused(feed: EventFeed, signal: AbortSignal | undefined): Promise<FocusResult> {
    if (this.#state.number(EosProperty.FocusMode) === MANUAL_FOCUS) return 'unknown';
    const wait = { timeoutMs: FOCUS_TIMEOUT_MS, signal };
    return (await this.#state.waitFor(() => focusResult(this.#state, feed), wait)) ?? 'unknown';
  }
}

/** Without a lens that answers, a body has no aperture, and none to choose from. */
function lensIsSilent(state: EosState): boolean {
  const property = EosProperty.Aperture;
  return state.number(property) === 0 && state.choices(property).length === 0;
}
