/** Remote control: the lens is out, the buttons are locked, the computer shoots. */
import { Channel } from '../../base/channel.ts';
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { ignore, within } from '../../base/time.ts';
import { CaptureState, Status, TransferMode } from './codes.ts';
import { AFTER_RELEASE, Commands, EOS_LOCK, Remote } from './commands.ts';
import { NormalStatusError } from './errors.ts';
import type { NormalEvent } from './events.ts';
import { tellsNoEnd } from './models.ts';
import { ReleaseParameters } from './parameters.ts';
import type { CallOptions, NormalSession } from './session.ts';

/** A lens cap is told of after ten seconds. */
const START_MS = 20_000;
const MODE_MS = 15_000;
const RELEASE_MS = 15_000;
/** What a body of class 4 and 6 still has to say behind a picture. */
const STORED_MS = 5000;
const FOCUS_FAILED = 1;
/** Bits of `TransferMode`: picture or thumbnail to the card. */
const TO_CARD = 0x0c;

type Options = Pick<CallOptions, 'signal'>;

/** A picture that waits in the camera's memory until the next release. */
export type WaitingImage = Extract<NormalEvent, { kind: 'image' }>;

export class NormalRemote {
  readonly session: NormalSession;
  #on: Promise<void> | undefined;
  #viewfinder = false;
  #locked = false;

  constructor(session: NormalSession) {
    this.session = session;
  }

  get isOn(): boolean {
    return this.#on !== undefined;
  }

