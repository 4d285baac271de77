/**
 * A camera from before PTP, in the manner of canon-remote: one object, what it is to be asked for as
 * properties, storage and capture beside it.
 */

import { HotshoeError } from '../base/errors.ts';
import {
  Commands,
  firmwareVersion,
  type Identity,
  NormalFiles,
  NormalRemote,
  NormalSession,
  type NormalSessionOptions,
  onMains,
  type PictureAbility,
} from '../canon/normal/index.ts';
import { NormalCapture } from './capture.ts';
import { NormalStorage } from './storage.ts';

export class NormalCamera {
  readonly storage: NormalStorage;
  readonly capture: NormalCapture;
  #options: NormalSessionOptions;
  #session: NormalSession | undefined;
  #identity: Identity | undefined;

  /** Does nothing to the camera yet. */
  constructor(options: NormalSessionOptions) {
    this.#options = options;
    let files: NormalFiles | undefined;
    let remote: NormalRemote | undefined;
    this.storage = new NormalStorage(() => {
      files ??= new NormalFiles(this.session);
      return files;
    });
    this.capture = new NormalCapture(() => {
      remote ??= new NormalRemote(this.session);
      return remote;
    });
  }

  /** Opens the device, shakes hands, asks who the camera is. */
  async initialize(): Promise<void> {
    this.#session = await NormalSession.open(this.#options);
    this.#identity = this.#session.identity;
  }

  /** The session below. Throws a USAGE error before `initialize`. */
  get session(): NormalSession {
    if (this.#session) return this.#session;
    throw new HotshoeError('USAGE', 'the camera is not initialized', {
      hint: 'Call `await camera.initialize()` first.',
    });
  }

  /** Asks again who the camera is: model, firmware and owner are then what it says now. */
  async identify(): Promise<Identity> {
    this.#identity = await this.session.call(Commands.IdentifyCamera, undefined);
    return this.#identity;
  }

  /** "Canon PowerShot G3"; empty before `initialize`. */
  get model(): string {
    return this.#identity?.model ?? '';
  }

  /** "1.0.2.0". */
  get firmwareVersion(): string {
    return this.#identity ? firmwareVersion(this.#identity) : '';
  }

  /** Asked each time. */
  get owner(): Promise<string> {
    if (this.session.generation === 'new') {
      return this.session.call(Commands.GetOwner, undefined);
    }
    return this.identify().then(({ owner }) => owner);
  }

  /** At most 30 characters. */
  async setOwner(name: string): Promise<void> {
    await this.session.call(Commands.SetOwner, name);
  }

  /** The camera's clock, which knows no zone: read it by the UTC methods of `Date`. */
  get cameraTime(): Promise<Date> {
    return this.session
      .call(Commands.GetTime, undefined)
      .then(({ seconds }) => new Date(seconds * 1000));
  }

  /** Default this computer's local time. */
  async setCameraTime(time: Date = localNow()): Promise<void> {
    const seconds = Math.floor(time.getTime() / 1000);
    await this.session.call(Commands.SetTime, { seconds, zeros: undefined });
  }

  get onAcPower(): Promise<boolean> {
    return this.session.call(Commands.CheckPower, undefined).then(onMains);
  }

  /** Which pictures it can take. */
  get abilities(): Promise<PictureAbility[]> {
    return this.session
      .call(Commands.GetPictureAbilities, undefined)
      .then(({ entries }) => entries);
  }

  /** Leaves remote control and lets the device go. Never rejects. */
  async close(): Promise<void> {
    await this.capture.stop();
    await this.#session?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** "<Canon PowerShot G3 v1.0.2.0>". */
  toString(): string {
    return this.#identity
      ? `<${this.model} v${this.firmwareVersion}>`
      : '<camera, not initialized>';
  }
}

function localNow(): Date {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
}
