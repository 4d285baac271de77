/** The settings of a PowerShot: device properties, most of which are there under release control only. */
import { Channel } from '../../base/channel.ts';
import { HotshoeError } from '../../base/errors.ts';
import { sleep } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import {
  canonValueLabel,
  decodeText,
  encodeText,
  PowerShotOperation,
  PowerShotProperty,
} from '../../canon/ptp/index.ts';
import {
  DataType,
  type DevicePropDesc,
  Event,
  type PtpSession,
  type PtpValue,
  Response,
  ResponseError,
  U16Array,
} from '../../ptp/index.ts';
import type { CameraSettings, SetOptions, Setting, SettingValue, WaitOptions } from '../camera.ts';
import { untilNotBusy } from './eos-busy.ts';
import { listening } from './eos-listening.ts';
import type { ReleaseControl } from './powershot-control.ts';
import type { PowerShotEvent, PowerShotEvents } from './powershot-events.ts';
import { settingName, settingProperty } from './powershot-setting-names.ts';
import { chosen, listed, notAllowed, notConfirmed, refused } from './setting-choice.ts';

const CONFIRM_MS = 5000;
const CONFIRM_PAUSE_MS = 50;
/** Values of a range that are worth a list: positions of a zoom are, seconds of a clock are not. */
const LISTED_RANGE = 256;
/** Arrays of these are texts. */
const TEXTS: readonly number[] = [PowerShotProperty.CameraOwner];
/** How long such a text may be: the field of an SD100 has 32 bytes. */
const LONGEST_TEXT = 31;
/** What hotshoe itself sets for as long as it has the camera. */
const OWN: readonly number[] = [
  PowerShotProperty.EventEmulateMode,
  PowerShotProperty.CaptureTransferMode,
];

interface Choice extends SettingValue {
  value: PtpValue;
}

export class PowerShotSettings implements CameraSettings {
  #session: PtpSession;
  #events: PowerShotEvents;
  #control: ReleaseControl;

  constructor(session: PtpSession, events: PowerShotEvents, control: ReleaseControl) {
    this.#session = session;
    this.#events = events;
    this.#control = control;
  }

  async list({ signal }: WaitOptions = {}): Promise<Setting[]> {
    await this.#control.enter(signal);
    const settings: Setting[] = [];
    for (const property of this.#session.deviceInfo.devicePropertiesSupported) {
      if (OWN.includes(property)) continue;
      const desc = await this.#describe(property, signal);
      if (desc) settings.push(settingOf(desc));
    }
    return settings;
  }

