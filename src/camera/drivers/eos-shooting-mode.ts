/**
 * Bodies that list RemoteReleaseOn without RemoteRelease, EOS M and PowerShots from 2014 on: they
 * shoot for a computer once a bit of EVFOutputDevice is set, and are busy before. Some leave their
 * release operations out of DeviceInfo in remote mode until then (libgphoto2, CHDK forum).
 */
import { UnsupportedError } from '../../base/errors.ts';
import { EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import type {
  CameraCapture,
  HalfPress,
  ShootOptions,
  Shot,
  TetherOptions,
  WaitOptions,
} from '../camera.ts';
import { EosCapture } from './eos-capture.ts';
import type { EosState } from './eos-events.ts';
import { EosForNow } from './eos-for-now.ts';
import type { PtpStorage } from './ptp-storage.ts';

/** Bits of EVFOutputDevice that bring them there; the first that the body lets be set is taken. */
const SHOOTING: readonly number[] = [8, 2];

/** Capture with such a body: as with the others, from the moment it is in shooting mode. */
export class ShootingModeCapture implements CameraCapture {
  #session: PtpSession;
  #state: EosState;
  #storage: PtpStorage;
  #forNow: EosForNow;
  /** Made once the body lists what it needs. */
  #capture: EosCapture | undefined;

  constructor(session: PtpSession, state: EosState, storage: PtpStorage) {
    this.#session = session;
    this.#state = state;
    this.#storage = storage;
    this.#forNow = new EosForNow(session, state);
  }

  async shoot(options: ShootOptions = {}): Promise<Shot> {
    return (await this.#ready(options.signal)).shoot(options);
  }

  async half(options: WaitOptions = {}): Promise<HalfPress> {
    const { half } = await this.#ready(options.signal);
    // It is there: `#ready` has seen RemoteReleaseOn.
    return (half as NonNullable<CameraCapture['half']>)(options);
  }

  async release(options: Pick<ShootOptions, 'autofocus' | 'signal'> = {}): Promise<void> {
    return (await this.#ready(options.signal)).release(options);
  }

  async tether(options: TetherOptions): Promise<void> {
    const { signal } = options;
    let capture: EosCapture;
    try {
      capture = await this.#ready(signal);
    } catch (error) {
      // That is how it ends.
      if (signal?.aborted) return;
      throw error;
    }
    return capture.tether(options);
  }

  /** Nobody holds the button any more, and the body shoots for itself. Never rejects. */
  async close(): Promise<void> {
    await this.#capture?.close();
    await this.#forNow.putBack();
  }

  /** Also once it was: whoever ends live view takes the mode with it. */
  async #ready(signal: AbortSignal | undefined): Promise<EosCapture> {
    const state = this.#state;
    await state.start(signal);
    await state.drain({ signal });
    const property = EosProperty.EVFOutputDevice;
    const output = state.number(property) ?? 0;
    const choices = state.choices(property);
    const bit = SHOOTING.find((each) => choices.some((choice) => (choice & each) !== 0)) ?? 0;
    if ((output & bit) === 0) await this.#forNow.confirm(property, output | bit, signal);
    if (!this.#session.supports(EosOperation.RemoteReleaseOn)) {
      await this.#session.getDeviceInfo({ signal });
    }
    if (!this.#session.supports(EosOperation.RemoteReleaseOn)) {
      throw new UnsupportedError('this camera lets no computer release its shutter', {
        hint: 'It lists no RemoteReleaseOn (0x9128), not even in its mode for shooting.',
      });
    }
    this.#capture ??= new EosCapture(this.#session, state, this.#storage);
    return this.#capture;
  }
}
