/** One camera, shared by every client: connected, looked for when it is lost, and told of. */
import { HotshoeError, LinkError } from '../base/errors.ts';
import { type Clock, ignore, sleep, systemClock } from '../base/time.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera, CameraDetails, CameraEvent } from '../camera/camera.ts';
import { abilitiesOf, entryOf, NO_ABILITIES, settingOf, storageOf } from './descriptions.ts';
import { LiveFrames } from './live-frames.ts';
import { problemOf } from './problem.ts';
import type { ApiEvent, Camera as CameraState, Problem } from './schemas.ts';
import { Thumbnails } from './thumbnails.ts';

export interface SeatOptions {
  id: string;
  address: string;
  open(address: string, options: OpenOptions): Promise<Camera>;
  publish(event: ApiEvent): void;
  clock?: Clock | undefined;
}

const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 5000;
/** News come in bursts; what they change is asked for once. */
const SETTLE_MS = 300;

/** Settings that the state of a camera tells, too. */
const IN_DETAILS: ReadonlySet<string> = new Set(['lens', 'battery', 'shots-left', 'owner']);

/**
 * Another try can end in nothing else. A camera that goes to sleep refuses too, so that a refusal
 * ends nothing once it was connected.
 */
const HOPELESS: readonly string[] = ['USAGE', 'NOT_FOUND', 'UNSUPPORTED'];

export class CameraSeat {
  readonly id: string;
  readonly address: string;
  readonly thumbnails = new Thumbnails();
  readonly frames: LiveFrames;
  #options: SeatOptions;
  #clock: Clock;
  #phase: CameraState['phase'] = 'connecting';
  #problem: Problem | undefined;
  #camera: Camera | undefined;
  #details: CameraDetails | undefined;
  #jobs = 0;
  #exposing = false;
  #recording = false;
  #stop = new AbortController();
  #running: Promise<void>;
  #callOffRefresh: (() => void) | undefined;
  #onPhase: (() => void)[] = [];

