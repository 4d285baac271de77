/** Taking pictures with an EOS body: one, a burst, at bulb, by its self-timer, by somebody else. */
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { formatDuration, ignore, sleep } from '../../base/time.ts';
import { EosOperation, EosProperty, shutterLabel } from '../../canon/ptp/index.ts';
import type { PtpSession, Tether } from '../../ptp/index.ts';
import type {
  CameraCapture,
  CameraStorage,
  CaptureTarget,
  HalfPress,
  ShootOptions,
  Shot,
  TetherOptions,
  WaitOptions,
} from '../camera.ts';
import { captureError } from './capture-errors.ts';
import { BUSY_TIMEOUT_MS } from './eos-busy.ts';
import type { EosState, EventFeed } from './eos-events.ts';
import { EosForNow } from './eos-for-now.ts';
import { EosHarvest, EosPictures } from './eos-pictures.ts';
import { EosShutter, type Hold } from './eos-shutter.ts';
import { Exposures } from './exposures.ts';

/** CaptureDestination: 4 is the computer, 6 both; cards have other values, by slot. */
const DESTINATION_HOST = 4;

/** Values of DriveMode that expose as long as the button is held; the best first. */
const CONTINUOUS: readonly number[] = [0x04, 0x12, 0x01, 0x05, 0x15, 0x14, 0x16];
/** Values of DriveMode, by milliseconds. */
const SELF_TIMERS: ReadonlyMap<number, number> = new Map([
  [2000, 0x11],
  [10_000, 0x10],
]);

const POLL_MS = 50;
/** Between two looks for pictures, while none comes. */
const TETHER_PAUSE_MS = 300;
const SHOT_TIMEOUT_MS = 90_000;
const ROOM_TIMEOUT_MS = 5000;
const PUT_BACK_MS = 5000;

/** Room on the computer as libgphoto2 states it: clusters, bytes of a sector, flag. */
const PLENTY_OF_ROOM = [0x0fffffff, 0x1000, 1] as const;

const isBulb = (code: number) => shutterLabel(code) === 'bulb';

type ReleaseOptions = Pick<ShootOptions, 'autofocus' | 'signal'>;

export class EosCapture implements CameraCapture {
  /** Absent where focus and exposure are one operation. */
  readonly half?: (options?: WaitOptions) => Promise<HalfPress>;
  #session: PtpSession;
  #state: EosState;
  #storage: CameraStorage;
  #shutter: EosShutter;
  #pictures: EosPictures;
  #exposures: Exposures;

