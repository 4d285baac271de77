/** Taking pictures with an EOS body: half press, full press, and the wait for what comes of it. */
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { formatDuration, ignore, sleep } from '../../base/time.ts';
import { Reader } from '../../bytes/index.ts';
import {
  EosOperation,
  EosProperty,
  shutterLabel,
  type TransferRequest,
} from '../../canon/ptp/index.ts';
import { LONG_TIMEOUT_MS, ObjectFormat, type PtpSession } from '../../ptp/index.ts';
import { PriorityQueue } from '../../ptp/queue.ts';
import type {
  CameraCapture,
  CameraStorage,
  CaptureTarget,
  ShootOptions,
  Shot,
  ShotFile,
  TetherOptions,
} from '../camera.ts';
import { BUSY_TIMEOUT_MS, untilNotBusy } from './eos-busy.ts';
import type { EosState, EventFeed } from './eos-events.ts';
import { focusResult } from './eos-focus-result.ts';
import { requireReleased } from './eos-release.ts';
import { setEosProperty } from './eos-set-property.ts';

/** Parameters of RemoteReleaseOn and RemoteReleaseOff. */
const Press = { Half: 1, Full: 2, Both: 3 } as const;
const WITH_AF = 0;
const WITHOUT_AF = 1;

/** CaptureDestination: 4 is the computer, 6 both; cards have other values, by slot. */
const DESTINATION_HOST = 4;

/** Value of FocusMode: nothing will move, and nothing be reported. */
const MANUAL_FOCUS = 3;

const POLL_MS = 50;
/** Between two looks for pictures, while none comes. */
const TETHER_PAUSE_MS = 300;
const SHOT_TIMEOUT_MS = 90_000;
const FOCUS_TIMEOUT_MS = 2000;
const ROOM_TIMEOUT_MS = 5000;

/** Room on the computer as libgphoto2 states it: clusters, bytes of a sector, flag. */
const PLENTY_OF_ROOM = [0x0fffffff, 0x1000, 1] as const;

/** Works while the shutter is open. */
type Hold = () => Promise<void>;

const isBulb = (code: number) => shutterLabel(code) === 'bulb';

type ReleaseOptions = Pick<ShootOptions, 'autofocus' | 'signal'>;

export class EosCapture implements CameraCapture {
  #session: PtpSession;
  #state: EosState;
  #storage: CameraStorage;
  /** A body makes one exposure at a time, and does not tell whose picture it announces. */
  #exposures = new PriorityQueue();

  constructor(session: PtpSession, state: EosState, storage: CameraStorage) {
    this.#session = session;
    this.#state = state;
    this.#storage = storage;
  }

  shoot(options: ShootOptions = {}): Promise<Shot> {
    return this.#exposures.run('user', () => this.#shoot(options), options.signal);
  }

  release({ autofocus = true, signal }: ReleaseOptions = {}): Promise<void> {
    const press = async () => {
      this.#checkFocus(autofocus);
      await this.#state.start(signal);
      await this.#untilIdle(signal);
      using feed = this.#state.follow();
      await this.#press(autofocus, feed, signal);
    };
    return this.#exposures.run('user', press, signal);
  }

