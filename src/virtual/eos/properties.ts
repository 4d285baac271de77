/** The properties of an EOS body: values, choices, and the first event dump made of them. */
import { parseHex } from '../../bytes/index.ts';
import {
  decodeCell,
  type EosEvent,
  EosProperty,
  encodeCell,
  encodeCells,
  encodeImageFormat,
  encodeText,
  ListForm,
  propertyType,
} from '../../canon/ptp/index.ts';
import type { DumpList, DumpValue, EosModel } from '../models/model.ts';
import { CustomFunctionStore } from './custom-functions.ts';

interface ChoiceList {
  form: number;
  choices: Uint8Array[];
}

/** What setting a property to a value would come to. */
export type SettingVerdict = 'ok' | 'unknown' | 'locked' | 'malformed' | 'notListed';

/** These occur several times with different contents, and have no single value. */
const FUNCTIONS = EosProperty.CustomFuncEx;
const REPEATED: readonly number[] = [FUNCTIONS, 0];

/** Writable although no list record of the body speaks of them: time and nickname. */
const WRITABLE: readonly number[] = [EosProperty.CameraTime, EosProperty.CameraNickname];

/** EVFOutputDevice: libgphoto2 ends live view with it also where a DSLR's list leaves it out. */
const OUTPUT_OFF = encodeCell(0);

const TEXTS: readonly number[] = [EosProperty.Owner, EosProperty.Artist, EosProperty.Copyright];
const TEXT_LIMIT = 64;

export class EosProperties {
  #model: EosModel;
  #values = new Map<number, Uint8Array>();
  #initial: ReadonlyMap<number, Uint8Array>;
  #lists = new Map<number, ChoiceList>();
  readonly customFunctions: CustomFunctionStore;