  constructor(session: PtpSession, state: EosState, storage: CameraStorage) {
    this.#session = session;
    this.#state = state;
    this.#storage = storage;
    this.#shutter = new EosShutter(session, state);
    this.#exposures = new Exposures(session);
    this.#pictures = new EosPictures(session, state, storage);
    if (this.#shutter.holds) this.half = ({ signal } = {}) => this.#half(signal);
  }

  shoot(options: ShootOptions = {}): Promise<Shot> {
    const { signal, receive } = options;
    const takes = receive !== undefined;
    return this.#exposures.run((tethered) => this.#shoot(options, tethered), { takes, signal });
  }

  release({ autofocus = true, signal }: ReleaseOptions = {}): Promise<void> {
    const press = async () => {
      this.#checkFocus(autofocus);
      await this.#state.start(signal);
      await this.#untilIdle(signal);
      await this.#shutter.press({ autofocus, signal });
    };
    return this.#exposures.run(press, { signal });
  }

  /** Nobody holds the button any more. Never rejects. */
  async close(): Promise<void> {
    await this.#shutter.letGoOfAll().catch(ignore);
  }

  async tether({ to, onListening, receive, signal }: TetherOptions): Promise<void> {
    const forNow = new EosForNow(this.#session, this.#state);
    let tether: Tether | undefined;
    try {
      await this.#state.start(signal);
      const target = to ?? this.#target();
      // Not in the middle of an exposure of somebody else, who puts back what it has found.
      if (to) await this.#exposures.run(() => this.#setTarget(to, forNow, signal), { signal });
      if (target !== 'card') {
        await this.#offerRoom(signal);
        tether = this.#exposures.tether();
      }
      using feed = this.#state.follow();
      const relax = this.#state.keepPolling();
      try {
        // What comes from now on is in the feed, and would be taken twice.
        const left = [...this.#state.waiting.values()];
        await onListening?.();
        await this.#pictures.receiveAll(left, receive);
        await this.#receiveEach(feed, target, receive, signal);
      } finally {
        relax();
      }
    } catch (error) {
      // That is how it ends.
      if (!signal?.aborted) throw error;
    } finally {
      tether?.end();
      if (forNow.any) await this.#putBackInTurn(forNow);
    }
  }

  /** Not in the middle of an exposure of somebody else, but who ends is not kept long. */
  async #putBackInTurn(forNow: EosForNow): Promise<void> {
    const signal = AbortSignal.timeout(PUT_BACK_MS);
    // Where the link is gone all is as it was.
    await this.#exposures.run(() => forNow.putBack(), { signal }).catch(ignore);
  }

  /** Where a picture goes to both, the computer's copy is taken: it comes first. */
  async #receiveEach(
    feed: EventFeed,
    target: CaptureTarget,
    receive: TetherOptions['receive'],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let pause = POLL_MS;
    for (;;) {
      await this.#state.keepOn();
      await this.#state.drain({ signal, priority: 'events' });
      const events = feed.take();
      for (const event of events) {
        signal?.throwIfAborted();
        const isOthers = this.#exposures.takes;
        // Not what somebody has taken meanwhile.
        if (
          event.kind === 'requestTransfer' &&
          !isOthers &&
          this.#state.waiting.has(event.request.handle)
        ) {
          await this.#pictures.receiveAll([event.request], receive);
        }
        const onCard = target === 'card' ? this.#pictures.onCard(event) : undefined;
        if (onCard) await receive(onCard);
      }
      pause = events.length > 0 ? POLL_MS : Math.min(TETHER_PAUSE_MS, pause * 1.5);
      await sleep(pause, signal);
    }
  }

  async #half(signal: AbortSignal | undefined): Promise<HalfPress> {
    const press = async () => {
      await this.#state.start(signal);
      await this.#untilIdle(signal);
      return this.#shutter.half(signal);
    };
    const focus = await this.#exposures.run(press, { signal });
    let held = true;
    const release = async () => {
      if (!held) return;
      held = false;
      await this.#shutter.letGo();
    };
    return { focus, release, [Symbol.asyncDispose]: release };
  }

  #checkFocus(autofocus: boolean): void {
    if (autofocus || this.#shutter.holds) return;
    throw new HotshoeError('UNSUPPORTED', 'this camera always focuses before it exposes', {
      hint: 'Leave out `--no-af`, and set the switch of the lens to MF.',
    });
  }