  /** Enters remote control, unless it is on. The lens of a PowerShot comes out. */
  start(options: Options = {}): Promise<void> {
    this.#on ??= this.#start(options).catch((error: unknown) => {
      this.#on = undefined;
      throw error;
    });
    return this.#on;
  }

  /** Leaves it, and gives the buttons back where the body can. Never rejects. */
  async stop(): Promise<void> {
    const wasOn = this.#on;
    this.#on = undefined;
    if (!wasOn) return;
    await wasOn.catch(ignore);
    if (this.#viewfinder) await this.viewfinder(false).catch(ignore);
    await this.session.remote(Remote.Stop, undefined).catch(ignore);
    await this.#unlock().catch(ignore);
  }

  async parameters(options: Options = {}): Promise<ReleaseParameters> {
    await this.start(options);
    return this.session.remote(Remote.GetParameters, undefined, options);
  }

  /** Changes some of them; all others are sent back as they are. Resolves with what they are then. */
  async setParameters(
    change: Partial<ReleaseParameters>,
    options: Options = {},
  ): Promise<ReleaseParameters> {
    // Class 6 believes it the second time only.
    const times = this.session.generation === 'new' ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const block = { ...(await this.parameters(options)), ...change };
      await this.session.remote(Remote.SetParameters, ReleaseParameters.encode(block), options);
    }
    return this.parameters(options);
  }

  async setTransferMode(mode: number, options: Options = {}): Promise<void> {
    await this.start(options);
    await this.session.remote(
      Remote.SetTransferMode,
      { value: mode },
      { timeoutMs: MODE_MS, ...options },
    );
  }

  /** Presses the button; what comes of it events tell. */
  async release(options: Options = {}): Promise<void> {
    await this.start(options);
    await this.#lock(options);
    await this.session.remote(Remote.Release, undefined, { timeoutMs: RELEASE_MS, ...options });
    if (this.session.generation === 'new') {
      await this.session.call(Commands.AfterRelease, { value: AFTER_RELEASE }, options);
    }
  }

  /**
   * One picture, to where the transfer mode says; resolves when it is made, and stored where it goes
   * to the card. Rejects with FOCUS_FAILED or CAPTURE_FAILED, or a TimeoutError.
   */
  async shoot(mode: number, options: Options & { timeoutMs: number }): Promise<WaitingImage[]> {
    const { signal, timeoutMs } = options;
    await this.setTransferMode(mode, { signal });
    // What is left of a capture before is not of this one.
    const events = new Channel<NormalEvent>();
    const forget = this.session.listen((event) => events.push(event));
    try {
      await this.release({ signal });
      return await this.#untilDone(events, mode, timeoutMs, signal);
    } finally {
      forget();
      await this.#unlock().catch(ignore);
    }
  }

  async viewfinder(on: boolean, options: Options = {}): Promise<void> {
    if (on) await this.start(options);
    await this.session.remote(
      on ? Remote.ViewfinderStart : Remote.ViewfinderStop,
      undefined,
      options,
    );
    this.#viewfinder = on;
  }

  async #start(options: Options): Promise<void> {
    const { session } = this;
    // Without the keys locked some do not enter it.
    if (!session.isEos && session.modelClass !== 0 && session.knows(Commands.LockKeys)) {
      await session.call(Commands.LockKeys, undefined, options);
    }
    const start = () =>
      session.remote(Remote.Start, undefined, { timeoutMs: START_MS, ...options });
    try {
      await start();
    } catch (error) {
      const isLens = error instanceof NormalStatusError && error.status === Status.NoRemoteControl;
      if (!isLens) throw error;
      // A session before may have ended within it.
      await session.remote(Remote.Stop, undefined, options).catch(ignore);
      await start();
    }
  }

  async #lock(options: Options): Promise<void> {
    const { session } = this;
    if (this.#locked || !session.isEos) return;
    if (session.generation === 'new') {
      await session.call(Commands.GetPictureAbilities, undefined, options).catch(ignore);
    }
    await session.call(Commands.EosLockKeys, { value: EOS_LOCK }, options);
    this.#locked = true;
  }

  async #unlock(): Promise<void> {
    if (!this.#locked) return;
    this.#locked = false;
    await this.session.call(Commands.EosUnlockKeys, undefined);
  }

  async #untilDone(
    events: Channel<NormalEvent>,
    mode: number,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<WaitingImage[]> {
    const { session } = this;
    const images: WaitingImage[] = [];
    const wanted =
      (mode & TransferMode.ThumbnailToHost ? 1 : 0) + (mode & TransferMode.ImageToHost ? 1 : 0);
    const toCard = (mode & TO_CARD) !== 0;
    const isDone = (event: NormalEvent): boolean => {
      if (!session.isEos) return event.kind === 'capture' && event.state === CaptureState.Finished;
      if (event.kind === 'stored' || event.kind === 'complete') return true;
      const served = images.length >= wanted;
      if (session.generation === 'new' || tellsNoEnd(session.device.productId)) {
        return !toCard && served && wanted > 0 && event.kind !== 'image'
          ? isFinished(event)
          : false;
      }
      return false;
    };
    let left = timeoutMs;
    let finished = false;
    for (;;) {
      const next = events.next();
      // A capture that has ended, whose body does not tell that it is stored.
      const ms = finished ? Math.min(left, STORED_MS) : left;
      const from = performance.now();
      let result: IteratorResult<NormalEvent>;
      try {
        result = await within(Promise.race([next, this.#lost()]), {
          ms,
          what: 'the camera told of no picture',
          hint: 'Look at the camera: its lens, its flash and its card.',
          signal,
        });
      } catch (error) {
        if (finished && error instanceof TimeoutError) return images;
        throw error;
      }
      left -= performance.now() - from;
      if (result.done) return images;
      const event = result.value;
      if (event.kind === 'image') images.push(event);
      if (event.kind === 'capture' && event.state === CaptureState.Failed) {
        throw event.error === FOCUS_FAILED
          ? new HotshoeError('FOCUS_FAILED', 'the camera could not focus', {
              hint: 'Give it something with contrast and light.',
            })
          : new HotshoeError('CAPTURE_FAILED', `the camera took no picture (${event.error ?? 0})`);
      }
      if (isFinished(event)) finished = true;
      if (isDone(event)) return images;
    }
  }

  async #lost(): Promise<never> {
    throw (await this.session.closed) ?? new HotshoeError('LINK_LOST', 'the session was closed');
  }
}

function isFinished(event: NormalEvent): boolean {
  return event.kind === 'capture' && event.state === CaptureState.Finished;
}
