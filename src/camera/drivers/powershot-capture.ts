/** Taking pictures with a PowerShot under release control: one at a time, always focused by itself. */
import { HotshoeError, TimeoutError, UnsupportedError } from '../../base/errors.ts';
import { formatDuration, ignore, sleep } from '../../base/time.ts';
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
  Response,
  ResponseError,
  type Tether,
} from '../../ptp/index.ts';
import type {
  CameraCapture,
  CameraStorage,
  CaptureTarget,
  HalfPress,
  ShootOptions,
  Shot,
  ShotFile,
  TetherOptions,
  WaitOptions,
} from '../camera.ts';
import { type CaptureProblem, captureError } from './capture-errors.ts';
import { untilNotBusy } from './eos-busy.ts';
import { Exposures } from './exposures.ts';
import type { ReleaseControl } from './powershot-control.ts';
import type { PowerShotEvents, PowerShotFeed } from './powershot-events.ts';
import type { PowerShotFocus } from './powershot-focus.ts';
import type { PowerShotLiveView } from './powershot-live-view.ts';
import { ANNOUNCED, PowerShotPictures } from './powershot-pictures.ts';

/**
 * CaptureTransferMode: bits 1 and 2 send thumbnail and image to the computer, 4 and 8 to the card. 3
 * and 13 are libgphoto2's.
 */
const TRANSFER: Readonly<Record<CaptureTarget, number>> = { host: 3, card: 13, both: 15 };
const SHOT_TIMEOUT_MS = 90_000;
/** What a body may still announce once it has said that it is done. */
const LATE_MS = 2000;
const POLL_MS = 50;
const TETHER_PAUSE_MS = 300;

/** Answers to InitiateCaptureInMemory that say why there will be no picture. */
const PROBLEMS: ReadonlyMap<number, CaptureProblem> = new Map([
  [Response.Store_Full, 'CARD_FULL'],
  [CanonResponse.Cannot_Make_Object, 'CARD_FULL'],
  [Response.Store_Not_Available, 'NO_CARD'],
  [CanonResponse.Memory_Status_Not_Ready, 'NO_CARD'],
  [Response.Store_Read_Only, 'CARD_LOCKED'],
]);
const REASONS: ReadonlyMap<number, readonly [message: string, hint: string]> = new Map([
  [CanonResponse.Lens_Cover_Closed, ['its lens cover is closed', 'Open it.']],
  [CanonResponse.Low_Battery, ['its battery is low', 'Put in a charged one.']],
  [
    CanonResponse.Operation_Refused,
    ['its mode does not allow it', 'Turn its dial to a mode for pictures.'],
  ],
]);

interface TetherTo {
  target: CaptureTarget;
  receive: NonNullable<ShootOptions['receive']>;
  signal: AbortSignal | undefined;
  tether: Tether | undefined;
}

export interface PowerShotParts {
  session: PtpSession;
  storage: CameraStorage;
  events: PowerShotEvents;
  control: ReleaseControl;
  liveView: PowerShotLiveView | undefined;
  focus: PowerShotFocus | undefined;
}

export class PowerShotCapture implements CameraCapture {
  /** Absent where the body locks no focus. */
  readonly half?: (options?: WaitOptions) => Promise<HalfPress>;
  #parts: PowerShotParts;
  #pictures: PowerShotPictures;
  #exposures: Exposures;

  constructor(parts: PowerShotParts) {
    this.#parts = parts;
    this.#pictures = new PowerShotPictures(parts.session, parts.storage);
    this.#exposures = new Exposures(parts.session);
    const { focus } = parts;
    if (focus && parts.session.supports(PowerShotOperation.FocusLock)) {
      this.half = (options) => half(focus, options);
    }
  }

  shoot(options: ShootOptions = {}): Promise<Shot> {
    const { to, receive, signal } = options;
    const takes = receive !== undefined && to !== undefined && to !== 'card';
    return this.#exposures.run((tethered) => this.#shoot(options, tethered), { takes, signal });
  }