  async get(name: string, { signal }: WaitOptions = {}): Promise<Setting> {
    return settingOf(await this.#find(name, signal));
  }

  async allowed(name: string, options: WaitOptions = {}): Promise<readonly SettingValue[]> {
    return (await this.get(name, options)).allowed;
  }

  async set(name: string, value: string | number, options: SetOptions = {}): Promise<Setting> {
    const { signal, timeoutMs = CONFIRM_MS } = options;
    const desc = await this.#find(name, signal);
    const wanted = wantedValue(desc, value);
    if (sameValue(desc.current, wanted)) return settingOf(desc);
    await this.#send(desc, wanted, timeoutMs, signal);
    return settingOf(await this.#confirmed(desc.propertyCode, wanted, timeoutMs, signal));
  }

  watch({ signal }: WaitOptions = {}): AsyncIterableIterator<Setting> {
    const channel = new Channel<Setting>();
    let telling = Promise.resolve();
    const forget = this.#events.listen((event) => {
      telling = telling.then(async () => {
        for (const setting of await this.changedBy(event)) channel.push(setting);
      });
      telling.catch((error: unknown) => channel.close(error));
    });
    const release = this.#events.keepPolling();
    const onAbort = () => channel.close(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.#session.closed.then((error) => channel.close(error));
    return listening(channel, this.#control.enter(signal), () => {
      release();
      forget();
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** The settings that an event tells of, as they are now. */
  async changedBy({ code, params }: PowerShotEvent): Promise<Setting[]> {
    if (code !== Event.DevicePropChanged) return [];
    const properties = params.length > 0 ? [params[0] as number] : await this.#changes();
    const settings: Setting[] = [];
    for (const property of properties) {
      const desc = OWN.includes(property) ? undefined : await this.#describe(property, undefined);
      if (desc) settings.push(settingOf(desc));
    }
    return settings;
  }

  async #changes(): Promise<number[]> {
    const session = this.#session;
    if (!session.supports(PowerShotOperation.GetChanges)) return [];
    const { code, data } = await session.transaction(PowerShotOperation.GetChanges);
    return code === Response.OK ? U16Array.decode(data) : [];
  }

  /** Undefined for a property that is listed and not told, or told in no way that is known. */
  async #describe(
    property: number,
    signal: AbortSignal | undefined,
  ): Promise<DevicePropDesc | undefined> {
    try {
      return await this.#session.getDevicePropDesc(property, { signal });
    } catch (error) {
      if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  async #find(name: string, signal: AbortSignal | undefined): Promise<DevicePropDesc> {
    const property = settingProperty(name);
    await this.#control.enter(signal);
    const isThere =
      property !== undefined &&
      !OWN.includes(property) &&
      this.#session.deviceInfo.devicePropertiesSupported.includes(property);
    const desc = isThere ? await this.#describe(property, signal) : undefined;
    if (desc) return desc;
    const what = property === undefined ? 'there is no setting' : 'the camera has no setting';
    throw new HotshoeError('NOT_FOUND', `${what} "${name}"`, {
      hint: 'See which there are: `hotshoe config`.',
    });
  }

  async #send(
    desc: DevicePropDesc,
    value: PtpValue,
    busyMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { propertyCode, dataType } = desc;
    const set = () => this.#session.setDevicePropValue(propertyCode, dataType, value, { signal });
    try {
      // Busy while a lens moves, or a picture is written.
      await untilNotBusy(this.#events, signal, set, busyMs);
    } catch (error) {
      throw error instanceof ResponseError ? refused(settingOf(desc), error) : error;
    }
  }

  /** Cameras clamp in silence, and lenses take their time. */
  async #confirmed(
    property: number,
    value: PtpValue,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DevicePropDesc> {
    let desc = await this.#session.getDevicePropDesc(property, { signal });
    const deadline = performance.now() + timeoutMs;
    while (!sameValue(desc.current, value) && !isClock(property)) {
      if (performance.now() > deadline) throw notConfirmed(settingOf(desc), timeoutMs);
      await sleep(CONFIRM_PAUSE_MS, signal);
      desc = await this.#session.getDevicePropDesc(property, { signal });
    }
    return desc;
  }
}

/** It runs on between setting and reading. */
function isClock(property: number): boolean {
  return property === PowerShotProperty.UnixTime;
}

function settingOf(desc: DevicePropDesc): Setting {
  const { propertyCode, writable, form } = desc;
  const allowed = writable ? choicesOf(desc).map(({ label, number }) => ({ label, number })) : [];
  return {
    name: settingName(propertyCode),
    code: propertyCode,
    ...told(desc, desc.current),
    writable: writable && (form.kind !== 'enumeration' || allowed.length > 0),
    allowed,
  };
}

function choicesOf(desc: DevicePropDesc): Choice[] {
  const { form } = desc;
  const choice = (value: PtpValue) => ({ ...told(desc, value), value });
  if (form.kind === 'enumeration') return form.values.map(choice);
  if (form.kind !== 'range') return [];
  const [from, to, step] = [form.minimum, form.maximum, form.step].map(Number) as [
    number,
    number,
    number,
  ];
  const count = step > 0 ? Math.floor((to - from) / step) + 1 : 0;
  if (!(count > 0 && count <= LISTED_RANGE)) return [];
  return Array.from({ length: count }, (_, i) => choice(from + i * step));
}

/** A value as it is said. */
function told({ propertyCode, dataType }: DevicePropDesc, value: PtpValue): SettingValue {
  if (typeof value === 'string') return { label: value, number: undefined };
  if (typeof value === 'object') {
    const label = TEXTS.includes(propertyCode)
      ? decodeText(Uint8Array.from(value.map(Number)))
      : value.join(',');
    return { label, number: undefined };
  }
  const number = Number(value);
  const wide = dataType >= DataType.INT64;
  const label = wide ? undefined : canonValueLabel(propertyCode, number);
  return { label: label ?? String(value), number };
}

/** What to send. Throws a USAGE error that says what is allowed. */
function wantedValue(desc: DevicePropDesc, value: string | number): PtpValue {
  const setting = settingOf(desc);
  if (!setting.writable) {
    throw notAllowed(setting, value, 'The camera does not let it be changed now.');
  }
  const choices = choicesOf(desc);
  if (choices.length > 0) {
    const choice = chosen(choices, value);
    if (choice) return choice.value;
    throw notAllowed(setting, value, `Allowed now: ${listed(setting.allowed)}.`);
  }
  const written = writtenValue(desc, value);
  if (written !== undefined) return written;
  throw notAllowed(setting, value, `It is "${setting.label}" now; give a value of that kind.`);
}

/** A value without a list: a text, or a number. */
function writtenValue(desc: DevicePropDesc, value: string | number): PtpValue | undefined {
  const { propertyCode, current } = desc;
  const text = String(value);
  if (typeof current === 'string') return text;
  if (typeof current === 'object') {
    if (!TEXTS.includes(propertyCode) || text.length > LONGEST_TEXT) return undefined;
    try {
      return [...encodeText(text)];
    } catch (error) {
      // Not in eight bits.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
  return /^-?\d+$|^0x[0-9a-f]+$/i.test(text.trim()) ? Number(text) : undefined;
}

function sameValue(a: PtpValue, b: PtpValue): boolean {
  return typeof a === 'object' && typeof b === 'object' ? a.join() === b.join() : a === b;
}
