/** The settings of an EOS body: its properties by photographers' names. */
import { Channel } from '../../base/channel.ts';
import { HotshoeError } from '../../base/errors.ts';
import { toHex } from '../../bytes/index.ts';
import {
  type CustomFunction,
  canonValueLabel,
  customFunctionLabels,
  decodeEosValue,
  type EosEvent,
  EosOperation,
  EosProperty,
  type EosValue,
  encodeEosValue,
  eosValueLabel,
  ListForm,
} from '../../canon/ptp/index.ts';
import { type PtpSession, ResponseError } from '../../ptp/index.ts';
import type { CameraSettings, SetOptions, Setting, SettingValue, WaitOptions } from '../camera.ts';
import { customFunctionName } from './eos-custom-functions.ts';
import { type EosState, sameBytes } from './eos-events.ts';
import { listening } from './eos-listening.ts';
import { setEosProperty } from './eos-set-property.ts';
import { settingName, settingProperty } from './eos-setting-names.ts';
import { chosen, listed, notAllowed, notConfirmed, plain, refused } from './setting-choice.ts';

const CONFIRM_MS = 5000;
const BUSY_MS = 2000;
const LOCKED = 'The camera does not let it be changed now.';
/** Left out of the first dump, because a body has to read them first. */
const ON_REQUEST: readonly number[] = [
  EosProperty.Owner,
  EosProperty.Artist,
  EosProperty.Copyright,
  EosProperty.SerialNumber,
  EosProperty.ShutterCounter,
];
/** Changes that come by themselves, and are no setting. */
const RESTLESS: ReadonlySet<number> = new Set([EosProperty.CameraTime, EosProperty.UTCTime]);

/** An allowed value, with what is sent for it. */
interface Choice extends SettingValue {
  bytes: Uint8Array;
}

export class EosSettings implements CameraSettings {
  #session: PtpSession;
  #state: EosState;
  #asked = false;

  constructor(session: PtpSession, state: EosState) {
    this.#session = session;
    this.#state = state;
  }

  async list({ signal }: WaitOptions = {}): Promise<Setting[]> {
    await this.#ready(signal);
    const functions = this.#state.customFunctions.all();
    return [
      ...this.#state.properties
        .filter((property) => functions.length === 0 || property !== EosProperty.CustomFuncEx)
        .map((property) => this.of(property)),
      ...functions.map((each) => this.#ofFunction(each)),
    ];
  }

  async get(name: string, { signal }: WaitOptions = {}): Promise<Setting> {
    const found = await this.#find(name, signal);
    return typeof found === 'number' ? this.of(found) : this.#ofFunction(found);
  }

  async allowed(name: string, options: WaitOptions = {}): Promise<readonly SettingValue[]> {
    return (await this.get(name, options)).allowed;
  }

  async set(name: string, value: string | number, options: SetOptions = {}): Promise<Setting> {
    const { signal, timeoutMs = CONFIRM_MS } = options;
    const property = await this.#find(name, signal);
    if (typeof property !== 'number') return this.#setFunction(property, value, options);
    const setting = this.of(property);
    const bytes = this.#bytesFor(property, setting, value);
    const now = this.#state.raw(property);
    if (now && sameBytes(now, bytes)) return setting;
    await this.#send(property, setting, bytes, signal);
    await this.#confirmed(property, bytes, timeoutMs, signal);
    return this.of(property);
  }

  watch({ signal }: WaitOptions = {}): AsyncIterableIterator<Setting> {
    const channel = new Channel<Setting>();
    const forget = this.#state.listen((_events, news) => {
      if (this.#state.starting) return;
      for (const property of changedIn(news)) channel.push(this.of(property));
    });
    const release = this.#state.keepPolling();
    const onAbort = () => channel.close(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.#session.closed.then((error) => channel.close(error));
    return listening(channel, this.#ready(signal), () => {
      release();
      forget();
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** What is known of a property. */
  of(property: number): Setting {
    const bytes = this.#state.raw(property) ?? new Uint8Array(0);
    const list = this.#state.list(property);
    const allowed = this.#choices(property).map(({ label, number }) => ({ label, number }));
    return {
      name: settingName(property),
      code: property,
      ...settingValue(property, bytes),
      writable: allowed.length > 0 || list?.form === ListForm.Writable,
      allowed,
    };
  }

  #ofFunction({ id, values }: CustomFunction): Setting {
    const labels = customFunctionLabels[id]?.values ?? {};
    const allowed = Object.entries(labels).map(([number, label]) => {
      return { label, number: Number(number) };
    });
    const [number] = values.length === 1 ? values : [];
    const label = values.map((value) => labels[value] ?? hexLabel(value)).join(' ');
    const writable = this.#state.list(EosProperty.CustomFuncEx)?.form === ListForm.Writable;
    const name = customFunctionName(id);
    return { name, code: id, label, number, writable: writable && number !== undefined, allowed };
  }

  /** What a body takes for it nobody tells: numbers without a label are sent as well. */
  async #setFunction(
    custom: CustomFunction,
    value: string | number,
    { signal, timeoutMs = CONFIRM_MS }: SetOptions,
  ): Promise<Setting> {
    const property = EosProperty.CustomFuncEx;
    const setting = this.#ofFunction(custom);
    const choices = setting.allowed.map((each) => ({ ...each, bytes: new Uint8Array(0) }));
    const number = chosen(choices, value)?.number ?? numberFor(property, String(value));
    if (!setting.writable || number === undefined) {
      const known = listed(setting.allowed) || 'numbers';
      throw notAllowed(setting, value, setting.writable ? `Known: ${known}.` : LOCKED);
    }
    if (number === setting.number) return setting;
    const bytes = this.#state.customFunctions.encodedWith(custom.id, [number]);
    if (!bytes) throw notAllowed(setting, value, LOCKED);
    await this.#send(property, setting, bytes, signal);
    const now = () => this.#state.customFunctions.get(custom.id);
    const isSet = () => (now()?.values[0] === number ? now() : undefined);
    const confirmed = await this.#state.waitFor(isSet, { timeoutMs, signal });
    if (confirmed) return this.#ofFunction(confirmed);
    throw notConfirmed(setting, timeoutMs);
  }

  #choices(property: number): Choice[] {
    const list = this.#state.list(property);
    if (list?.form !== ListForm.Enumeration) return [];
    return list.values.map((bytes) => ({ ...settingValue(property, bytes), bytes }));
  }

