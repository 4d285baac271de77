/** Recording movies with an EOS body, onto its card. */
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { ignore, sleep } from '../../base/time.ts';
import { EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import { type PtpSession, ResponseError } from '../../ptp/index.ts';
import type { CameraMovie, CameraStorage, ShotFile, WaitOptions } from '../camera.ts';
import { captureError } from './capture-errors.ts';
import type { EosState } from './eos-events.ts';
import { EosPictures } from './eos-pictures.ts';
import { setEosProperty } from './eos-set-property.ts';

/** Values of EVFRecordStatus. */
const Record = { Off: 0, Card: 4 } as const;
/** AEModeDial: the movie position. */
const DIAL_MOVIE = 0x14;
const MOVIE = 1;
const CONFIRM_MS = 5000;
const SWITCH_MS = 2000;
/** To the end of writing; cards are slow. */
const FILE_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

export class EosMovie implements CameraMovie {
  #session: PtpSession;
  #state: EosState;
  #storage: CameraStorage;
  #pictures: EosPictures;
  /** It was brought into movie mode here, and goes back. */
  #switched = false;

  constructor(session: PtpSession, state: EosState, storage: CameraStorage) {
    this.#session = session;
    this.#state = state;
    this.#storage = storage;
    this.#pictures = new EosPictures(session, state, storage);
  }

  async recording({ signal }: WaitOptions = {}): Promise<boolean> {
    await this.#state.start(signal);
    await this.#state.drain({ signal });
    return this.#isRecording();
  }

  async start({ signal }: WaitOptions = {}): Promise<void> {
    if (await this.recording({ signal })) {
      throw new HotshoeError('USAGE', 'the camera records already', {
        hint: 'End that first: `record stop`.',
      });
    }
    await this.#requireRoom(signal);
    await this.#toMovieMode(signal);
    try {
      await this.#set(Record.Card, signal);
    } catch (error) {
      await this.#back().catch(ignore);
      if (!(error instanceof ResponseError)) throw error;
      throw new HotshoeError('CAPTURE_FAILED', 'the camera does not record', {
        cause: error,
        hint: 'Is live view on its display, and is it not playing back or in a menu?',
      });
    }
  }

  async stop({ signal }: WaitOptions = {}): Promise<ShotFile> {
    if (!(await this.recording({ signal }))) {
      throw new HotshoeError('USAGE', 'the camera does not record', {
        hint: 'Begin with `record start`.',
      });
    }
    using feed = this.#state.follow();
    await this.#set(Record.Off, signal);
    const deadline = performance.now() + FILE_TIMEOUT_MS;
    let file: ShotFile | undefined;
    while (!file || this.#state.busy) {
      for (const event of feed.take()) file = this.#pictures.onCard(event) ?? file;
      if (file && !this.#state.busy) break;
      if (performance.now() > deadline) {
        throw new TimeoutError('the camera announced no file of the movie', {
          hint: 'Look at the card: `hotshoe ls`.',
        });
      }
      await sleep(POLL_MS, signal);
      await this.#state.drain({ signal });
    }
    await this.#back();
    return file;
  }

  #isRecording(): boolean {
    return this.#state.number(EosProperty.EVFRecordStatus) === Record.Card;
  }

  async #set(status: number, signal: AbortSignal | undefined): Promise<void> {
    const property = EosProperty.EVFRecordStatus;
    await setEosProperty(this.#session, this.#state, property, status, { signal });
    const isSet = () => this.#isRecording() === (status === Record.Card) || undefined;
    if (await this.#state.waitFor(isSet, { timeoutMs: CONFIRM_MS, signal })) return;
    throw new TimeoutError('the camera did not confirm that it records, or does not');
  }

  async #requireRoom(signal: AbortSignal | undefined): Promise<void> {
    const cards = (await this.#storage.units({ signal })).filter(({ present }) => present);
    if (cards.length === 0) throw captureError('NO_CARD', { hint: 'Movies need a card.' });
    const writable = cards.filter(({ readOnly }) => !readOnly);
    if (writable.length === 0) throw captureError('CARD_LOCKED', { hint: 'Movies need a card.' });
    if (writable.every(({ free }) => free === 0)) {
      throw captureError('CARD_FULL', { hint: 'Make room on the card: movies go nowhere else.' });
    }
  }

  /** By the dial, or by an operation that some bodies list and obey. */
  async #toMovieMode(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isMovieMode()) return;
    if (this.#session.supports(EosOperation.MovieSelectSWOn)) {
      await this.#session.call(EosOperation.MovieSelectSWOn, [], { signal });
      const wait = { timeoutMs: SWITCH_MS, signal };
      this.#switched =
        (await this.#state.waitFor(() => this.#isMovieMode() || undefined, wait)) ?? false;
      if (this.#switched) return;
    }
    throw new HotshoeError('UNSUPPORTED', 'the camera is not in movie mode', {
      hint: 'Turn its dial, or its switch, to the movie camera.',
    });
  }

  #isMovieMode(): boolean {
    return (
      this.#state.number(EosProperty.FixedMovie) === MOVIE ||
      this.#state.number(EosProperty.AEModeDial) === DIAL_MOVIE
    );
  }

  async #back(): Promise<void> {
    if (!this.#switched) return;
    this.#switched = false;
    await this.#session.call(EosOperation.MovieSelectSWOff);
  }
}
