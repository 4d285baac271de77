/**
 * The settings of a body from before PTP. Owner and clock can be had at once; for the others the
 * camera has to be in remote control: the lens of a PowerShot comes out.
 */
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { sleep } from '../../base/time.ts';
import { hex32 } from '../../bytes/index.ts';
import {
  Commands,
  compensationEighths,
  EXTENDED_PARAMETERS_SIZE,
  ExtendedParameters,
  type FormatTriple,
  formatLabel,
  formatNumber,
  formatsOf,
  ListItem,
  type NormalRemote,
  type NormalSession,
  onMains,
  PowerLevel,
  type ReleaseParameters,
  Remote,
  shootingModes,
  type ValueList,
} from '../../canon/normal/index.ts';
import {
  apertureLabel,
  canonValueLabel,
  compensationLabel,
  PowerShotProperty as Shot,
  shutterLabel,
} from '../../canon/ptp/index.ts';
import type { CameraSettings, SetOptions, Setting, SettingValue, WaitOptions } from '../camera.ts';
import { NOT_THERE, type NormalSettingRow, settingRows } from './normal-setting-rows.ts';
import { chosen, listed } from './setting-choice.ts';

const LONGEST_OWNER = 30;
const WATCH_MS = 1000;
const Mode = { Tv: 2, Av: 3, M: 4 } as const;
/** Codes of a third of a stop. */
const THIRDS: readonly number[] = [0, 3, 5];
const SLOWEST_SHUTTER = 0x18;
const FASTEST_SHUTTER = 0x90;

interface Known {
  setting: Setting;
  set?(value: string | number, options: WaitOptions): Promise<void>;
}

export class NormalSettings implements CameraSettings {
  #session: NormalSession;
  #remote: NormalRemote;

  constructor(session: NormalSession, remote: NormalRemote) {
    this.#session = session;
    this.#remote = remote;
  }

