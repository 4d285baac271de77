/** A connected camera as its holder has it: in remote mode, awake, and asked for its events. */
import { UnsupportedError } from '../base/errors.ts';
import { type Clock, ignore, sleep } from '../base/time.ts';
import type { Camera } from '../camera/camera.ts';
import { giveBack, isEos, RemoteMode } from '../camera/drivers/eos.ts';
import { isPowerShot } from '../camera/drivers/powershot.ts';
import { EosOperation, EosProperty } from '../canon/ptp/index.ts';
import { type PtpSession, Response, type TransactionOptions } from '../ptp/index.ts';
import { EosSharing } from './eos-sharing.ts';
import { EventShare } from './event-share.ts';
import { PowerShotShare } from './powershot-sharing.ts';
import { type Client, Modes, type Sharing } from './sharing.ts';
import { Turns } from './turns.ts';

/** A queue that nobody empties grows in the camera, and some bodies then answer nothing any more. */
const ASK_MS = 2000;
/** EOS bodies without a press on a button switch themselves off after 30 s at the earliest. */
const KEEP_ON_MS = 10_000;
const FIRST_DUMP_TRIES = 10;
const FIRST_DUMP_PAUSE_MS = 50;
const DRAIN_LIMIT = 100;
const ALL_OLC_FIELDS = 0x1fff;
const EVENTS_ON = 1;

export class HeldLink {
  readonly session: PtpSession;
  readonly camera: Camera;
  /** Of EOS bodies. */
  readonly events?: EventShare;
  readonly modes = new Modes();
  readonly turns: Turns;
  #powerShot: PowerShotShare | undefined;
  #clock: Clock;
  #askedAt = 0;
  #keptOnAt = 0;
  #callOff: () => void = ignore;
  #ended = false;

  private constructor(camera: Camera, session: PtpSession, clock: Clock) {
    this.camera = camera;
    this.session = session;
    this.#clock = clock;
    this.turns = new Turns(clock);
    if (isEos(session)) this.events = new EventShare(this.turns);
    else if (isPowerShot(session)) this.#powerShot = new PowerShotShare(this);
  }

  /** Takes over a camera that speaks PTP; closes it when that fails. */
  static async take(camera: Camera, clock: Clock, signal?: AbortSignal): Promise<HeldLink> {
    const { ptp } = camera;
    if (!ptp) {
      await camera.close();
      throw new UnsupportedError(
        `${camera.identity.model} speaks the protocol from before PTP, and cannot be held`,
      );
    }
    const link = new HeldLink(camera, ptp, clock);
    try {
      await link.#begin(signal);
      return link;
    } catch (error) {
      await camera.close();
      throw error;
    }
  }

  /**
   * Asks an EOS body once for its events; everybody who shares it gets them. Resolves with the code
   * of the answer, and how many there were.
   */
  async ask(options: TransactionOptions = {}): Promise<{ code: number; count: number }> {
    this.#askedAt = this.#clock.now();
    const { code, data } = await this.session.transaction(EosOperation.GetEvent, [], options);
    // Busy: it tells later.
    if (code === Response.Device_Busy) return { code: Response.OK, count: 0 };
    if (code !== Response.OK || !this.events) return { code, count: 0 };
    return { code, count: this.events.put(data).count };
  }

  /** For one client; undefined where everybody can ask for everything. */
  join(client: Client): Sharing | undefined {
    if (this.events) return new EosSharing(this, this.events, client);
    return this.#powerShot?.join(client);
  }

  /** Leaves the camera as a user expects to find it. Never rejects. */
  async close(): Promise<void> {
    this.end();
    if (this.events) await giveBack(this.session, true);
    await this.#powerShot?.close();
    await this.camera.close();
  }

  /** Nothing is asked any more. */
  end(): void {
    this.#ended = true;
    this.#callOff();
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    const { session, events } = this;
    if (events) {
      await session.call(EosOperation.SetRemoteMode, [RemoteMode.Computer], { signal });
      await session.call(EosOperation.SetEventMode, [EVENTS_ON], { signal });
      if (session.supports(EosOperation.SetRequestOLCInfoGroup)) {
        await session.call(EosOperation.SetRequestOLCInfoGroup, [ALL_OLC_FIELDS], { signal });
      }
      for (let i = 0; i < FIRST_DUMP_TRIES; i++) {
        await this.#askAll({ signal });
        if (events.knows(EosProperty.EVFOutputDevice)) break;
        await sleep(FIRST_DUMP_PAUSE_MS, signal, this.#clock);
      }
    }
    await this.#powerShot?.start(signal);
    this.#keptOnAt = this.#clock.now();
    this.#schedule();
  }

  async #askAll(options: TransactionOptions): Promise<void> {
    for (let i = 0; i < DRAIN_LIMIT; i++) if ((await this.ask(options)).count === 0) return;
  }

  #schedule(): void {
    if (this.#ended) return;
    this.#callOff = this.#clock.after(ASK_MS, () => {
      // What fails here is a lost link, which its end tells, or a refusal, which is no harm.
      this.#keep()
        .catch(ignore)
        .finally(() => this.#schedule());
    });
  }

  async #keep(): Promise<void> {
    const { session, events } = this;
    const now = this.#clock.now();
    if (events && now - this.#askedAt >= ASK_MS) await this.#askAll({ priority: 'events' });
    if (now - this.#keptOnAt < KEEP_ON_MS) return;
    this.#keptOnAt = now;
    if (!events) await session.getDeviceInfo({ priority: 'background' });
    else if (session.supports(EosOperation.KeepDeviceOn)) {
      await session.transaction(EosOperation.KeepDeviceOn, [], { priority: 'events' });
    }
  }
}
