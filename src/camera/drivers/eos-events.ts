/** What an EOS body says about itself in GetEvent, kept up to date. */
import { ignore, sleep, systemClock } from '../../base/time.ts';
import {
  CameraStatus,
  decodeCell,
  decodeCells,
  decodeText,
  type EosEvent,
  EosOperation,
  EosProperty,
  ListForm,
  readEvents,
  type TransferRequest,
} from '../../canon/ptp/index.ts';
import {
  type PtpSession,
  Response,
  ResponseError,
  type TransactionOptions,
} from '../../ptp/index.ts';

/** A body that needs time answers the first question with nothing. */
const FIRST_DUMP_TRIES = 10;
const FIRST_DUMP_PAUSE_MS = 50;
/** More answers in a row than any body gives: it would be a camera that never falls silent. */
const DRAIN_LIMIT = 100;
const ALL_OLC_FIELDS = 0x1fff;
/** How long an answer that is under way may still take after an abort. */
const ABORT_GRACE_MS = 1000;
const EVENTS_OFF = 0;
const EVENTS_ON = 1;

/** What the body tells from the moment somebody began to follow, whoever fetches it. */
export interface EventFeed extends Disposable {
  /** Takes what has come since the last call. */
  take(): EosEvent[];
}

export class EosState {
  /** Pictures for the computer that were announced and not yet taken, by handle. */
  readonly waiting = new Map<number, TransferRequest>();
  #session: PtpSession;
  #values = new Map<number, Uint8Array>();
  #choices = new Map<number, number[]>();
  #feeds = new Set<EosEvent[]>();
  #busy = false;
  #on = false;
  /** Nothing that the body has told was missed. */
  #complete = false;

  constructor(session: PtpSession) {
    this.#session = session;
  }

  /** The body says that it is exposing, or writing. */
  get busy(): boolean {
    return this.#busy;
  }

  get eventsOn(): boolean {
    return this.#on;
  }

  /** Switches event mode on and reads the first dump; once, unless something was missed since. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#complete) return;
    const session = this.#session;
    // Off and on again brings a new dump.
    if (this.#on) await session.call(EosOperation.SetEventMode, [EVENTS_OFF], { signal });
    this.#on = true;
    await session.call(EosOperation.SetEventMode, [EVENTS_ON], { signal });
    if (session.supports(EosOperation.SetRequestOLCInfoGroup)) {
      await session.call(EosOperation.SetRequestOLCInfoGroup, [ALL_OLC_FIELDS], { signal });
    }
    this.#busy = false;
    this.#values.clear();
    this.#choices.clear();
    this.#complete = true;
    for (let tries = 0; tries < FIRST_DUMP_TRIES; tries++) {
      await this.drain({ signal });
      if (this.#values.has(EosProperty.EVFOutputDevice)) return;
      await sleep(FIRST_DUMP_PAUSE_MS, signal).catch((error: unknown) => {
        this.#complete = false;
        throw error;
      });
    }
  }

  /**
   * Fetches until the queue is empty; what is missed here would be taken for news later. The body
   * tells each event once, so everybody who follows gets it, not only who has asked.
   */
  async drain(options: TransactionOptions = {}): Promise<void> {
    for (let i = 0; i < DRAIN_LIMIT; i++) {
      const events = await this.#fetch(options);
      if (events.length === 0) return;
      for (const event of events) this.#keep(event);
      for (const feed of this.#feeds) feed.push(...events);
    }
  }

  /** Events from now on, until the feed is disposed of. */
  follow(): EventFeed {
    const events: EosEvent[] = [];
    this.#feeds.add(events);
    return {
      take: () => events.splice(0),
      [Symbol.dispose]: () => void this.#feeds.delete(events),
    };
  }

  /**
   * One answer to GetEvent. It is not broken off at once: what it brings the body does not tell
   * again. A body that is busy tells later.
   */
  async #fetch({ signal, ...options }: TransactionOptions): Promise<EosEvent[]> {
    signal?.throwIfAborted();
    const session = this.#session;
    const late = new AbortController();
    let stop: () => void = ignore;
    const onAbort = () => {
      stop = systemClock.after(ABORT_GRACE_MS, () => late.abort(signal?.reason));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { code, params, data } = await session.transaction(EosOperation.GetEvent, [], {
        ...options,
        signal: late.signal,
      });
      if (code === Response.Device_Busy) return [];
      if (code === Response.OK) {
        const { events, error } = readEvents(data);
        // What came before the fault counts: the body does not tell it again.
        if (error) this.#complete = false;
        return events;
      }
      throw new ResponseError(EosOperation.GetEvent, code, params, session.names);
    } catch (error) {
      this.#complete = false;
      throw error;
    } finally {
      stop();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Asks for a value that the dumps leave out; it is there after the next `drain`. */
  async request(property: number, signal: AbortSignal | undefined): Promise<void> {
    // A body without the property answers General_Error, and the value stays unknown.
    await this.#session.transaction(EosOperation.RequestDevicePropValue, [property], { signal });
  }

  /** The value as it was sent; undefined if the body never told. */
  raw(property: number): Uint8Array | undefined {
    return this.#values.get(property);
  }

  number(property: number): number | undefined {
    const value = this.#values.get(property);
    return value && decodeCell(value);
  }

  /** Undefined for an empty text. Some bodies put a zero byte before the text of an adapted lens. */
  text(property: number): string | undefined {
    const value = this.#values.get(property);
    if (!value) return undefined;
    const from = value.findIndex((byte) => byte !== 0);
    return from < 0 ? undefined : decodeText(value.subarray(from)) || undefined;
  }

  /** What the property may be set to now; empty when it cannot be changed. */
  choices(property: number): readonly number[] {
    return this.#choices.get(property) ?? [];
  }

  #keep(event: EosEvent): void {
    if (event.kind === 'status') this.#busy = event.status === CameraStatus.Busy;
    else if (event.kind === 'propValue') this.#values.set(event.property, event.value.slice());
    else if (event.kind === 'requestTransfer')
      this.waiting.set(event.request.handle, event.request);
    else if (event.kind === 'availList' && event.form === ListForm.Enumeration) {
      // Lists of structures are of no use as cells; they are read by whoever knows the property.
      const cells = event.entries.length === 4 * event.count ? decodeCells(event.entries) : [];
      this.#choices.set(event.property, cells);
    }
  }
}