  async owner(options: WaitOptions = {}): Promise<string> {
    if (this.#session.generation === 'new') {
      return this.#session.call(Commands.GetOwner, undefined, options);
    }
    return (await this.#session.call(Commands.IdentifyCamera, undefined, options)).owner;
  }

  async list(options: WaitOptions = {}): Promise<Setting[]> {
    const { signal } = options;
    const simple = [
      await this.#owner(options),
      await this.#clock(options),
      await this.#power(options),
    ];
    const known = [...simple, ...(await this.#remoteSettings({ signal }))];
    return known.map(({ setting }) => setting);
  }

  async get(name: string, options: WaitOptions = {}): Promise<Setting> {
    return (await this.#find(name, options)).setting;
  }

  async allowed(name: string, options: WaitOptions = {}): Promise<readonly SettingValue[]> {
    return (await this.get(name, options)).allowed;
  }

  async set(name: string, value: string | number, { signal }: SetOptions = {}): Promise<Setting> {
    const options = { signal };
    const { setting, set } = await this.#find(name, options);
    if (!set || !setting.writable) {
      throw notAllowed(setting, value, 'The camera does not let it be changed now.');
    }
    await set(value, options);
    return this.get(name, options);
  }

  /** The camera tells of no change: it is asked each second. */
  async *watch({ signal }: WaitOptions = {}): AsyncGenerator<Setting, void, undefined> {
    const seen = new Map<string, string>();
    for (let first = true; ; first = false) {
      for (const { setting } of await this.#remoteSettings({ signal })) {
        const isNew = seen.get(setting.name) !== setting.label;
        seen.set(setting.name, setting.label);
        if (isNew && !first) yield setting;
      }
      await sleep(WATCH_MS, signal);
    }
  }

  async #find(name: string, options: WaitOptions): Promise<Known> {
    const wanted = name.trim().toLowerCase();
    if (['owner', 'ownername'].includes(wanted)) return this.#owner(options);
    if (['clock', 'datetime'].includes(wanted)) return this.#clock(options);
    if (['power', 'battery', 'batterylevel'].includes(wanted)) return this.#power(options);
    // Not by entering remote control in vain.
    if (isName(wanted)) {
      const known = await this.#remoteSettings(options);
      const row = settingRows.find(({ aliases }) => aliases.includes(wanted));
      const own = row?.name ?? ALIASES[wanted] ?? wanted;
      const found = known.find(({ setting }) => setting.name === own || hexOf(setting) === own);
      if (found) return found;
      throw new HotshoeError('NOT_FOUND', `the camera has no setting "${name}"`, {
        hint: 'See which there are: `hotshoe config`.',
      });
    }
    throw new HotshoeError('NOT_FOUND', `there is no setting "${name}"`, {
      hint: 'See which there are: `hotshoe config`.',
    });
  }

  async #owner(options: WaitOptions): Promise<Known> {
    const label = await this.owner(options);
    return {
      setting: { name: 'owner', code: Shot.CameraOwner, label, number: undefined, ...FREE },
      set: async (value, wait) => {
        const name = String(value);
        const isPlain = [...name].every((letter) => letter >= ' ' && letter <= '\u00ff');
        if (name.length > LONGEST_OWNER || !isPlain) {
          throw new HotshoeError('USAGE', `the owner cannot be "${name}"`, {
            hint: `At most ${LONGEST_OWNER} letters of western Europe.`,
          });
        }
        await this.#session.call(Commands.SetOwner, name, wait);
      },
    };
  }

  async #clock(options: WaitOptions): Promise<Known> {
    const { seconds } = await this.#session.call(Commands.GetTime, undefined, options);
    return {
      setting: {
        name: 'clock',
        code: Shot.UnixTime,
        label: new Date(seconds * 1000).toISOString().slice(0, 19),
        number: seconds,
        ...FREE,
      },
      set: async (value, wait) => {
        const wanted = secondsOf(value);
        if (wanted === undefined) {
          throw new HotshoeError('USAGE', `the clock cannot be "${value}"`, {
            hint: 'Give the time like 2026-11-21T10:32:05, or run `hotshoe clock sync`.',
          });
        }
        await this.#session.call(Commands.SetTime, { seconds: wanted, zeros: undefined }, wait);
      },
    };
  }

  async #power(options: WaitOptions): Promise<Known> {
    const power = await this.#session.call(Commands.CheckPower, undefined, options);
    const level = power.level === PowerLevel.Good ? 'good' : 'to be replaced';
    const label = onMains(power) ? 'mains' : `battery, ${level}`;
    return {
      setting: {
        ...{ name: 'battery', code: Shot.BatteryStatus, label, number: power.level },
        ...{ writable: false, allowed: [] },
      },
    };
  }