  async tether({ to, onListening, receive, signal }: TetherOptions): Promise<void> {
    try {
      await this.#state.start(signal);
      const target = to ?? this.#target();
      if (to) await this.#setTarget(to, signal);
      if (target !== 'card') await this.#offerRoom(signal);
      using feed = this.#state.follow();
      const relax = this.#state.keepPolling();
      try {
        // What comes from now on is in the feed, and would be taken twice.
        const left = [...this.#state.waiting.values()];
        await onListening?.();
        await this.#receiveAll(left, receive);
        await this.#receiveEach(feed, target, receive, signal);
      } finally {
        relax();
      }
    } catch (error) {
      // That is how it ends.
      if (!signal?.aborted) throw error;
    }
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
      await this.#state.drain({ signal, priority: 'events' });
      const events = feed.take();
      for (const event of events) {
        signal?.throwIfAborted();
        if (event.kind === 'requestTransfer') await this.#receiveAll([event.request], receive);
        if (target === 'card' && event.kind === 'objectAdded') {
          const { handle, name, size, format, storageId } = event.object;
          if (format === ObjectFormat.Association) continue;
          await receive(this.#shotFile({ handle, name, size, format, storageId, where: 'card' }));
        }
      }
      pause = events.length > 0 ? POLL_MS : Math.min(TETHER_PAUSE_MS, pause * 1.5);
      await sleep(pause, signal);
    }
  }

  #checkFocus(autofocus: boolean): void {
    if (autofocus || this.#session.supports(EosOperation.RemoteReleaseOn)) return;
    throw new HotshoeError('UNSUPPORTED', 'this camera always focuses before it exposes', {
      hint: 'Leave out `--no-af`, and set the switch of the lens to MF.',
    });
  }

  async #shoot(options: ShootOptions): Promise<Shot> {
    const { signal, autofocus = true, timeoutMs = SHOT_TIMEOUT_MS, receive } = options;
    this.#checkFocus(autofocus);
    await this.#state.start(signal);
    const target = options.to ?? this.#target();
    if (target !== 'card' && !receive) {
      throw new HotshoeError('USAGE', 'the picture goes to the computer, and nobody takes it', {
        hint: 'Download it (`--download`), or send it to the card (`--to card`).',
      });
    }
    if (options.to) await this.#setTarget(options.to, signal);
    if (target !== 'card') await this.#offerRoom(signal);
    await this.#state.drain({ signal });
    if (this.#state.number(EosProperty.AvailableShots) === 0) {
      throw new HotshoeError('CAPTURE_FAILED', 'there is no room for another picture', {
        hint: 'The card is full or missing; free it, or shoot to the computer (`--to host`).',
      });
    }
    // Of an exposure that was broken off; they fill the camera's memory until somebody takes them.
    const left = receive ? await this.#receiveAll([...this.#state.waiting.values()], receive) : [];
    const from = performance.now();
    await this.#untilIdle(signal);
    const { bulbMs } = options;
    const putBack = bulbMs === undefined ? undefined : await this.#toBulb(signal);
    try {
      using feed = this.#state.follow();
      let openMs: number | undefined;
      const hold =
        bulbMs === undefined
          ? undefined
          : async () => {
              const opened = performance.now();
              await sleep(bulbMs, signal);
              openMs = performance.now() - opened;
            };
      await this.#press(autofocus, feed, signal, hold);
      const wait = { from, timeoutMs: timeoutMs + (bulbMs ?? 0), receive, signal };
      const shot = await this.#collect(feed, target, wait);
      const files = [...left, ...shot.files];
      return openMs === undefined ? { ...shot, files } : { ...shot, files, bulbMs: openMs };
    } finally {
      await putBack?.().catch(ignore);
    }
  }

