/** Focusing an EOS body from here: the autofocus of live view, and the lens step by step. */
import { HotshoeError } from '../../base/errors.ts';
import { EosOperation } from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import type {
  CameraFocus,
  CameraLiveView,
  FocusPlace,
  FocusResult,
  FocusStep,
  LiveViewFrame,
  WaitOptions,
} from '../camera.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { EosState } from './eos-events.ts';
import { focusResult } from './eos-focus-result.ts';

/** Bodies that tell nothing of the outcome within this are not waited for any longer. */
const RESULT_MS = 5000;
const FAR = 0x8000;
/** Type of a touch that focuses, as camera_control_dart sends it. */
const TOUCH = 3;

export class EosFocus implements CameraFocus {
  #session: PtpSession;
  #state: EosState;
  #liveView: CameraLiveView;

  constructor(session: PtpSession, state: EosState, liveView: CameraLiveView) {
    this.#session = session;
    this.#state = state;
    this.#liveView = liveView;
  }

  auto({ signal }: WaitOptions = {}): Promise<FocusResult> {
    this.#require(EosOperation.DoAF, 'focus by itself');
    return this.#inLiveView(signal, () => this.#focus(EosOperation.DoAF, [], signal));
  }

  at({ x, y }: FocusPlace, { signal }: WaitOptions = {}): Promise<FocusResult> {
    this.#require(EosOperation.TouchAfPosition, 'focus at a place');
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
      throw new HotshoeError('USAGE', `${x},${y} is no place in the picture`, {
        hint: 'Both are from 0 (left, top) to 1: 0.5,0.5 is the middle.',
      });
    }
    return this.#inLiveView(signal, ({ coordinates }) => {
      const { width = 0, height = 0 } = coordinates ?? {};
      const place = [Math.round(x * width), Math.round(y * height)];
      return this.#focus(EosOperation.TouchAfPosition, [TOUCH, ...place], signal);
    });
  }

  async cancel({ signal }: WaitOptions = {}): Promise<void> {
    this.#require(EosOperation.AFCancel, 'give focusing up');
    await this.#session.call(EosOperation.AFCancel, [], { signal });
  }

  drive(
    { direction, size = 2, times = 1 }: FocusStep,
    { signal }: WaitOptions = {},
  ): Promise<void> {
    this.#require(EosOperation.DriveLens, 'move its lens');
    const step = direction === 'far' ? FAR | size : size;
    return this.#inLiveView(signal, async () => {
      for (let i = 0; i < times; i++) {
        // Busy while the lens moves.
        await untilNotBusy(this.#state, signal, () =>
          this.#session.call(EosOperation.DriveLens, [step], { signal }),
        );
      }
    });
  }

  #require(operation: number, what: string): void {
    if (this.#session.supports(operation)) return;
    throw new HotshoeError('UNSUPPORTED', `this camera cannot ${what} for a computer`);
  }

  /** The lens obeys while live view is on: it is kept on, or on for as long as this takes. */
  async #inLiveView<T>(
    signal: AbortSignal | undefined,
    work: (frame: LiveViewFrame) => Promise<T>,
  ): Promise<T> {
    for await (const frame of this.#liveView.frames({ signal })) return await work(frame);
    throw new HotshoeError('CAPTURE_FAILED', 'live view ended before it began');
  }

  async #focus(
    operation: number,
    params: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<FocusResult> {
    using feed = this.#state.follow();
    await untilNotBusy(this.#state, signal, () =>
      this.#session.call(operation, params, { signal }),
    );
    const wait = { timeoutMs: RESULT_MS, signal };
    return (await this.#state.waitFor(() => focusResult(this.#state, feed), wait)) ?? 'unknown';
  }
}
