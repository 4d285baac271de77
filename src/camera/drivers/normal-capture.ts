/** Pictures with a body from before PTP. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import { sleep } from '../../base/time.ts';
import {
  Commands,
  EVERYTHING,
  ImageKind,
  type Listing,
  type NormalFiles,
  type NormalRemote,
  type NormalSession,
  newFiles,
  Remote,
  TransferMode,
  type WaitingImage,
} from '../../canon/normal/index.ts';
import { type DataSink, ObjectFormat } from '../../ptp/index.ts';
import type {
  CameraCapture,
  CaptureTarget,
  HalfPress,
  ReadOptions,
  ShootOptions,
  Shot,
  ShotFile,
  TetherOptions,
  WaitOptions,
} from '../camera.ts';
import type { NormalStorage } from './normal-storage.ts';

const SHOT_MS = 90_000;
/** A card is looked at again behind a picture that somebody took by hand. */
const LOOK_MS = 1500;
const SELF_TIMER_DRIVE = 2;

const MODES: Readonly<Record<CaptureTarget, number>> = {
  card: TransferMode.ImageToCard,
  host: TransferMode.ImageToHost | TransferMode.ThumbnailToHost,
  both: TransferMode.ImageToHost | TransferMode.ThumbnailToHost | TransferMode.ImageToCard,
};

const KINDS = {
  thumbnail: ImageKind.Thumbnail,
  full: ImageKind.Full,
  secondary: ImageKind.Secondary,
} as const;

export class NormalCapture implements CameraCapture {
  readonly tetherTargets = ['card'] as const;
  declare half?: NonNullable<CameraCapture['half']>;
  #session: NormalSession;
  #files: NormalFiles;
  #remote: NormalRemote;
  #storage: NormalStorage;

  constructor(
    session: NormalSession,
    files: NormalFiles,
    remote: NormalRemote,
    storage: NormalStorage,
  ) {
    this.#session = session;
    this.#files = files;
    this.#remote = remote;
    this.#storage = storage;
    // Of bodies with lenses of their own choice nobody has seen it.
    if (!session.isEos) this.half = (options = {}) => this.#half(options);
  }

  async shoot(options: ShootOptions = {}): Promise<Shot> {
    const { to = 'card', autofocus = true, bulbMs, burst, selfTimerMs, signal } = options;
    if (bulbMs !== undefined || burst !== undefined) {
      const what = bulbMs === undefined ? 'bursts' : 'bulb exposures';
      throw new UnsupportedError(`${this.#session.name} takes no ${what} from a computer`);
    }
    await using _focus = autofocus ? undefined : await this.#withoutFocus({ signal });
    await using _timer = selfTimerMs ? await this.#selfTimer(selfTimerMs, { signal }) : undefined;
    const before = to === 'host' ? undefined : await this.#everything({ signal });
    const from = performance.now();
    const timeoutMs = (options.timeoutMs ?? SHOT_MS) + (selfTimerMs ?? 0);
    const images = await this.#remote.shoot(MODES[to], { signal, timeoutMs });
    const durationMs = performance.now() - from;
    const onCard = before ? await this.#newOnCard(before, { signal }) : [];
    const inMemory = images
      .filter(({ what }) => what !== 'thumbnail')
      .map((image) => this.#waiting(image, onCard[0]?.name));
    const files = [...inMemory, ...onCard];
    if (files.length === 0) {
      throw new HotshoeError('CAPTURE_FAILED', 'the camera has released, and made no picture', {
        hint: 'Look at the camera: its card, its lens and its display.',
      });
    }
    if (options.receive) for (const file of files) await options.receive(file);
    return { files, durationMs };
  }

  async release({
    autofocus = true,
    signal,
  }: Pick<ShootOptions, 'autofocus' | 'signal'> = {}): Promise<void> {
    await using _focus = autofocus ? undefined : await this.#withoutFocus({ signal });
    await this.#remote.setTransferMode(MODES.card, { signal });
    await this.#remote.release({ signal });
  }

  /** The camera tells no names: the card is looked at behind each picture, and from time to time. */
  async tether({ to = 'card', signal, onListening, receive }: TetherOptions): Promise<void> {
    if (to !== 'card') {
      throw new UnsupportedError(
        `${this.#session.name} sends pictures that its button takes nowhere`,
        {
          hint: 'Leave --to out: they are downloaded from the card.',
        },
      );
    }
    let before = await this.#everything({ signal });
    await onListening?.();
    let told = new AbortController();
    const look = () => told.abort();
    const forget = this.#session.listen(({ kind }) => {
      if (kind === 'stored') look();
    });
    signal?.addEventListener('abort', look, { once: true });
    try {
      while (!signal?.aborted) {
        await sleep(LOOK_MS, told.signal).catch(() => undefined);
        if (signal?.aborted) return;
        told = new AbortController();
        const after = await this.#everything({ signal });
        for (const file of newFiles(before, after)) {
          await receive(this.#onCard(this.#storage.objectOf(file)));
        }
        before = after;
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    } finally {
      forget();
      signal?.removeEventListener('abort', look);
    }
  }

  async #half(options: WaitOptions): Promise<HalfPress> {
    await this.#remote.start(options);
    await this.#session.remote(Remote.AfLock, undefined, options);
    const release = async () => {
      await this.#session.remote(Remote.AfUnlock, undefined);
    };
    return { focus: 'unknown', release, [Symbol.asyncDispose]: release };
  }