  async #remoteSettings(options: WaitOptions): Promise<Known[]> {
    const parameters = await this.#remote.parameters(options);
    const known: Known[] = [];
    for (const row of settingRows) {
      const number = parameters[row.field];
      if (typeof number !== 'number') continue;
      if (row.item === undefined && NOT_THERE.includes(number)) continue;
      const allowed = await this.#allowed(row, parameters, options);
      if (allowed.length === 0 && NOT_THERE.includes(number)) continue;
      known.push(this.#inBlock(row, number, allowed));
    }
    known.push(await this.#format(parameters, options));
    known.push(...(await this.#extended(options)));
    const zoom = await this.#zoom(options);
    if (zoom) known.push(zoom);
    known.push(await this.#shotsLeft(options));
    return known;
  }

  #inBlock(row: NormalSettingRow, number: number, allowed: readonly SettingValue[]): Known {
    const { name, code, field } = row;
    const label = this.#label(row, number);
    const setting = { name, code, label, number, allowed, writable: allowed.length > 0 };
    return {
      setting,
      set: async (value, options) => {
        const choice = choose(setting, value);
        await this.#change(name, { [field]: choice.number }, options);
      },
    };
  }

  async #change(
    name: string,
    change: Partial<ReleaseParameters>,
    options: WaitOptions,
  ): Promise<void> {
    const after = await this.#remote.setParameters(change, options);
    const isSet = Object.entries(change).every(
      ([field, value]) => after[field as keyof ReleaseParameters] === value,
    );
    if (isSet) return;
    throw new TimeoutError(`the camera took a new ${name} and did not keep it`, {
      hint: 'It may not allow it in this mode: see `hotshoe config mode`.',
    });
  }

  /** What its list says; where the camera gives none for exposure, what its mode leaves open. */
  async #allowed(
    row: NormalSettingRow,
    parameters: ReleaseParameters,
    options: WaitOptions,
  ): Promise<SettingValue[]> {
    const values =
      row.item === undefined ? (row.values ?? []) : (await this.#values(row.item, options)).values;
    const numbers = values.length > 0 ? values : openValues(row, parameters);
    return numbers.map((number) => ({ label: this.#label(row, number), number }));
  }

  async #values(item: number, options: WaitOptions): Promise<ValueList> {
    // Class 6 gives the list whose size was asked for.
    await this.#session.remote(Remote.GetListSize, { value: item }, options);
    return this.#session.remote(Remote.GetList, { value: item }, options);
  }

  #label({ code, field }: NormalSettingRow, number: number): string {
    if (field === 'shootingMode') return shootingModes[number] ?? hex(number);
    if (field === 'afDistance') return AF_DISTANCES[number] ?? hex(number);
    if (this.#session.modelClass === 6 && COMPENSATIONS.includes(field)) {
      return compensationLabel(compensationEighths(number, true) & 0xff);
    }
    if (field === 'aperture' && number !== 0xffff) return apertureLabel(number);
    if (field === 'shutter') return number === 0x04 ? 'bulb' : shutterLabel(number);
    return canonValueLabel(code, number) ?? hex(number);
  }

  async #format(parameters: ReleaseParameters, options: WaitOptions): Promise<Known> {
    const { values } = await this.#values(ListItem.ImageFormat, options);
    const formats = formatsOf(values);
    const asValue = (triple: FormatTriple) => ({
      label: formatLabel(triple),
      number: formatNumber(triple),
    });
    const allowed = formats.map(asValue);
    const setting: Setting = {
      name: 'image-format',
      code: Shot.SizeQualityMode,
      ...asValue(parameters),
      allowed,
      writable: allowed.length > 0,
    };
    return {
      setting,
      set: async (value, wait) => {
        const number = choose(setting, value).number ?? 0;
        const triple = formats.find((each) => formatNumber(each) === number);
        if (triple) await this.#change('image-format', triple, wait);
      },
    };
  }

  /** Only of the version whose fields are known. */
  async #extended(options: WaitOptions): Promise<Known[]> {
    const { value: size } = await this.#session.remote(Remote.GetExtendedSize, undefined, options);
    if (size !== EXTENDED_PARAMETERS_SIZE) return [];
    const bytes = await this.#session.remote(Remote.GetExtended, { value: size }, options);
    const block = ExtendedParameters.decode(bytes);
    const known: Known[] = [];
    for (const [name, code, field, item] of EXTENDED_ROWS) {
      const { values } = await this.#values(item, options);
      const asValue = (number: number) => ({
        label: canonValueLabel(code, number) ?? hex(number),
        number,
      });
      const allowed = values.map(asValue);
      const setting = {
        ...{ name, code, ...asValue(block[field]) },
        ...{ allowed, writable: allowed.length > 0 },
      };
      known.push({
        setting,
        set: async (value, wait) => {
          const number = choose(setting, value).number ?? 0;
          const changed = ExtendedParameters.encode({ ...block, [field]: number });
          await this.#session.remote(Remote.SetExtended, changed, wait);
        },
      });
    }
    return known;
  }

  async #zoom(options: WaitOptions): Promise<Known | undefined> {
    const zoom = await this.#session.remote(Remote.GetZoom, undefined, options);
    if (zoom.maximum === 0 || this.#session.isEos) return undefined;
    const allowed = Array.from({ length: zoom.maximum + 1 }, (_, number) => ({
      ...{ label: String(number), number },
    }));
    const { position } = zoom;
    const setting = {
      ...{ name: 'zoom', code: Shot.Zoom, label: String(position), number: position },
      ...{ allowed, writable: true },
    };
    return {
      setting,
      set: async (value, wait) => {
        const number = choose(setting, value).number ?? 0;
        await this.#session.remote(Remote.SetZoom, { value: number }, wait);
      },
    };
  }

  async #shotsLeft(options: WaitOptions): Promise<Known> {
    const { value } = await this.#session.remote(Remote.GetAvailableShots, undefined, options);
    const setting = { name: 'shots-left', code: Shot.AverageFilesizes, label: String(value) };
    return { setting: { ...setting, number: value, writable: false, allowed: [] } };
  }
}

