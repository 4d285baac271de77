/** The viewfinder of a PowerShot under release control. */
import { ignore, sleep } from '../../base/time.ts';
import { CanonResponse, PowerShotOperation } from '../../canon/ptp/index.ts';
import { type PtpSession, Response, ResponseError } from '../../ptp/index.ts';
import type { CameraLiveView, LiveViewFrame, LiveViewOptions } from '../camera.ts';
import { untilNotBusy } from './eos-busy.ts';
import { LiveViewViewers } from './live-view-viewers.ts';
import { plainFrame } from './plain-frame.ts';
import type { ReleaseControl } from './powershot-control.ts';
import type { PowerShotEvents } from './powershot-events.ts';

const PAUSE_MS = 30;
/** Between frames, so that a download in the background has its turn. */
const BREATH_MS = 1;
/** Longer than any exposure, with its noise reduction. */
const BUSY_MS = 90_000;

export class PowerShotLiveView implements CameraLiveView {
  #session: PtpSession;
  #events: PowerShotEvents;
  #control: ReleaseControl;
  #viewers = new LiveViewViewers((stop) => this.#show(stop));
  #on = false;
  /** Exposures under way, for which the viewfinder has to be off. */
  #exposures = 0;
  /** Since when the body exposes for somebody else who shares it. */
  #busyFrom: number | undefined;

  constructor(session: PtpSession, events: PowerShotEvents, control: ReleaseControl) {
    this.#session = session;
    this.#events = events;
    this.#control = control;
  }

  frames(options: LiveViewOptions = {}): AsyncGenerator<LiveViewFrame, void, undefined> {
    return this.#viewers.frames(options);
  }

  close(): Promise<void> {
    return this.#viewers.close();
  }

  /** Runs an exposure while the viewfinder is off; whoever watches waits. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#exposures++;
    try {
      await this.#switchOff();
      return await work();
    } finally {
      this.#exposures--;
    }
  }

  async #show(stop: AbortSignal): Promise<void> {
    await this.#control.enter(stop);
    const relax = this.#events.keepPolling();
    try {
      while (this.#viewers.any) {
        const frame = await this.#fetch(stop);
        if (frame) this.#viewers.push(frame);
        else this.#viewers.giveUp(this.#exposures > 0 || this.#isBusy());
        await sleep(frame ? BREATH_MS : PAUSE_MS, stop);
      }
    } finally {
      relax();
      // Whoever watched has the reason already if the link is gone.
      await this.#switchOff().catch(ignore);
    }
  }

  /** Undefined where there is none now: not yet, or because of an exposure. */
  async #fetch(stop: AbortSignal): Promise<LiveViewFrame | undefined> {
    if (this.#exposures > 0) return undefined;
    if (!this.#on) {
      await untilNotBusy(this.#events, stop, () =>
        this.#session.call(PowerShotOperation.ViewfinderOn),
      );
      this.#on = true;
      this.#viewers.begun();
    }
    const { code, params, data } = await this.#session.transaction(
      PowerShotOperation.GetViewfinderImage,
      [],
      { priority: 'events' },
    );
    if (code === Response.Device_Busy) this.#busyFrom ??= performance.now();
    else this.#busyFrom = undefined;
    if (code === Response.OK) return plainFrame(data);
    // An exposure may have begun in between.
    const none = code === Response.Device_Busy || code === CanonResponse.Object_Not_Ready;
    if (none || !this.#on) return undefined;
    const { names } = this.#session;
    throw new ResponseError(PowerShotOperation.GetViewfinderImage, code, params, names);
  }

  #isBusy(): boolean {
    return this.#busyFrom !== undefined && performance.now() - this.#busyFrom < BUSY_MS;
  }

  async #switchOff(): Promise<void> {
    if (!this.#on) return;
    this.#on = false;
    await untilNotBusy(this.#events, undefined, () =>
      this.#session.call(PowerShotOperation.ViewfinderOff),
    );
  }
}
