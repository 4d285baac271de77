/** Live view of a PowerShot from before PTP: one frame for each request. */
import { TimeoutError } from '../../base/errors.ts';
import { sleep } from '../../base/time.ts';
import { Commands, type NormalRemote } from '../../canon/normal/index.ts';
import type { CameraLiveView, LiveViewFrame, LiveViewOptions } from '../camera.ts';
import { plainFrame } from './plain-frame.ts';

const LARGEST_FRAME = 1 << 20;
const FRAME_MS = 5000;
/** Between two questions for a frame that is not there. */
const PAUSE_MS = 30;

export class NormalLiveView implements CameraLiveView {
  #remote: NormalRemote;
  #watchers = 0;
  #switching: Promise<void> = Promise.resolve();
  #closed = new AbortController();

  constructor(remote: NormalRemote) {
    this.#remote = remote;
  }

  async *frames(options: LiveViewOptions = {}): AsyncGenerator<LiveViewFrame, void, undefined> {
    const { signal, timeoutMs = FRAME_MS } = options;
    signal?.throwIfAborted();
    if (this.#watchers++ === 0) await this.#switch(true);
    try {
      await this.#switching;
      for (let since = performance.now(); !this.#closed.signal.aborted; ) {
        signal?.throwIfAborted();
        const jpeg = await this.#frame(signal);
        const frame = plainFrame(jpeg);
        if (frame) {
          yield frame;
          since = performance.now();
          continue;
        }
        if (performance.now() - since > timeoutMs) {
          throw new TimeoutError('no picture of live view came', {
            hint: 'Look at the camera: its lens may be in, or it takes a picture.',
          });
        }
        await sleep(PAUSE_MS, signal);
      }
    } finally {
      if (--this.#watchers === 0) await this.#switch(false).catch(() => undefined);
    }
  }

  /** Ends every iteration. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#switching.catch(() => undefined);
  }

  #switch(on: boolean): Promise<void> {
    this.#switching = this.#switching
      .catch(() => undefined)
      .then(() => this.#remote.viewfinder(on));
    return this.#switching;
  }

  #frame(signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { session } = this.#remote;
    const request = { chunk: session.chunk };
    return session.data(Commands.GetViewfinderImage, request, { limit: LARGEST_FRAME, signal });
  }
}
