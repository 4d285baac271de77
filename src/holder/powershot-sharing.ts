/**
 * A PowerShot of the older extension, shared. It tells each event once, to whoever asks: one asks
 * for all. And it does not expose while its viewfinder is on: who watches waits for the exposures of
 * the others.
 */
import { ignore } from '../base/time.ts';
import { ReleaseControl } from '../camera/drivers/powershot-control.ts';
import { type PowerShotEvent, PowerShotEvents } from '../camera/drivers/powershot-events.ts';
import { ANNOUNCED } from '../camera/drivers/powershot-pictures.ts';
import { CheckedEvent, PowerShotOperation, PowerShotProperty } from '../canon/ptp/index.ts';
import {
  Operation,
  type Priority,
  type PtpSession,
  Response,
  ResponseError,
} from '../ptp/index.ts';
import type { Asked, Client, Modes, OwnAnswer, Sharing } from './sharing.ts';
import type { Turns } from './turns.ts';

/** Of a client that asks for none the oldest are forgotten. */
const EVENT_LIMIT = 1024;

interface Shared {
  session: PtpSession;
  modes: Modes;
  turns: Turns;
}

export class PowerShotShare {
  readonly session: PtpSession;
  readonly modes: Modes;
  readonly turns: Turns;
  #viewfinderIsOn = false;
  #events: PowerShotEvents;

  constructor({ session, modes, turns }: Shared) {
    this.session = session;
    this.modes = modes;
    this.turns = turns;
    this.#events = new PowerShotEvents(session);
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    await new ReleaseControl(this.session, this.#events).recover(signal);
    await this.#events.start(signal);
  }

  /** Events go where they went before. Never rejects. */
  async close(): Promise<void> {
    await this.#events.end().catch(ignore);
  }

  /** Off also for the exposures of others, and on again for the next frame that is asked for. */
  get viewfinderIsOn(): boolean {
    return this.#viewfinderIsOn;
  }

  /** Resolves with what the body answers. */
  async switchViewfinder(on: boolean): Promise<number> {
    const operation = on ? PowerShotOperation.ViewfinderOn : PowerShotOperation.ViewfinderOff;
    const { code } = await this.session.transaction(operation);
    if (code === Response.OK) this.#viewfinderIsOn = on;
    return code;
  }

  join(client: Client): Sharing {
    return new PowerShotSharing(this, client, this.#events);
  }
}

class PowerShotSharing implements Sharing {
  readonly tellsAllEvents: boolean;
  #share: PowerShotShare;
  #client: Client;
  #events: PowerShotEvents;
  #queue: PowerShotEvent[] = [];
  #stopListening: () => void;

  constructor(share: PowerShotShare, client: Client, events: PowerShotEvents) {
    this.#share = share;
    this.#client = client;
    this.#events = events;
    this.tellsAllEvents = share.session.supports(PowerShotOperation.CheckEvent);
    this.#stopListening = events.listen((event) => {
      if (ANNOUNCED.includes(event.code)) {
        if (!share.turns.isToldOfPicture(client)) return;
        share.turns.announced(client);
      }
      this.#queue.push(event);
      if (this.#queue.length > EVENT_LIMIT) this.#queue.shift();
    });
  }

  async answer({ code, params, priority }: Asked): Promise<OwnAnswer | undefined> {
    switch (code) {
      case PowerShotOperation.CheckEvent:
        return this.tellsAllEvents ? this.#check(priority) : undefined;
      case Operation.SetDevicePropValue:
        // All are told by CheckEvent, however they set it.
        return params[0] === PowerShotProperty.EventEmulateMode ? { code: Response.OK } : undefined;
      case PowerShotOperation.InitiateCaptureInMemory:
        return this.#clearTheView();
      case PowerShotOperation.ViewfinderOn:
        return this.#showViewfinder();
      case PowerShotOperation.ViewfinderOff:
        return { code: await this.#share.switchViewfinder(false) };
      case PowerShotOperation.GetViewfinderImage:
        return this.#wakeViewfinder();
      default:
        return undefined;
    }
  }

  leave(): Promise<void> {
    this.#stopListening();
    return Promise.resolve();
  }

  async #check(priority: Priority): Promise<OwnAnswer> {
    let event = this.#queue.shift();
    if (!event) {
      try {
        await this.#events.drain({ priority });
      } catch (error) {
        if (error instanceof ResponseError) return { code: error.response };
        throw error;
      }
      event = this.#queue.shift();
    }
    const data = CheckedEvent.encode(event && { ...event, transactionId: 0 });
    return { code: Response.OK, data };
  }

  get #othersExpose(): boolean {
    return this.#share.turns.isOfAnother(this.#client);
  }

  /** Before an exposure: whoever watches waits. */
  async #clearTheView(): Promise<OwnAnswer | undefined> {
    const { turns, viewfinderIsOn } = this.#share;
    if (!viewfinderIsOn || !turns.isOf(this.#client)) return undefined;
    const code = await this.#share.switchViewfinder(false);
    return code === Response.OK ? undefined : { code };
  }

  /** While others expose it is on for whoever asks, and shows nothing. */
  async #showViewfinder(): Promise<OwnAnswer> {
    return { code: this.#othersExpose ? Response.OK : await this.#share.switchViewfinder(true) };
  }

  async #wakeViewfinder(): Promise<OwnAnswer | undefined> {
    const share = this.#share;
    if (!share.modes.has(PowerShotOperation.ViewfinderOn, this.#client)) return undefined;
    if (this.#othersExpose) return { code: Response.Device_Busy };
    const isOn = share.viewfinderIsOn || (await share.switchViewfinder(true)) === Response.OK;
    return isOn ? undefined : { code: Response.Device_Busy };
  }
}
