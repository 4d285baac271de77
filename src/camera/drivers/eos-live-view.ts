/** Live view of an EOS body: its output on and off, and one loop that fetches for all who watch. */
import { sleep } from '../../base/time.ts';
import { CanonResponse, EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import { type PtpSession, Response, ResponseError } from '../../ptp/index.ts';
import type { CameraLiveView, LiveViewFrame, LiveViewOptions } from '../camera.ts';
import type { EosState } from './eos-events.ts';
import { EosForNow } from './eos-for-now.ts';
import { liveViewFrame } from './eos-live-view-frame.ts';
import { LiveViewViewers } from './live-view-viewers.ts';

/** Bits of EVFOutputDevice. PowerShots with EOS operations know no other computer than the second. */
const Output = { Host: 2, Mobile2: 8 } as const;
/** Values of EVFMode. */
const MODE_OFF = 0;
const MODE_ON = 1;
/** First parameter of GetViewFinderData, as EOS Utility sends it. */
const WHOLE_FRAME = 0x00200000;

const CONFIRM_MS = 2000;
/** Between two questions for a frame that is not there yet; doubled up to the longest. */
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/** Between frames, so that a download in the background has its turn. */
const BREATH_MS = 1;

export class EosLiveView implements CameraLiveView {
  #session: PtpSession;
  #state: EosState;
  #viewers = new LiveViewViewers((stop) => this.#show(stop));

  constructor(session: PtpSession, state: EosState) {
    this.#session = session;
    this.#state = state;
  }

  frames(options: LiveViewOptions = {}): AsyncGenerator<LiveViewFrame, void, undefined> {
    return this.#viewers.frames(options);
  }

  /** Ends every iteration; resolves when the output is as it was. */
  close(): Promise<void> {
    return this.#viewers.close();
  }

  /** Live view from its beginning to its end. */
  async #show(stop: AbortSignal): Promise<void> {
    const state = this.#state;
    await state.start(stop);
    // What the body is set to now: the last news may be of the time before it was put back.
    await state.drain({ signal: stop });
    const stopPolling = state.keepPolling();
    const forNow = new EosForNow(this.#session, state);
    try {
      if (state.number(EosProperty.EVFMode) === MODE_OFF) {
        await forNow.set(EosProperty.EVFMode, MODE_ON, stop).catch(tolerate);
      }
      const bit = this.#outputBit();
      const output = state.number(EosProperty.EVFOutputDevice) ?? 0;
      await forNow.set(EosProperty.EVFOutputDevice, output | bit, stop);
      const isOn = () => {
        const now = state.number(EosProperty.EVFOutputDevice) ?? 0;
        return (now & bit) !== 0 || undefined;
      };
      // Bodies that do not tell of it are asked for frames all the same.
      await state.waitFor(isOn, { timeoutMs: CONFIRM_MS, signal: stop });
      this.#viewers.begun();
      await this.#fetchAll(stop);
    } finally {
      stopPolling();
      await forNow.putBack();
    }
  }

  async #fetchAll(stop: AbortSignal): Promise<void> {
    let pause = SHORTEST_PAUSE_MS;
    while (this.#viewers.any) {
      await this.#state.keepOn();
      const frame = await this.#fetch();
      if (frame) {
        this.#viewers.push(frame);
        pause = SHORTEST_PAUSE_MS;
        await sleep(BREATH_MS, stop);
      } else {
        this.#viewers.giveUp(this.#state.busy);
        await sleep(pause, stop);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  /** Not broken off at an abort: a transaction in the middle of its data would cost the link. */
  async #fetch(): Promise<LiveViewFrame | undefined> {
    const session = this.#session;
    const { code, params, data } = await session.transaction(
      EosOperation.GetViewFinderData,
      [WHOLE_FRAME, 0, 0],
      { priority: 'events' },
    );
    if (code === Response.OK) return liveViewFrame(data, performance.now());
    if (code === CanonResponse.Object_Not_Ready || code === Response.Device_Busy) return undefined;
    throw new ResponseError(EosOperation.GetViewFinderData, code, params, session.names);
  }

  #outputBit(): number {
    const choices = this.#state.choices(EosProperty.EVFOutputDevice);
    const has = (bit: number) => choices.some((choice) => (choice & bit) !== 0);
    return !has(Output.Host) && has(Output.Mobile2) ? Output.Mobile2 : Output.Host;
  }
}

/** In movie mode bodies refuse EVFMode, and show live view anyway. */
function tolerate(error: unknown): void {
  if (!(error instanceof ResponseError)) throw error;
}