  #check({ autofocus = true, bulbMs, burst, selfTimerMs }: ShootOptions): void {
    this.#checkFocus(autofocus);
    if (burst !== undefined && !this.#shutter.holds) {
      throw new HotshoeError('UNSUPPORTED', 'this camera lets nobody hold its button', {
        hint: 'Take the pictures one by one (`--frames`).',
      });
    }
    if ([bulbMs, burst, selfTimerMs].filter((way) => way !== undefined).length > 1) {
      throw new HotshoeError('USAGE', 'bulb, a burst and the self-timer exclude each other');
    }
  }

  async #shoot(options: ShootOptions, tethered: boolean): Promise<Shot> {
    this.#check(options);
    await this.#state.start(options.signal);
    // Where pictures go may have been put back just now, by somebody else who shares the body.
    await this.#state.drain({ signal: options.signal });
    const target = options.to ?? this.#target();
    if (target !== 'card' && !options.receive && !tethered) {
      throw new HotshoeError('USAGE', 'the picture goes to the computer, and nobody takes it', {
        hint: 'Download it (`--download`), or send it to the card (`--to card`).',
      });
    }
    const forNow = new EosForNow(this.#session, this.#state);
    try {
      return await this.#shootTo(target, options, forNow);
    } finally {
      await forNow.putBack();
    }
  }

  async #shootTo(target: CaptureTarget, options: ShootOptions, forNow: EosForNow): Promise<Shot> {
    const { to, signal, receive } = options;
    if (to) await this.#setTarget(to, forNow, signal);
    if (target !== 'card') await this.#offerRoom(signal);
    if (this.#state.number(EosProperty.AvailableShots) === 0) throw await this.#whyNoRoom(signal);
    // Of an exposure that was broken off; they fill the camera's memory until somebody takes them.
    const waiting = [...this.#state.waiting.values()];
    const left = receive ? await this.#pictures.receiveAll(waiting, receive) : [];
    const from = performance.now();
    await this.#untilIdle(signal);
    await this.#prepare(options, forNow);
    const shot = await this.#expose(options, target, from);
    return { ...shot, files: [...left, ...shot.files] };
  }

  /** From the press to the last file. */
  async #expose(options: ShootOptions, target: CaptureTarget, from: number): Promise<Shot> {
    const { signal, autofocus = true, timeoutMs = SHOT_TIMEOUT_MS, receive } = options;
    const { bulbMs, burst, selfTimerMs = 0 } = options;
    using feed = this.#state.follow();
    const harvest = new EosHarvest(this.#pictures, feed, receive);
    const expected = this.#pictures.perExposure(target) * (burst ?? 1);
    let openMs: number | undefined;
    const openShutter = (ms: number): Hold => {
      return async () => {
        const opened = performance.now();
        // A button that somebody touches would end the exposure.
        await this.#call(EosOperation.SetUILock);
        try {
          // Timers end up to a millisecond early.
          do await sleep(ms - (performance.now() - opened), signal);
          while (performance.now() - opened < ms);
          openMs = performance.now() - opened;
        } finally {
          await this.#call(EosOperation.ResetUILock).catch(ignore);
        }
      };
    };
    const holdBurst: Hold = async () => {
      const gone = performance.now();
      while (harvest.announced < expected && performance.now() - gone < timeoutMs) {
        await this.#look(harvest, signal);
        // The card or the buffer is full, or the drive mode takes no more.
        if (harvest.announced > 0 && !this.#state.busy) break;
      }
    };
    await this.#shutter.press({
      autofocus,
      // What is told before belongs to an earlier exposure, which kept the body busy until now.
      onPress: () => void feed.take(),
      ...(bulbMs !== undefined && { hold: openShutter(bulbMs) }),
      ...(burst !== undefined && { hold: holdBurst }),
      signal,
    });
    const deadline = from + timeoutMs + (bulbMs ?? 0) + selfTimerMs;
    while (harvest.announced < expected || this.#state.busy) {
      if (burst !== undefined && harvest.announced > 0 && !this.#state.busy) break;
      if (performance.now() > deadline) {
        if (harvest.announced > 0) break;
        throw new TimeoutError(
          `the camera announced no picture within ${formatDuration(timeoutMs)}`,
          { hint: 'Is the lens cap off, and is the camera not in movie mode or playing back?' },
        );
      }
      await this.#look(harvest, signal);
    }
    const durationMs = (harvest.lastAt ?? performance.now()) - from;
    const { files } = harvest;
    return openMs === undefined ? { files, durationMs } : { files, durationMs, bulbMs: openMs };
  }

  /** Asks what has come, and waits a moment if it was nothing. */
  async #look(harvest: EosHarvest, signal: AbortSignal | undefined): Promise<void> {
    // Also what came with the answer to something else.
    if (await harvest.take()) return;
    await this.#state.keepOn();
    await this.#state.drain({ signal, priority: 'events' });
    if (!(await harvest.take())) await sleep(POLL_MS, signal);
  }

  /** The drive mode, or the shutter, that the options need. */
  async #prepare(options: ShootOptions, forNow: EosForNow): Promise<void> {
    const { bulbMs, burst, selfTimerMs, signal } = options;
    if (bulbMs !== undefined) await this.#toBulb(forNow, signal);
    if (burst !== undefined) await this.#toContinuous(forNow, signal);
    if (selfTimerMs !== undefined) await this.#toSelfTimer(selfTimerMs, forNow, signal);
  }

  async #toBulb(forNow: EosForNow, signal: AbortSignal | undefined): Promise<void> {
    const property = EosProperty.ShutterSpeed;
    const former = this.#state.number(property);
    if (former !== undefined && isBulb(former)) return;
    const bulb = this.#state.choices(property).find(isBulb);
    if (former === undefined || bulb === undefined) {
      throw new HotshoeError('UNSUPPORTED', 'the camera has no bulb where its mode dial stands', {
        hint: 'Turn the dial to B; on bodies without one, to M.',
      });
    }
    await forNow.confirm(property, bulb, signal);
  }

  async #toContinuous(forNow: EosForNow, signal: AbortSignal | undefined): Promise<void> {
    const property = EosProperty.DriveMode;
    if (CONTINUOUS.includes(this.#state.number(property) ?? 0)) return;
    const choices = this.#state.choices(property);
    const mode = CONTINUOUS.find((each) => choices.includes(each));
    if (mode === undefined) {
      throw new HotshoeError('UNSUPPORTED', 'the camera has no continuous drive mode now', {
        hint: 'See `config drive`; some positions of the mode dial have single pictures only.',
      });
    }
    await forNow.confirm(property, mode, signal);
  }

  async #toSelfTimer(
    ms: number,
    forNow: EosForNow,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const property = EosProperty.DriveMode;
    const choices = this.#state.choices(property);
    const mode = SELF_TIMERS.get(ms);
    if (mode === undefined || !choices.includes(mode)) {
      const known = [...SELF_TIMERS].filter(([, code]) => choices.includes(code));
      const times = known.map(([each]) => formatDuration(each)).join(' or ');
      throw new HotshoeError(
        times ? 'USAGE' : 'UNSUPPORTED',
        `the camera has no self-timer of ${formatDuration(ms)}`,
        { hint: times ? `It has ${times}.` : 'See `config drive`.' },
      );
    }
    await forNow.confirm(property, mode, signal);
  }

  async #whyNoRoom(signal: AbortSignal | undefined): Promise<HotshoeError> {
    const units = (await this.#storage.units({ signal })).filter(({ present }) => present);
    if (units.length === 0) return captureError('NO_CARD');
    return captureError(units.every(({ readOnly }) => readOnly) ? 'CARD_LOCKED' : 'CARD_FULL');
  }

  #target(): CaptureTarget {
    const destination = this.#state.number(EosProperty.CaptureDestination) ?? 2;
    if (destination === DESTINATION_HOST) return 'host';
    // 5 and 6: the computer's bit together with a card's.
    return (destination & DESTINATION_HOST) !== 0 ? 'both' : 'card';
  }

  async #setTarget(
    target: CaptureTarget,
    forNow: EosForNow,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const choices = this.#state.choices(EosProperty.CaptureDestination);
    const value =
      target === 'host'
        ? DESTINATION_HOST
        : target === 'both'
          ? (choices.find((choice) => choice > DESTINATION_HOST && choice < 8) ?? 6)
          : (choices.find((choice) => (choice & DESTINATION_HOST) === 0) ?? 2);
    if (this.#state.number(EosProperty.CaptureDestination) === value) return;
    if (target === 'both' && choices.length > 0 && !choices.includes(value)) {
      throw new HotshoeError('UNSUPPORTED', 'this camera sends no picture to two places', {
        hint: 'Shoot to the card and download it from there (`--to card --download`).',
      });
    }
    await forNow.set(EosProperty.CaptureDestination, value, signal);
    await this.#state.drain({ signal });
  }

  /** Without this the body counts no room for pictures that go to the computer, and refuses. */
  async #offerRoom(signal: AbortSignal | undefined): Promise<void> {
    await this.#session.call(EosOperation.PCHDDCapacity, PLENTY_OF_ROOM, { signal });
    const hasRoom = () => this.#state.number(EosProperty.AvailableShots) !== 0 || undefined;
    await this.#state.waitFor(hasRoom, { timeoutMs: ROOM_TIMEOUT_MS, signal });
  }

  async #call(operation: number): Promise<void> {
    if (this.#session.supports(operation)) await this.#session.call(operation);
  }

  /** What a body still tells of an earlier exposure would be taken for this one's. */
  async #untilIdle(signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    while (this.#state.busy && performance.now() < deadline) {
      await sleep(POLL_MS, signal);
      await this.#state.drain({ signal });
    }
  }
}