  release(options: Pick<ShootOptions, 'autofocus' | 'signal'> = {}): Promise<void> {
    requireOrdinary(options);
    const press = async () => {
      await this.#parts.control.enter(options.signal);
      await this.#withoutViewfinder(() => this.#expose(options.signal));
    };
    return this.#exposures.run(press, { signal: options.signal });
  }

  async tether({ to, onListening, receive, signal }: TetherOptions): Promise<void> {
    const { control, events } = this.#parts;
    let tether: Tether | undefined;
    try {
      await control.enter(signal);
      // Not in the middle of an exposure of somebody else.
      const target = await this.#exposures.run(() => this.#aim(to, signal), { signal });
      if (target !== 'card') tether = this.#exposures.tether();
      using feed = events.follow();
      const relax = events.keepPolling();
      try {
        await onListening?.();
        await this.#receiveEach(feed, { target, receive, signal, tether });
      } finally {
        relax();
      }
    } catch (error) {
      // That is how it ends.
      if (!signal?.aborted) throw error;
    } finally {
      tether?.end();
    }
  }

  async #receiveEach(
    feed: PowerShotFeed,
    { target, receive, signal, tether }: TetherTo,
  ): Promise<void> {
    const { events } = this.#parts;
    let pause = POLL_MS;
    for (;;) {
      await events.keepOn();
      await events.drain({ signal, priority: 'events' });
      const news = feed.take();
      for (const event of news) {
        signal?.throwIfAborted();
        // The button only tells: the computer is the one to expose.
        if (event.code === CanonEvent.ShutterButtonPressed) await this.release({ signal });
        const file = await this.#pictures.announcedBy(event, signal);
        // Where a picture goes to both, the computer's copy is taken: it comes first.
        if (file && (file.where === 'host' || target === 'card')) await receive(file);
        if (ANNOUNCED.includes(event.code)) tether?.took();
      }
      pause = news.length > 0 ? POLL_MS : Math.min(TETHER_PAUSE_MS, pause * 1.5);
      await sleep(pause, signal);
    }
  }

  async #shoot(options: ShootOptions, tethered: boolean): Promise<Shot> {
    const { to, signal, receive, timeoutMs = SHOT_TIMEOUT_MS } = options;
    requireOrdinary(options);
    const { control, events } = this.#parts;
    await control.enter(signal);
    const former = tethered ? await this.#aimedAt(signal) : undefined;
    const target = await this.#aim(to ?? former, signal);
    if (target !== 'card' && !receive && !tethered) {
      throw new HotshoeError('USAGE', 'the picture goes to the computer, and nobody takes it', {
        hint: 'Download it (`--download`), or send it to the card (`--to card`).',
      });
    }
    // Of an exposure that was broken off.
    await events.drain({ signal });
    try {
      return await this.#withoutViewfinder(async () => {
        using feed = events.follow();
        const from = performance.now();
        // What is told before it begins belongs to an earlier one, which kept the body busy until now.
        await this.#expose(signal, () => void feed.take());
        return await this.#collect(feed, target, { from, timeoutMs, receive, signal });
      });
    } finally {
      if (former && former !== target) await this.#aim(former, undefined).catch(ignore);
    }
  }

  #withoutViewfinder<T>(work: () => Promise<T>): Promise<T> {
    const { liveView } = this.#parts;
    return liveView ? liveView.without(work) : work();
  }

  /** Where pictures go now. */
  async #aimedAt(signal: AbortSignal | undefined): Promise<CaptureTarget | undefined> {
    const { session } = this.#parts;
    const property = PowerShotProperty.CaptureTransferMode;
    if (!session.deviceInfo.devicePropertiesSupported.includes(property)) return undefined;
    const mode = Number(await session.getDevicePropValue(property, DataType.UINT16, { signal }));
    const targets = Object.keys(TRANSFER) as CaptureTarget[];
    return targets.find((target) => TRANSFER[target] === mode);
  }

  /** Where pictures go: as told, else to the card, or to the computer where there is none. */
  async #aim(
    to: CaptureTarget | undefined,
    signal: AbortSignal | undefined,
  ): Promise<CaptureTarget> {
    const { session, storage, events } = this.#parts;
    const units = await untilNotBusy(events, signal, () => storage.units({ signal }));
    const hasCard = units.some(({ present }) => present);
    const target = to ?? (hasCard ? 'card' : 'host');
    if (target !== 'host' && !hasCard) throw captureError('NO_CARD');
    const property = PowerShotProperty.CaptureTransferMode;
    if (session.deviceInfo.devicePropertiesSupported.includes(property)) {
      const set = () =>
        session.setDevicePropValue(property, DataType.UINT16, TRANSFER[target], { signal });
      await untilNotBusy(events, signal, set);
    }
    return target;
  }

  async #expose(signal: AbortSignal | undefined, onPress?: () => void): Promise<void> {
    const { session, events } = this.#parts;
    const options = { timeoutMs: LONG_TIMEOUT_MS, signal };
    try {
      // Busy while the flash charges, or the lens moves.
      await untilNotBusy(events, signal, () => {
        onPress?.();
        return session.call(PowerShotOperation.InitiateCaptureInMemory, [], options);
      });
    } catch (error) {
      throw error instanceof ResponseError ? problemOf(error) : error;
    }
  }

  async #collect(
    feed: PowerShotFeed,
    target: CaptureTarget,
    wait: { from: number; timeoutMs: number } & Pick<ShootOptions, 'receive' | 'signal'>,
  ): Promise<Shot> {
    const { events } = this.#parts;
    const expected = target === 'both' ? 2 : 1;
    const files: ShotFile[] = [];
    let durationMs = 0;
    let deadline = wait.from + wait.timeoutMs;
    let complete = false;
    let full = false;
    for (;;) {
      await events.drain({ signal: wait.signal });
      const news = feed.take();
      for (const event of news) {
        full ||= event.code === Event.StoreFull;
        if (event.code === Event.CaptureComplete) {
          complete = true;
          deadline = Math.min(deadline, performance.now() + LATE_MS);
        }
        const file = await this.#pictures.announcedBy(event, wait.signal);
        if (!file) continue;
        durationMs = performance.now() - wait.from;
        if (file.where === 'host') await wait.receive?.(file);
        files.push(file);
      }
      if (files.length >= expected && complete) return { files, durationMs };
      if (full && complete) throw captureError('CARD_FULL');
      if (performance.now() > deadline) {
        if (files.length > 0) return { files, durationMs };
        throw new TimeoutError(
          `the camera announced no picture within ${formatDuration(wait.timeoutMs)}`,
          { hint: 'Is its lens cover open, and is it not playing back?' },
        );
      }
      if (news.length === 0) await sleep(POLL_MS, wait.signal);
    }
  }
}

