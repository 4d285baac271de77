/** The viewfinder of a PowerShot under release control: JPEG frames, one at a time. */
import { CanonResponse } from '../../canon/ptp/index.ts';
import { Response } from '../../ptp/index.ts';
import { liveFrame } from '../picture/index.ts';
import { Refusal } from '../responder/transaction.ts';
import type { PowerShotBody } from './body.ts';
import { pictureRequest } from './picture-request.ts';

/** An A70 shows some fifteen a second on its own display. */
const FRAME_MS = 1000 / 15;
/** The scene counts thirtieths of a second. */
const SCENE_FRAME_MS = 1000 / 30;

export class Viewfinder {
  #body: PowerShotBody;
  #from: number | undefined;
  /** Number of the last frame that was given. */
  #last = -1;

  constructor(body: PowerShotBody) {
    this.#body = body;
  }

  get on(): boolean {
    return this.#from !== undefined;
  }

  async switchOn(): Promise<void> {
    const body = this.#body;
    if (!body.releaseControl) throw new Refusal(CanonResponse.Operation_Refused);
    if (body.busy) throw new Refusal(Response.Device_Busy);
    if (this.on) return;
    await this.#wait(body.parts.timing.liveViewStart);
    this.#from = body.parts.clock.now();
    this.#last = -1;
  }

  switchOff(): void {
    this.#from = undefined;
  }

  /** No frame is given twice. */
  async frame(): Promise<Uint8Array> {
    const { clock, wall, model } = this.#body.parts;
    const from = this.#from;
    if (from === undefined) throw new Refusal(CanonResponse.Operation_Refused);
    await this.#wait(Math.max(0, Math.ceil(from + (this.#last + 1) * FRAME_MS - clock.now())));
    const elapsed = clock.now() - from;
    this.#last = Math.floor(elapsed / FRAME_MS);
    const number = Math.floor(elapsed / SCENE_FRAME_MS);
    const { seconds = 1 / 30 } = this.#body.metered();
    // The scene moves on by the number of the frame: its clock stands at the first one.
    const takenAt = wall.localAt(wall.milliseconds() - number * SCENE_FRAME_MS);
    const request = pictureRequest(this.#body, { seconds, takenAt, counter: 0 });
    return liveFrame({ ...request, ...model.viewfinder, frame: number }).jpeg;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#body.parts.clock.after(ms, resolve));
  }
}