  constructor(model: EosModel) {
    this.#model = model;
    this.customFunctions = new CustomFunctionStore(
      model.values.filter(([property]) => property === FUNCTIONS).map(valueBytes),
    );
    const later = model.shooting?.lists ?? [];
    for (const entry of [...model.values, ...(model.onRequest ?? []), ...model.start]) {
      this.#values.set(entry[0], valueBytes(entry));
    }
    for (const [property, form, choices = []] of [...model.lists, ...later]) {
      this.#lists.set(property, { form, choices: choices.map(choiceBytes) });
    }
    const formats = model.pictureSizes.map(({ format }) => encodeImageFormat(format));
    for (const property of IMAGE_FORMATS) {
      const [first] = formats;
      if (first && this.#values.has(property)) this.#values.set(property, first);
      if (this.#lists.get(property)?.form === ListForm.Enumeration) {
        this.#lists.set(property, { form: ListForm.Enumeration, choices: formats });
      }
    }
    // Reported only when asked for by RequestDevicePropValue.
    this.#values.set(EosProperty.SerialNumber, encodeText(model.bodySerial));
    for (const property of TEXTS) {
      if (this.#values.has(property)) continue;
      if (this.#lists.has(property)) this.#values.set(property, new Uint8Array(TEXT_LIMIT));
    }
    this.#initial = new Map(this.#values);
  }

  has(property: number): boolean {
    return this.#values.has(property) && !REPEATED.includes(property);
  }

  bytes(property: number): Uint8Array {
    return this.#values.get(property) ?? new Uint8Array(0);
  }

  /** As it was when the camera was switched on. */
  reset(property: number): EosEvent {
    return this.set(property, this.#initial.get(property) ?? 0);
  }

  /** 0 for what is no number. */
  number(property: number): number {
    return decodeCell(this.bytes(property)) ?? 0;
  }

  /** Sets a value and gives the record that says so. */
  set(property: number, value: number | Uint8Array): EosEvent {
    this.#values.set(property, typeof value === 'number' ? encodeCell(value) : value.slice());
    return this.record(property);
  }

  record(property: number): EosEvent {
    return { kind: 'propValue', property, value: this.bytes(property) };
  }

  /** Sets the choices and gives the record that says so. None means: not to be changed now. */
  setChoices(property: number, choices: readonly number[]): EosEvent {
    this.#lists.set(property, {
      form: ListForm.Enumeration,
      choices: choices.map((choice) => encodeCell(choice)),
    });
    return this.listRecord(property);
  }

  /** The body offers choices for it in every mode. */
  alwaysListed(property: number): boolean {
    const list = this.#model.lists.find(([code]) => code === property);
    return (list?.[2]?.length ?? 0) > 0;
  }

  listRecord(property: number): EosEvent {
    const { form, choices } = this.#lists.get(property) ?? { form: ListForm.Value, choices: [] };
    return listEvent(property, form, choices);
  }

  judge(property: number, value: Uint8Array): SettingVerdict {
    const list = this.#lists.get(property);
    if (!this.has(property)) return 'unknown';
    if (WRITABLE.includes(property))
      return fits(property, this.bytes(property), value) ? 'ok' : 'malformed';
    if (!list || list.form === ListForm.Value) return 'locked';
    if (list.form !== ListForm.Enumeration) {
      return fits(property, this.bytes(property), value) ? 'ok' : 'malformed';
    }
    if (list.choices.length === 0) return 'locked';
    if (property === EosProperty.EVFOutputDevice && equal(value, OUTPUT_OFF)) return 'ok';
    return list.choices.some((choice) => equal(choice, value)) ? 'ok' : 'notListed';
  }

  /** Codes of all properties, in the order of the dump. */
  codes(): number[] {
    const codes = new Set<number>();
    for (const [property] of this.#model.values) codes.add(property);
    for (const [property] of this.#model.lists) codes.add(property);
    codes.delete(0);
    return [...codes];
  }

  /** One of the records that tell of custom functions. */
  functionsRecord(record: number): EosEvent {
    const value = this.customFunctions.value(record);
    return { kind: 'propValue', property: FUNCTIONS, value };
  }

  /** In the body's own order, as `dumpLists`. */
  dumpValues(): EosEvent[] {
    let record = 0;
    return this.#model.values.map((entry): EosEvent => {
      const [property] = entry;
      if (property === FUNCTIONS) return this.functionsRecord(record++);
      return REPEATED.includes(property)
        ? { kind: 'propValue', property, value: valueBytes(entry) }
        : this.record(property);
    });
  }

  dumpLists(): EosEvent[] {
    return this.#model.lists.map((entry): EosEvent => {
      const [property, form, choices = []] = entry;
      return REPEATED.includes(property)
        ? listEvent(property, form, choices.map(choiceBytes))
        : this.listRecord(property);
    });
  }
}

export const IMAGE_FORMATS: readonly number[] = [
  EosProperty.ImageFormat,
  EosProperty.ImageFormatCF,
  EosProperty.ImageFormatSD,
  // The same value in a property without a name.
  0xd210,
];

function valueBytes([property, value, size = 0]: DumpValue): Uint8Array {
  const bytes =
    typeof value === 'number'
      ? encodeCell(value)
      : typeof value === 'string'
        ? parseHex(value)
        : encodeText(value.text);
  if (!bytes) throw new Error(`value of property 0x${property.toString(16)} is not hexadecimal`);
  if (bytes.length >= size) return bytes;
  const padded = new Uint8Array(size);
  padded.set(bytes);
  return padded;
}

function choiceBytes(choice: NonNullable<DumpList[2]>[number]): Uint8Array {
  return typeof choice === 'number' ? encodeCell(choice) : encodeCells(choice);
}

function listEvent(property: number, form: number, choices: readonly Uint8Array[]): EosEvent {
  const entries = new Uint8Array(choices.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const choice of choices) {
    entries.set(choice, at);
    at += choice.length;
  }
  return { kind: 'availList', property, form, count: choices.length, entries };
}

/** Cells stay cells, structures keep their size, texts may have any, up to a limit. */
function fits(property: number, old: Uint8Array, value: Uint8Array): boolean {
  const text = propertyType(property) === 'text';
  if (!text && old.length === 4) return value.length === 4;
  const structure = !text && decodeCell(old.subarray(0, 4)) === old.length;
  if (structure) return value.length === old.length;
  return value.length > 0 && value.length <= TEXT_LIMIT && value.at(-1) === 0;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
