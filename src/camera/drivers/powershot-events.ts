/**
 * Events of PowerShots: on request by CheckEvent, or by the interrupt pipe. EventEmulateMode (D045)
 * says which; where it can be set, CheckEvent alone is asked, so that nothing comes twice.
 */
import { ProtocolError } from '../../bytes/index.ts';
import { CheckedEvent, PowerShotOperation, PowerShotProperty } from '../../canon/ptp/index.ts';
import {
  DataType,
  type PtpSession,
  Response,
  ResponseError,
  type TransactionOptions,
} from '../../ptp/index.ts';
import { type FindOptions, findByAsking, Polling } from './polling.ts';

export interface PowerShotEvent {
  code: number;
  params: readonly number[];
}

/** What the body tells from the moment somebody began to follow, whoever fetches it. */
export interface PowerShotFeed extends Disposable {
  /** Takes what has come since the last call. */
  take(): PowerShotEvent[];
}

type Listener = (event: PowerShotEvent) => void;

/** Values of EventEmulateMode. */
const BY_CHECK_EVENT = 7;
const FACTORY_DEFAULT = 4;
/** More events in a row than any body keeps: it would be a camera that never falls silent. */
const DRAIN_LIMIT = 256;
/** An event that comes by both ways does so within this. */
const TWIN_MS = 2000;
const KEEP_ON_MS = 10_000;

type Source = 'checked' | 'sent';

export class PowerShotEvents {
  #session: PtpSession;
  #listeners = new Set<Listener>();
  #polling: Polling;
  #begun: Promise<void> | undefined;
  /** EventEmulateMode as it was; undefined where it was not changed. */
  #former: number | undefined;
  #recent: { source: Source; text: string; at: number }[] = [];
  #keptOnAt = Number.NEGATIVE_INFINITY;

  constructor(session: PtpSession) {
    this.#session = session;
    this.#polling = new Polling(async () => {
      if (this.#polling.watched) await this.keepOn();
      await this.drain({ priority: 'events' });
    });
    void session.closed.then(() => this.#polling.end());
    void this.#takeSent();
  }

  /** Chooses the way by which events come; once. */
  start(signal: AbortSignal | undefined): Promise<void> {
    this.#begun ??= this.#start(signal).catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    return this.#begun;
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    const session = this.#session;
    if (!this.#checks || !this.#lists(PowerShotProperty.EventEmulateMode)) return;
    const former = await this.#mode(signal);
    if (former === BY_CHECK_EVENT) this.#former = FACTORY_DEFAULT;
    else if (former !== undefined && (await this.#setMode(BY_CHECK_EVENT, signal))) {
      this.#former = former;
    }
    if (session.supports(PowerShotOperation.CheckEvent)) this.#polling.asked(false);
  }

  /** Asks until nothing comes; without CheckEvent events come by themselves. */
  async drain(options: TransactionOptions = {}): Promise<void> {
    if (!this.#checks) return;
    let came = false;
    for (let i = 0; i < DRAIN_LIMIT; i++) {
      const event = await this.#check(options);
      if (!event) break;
      came = true;
      this.#tell('checked', event);
    }
    this.#polling.asked(came);
  }

  /** Asks until `find` finds what it looks for; undefined if it does not within the time. */
  async waitFor<T>(find: () => T | undefined, options: FindOptions): Promise<T | undefined> {
    return findByAsking((wait) => this.drain(wait), find, options);
  }

  /** Calls `listener` with each event, until the function returned is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  follow(): PowerShotFeed {
    const events: PowerShotEvent[] = [];
    const stop = this.listen((event) => void events.push(event));
    return { take: () => events.splice(0), [Symbol.dispose]: stop };
  }

  /** Asks in the background, quickly while there is news, until the function returned is called. */
  keepPolling(): () => void {
    return this.#polling.watch();
  }

  /** Keeps the body from switching itself off; at most every ten seconds. */
  async keepOn(): Promise<void> {
    const now = performance.now();
    const early = now - this.#keptOnAt < KEEP_ON_MS;
    if (early || !this.#session.supports(PowerShotOperation.KeepDeviceOn)) return;
    this.#keptOnAt = now;
    await this.#session.transaction(PowerShotOperation.KeepDeviceOn, [], { priority: 'events' });
  }

  /** Events go where they went before. */
  async end(): Promise<void> {
    this.#polling.end();
    const former = this.#former;
    this.#former = undefined;
    if (former !== undefined) await this.#setMode(former, undefined);
  }

  get #checks(): boolean {
    return this.#session.supports(PowerShotOperation.CheckEvent);
  }

  #lists(property: number): boolean {
    return this.#session.deviceInfo.devicePropertiesSupported.includes(property);
  }

  async #mode(signal: AbortSignal | undefined): Promise<number | undefined> {
    try {
      const property = PowerShotProperty.EventEmulateMode;
      return Number(await this.#session.getDevicePropValue(property, DataType.UINT16, { signal }));
    } catch (error) {
      if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  /** False where the body does not let it be set. */
  async #setMode(mode: number, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const property = PowerShotProperty.EventEmulateMode;
      await this.#session.setDevicePropValue(property, DataType.UINT16, mode, { signal });
      return true;
    } catch (error) {
      if (error instanceof ResponseError) return false;
      throw error;
    }
  }

  async #check(options: TransactionOptions): Promise<PowerShotEvent | undefined> {
    options.signal?.throwIfAborted();
    const { code, params, data } = await this.#session.transaction(
      PowerShotOperation.CheckEvent,
      [],
      // Not broken off: what it brings the body does not tell again.
      { priority: options.priority },
    );
    // A body that is busy tells later.
    if (code === Response.Device_Busy) return undefined;
    if (code === Response.OK) return CheckedEvent.decode(data);
    throw new ResponseError(PowerShotOperation.CheckEvent, code, params, this.#session.names);
  }

  async #takeSent(): Promise<void> {
    for await (const event of this.#session.events) this.#tell('sent', event);
  }

  /** Drops what has come by the other way just before. */
  #tell(source: Source, { code, params }: PowerShotEvent): void {
    const at = performance.now();
    const text = [code, ...params].join();
    this.#recent = this.#recent.filter((each) => at - each.at < TWIN_MS);
    const twin = this.#recent.findIndex((each) => each.source !== source && each.text === text);
    if (twin >= 0) {
      this.#recent.splice(twin, 1);
      return;
    }
    this.#recent.push({ source, text, at });
    for (const listener of [...this.#listeners]) listener({ code, params });
  }
}
