/** Who watches live view: one loop of a driver fetches for all of them. */
import { Channel } from '../../base/channel.ts';
import { TimeoutError } from '../../base/errors.ts';
import { formatDuration } from '../../base/time.ts';
import type { CameraLiveView, LiveViewFrame, LiveViewOptions } from '../camera.ts';

const FRAME_TIMEOUT_MS = 5000;

/** Somebody who iterates. */
interface Viewer {
  /** Holds one frame: the next one takes its place. */
  channel: Channel<LiveViewFrame>;
  timeoutMs: number;
  /** When it began to wait for the frame to come. */
  since: number;
}

export class LiveViewViewers implements CameraLiveView {
  /** Live view from its beginning to its end, as long as there are viewers. */
  #show: (stop: AbortSignal) => Promise<void>;
  #viewers = new Set<Viewer>();
  /** Settles, and never rejects, when live view is as it was. */
  #running: Promise<void> | undefined;
  /** Breaks off what the loop waits for. */
  #stop = new AbortController();

  constructor(show: (stop: AbortSignal) => Promise<void>) {
    this.#show = show;
  }

  get any(): boolean {
    return this.#viewers.size > 0;
  }

  async *frames(options: LiveViewOptions = {}): AsyncGenerator<LiveViewFrame, void, undefined> {
    const { signal, timeoutMs = FRAME_TIMEOUT_MS } = options;
    signal?.throwIfAborted();
    const channel = new Channel<LiveViewFrame>({ limit: 1 });
    const viewer = { channel, timeoutMs, since: performance.now() };
    // Also where the consumer does not come back for the next frame.
    const onAbort = () => {
      channel.close(signal?.reason);
      this.#dismiss(viewer);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#viewers.add(viewer);
    this.#running ??= this.#run();
    try {
      yield* channel;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#dismiss(viewer);
      if (this.#viewers.size === 0) await this.#running;
    }
  }

  /** Ends every iteration; resolves when live view is as it was. */
  async close(): Promise<void> {
    for (const { channel } of this.#viewers) channel.close();
    this.#viewers.clear();
    this.#stop.abort();
    await this.#running;
  }

  /** Live view is on: frames are waited for from now on. */
  begun(): void {
    const now = performance.now();
    for (const viewer of this.#viewers) viewer.since = now;
  }

  push(frame: LiveViewFrame): void {
    for (const viewer of this.#viewers) {
      viewer.since = frame.arrivedAt;
      viewer.channel.push(frame);
    }
  }

  /** Tells those who have waited for too long. While the body exposes it has no frames to give. */
  giveUp(exposing: boolean): void {
    const now = performance.now();
    for (const viewer of this.#viewers) {
      if (exposing) viewer.since = now;
      const { since, timeoutMs, channel } = viewer;
      if (now - since <= timeoutMs) continue;
      this.#viewers.delete(viewer);
      channel.close(
        new TimeoutError(`the camera sent no live view within ${formatDuration(timeoutMs)}`, {
          hint: 'Is it playing back, or in a menu, and is live view enabled in its menu?',
        }),
      );
    }
  }

  #dismiss(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#stop.abort();
  }

  /** As long as anybody watches; who comes while it is put back has it switched on again. */
  async #run(): Promise<void> {
    while (this.any) {
      this.#stop = new AbortController();
      const { signal } = this.#stop;
      await this.#show(signal).catch((error: unknown) => {
        if (signal.aborted) return;
        for (const { channel } of this.#viewers) channel.close(error);
        this.#viewers.clear();
      });
    }
    this.#running = undefined;
  }
}