  /** With the focus locked as it is the camera does not look for another. */
  #withoutFocus(options: WaitOptions): Promise<HalfPress> {
    if (this.half) return this.#half(options);
    throw new UnsupportedError(`${this.#session.name} focuses as the switch of its lens says`, {
      hint: 'Set the lens to MF, and leave out --no-af.',
    });
  }

  async #selfTimer(ms: number, options: WaitOptions): Promise<AsyncDisposable> {
    const { driveMode, selfTimer } = await this.#remote.parameters(options);
    const set = { driveMode: SELF_TIMER_DRIVE, selfTimer: Math.round(ms / 100) };
    await this.#remote.setParameters(set, options);
    return {
      [Symbol.asyncDispose]: async () => {
        await this.#remote.setParameters({ driveMode, selfTimer });
      },
    };
  }

  async #everything(options: WaitOptions): Promise<Listing> {
    return this.#files.list(await this.#files.drive(options), EVERYTHING, options);
  }

  async #newOnCard(before: Listing, options: WaitOptions): Promise<ShotFile[]> {
    const files = newFiles(before, await this.#everything(options));
    return files.map((file) => this.#onCard(this.#storage.objectOf(file)));
  }

  #onCard(object: ReturnType<NormalStorage['objectOf']>): ShotFile {
    const { handle, name, size, format, storageId } = object;
    const read = async (sink: DataSink, options: ReadOptions = {}) => {
      const bytes = await this.#storage.read(object, sink, options);
      await this.#storage.markDownloaded?.({ ...object, isNew: true }, { signal: options.signal });
      return bytes;
    };
    return { handle, name, size, format, where: 'card', storageId, read };
  }

  /** The camera names what it stores alone; other pictures are named by the time. */
  #waiting({ key, size, what }: WaitingImage, name = timeName()): ShotFile {
    const read = (sink: DataSink, { signal }: ReadOptions = {}) => {
      const request = { chunk: this.#session.chunk, kind: KINDS[what], key };
      return this.#session.stream(Commands.GetCapturedImage, request, sink, { signal });
    };
    const format = ObjectFormat.EXIF_JPEG;
    return { handle: key, name, size, format, where: 'host', storageId: undefined, read };
  }
}

/** "IMG_20261121_103205.JPG". */
function timeName(): string {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return `IMG_${local.slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}.JPG`;
}