async function half(focus: PowerShotFocus, options: WaitOptions = {}): Promise<HalfPress> {
  const result = await focus.lock(options);
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await focus.cancel();
  };
  return { focus: result, release, [Symbol.asyncDispose]: release };
}

/** What these bodies do not do for a computer. */
function requireOrdinary({ autofocus = true, bulbMs, burst, selfTimerMs }: ShootOptions): void {
  const lacks = (what: string, hint?: string) =>
    new UnsupportedError(`this camera ${what}`, { hint });
  if (!autofocus) {
    throw lacks('always focuses before it exposes', 'Leave out `--no-af`.');
  }
  if (bulbMs !== undefined) throw lacks('has no bulb for computers');
  if (burst !== undefined) {
    throw lacks('takes no bursts for computers', 'Take the pictures one by one (`--frames`).');
  }
  if (selfTimerMs !== undefined) throw lacks('has no self-timer for computers');
}

function problemOf(error: ResponseError): Error {
  const problem = PROBLEMS.get(error.response);
  if (problem) return captureError(problem, { cause: error });
  const reason = REASONS.get(error.response);
  if (!reason) return error;
  const [why, hint] = reason;
  return new HotshoeError('CAPTURE_FAILED', `the camera takes no picture: ${why}`, {
    hint,
    cause: error,
  });
}