const FREE = { writable: true, allowed: [] } as const;
const COMPENSATIONS: readonly string[] = ['exposureCompensation', 'flashCompensation'];
const AF_DISTANCES: Readonly<Record<number, string>> = {
  0: 'manual',
  1: 'off',
  3: 'on',
  4: 'very close',
  5: 'close',
  6: 'medium',
  7: 'far',
};
const EXTENDED_ROWS = [
  ['photo-effect', Shot.PhotoEffect, 'photoEffect', ListItem.PhotoEffect],
  ['af-assist-light', Shot.AssistLight, 'afAssistLight', ListItem.AfAssistLight],
] as const;
/** gphoto2's names of what is no field of the block. */
const ALIASES: Readonly<Record<string, string>> = {
  imageformat: 'image-format',
  quality: 'image-format',
  photoeffect: 'photo-effect',
  assistlight: 'af-assist-light',
  availableshots: 'shots-left',
};

function isName(name: string): boolean {
  const others = ['image-format', 'zoom', 'shots-left', ...EXTENDED_ROWS.map(([own]) => own)];
  return (
    /^0xd0[0-9a-f]{2}$/.test(name) ||
    name in ALIASES ||
    others.includes(name) ||
    settingRows.some((row) => row.name === name || row.aliases.includes(name))
  );
}

function hexOf({ code }: Setting): string {
  return `0x${code.toString(16)}`;
}

/** The camera's lists leave exposure out; its mode says whether it can be set all the same. */
function openValues({ field }: NormalSettingRow, parameters: ReleaseParameters): number[] {
  const { shootingMode, apertureOpen, apertureMax } = parameters;
  if (field === 'aperture' && (shootingMode === Mode.Av || shootingMode === Mode.M)) {
    return thirds(apertureOpen, apertureMax);
  }
  if (field === 'shutter' && (shootingMode === Mode.Tv || shootingMode === Mode.M)) {
    return thirds(SLOWEST_SHUTTER, FASTEST_SHUTTER);
  }
  return [];
}

function thirds(from: number, to: number): number[] {
  const codes: number[] = [];
  for (let code = from; code <= Math.min(to, 0xff); code++) {
    if (THIRDS.includes(code & 7)) codes.push(code);
  }
  return codes;
}

function choose(setting: Setting, value: string | number): SettingValue {
  const choice = chosen(setting.allowed, value);
  if (choice) return choice;
  throw notAllowed(setting, value, `Allowed now: ${listed(setting.allowed)}.`);
}

function notAllowed({ name }: Setting, value: string | number, hint: string): HotshoeError {
  const shown = typeof value === 'number' ? hex32(value) : `"${value}"`;
  return new HotshoeError('USAGE', `${name} cannot be ${shown}`, { hint });
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}

/** A number, or "2026-11-21T10:32:05" as the camera shows it. */
function secondsOf(value: string | number): number | undefined {
  if (typeof value === 'number') return value >>> 0;
  if (/^\d+$/.test(value)) return Number(value) >>> 0;
  const time = Date.parse(`${value.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}
