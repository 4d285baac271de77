/** What an EOS body says about itself in GetEvent, kept up to date. */
import { ignore, sleep, systemClock } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import {
  CameraStatus,
  decodeCell,
  decodeText,
  type EosEvent,
  EosOperation,
  EosProperty,
  readEvents,
  splitChoices,
  type TransferRequest,
} from '../../canon/ptp/index.ts';
import {
  type PtpSession,
  Response,
  ResponseError,
  type TransactionOptions,
} from '../../ptp/index.ts';
import { CustomFunctions } from './eos-custom-functions.ts';
import { type FindOptions, findByAsking, Polling } from './polling.ts';

/** A body that needs time answers the first question with nothing. */
const FIRST_DUMP_TRIES = 10;
const FIRST_DUMP_PAUSE_MS = 50;
/** More answers in a row than any body gives: it would be a camera that never falls silent. */
const DRAIN_LIMIT = 100;
const ALL_OLC_FIELDS = 0x1fff;
/** A body on which nobody presses a button switches itself off, after 30 s at the earliest. */
const KEEP_ON_MS = 10_000;
/** How long an answer that is under way may still take after an abort. */
const ABORT_GRACE_MS = 1000;
const EVENTS_OFF = 0;
const EVENTS_ON = 1;

/** What the body tells from the moment somebody began to follow, whoever fetches it. */
export interface EventFeed extends Disposable {
  /** Takes what has come since the last call. */
  take(): EosEvent[];
}

/** `news`: those of the events that tell something else than was known. */
export type EosListener = (events: readonly EosEvent[], news: ReadonlySet<EosEvent>) => void;

export interface EosChoices {
  /** See `ListForm`. */
  form: number;
  /** As they are sent: cells, or structures. */
  values: readonly Uint8Array[];
}

export class EosState {
  /** Pictures for the computer that were announced and not yet taken, by handle. */
  readonly waiting = new Map<number, TransferRequest>();
  readonly customFunctions = new CustomFunctions();
  #session: PtpSession;
  #values = new Map<number, Uint8Array>();
  #lists = new Map<number, EosChoices>();
  #listeners = new Set<EosListener>();
  #busy = false;
  /** The first dump is being read. */
  #begun: Promise<void> | undefined;
  #on = false;
  /** Nothing that the body has told was missed. */
  #complete = false;
  #polling: Polling;
  #keptOnAt = Number.NEGATIVE_INFINITY;

  constructor(session: PtpSession) {
    this.#session = session;
    this.#polling = new Polling(async () => {
      if (this.watched) await this.keepOn();
      await this.drain({ priority: 'events' });
    });
    void session.closed.then(() => this.#polling.end());
  }

  /** The body says that it is exposing, or writing. */
  get busy(): boolean {
    return this.#busy;
  }

  /** The first dump is being read. */
  get starting(): boolean {
    return this.#begun !== undefined;
  }

  get eventsOn(): boolean {
    return this.#on;
  }

  /** Switches event mode on and reads the first dump; once, unless something was missed since. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    // Of two who begin at once both wait for the dump; where the first gives up, the second begins.
    while (this.#begun) await this.#begun.catch(ignore);
    if (this.#complete) return;
    this.#begun = this.#start(signal);
    try {
      await this.#begun;
    } finally {
      this.#begun = undefined;
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
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
    this.#lists.clear();
    this.customFunctions.clear();
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
    let came = false;
    for (let i = 0; i < DRAIN_LIMIT; i++) {
      const events = await this.#fetch(options);
      if (events.length === 0) break;
      came = true;
      const news = new Set(events.filter((event) => this.#keep(event)));
      for (const listen of [...this.#listeners]) listen(events, news);
    }
    this.#polling.asked(came);
  }

  /** Fetches until `find` finds what it looks for; undefined if it does not within the time. */
  async waitFor<T>(find: () => T | undefined, options: FindOptions): Promise<T | undefined> {
    return findByAsking((wait) => this.drain(wait), find, options);
  }

  /** Somebody waits for what the body tells. */
  get watched(): boolean {
    return this.#polling.watched;
  }

  /** Keeps the body from switching itself off; at most every ten seconds, unless it is urgent. */
  async keepOn({ urgent = false } = {}): Promise<void> {
    const now = performance.now();
    const early = !urgent && now - this.#keptOnAt < KEEP_ON_MS;
    if (early || !this.#session.supports(EosOperation.KeepDeviceOn)) return;
    this.#keptOnAt = now;
    await this.#session.transaction(EosOperation.KeepDeviceOn, [], { priority: 'events' });
  }

  /** Fetches in the background, quickly while there is news, until the function returned is called. */
  keepPolling(): () => void {
    return this.#polling.watch();
  }

  /** Nothing is fetched in the background any more. */
  end(): void {
    this.#polling.end();
  }

  /** Events from now on, until the feed is disposed of. */
  follow(): EventFeed {
    const events: EosEvent[] = [];
    const stop = this.listen((more) => void events.push(...more));
    return { take: () => events.splice(0), [Symbol.dispose]: stop };
  }

  /** Calls `listener` with what each answer brings, until the function returned is called. */
  listen(listener: EosListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
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

  /** Properties whose value the body has told. */
  get properties(): number[] {
    return [...this.#values.keys()];
  }

  /** What the property may be set to now, as numbers; empty when it cannot be changed. */
  choices(property: number): readonly number[] {
    return (this.#lists.get(property)?.values ?? [])
      .map(decodeCell)
      .filter((value) => value !== undefined);
  }

  /** What the body says of the property's choices; undefined if it never did. */
  list(property: number): EosChoices | undefined {
    return this.#lists.get(property);
  }

  /** Groups come one by one, and only together they are the value. */
  #keepFunctions(value: Uint8Array): boolean {
    const property = EosProperty.CustomFuncEx;
    const before = this.#values.get(property);
    const changed = this.customFunctions.keep(value);
    const now = changed ? this.customFunctions.encoded() : value.slice();
    this.#values.set(property, now);
    return changed ? changed.length > 0 : before !== undefined && !sameBytes(before, now);
  }

  /** Takes note of it; `false` where it says what was known, or a value for the first time. */
  #keep(event: EosEvent): boolean {
    switch (event.kind) {
      case 'status':
        this.#busy = event.status === CameraStatus.Busy;
        return true;
      case 'propValue': {
        if (event.property === EosProperty.CustomFuncEx) return this.#keepFunctions(event.value);
        const before = this.#values.get(event.property);
        this.#values.set(event.property, event.value.slice());
        return before !== undefined && !sameBytes(before, event.value);
      }
      case 'availList': {
        const before = this.#lists.get(event.property);
        const now = choicesOf(event);
        this.#lists.set(event.property, now);
        return before !== undefined && !sameChoices(before, now);
      }
      case 'requestTransfer':
        this.waiting.set(event.request.handle, event.request);
        return true;
      default:
        return true;
    }
  }
}

function sameChoices(a: EosChoices, b: EosChoices): boolean {
  if (a.form !== b.form || a.values.length !== b.values.length) return false;
  return a.values.every((value, i) => sameBytes(value, b.values[i] as Uint8Array));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function choicesOf(event: Extract<EosEvent, { kind: 'availList' }>): EosChoices {
  try {
    const values = splitChoices(event.property, event).map((value) => value.slice());
    return { form: event.form, values };
  } catch (error) {
    // A structure that nobody knows: it cannot be chosen from.
    if (error instanceof ProtocolError) return { form: event.form, values: [] };
    throw error;
  }
}
