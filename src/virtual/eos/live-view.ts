/** Live view: on and off by EVFOutputDevice, frames by GetViewFinderData. */
import { Writer } from '../../bytes/index.ts';
import {
  encodeLiveView,
  encodeLiveViewPart,
  FrameStatus,
  LiveViewRecord,
} from '../../canon/ptp/index.ts';
import { type LiveFrame, liveFrame } from '../picture/index.ts';
import type { EosBody } from './body.ts';
import { exposure, pictureRequest } from './picture-request.ts';

const FRAME_MS = 1000 / 30;

export class LiveView {
  zoom = 1;
  #body: EosBody;
  #x = 0;
  #y = 0;
  #readyAt: number | undefined;
  /** The first request after switching on comes too early, as on every body. */
  #refused = false;
  /** Number of the last frame that was given. */
  #last: number | undefined;
  #from = 0;

  constructor(body: EosBody) {
    this.#body = body;
  }

  get on(): boolean {
    return this.#readyAt !== undefined;
  }

  /** Switched on, no frame yet. */
  get starting(): boolean {
    return this.#readyAt !== undefined && this.#body.parts.clock.now() < this.#readyAt;
  }

  /** EVFOutputDevice has a new value. */
  setOutput(value: number): void {
    const { clock, timing, model } = this.#body.parts;
    const on = (value & model.liveView.outputBit) !== 0;
    if (on === this.on) return;
    this.#readyAt = on ? clock.now() + timing.liveViewStart : undefined;
    this.#from = clock.now();
    this.#refused = false;
    this.#last = undefined;
    if (!on) this.setZoom(1);
  }

  setZoom(zoom: number): void {
    const { sensorWidth, sensorHeight } = this.#body.parts.model.liveView;
    this.zoom = zoom;
    this.moveZoom((sensorWidth * (1 - 1 / zoom)) / 2, (sensorHeight * (1 - 1 / zoom)) / 2);
  }

  /** Corner of the enlarged part in sensor coordinates; stays within the sensor. */
  moveZoom(x: number, y: number): void {
    const { sensorWidth, sensorHeight } = this.#body.parts.model.liveView;
    this.#x = Math.round(Math.min(x, sensorWidth * (1 - 1 / this.zoom)));
    this.#y = Math.round(Math.min(y, sensorHeight * (1 - 1 / this.zoom)));
  }

  /** The records of the next frame, once it is there; undefined while there is none at all. */
  async records(): Promise<Uint8Array | undefined> {
    const body = this.#body;
    if (!this.on || this.starting || body.busy) return undefined;
    if (!this.#refused) {
      this.#refused = true;
      return undefined;
    }
    await this.#nextFrame();
    if (!this.on || body.busy) return undefined;
    const { wall, model } = body.parts;
    const { sensorWidth, sensorHeight } = model.liveView;
    const rectangle = [
      this.#x,
      this.#y,
      Math.round(sensorWidth / this.zoom),
      Math.round(sensorHeight / this.zoom),
    ];
    const ms = wall.milliseconds();
    const frame = this.#frame();
    // Order of a 1300D; where the focus frame stands is assumed.
    return encodeLiveView([
      { type: LiveViewRecord.Jpeg, payload: frame.jpeg },
      part(LiveViewRecord.ZoomFactor, this.zoom),
      part(LiveViewRecord.ZoomPosition, this.#x, this.#y),
      part(LiveViewRecord.ImageOrigin, this.#x, this.#y),
      part(12, 0),
      part(LiveViewRecord.ZoomRectangle, ...rectangle),
      part(LiveViewRecord.CoordinateSystem, sensorWidth, sensorHeight),
      part(LiveViewRecord.Time, Math.floor(ms / 1000), Math.floor(ms % 1000)),
      part(7, 1),
      ...this.#focusFrame(),
      encodeLiveViewPart(LiveViewRecord.Histogram, { kind: 'histogram', ...frame.histogram() }),
    ]);
  }

  /** No frame is given twice. */
  #nextFrame(): Promise<void> {
    const { clock } = this.#body.parts;
    const due = this.#last === undefined ? 0 : this.#from + (this.#last + 1) * FRAME_MS;
    const ms = due - clock.now();
    return ms > 0
      ? new Promise((resolve) => void clock.after(Math.ceil(ms), resolve))
      : Promise.resolve();
  }

  /** In the middle, once it has been focused; statuses as camera_control_dart knows them. */
  #focusFrame() {
    const { focus } = this.#body.display;
    if (focus !== 'focused' && focus !== 'failed') return [];
    const { sensorWidth, sensorHeight } = this.#body.parts.model.liveView;
    const [width, height] = [Math.round(sensorWidth / 9), Math.round(sensorHeight / 9)];
    const frame = {
      ...{ kind: 'frame' as const, unknown1: 0, unknown2: 0, width, height },
      status: focus === 'focused' ? FrameStatus.InFocus : FrameStatus.Failed,
      x: Math.round((sensorWidth - width) / 2),
      y: Math.round((sensorHeight - height) / 2),
    };
    return [encodeLiveViewPart(LiveViewRecord.Frame, frame)];
  }

  #frame(): LiveFrame {
    const body = this.#body;
    const { clock, wall, model } = body.parts;
    const number = Math.floor((clock.now() - this.#from) / FRAME_MS);
    const { seconds = 1 / 30 } = body.metered();
    // The scene moves on by the number of the frame: its clock stands at the first one.
    const takenAt = wall.localAt(wall.milliseconds() - number * FRAME_MS);
    const { width, height, sensorWidth, sensorHeight } = model.liveView;
    const zoom = { factor: this.zoom, left: this.#x / sensorWidth, top: this.#y / sensorHeight };
    const picture = liveFrame({
      ...pictureRequest(body, { seconds, takenAt, counter: 0 }),
      exposure: exposure(body, seconds),
      width,
      height,
      frame: number,
      zoom,
    });
    this.#last = number;
    return picture;
  }
}

function part(type: number, ...words: number[]): { type: number; payload: Uint8Array } {
  const writer = new Writer(4 * words.length);
  for (const word of words) writer.u32(word);
  return { type, payload: writer.finish() };
}
