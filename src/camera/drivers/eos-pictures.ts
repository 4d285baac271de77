/** What comes of exposures: files on the card, and files that wait in the body's memory. */
import { Reader } from '../../bytes/index.ts';
import {
  type EosEvent,
  EosOperation,
  EosProperty,
  type TransferRequest,
} from '../../canon/ptp/index.ts';
import { ObjectFormat, type PtpSession } from '../../ptp/index.ts';
import type { CameraStorage, CaptureTarget, ShotFile } from '../camera.ts';
import type { EosState, EventFeed } from './eos-events.ts';

export type Receive = (file: ShotFile) => Promise<void>;

export class EosPictures {
  #session: PtpSession;
  #state: EosState;
  #storage: CameraStorage;

  constructor(session: PtpSession, state: EosState, storage: CameraStorage) {
    this.#session = session;
    this.#state = state;
    this.#storage = storage;
  }

  /** Hands pictures for the computer over, one by one. */
  async receiveAll(requests: Iterable<TransferRequest>, receive: Receive): Promise<ShotFile[]> {
    const files: ShotFile[] = [];
    for (const request of requests) {
      const file = this.waiting(request);
      await receive(file);
      // Not to be broken off: the computer has the picture.
      await this.#session.call(EosOperation.TransferComplete, [file.handle]);
      this.#state.waiting.delete(file.handle);
      files.push(file);
    }
    return files;
  }

  /** The file that waits for the computer. */
  waiting({ handle, name, size, format }: TransferRequest): ShotFile {
    return this.#file({ handle, name, size, format, where: 'host', storageId: undefined });
  }

  /** The file that the event announces on a card; undefined for other events, and folders. */
  onCard(event: EosEvent): ShotFile | undefined {
    if (event.kind !== 'objectAdded') return undefined;
    const { handle, name, size, format, storageId } = event.object;
    if (format === ObjectFormat.Association) return undefined;
    return this.#file({ handle, name, size, format, storageId, where: 'card' });
  }

  /** Files of one exposure: ImageFormat begins with their number, and each place has its own. */
  perExposure(target: CaptureTarget): number {
    const format = this.#state.raw(EosProperty.ImageFormat);
    const each = format && format.length >= 4 ? Math.max(1, new Reader(format).u32()) : 1;
    return target === 'both' ? 2 * each : each;
  }

  #file(file: Omit<ShotFile, 'read'>): ShotFile {
    return { ...file, read: (sink, options) => this.#storage.read(file, sink, options) };
  }
}

/** The files that are announced from its beginning on. */
export class EosHarvest {
  readonly files: ShotFile[] = [];
  /** When the last one was announced, as `performance.now()` counts. */
  lastAt: number | undefined;
  #announced = 0;
  #pictures: EosPictures;
  #feed: EventFeed;
  #receive: Receive | undefined;

  constructor(pictures: EosPictures, feed: EventFeed, receive: Receive | undefined) {
    this.#pictures = pictures;
    this.#feed = feed;
    this.#receive = receive;
  }

  /** Files that were announced, taken or not. */
  get announced(): number {
    return this.#announced;
  }

  /** Takes what has come; false when there was nothing. */
  async take(): Promise<boolean> {
    const events = this.#feed.take();
    for (const event of events) {
      const onCard = this.#pictures.onCard(event);
      if (onCard) this.files.push(onCard);
      else if (event.kind !== 'requestTransfer') continue;
      this.#announced++;
      this.lastAt = performance.now();
      if (event.kind !== 'requestTransfer') continue;
      const { request } = event;
      const taken = this.#receive && (await this.#pictures.receiveAll([request], this.#receive));
      this.files.push(...(taken ?? [this.#pictures.waiting(request)]));
    }
    return events.length > 0;
  }
}
