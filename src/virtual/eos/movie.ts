/** Movies: the movie position of the dial, recording, and the file that comes of it. */
import { messageOf } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import { CameraStatus, EosProperty, EosRecord, OlcField } from '../../canon/ptp/index.ts';
import { Event, Response } from '../../ptp/index.ts';
import { Refusal } from '../responder/transaction.ts';
import type { EosBody } from './body.ts';
import { pictureRequest } from './picture-request.ts';

/** Values of EVFRecordStatus. */
const Record = { Off: 0, Card: 4 } as const;
/** Of an EOS R's OLC while it records. */
const SHOOTING = 2;
const IDLE = 1;
/** The longest movie of both bodies. */
const LIMIT_MS = (29 * 60 + 59) * 1000;
/** One of the rates of both bodies. */
const FRAME_RATE = 25;

export class EosMovie {
  #body: EosBody;
  #since: number | undefined;
  #stopTimers: () => void = ignore;
  /** The file under way. */
  #writing: Promise<void> = Promise.resolve();

  constructor(body: EosBody) {
    this.#body = body;
  }

  get recording(): boolean {
    return this.#since !== undefined;
  }

  /** Resolves when no movie is being written. */
  idle(): Promise<void> {
    return this.#writing;
  }

  /** EVFRecordStatus was set. That it refuses with these codes is assumed. */
  set(status: number): void {
    if (status === Record.Card) this.#start();
    else if (this.recording) this.stop();
    else this.#body.setNumber(EosProperty.EVFRecordStatus, status);
  }

  #start(): void {
    const body = this.#body;
    if (this.recording) return;
    if (!body.movieMode || body.busy) throw new Refusal(Response.Device_Busy);
    if (body.shotsLeft() === 0 || !body.parts.objects.slots.current()?.inserted) {
      throw new Refusal(Response.General_Error);
    }
    const { clock } = body.parts;
    this.#since = clock.now();
    body.setNumber(EosProperty.EVFRecordStatus, Record.Card);
    body.display.storageState = SHOOTING;
    body.showOlc(OlcField.Storage);
    const offLimit = clock.after(LIMIT_MS, () => this.stop());
    let offTick = ignore;
    const tick = (seconds: number) => {
      offTick = clock.after(1000, () => {
        this.#tell(seconds);
        tick(seconds + 1);
      });
    };
    tick(1);
    this.#stopTimers = () => {
      offLimit();
      offTick();
    };
  }

  stop(): void {
    const body = this.#body;
    const since = this.#since;
    if (since === undefined) return;
    this.#since = undefined;
    this.#stopTimers();
    body.setNumber(EosProperty.EVFRecordStatus, Record.Off);
    body.busy = true;
    body.setStatus(CameraStatus.Busy);
    this.#writing = this.#write(body.parts.clock.now() - since)
      .catch((error: unknown) => body.parts.log(`the movie is lost: ${messageOf(error)}`))
      .then(async () => {
        body.display.storageState = IDLE;
        await body.updateSpace();
        body.updateShots(true);
        body.busy = false;
        body.setStatus(CameraStatus.Idle);
      });
  }

  /** Once a second. An EOS R tells no time, but that the card has changed. */
  #tell(seconds: number): void {
    const body = this.#body;
    if (body.parts.model.movie?.tellsTime) body.queue.push({ kind: 'recordingTime', seconds });
    else {
      const storageId = body.parts.objects.slots.current()?.catalogue?.storageId ?? 0;
      body.storageChanged(EosRecord.StorageInfoChanged, storageId);
      body.updateShots(true);
    }
  }

  async #write(durationMs: number): Promise<void> {
    const body = this.#body;
    const { objects, wall, model, takeMovie } = body.parts;
    const { movie } = model;
    const { catalogue, inserted } = objects.slots.current() ?? {};
    if (!movie || !catalogue || !inserted) throw new Error('the card was taken out');
    const next = catalogue.next(wall.seconds());
    const shot = { seconds: 1 / (2 * FRAME_RATE), takenAt: wall.local(), counter: next.fileNumber };
    const { width, height } = movie;
    const request = { ...pictureRequest(body, shot), width, height };
    const container = movie.extension;
    const content = await takeMovie(request, { durationMs, frameRate: FRAME_RATE, container });
    const time = wall.seconds();
    catalogue.spend(next);
    const { object: folder, created } = await catalogue.folder(next.folderNumber, time);
    if (created) body.announce(folder);
    const name = `${movie.prefix}${String(next.fileNumber).padStart(4, '0')}.${movie.extension}`;
    try {
      body.announce(await catalogue.write(folder, name, content, time));
    } catch (error) {
      body.notify(Event.StoreFull, [catalogue.storageId]);
      throw error;
    }
    body.storageChanged(EosRecord.StorageInfoChanged, catalogue.storageId);
  }
}
