/** Nearer with an EOS body: a lens with a motor, or the enlargement of live view. */
import { HotshoeError } from '../../base/errors.ts';
import { EosOperation, PowerShotProperty } from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import type {
  CameraLiveView,
  CameraZoom,
  FocusPlace,
  LiveViewFrame,
  WaitOptions,
  ZoomState,
} from '../camera.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { EosState } from './eos-events.ts';
import { EosForNow } from './eos-for-now.ts';

/** Those of the firmware; libgphoto2 and EOS Utility send no others. */
const FACTORS: readonly number[] = [1, 5, 10];

export class EosZoom implements CameraZoom {
  #session: PtpSession;
  #state: EosState;
  #liveView: CameraLiveView;

  constructor(session: PtpSession, state: EosState, liveView: CameraLiveView) {
    this.#session = session;
    this.#state = state;
    this.#liveView = liveView;
  }

  async get({ signal }: WaitOptions = {}): Promise<ZoomState> {
    await this.#state.start(signal);
    const positions = this.#lensPositions();
    if (positions.length === 0) {
      const position = await this.#inLiveView(signal, async ({ zoomFactor }) => zoomFactor);
      return { kind: 'live-view', position, positions: FACTORS };
    }
    await this.#state.drain({ signal });
    const position = this.#state.number(PowerShotProperty.PowerZoomPosition);
    return { kind: 'lens', position, positions };
  }

  async set(position: number, options: WaitOptions & { at?: FocusPlace } = {}): Promise<void> {
    const { signal, at } = options;
    await this.#state.start(signal);
    const lens = this.#lensPositions();
    const positions = lens.length > 0 ? lens : FACTORS;
    if (!positions.includes(position)) {
      throw new HotshoeError('USAGE', `the camera has no zoom of ${position}`, {
        hint: `It has ${positions.join(', ')}.`,
      });
    }
    if (lens.length > 0) {
      // It stays where it is: nothing is put back.
      const lasting = new EosForNow(this.#session, this.#state);
      return lasting.confirm(PowerShotProperty.PowerZoomPosition, position, signal);
    }
    await this.#inLiveView(signal, async (frame) => {
      await this.#send(EosOperation.Zoom, [position], signal);
      if (at && position > 1) await this.#enlargeAt(at, position, frame, signal);
    });
  }

  /** Lenses without a motor have one position. */
  #lensPositions(): readonly number[] {
    const choices = this.#state.choices(PowerShotProperty.PowerZoomPosition);
    return choices.length > 1 ? [...choices].sort((a, b) => a - b) : [];
  }

  /** Whoever shows live view keeps it on, and enlarged. */
  async #inLiveView<T>(
    signal: AbortSignal | undefined,
    work: (frame: LiveViewFrame) => Promise<T>,
  ): Promise<T> {
    for await (const frame of this.#liveView.frames({ signal })) return await work(frame);
    throw new HotshoeError('CAPTURE_FAILED', 'live view ended before it began');
  }

  async #enlargeAt(
    { x, y }: FocusPlace,
    factor: number,
    { coordinates }: LiveViewFrame,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const corner = (place: number, size = 0) =>
      Math.round(Math.min(Math.max(place - 0.5 / factor, 0), 1 - 1 / factor) * size);
    const place = [corner(x, coordinates?.width), corner(y, coordinates?.height)];
    await this.#send(EosOperation.ZoomPosition, place, signal);
  }

  async #send(
    operation: number,
    params: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await untilNotBusy(this.#state, signal, () =>
      this.#session.call(operation, params, { signal }),
    );
  }
}