  /** Hands pictures for the computer over, one by one. */
  async #receiveAll(
    requests: readonly TransferRequest[],
    receive: NonNullable<ShootOptions['receive']>,
  ): Promise<ShotFile[]> {
    const files: ShotFile[] = [];
    for (const { handle, name, size, format } of requests) {
      const place = { where: 'host', storageId: undefined } as const;
      const file = this.#shotFile({ handle, name, size, format, ...place });
      await receive(file);
      // Not to be broken off: the computer has the picture.
      await this.#session.call(EosOperation.TransferComplete, [handle]);
      this.#state.waiting.delete(handle);
      files.push(file);
    }
    return files;
  }

  #target(): CaptureTarget {
    const destination = this.#state.number(EosProperty.CaptureDestination) ?? 2;
    if (destination === DESTINATION_HOST) return 'host';
    // 5 and 6: the computer's bit together with a card's.
    return (destination & DESTINATION_HOST) !== 0 ? 'both' : 'card';
  }

  async #setTarget(target: CaptureTarget, signal: AbortSignal | undefined): Promise<void> {
    const choices = this.#state.choices(EosProperty.CaptureDestination);
    const value =
      target === 'host'
        ? DESTINATION_HOST
        : target === 'both'
          ? (choices.find((choice) => choice > DESTINATION_HOST && choice < 8) ?? 6)
          : (choices.find((choice) => (choice & DESTINATION_HOST) === 0) ?? 2);
    if (this.#state.number(EosProperty.CaptureDestination) === value) return;
    const property = EosProperty.CaptureDestination;
    await setEosProperty(this.#session, this.#state, property, value, { signal });
    await this.#state.drain({ signal });
  }

  /** Without this the body counts no room for pictures that go to the computer, and refuses. */
  async #offerRoom(signal: AbortSignal | undefined): Promise<void> {
    await this.#session.call(EosOperation.PCHDDCapacity, PLENTY_OF_ROOM, { signal });
    const hasRoom = () => this.#state.number(EosProperty.AvailableShots) !== 0 || undefined;
    await this.#state.waitFor(hasRoom, { timeoutMs: ROOM_TIMEOUT_MS, signal });
  }

  async #press(
    autofocus: boolean,
    exposure: EventFeed,
    signal: AbortSignal | undefined,
    hold?: Hold,
  ): Promise<void> {
    const session = this.#session;
    if (!session.supports(EosOperation.RemoteReleaseOn)) {
      return hold ? this.#bulbAtOnce(hold, signal) : this.#releaseAtOnce(signal);
    }
    const on = (press: number, af: number) =>
      untilNotBusy(this.#state, signal, () => {
        // Of an earlier exposure, which kept the body busy until now.
        exposure.take();
        return session.call(EosOperation.RemoteReleaseOn, [press, af], {
          timeoutMs: LONG_TIMEOUT_MS,
          signal,
        });
      });
    // Released on every path, also when the user gives up in the middle of the press: a pressed
    // button blocks the body.
    const whilePressed = async (press: number, af: number, work?: () => Promise<void>) => {
      const off = () => session.call(EosOperation.RemoteReleaseOff, [press]);
      try {
        await on(press, af);
        await work?.();
      } catch (error) {
        await off().catch(ignore);
        throw error;
      }
      await off();
    };
    if (!autofocus) return whilePressed(Press.Both, WITHOUT_AF, hold);
    // Before the press: what comes with its answer may be the news.
    using focus = this.#state.follow();
    await whilePressed(Press.Half, WITH_AF, async () => {
      await this.#waitForFocus(focus, signal);
      await whilePressed(Press.Full, WITH_AF, hold);
    });
  }

  /** The shutter is open between two operations, on bodies up to the EOS 1000D. */
  async #bulbAtOnce(hold: Hold, signal: AbortSignal | undefined): Promise<void> {
    const session = this.#session;
    const send = async (operation: number, wait: AbortSignal | undefined) => {
      const { params } = await session.call(operation, [], {
        timeoutMs: LONG_TIMEOUT_MS,
        signal: wait,
      });
      requireReleased(params[0] ?? 0, session.names);
    };
    await untilNotBusy(this.#state, signal, () => send(EosOperation.BulbStart, signal));
    try {
      await hold();
    } catch (error) {
      await send(EosOperation.BulbEnd, undefined).catch(ignore);
      throw error;
    }
    await send(EosOperation.BulbEnd, undefined);
  }

  /** Sets the shutter to bulb, where it is not; resolves with what puts it back. */
  async #toBulb(signal: AbortSignal | undefined): Promise<() => Promise<void>> {
    const former = this.#state.number(EosProperty.ShutterSpeed);
    if (former !== undefined && isBulb(former)) return () => Promise.resolve();
    const bulb = this.#state.choices(EosProperty.ShutterSpeed).find(isBulb);
    if (former === undefined || bulb === undefined) {
      throw new HotshoeError('UNSUPPORTED', 'the camera has no bulb where its mode dial stands', {
        hint: 'Turn the dial to B; on bodies without one, to M.',
      });
    }
    await this.#setShutter(bulb, signal);
    return () => this.#setShutter(former, undefined);
  }

  async #setShutter(value: number, signal: AbortSignal | undefined): Promise<void> {
    const property = EosProperty.ShutterSpeed;
    await setEosProperty(this.#session, this.#state, property, value, { signal });
    const isSet = () => this.#state.number(property) === value || undefined;
    if (await this.#state.waitFor(isSet, { timeoutMs: BUSY_TIMEOUT_MS, signal })) return;
    throw new TimeoutError('the camera did not confirm another shutter speed');
  }

  /** Focus and exposure in one operation, on bodies up to the EOS 1000D (2008). */
  async #releaseAtOnce(signal: AbortSignal | undefined): Promise<void> {
    await untilNotBusy(this.#state, signal, async () => {
      const { params } = await this.#session.call(EosOperation.RemoteRelease, [], {
        timeoutMs: LONG_TIMEOUT_MS,
        signal,
      });
      requireReleased(params[0] ?? 0, this.#session.names);
    });
  }

  /** Bodies that report no focus within two seconds are trusted to have it. */
  async #waitForFocus(feed: EventFeed, signal: AbortSignal | undefined): Promise<void> {
    if (this.#state.number(EosProperty.FocusMode) === MANUAL_FOCUS) return;
    const wait = { timeoutMs: FOCUS_TIMEOUT_MS, signal };
    const focus = await this.#state.waitFor(() => focusResult(this.#state, feed), wait);
    if (focus !== 'failed') return;
    throw new HotshoeError('CAPTURE_FAILED', 'the camera could not focus', {
      hint: 'Give it something with contrast and light, or shoot without autofocus (`--no-af`).',
    });
  }

  async #collect(
    feed: EventFeed,
    target: CaptureTarget,
    wait: Pick<ShootOptions, 'receive' | 'signal'> & { from: number; timeoutMs: number },
  ): Promise<Shot> {
    const perPlace = this.#filesPerShot();
    const expected = target === 'both' ? 2 * perPlace : perPlace;
    const files: ShotFile[] = [];
    let durationMs = 0;
    let events = feed.take();
    for (;;) {
      for (const event of events) {
        if (event.kind === 'requestTransfer') {
          durationMs = performance.now() - wait.from;
          if (wait.receive) files.push(...(await this.#receiveAll([event.request], wait.receive)));
        }
        if (event.kind === 'objectAdded' && event.object.format !== ObjectFormat.Association) {
          durationMs = performance.now() - wait.from;
          const { handle, name, size, format, storageId } = event.object;
          files.push(this.#shotFile({ handle, name, size, format, storageId, where: 'card' }));
        }
      }
      if (files.length >= expected && !this.#state.busy) return { files, durationMs };
      if (performance.now() - wait.from > wait.timeoutMs) {
        if (files.length > 0) return { files, durationMs };
        throw new TimeoutError(
          `the camera announced no picture within ${formatDuration(wait.timeoutMs)}`,
          { hint: 'Is the lens cap off, and is the camera not in movie mode or playing back?' },
        );
      }
      await this.#state.drain({ signal: wait.signal, priority: 'events' });
      events = feed.take();
      if (events.length === 0) await sleep(POLL_MS, wait.signal);
    }
  }

  /** RAW and JPEG of one exposure are two files: ImageFormat begins with their number. */
  #filesPerShot(): number {
    const format = this.#state.raw(EosProperty.ImageFormat);
    return format && format.length >= 4 ? Math.max(1, new Reader(format).u32()) : 1;
  }

  #shotFile(file: Omit<ShotFile, 'read'>): ShotFile {
    return { ...file, read: (sink, options) => this.#storage.read(file, sink, options) };
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