  async #ready(signal: AbortSignal | undefined): Promise<void> {
    await this.#state.start(signal);
    if (!this.#asked && this.#session.supports(EosOperation.RequestDevicePropValue)) {
      for (const property of ON_REQUEST) await this.#state.request(property, signal);
      this.#asked = true;
    }
    await this.#state.drain({ signal });
  }

  /** The code of a property, or a custom function. */
  async #find(name: string, signal: AbortSignal | undefined): Promise<number | CustomFunction> {
    const property = settingProperty(name);
    await this.#ready(signal);
    if (property !== undefined && this.#state.raw(property)) return property;
    const wanted = name.trim().toLowerCase();
    const functions = this.#state.customFunctions.all();
    const custom = functions.find(({ id }) => customFunctionName(id) === wanted);
    if (custom) return custom;
    const what = property === undefined ? 'there is no setting' : 'the camera has no setting';
    throw new HotshoeError('NOT_FOUND', `${what} "${name}"`, {
      hint: 'See which there are: `hotshoe config`.',
    });
  }

  /** What to send. Throws a USAGE error that says what is allowed. */
  #bytesFor(property: number, setting: Setting, value: string | number): Uint8Array {
    const choices = this.#choices(property);
    if (choices.length > 0) {
      const choice = chosen(choices, value);
      if (choice) return choice.bytes;
      throw notAllowed(setting, value, `Allowed now: ${listed(setting.allowed)}.`);
    }
    if (!setting.writable) {
      throw notAllowed(setting, value, LOCKED);
    }
    const bytes = written(property, this.#state.raw(property), value);
    if (bytes) return bytes;
    throw notAllowed(setting, value, `It is "${setting.label}" now; give a value of that kind.`);
  }

  async #send(
    property: number,
    setting: Setting,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      // Busy is also what bodies say of what cannot be set in this mode.
      const options = { signal, busyMs: BUSY_MS };
      await setEosProperty(this.#session, this.#state, property, bytes, options);
    } catch (error) {
      throw error instanceof ResponseError ? refused(setting, error) : error;
    }
  }

  async #confirmed(
    property: number,
    bytes: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const isSet = () => sameValue(property, this.#state.raw(property), bytes) || undefined;
    if (await this.#state.waitFor(isSet, { timeoutMs, signal })) return;
    throw notConfirmed(this.of(property), timeoutMs);
  }
}

/** Properties that events tell something new of. */
function changedIn(events: Iterable<EosEvent>): Set<number> {
  const changed = new Set<number>();
  for (const event of events) {
    const told = event.kind === 'propValue' || event.kind === 'availList';
    if (told && event.property !== 0 && !RESTLESS.has(event.property)) changed.add(event.property);
  }
  return changed;
}

function settingValue(property: number, bytes: Uint8Array): SettingValue {
  const value = decodeEosValue(property, bytes);
  const number = value.kind === 'number' ? value.value : undefined;
  const known = eosValueLabel(property, value);
  return { label: known ?? (number === undefined ? toHex(bytes) : hexLabel(number)), number };
}

function hexLabel(number: number): string {
  return `0x${(number >>> 0).toString(16)}`;
}

/** The bytes for a value without a list: a text, or a number of the same width. */
function written(
  property: number,
  now: Uint8Array | undefined,
  value: string | number,
): Uint8Array | undefined {
  const before: EosValue | undefined = now && decodeEosValue(property, now);
  try {
    if (before?.kind === 'text') {
      // The field grows and shrinks with the text.
      return encodeEosValue(property, { kind: 'text', text: String(value) });
    }
    if (before?.kind !== 'number') return undefined;
    const number = typeof value === 'number' ? value : numberFor(property, value);
    return number === undefined
      ? undefined
      : encodeEosValue(property, { kind: 'number', value: number });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const WIDEST_TABLE = 0x100;

/** A number, or the one whose label it is. */
function numberFor(property: number, text: string): number | undefined {
  if (/^-?\d+$|^0x[0-9a-f]+$/i.test(text.trim())) return Number(text);
  for (let number = 0; number < WIDEST_TABLE; number++) {
    const label = canonValueLabel(property, number);
    if (label !== undefined && plain(label) === plain(text)) return number;
  }
  return undefined;
}

/** Bodies pad texts, and leave the rest of a cell unwritten. */
function sameValue(property: number, a: Uint8Array | undefined, b: Uint8Array): boolean {
  if (!a) return false;
  if (sameBytes(a, b)) return true;
  const [one, other] = [decodeEosValue(property, a), decodeEosValue(property, b)];
  if (one.kind === 'number' && other.kind === 'number') return one.value === other.value;
  if (one.kind === 'text' && other.kind === 'text') return one.text === other.text;
  return false;
}
