/**
 * The newest frame of live view for any number of clients, each at its own pace: one iterator, one
 * frame. Live view goes off a little after the last client has asked, so that asking frame by frame
 * keeps it on.
 */
import { LinkError, UnsupportedError } from '../base/errors.ts';
import { type Clock, ignore, systemClock } from '../base/time.ts';
import type { Camera, LiveViewFrame } from '../camera/camera.ts';
import { mjpeg } from './mjpeg.ts';

/** From the last question to the end of live view. */
const LINGER_MS = 2500;

type Viewed = Pick<Camera, 'identity' | 'liveView'>;

export interface NumberedFrame {
  /** Counts up with each. */
  number: number;
  frame: LiveViewFrame;
}

interface Waiter {
  resolve(frame: NumberedFrame): void;
  reject(error: unknown): void;
}

export class LiveFrames {
  #camera: () => Viewed;
  #clock: Clock;
  #latest: NumberedFrame | undefined;
  #count = 0;
  #waiting = new Set<Waiter>();
  #asked = 0;
  #loop: AbortController | undefined;

  constructor(camera: () => Viewed, clock: Clock = systemClock) {
    this.#camera = camera;
    this.#clock = clock;
  }

  /** A frame newer than number `after`; without it one that is newer than the question. */
  async next(after: number | undefined, signal: AbortSignal): Promise<NumberedFrame> {
    signal.throwIfAborted();
    const { liveView, identity } = this.#camera();
    if (!liveView) throw new UnsupportedError(`${identity.model} has no live view for computers`);
    this.#asked = this.#clock.now();
    if (!this.#loop) void this.#run(liveView.frames.bind(liveView));
    const latest = this.#latest;
    // A number from before a restart counts for nothing.
    if (latest && after !== undefined && latest.number !== after) return latest;
    return await new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
        this.#asked = this.#clock.now();
      };
      const waiter: Waiter = {
        resolve: (frame) => {
          settle();
          resolve(frame);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal.reason);
      this.#waiting.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Parts for one client, made as it takes them. Ends where there is no next one, and says why. */
  stream(
    signal: AbortSignal,
    onEnd: (error: unknown) => void = ignore,
  ): ReadableStream<Uint8Array> {
    let number: number | undefined;
    // Once: a signal keeps a trace of each that was ever made of it (Node 20).
    let left: AbortSignal | undefined;
    return mjpeg(async (gone) => {
      left ??= AbortSignal.any([gone, signal]);
      try {
        const next = await this.next(number, left);
        number = next.number;
        return next.frame.jpeg;
      } catch (error) {
        if (!left.aborted) onEnd(error);
        return undefined;
      }
    });
  }

  /** Ends live view now. */
  stop(): void {
    this.#loop?.abort();
    for (const waiter of [...this.#waiting]) {
      waiter.reject(new LinkError('live view has ended: the camera was let go'));
    }
  }

  async #run(
    frames: (options: { signal: AbortSignal }) => AsyncIterable<LiveViewFrame>,
  ): Promise<void> {
    const loop = new AbortController();
    this.#loop = loop;
    let failed: unknown;
    try {
      for await (const frame of frames({ signal: loop.signal })) {
        this.#latest = { number: ++this.#count, frame };
        for (const waiter of [...this.#waiting]) waiter.resolve(this.#latest);
        if (this.#clock.now() - this.#asked > LINGER_MS) break;
      }
    } catch (error) {
      failed = error;
    }
    this.#latest = undefined;
    this.#loop = undefined;
    failed ??= new LinkError('live view has ended');
    for (const waiter of [...this.#waiting]) waiter.reject(failed);
  }
}