  constructor(options: SeatOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = options.address;
    this.#clock = options.clock ?? systemClock;
    this.frames = new LiveFrames(() => this.camera(), this.#clock);
    this.#running = this.#run();
  }

  get failed(): boolean {
    return this.#phase === 'failed';
  }

  get state(): CameraState {
    const camera = this.#camera;
    const details = this.#details;
    return {
      id: this.id,
      address: this.address,
      phase: this.#phase,
      error: this.#problem ?? null,
      model: camera?.identity.model ?? null,
      firmware: camera?.identity.firmware ?? null,
      serialNumber: details?.bodySerialNumber ?? camera?.identity.serialNumber ?? null,
      lens: details?.lens ?? null,
      batteryPercent: details?.batteryPercent ?? null,
      shotsLeft: details?.shotsLeft ?? null,
      storages: details?.storages.map(storageOf) ?? [],
      busy: this.#jobs > 0 || this.#exposing,
      recording: this.#recording,
      can: camera ? abilitiesOf(camera) : NO_ABILITIES,
    };
  }

  /** The camera, or why there is none now. */
  camera(): Camera {
    if (this.#camera && this.#phase === 'ready') return this.#camera;
    const { model } = this.state;
    const name = model ?? this.address;
    if (this.#phase === 'lost' || this.#phase === 'failed') {
      throw new LinkError(`${name} is not connected: ${this.#problem?.message ?? 'it is gone'}`, {
        hint: this.#problem?.hint,
      });
    }
    throw new HotshoeError('BUSY', `${name} is still being connected`, {
      hint: 'Its phase tells when it is ready.',
    });
  }

  /** Resolves when it is ready for the first time; rejects where it is given up. */
  async ready(signal?: AbortSignal): Promise<Camera> {
    while (this.#phase !== 'ready' && this.#phase !== 'failed') {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(signal?.reason);
        if (signal?.aborted) return onAbort();
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#onPhase.push(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
    return this.camera();
  }

  /** Does something with it that others see as being busy. */
  async work<T>(job: (camera: Camera) => Promise<T>): Promise<T> {
    const camera = this.camera();
    this.#jobs++;
    this.#tell();
    try {
      return await job(camera);
    } finally {
      this.#jobs--;
      this.#tell();
      this.#refreshSoon();
    }
  }

  setRecording(on: boolean): void {
    this.#recording = on;
    this.#tell();
  }

  forget(handle: number): void {
    this.thumbnails.forget(handle);
    this.#options.publish({ type: 'removed', data: { camera: this.id, handle } });
  }

  /** Lets the camera go. Never rejects. */
  async close(): Promise<void> {
    this.#stop.abort(new LinkError(`${this.address} was disconnected here`));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let pause = RETRY_FIRST_MS;
    let known = false;
    while (!signal.aborted) {
      try {
        await this.#session(signal, () => {
          known = true;
          pause = RETRY_FIRST_MS;
        });
      } catch (error) {
        if (signal.aborted) break;
        this.#problem = problemOf(error);
        // What never answered is probably not there, or another address.
        const { code } = this.#problem;
        const hopeless = known ? HOPELESS.includes(code) : code !== 'LINK_LOST';
        this.#setPhase(hopeless ? 'failed' : 'lost');
        if (hopeless) return;
        await sleep(pause, signal, this.#clock).catch(ignore);
        pause = Math.min(2 * pause, RETRY_LONGEST_MS);
      }
    }
  }

  /** From opening the camera to its loss, which it throws. */
  async #session(signal: AbortSignal, onReady: () => void): Promise<void> {
    if (this.#phase !== 'lost') this.#setPhase('connecting');
    const camera = await this.#options.open(this.address, {
      signal,
      onWaiting: () => this.#setPhase('waiting'),
    });
    try {
      const details = await camera.details({ signal });
      this.#camera = camera;
      this.#details = details;
      this.#problem = undefined;
      this.#exposing = false;
      this.#recording = (await camera.movie?.recording({ signal }).catch(ignore)) ?? false;
      this.thumbnails.clear();
      this.#setPhase('ready');
      onReady();
      void this.#listen(camera);
      const left = new Promise<undefined>((resolve) => {
        if (signal.aborted) resolve(undefined);
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      const lost = await Promise.race([camera.closed, left]);
      if (!signal.aborted) throw lost ?? new LinkError(`${camera.identity.model} is gone`);
    } finally {
      this.#callOffRefresh?.();
      this.frames.stop();
      await camera.close();
    }
  }

  async #listen(camera: Camera): Promise<void> {
    try {
      for await (const event of camera.events ?? []) await this.#onEvent(camera, event);
    } catch {
      // The loss of the link is told by `closed`.
    }
  }

  async #onEvent(camera: Camera, event: CameraEvent): Promise<void> {
    const { publish } = this.#options;
    switch (event.type) {
      case 'settingchanged':
      case 'allowedchanged':
        publish({
          type: 'setting',
          data: { camera: this.id, setting: settingOf(event.setting) },
        });
        if (IN_DETAILS.has(event.setting.name)) this.#refreshSoon();
        break;
      case 'objectadded':
        this.#refreshSoon();
        await this.#tellOfFile(camera, event.handle);
        break;
      case 'objectchanged':
        this.thumbnails.forget(event.handle);
        break;
      case 'objectremoved':
        this.forget(event.handle);
        this.#refreshSoon();
        break;
      case 'status':
        this.#exposing = event.busy;
        this.#tell();
        break;
      case 'battery':
      case 'storage':
        this.#refreshSoon();
        break;
      case 'recordingtime':
        if (!this.#recording) this.setRecording(true);
        break;
    }
  }

  async #tellOfFile(camera: Camera, handle: number): Promise<void> {
    try {
      const object = await camera.storage?.object(handle);
      if (object?.kind !== 'file') return;
      this.#options.publish({
        type: 'file',
        data: { camera: this.id, entry: entryOf(object) },
      });
    } catch {
      // Gone again already, or only for the computer that takes it now.
    }
  }

  #refreshSoon(): void {
    this.#callOffRefresh?.();
    this.#callOffRefresh = this.#clock.after(SETTLE_MS, () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    const camera = this.#camera;
    if (!camera || this.#phase !== 'ready') return;
    try {
      this.#details = await camera.details({ signal: this.#stop.signal });
      this.#tell();
    } catch {
      // Asked for again with the next news; a lost link is told by `closed`.
    }
  }

  #setPhase(phase: CameraState['phase']): void {
    this.#phase = phase;
    for (const wake of this.#onPhase.splice(0)) wake();
    this.#tell();
  }

  #tell(): void {
    if (!this.#stop.signal.aborted) {
      this.#options.publish({ type: 'camera', data: this.state });
    }
  }
}
