/**
 * The custom functions of an EOS body (CustomFuncEx, D1A0), which comes as one record for all groups
 * or as one for each: they are kept by group.
 */
import {
  type CustomFunction,
  type CustomFunctionGroup,
  customFunctionLabels,
  decodeEosValue,
  EosProperty,
  encodeEosValue,
} from '../../canon/ptp/index.ts';

const PROPERTY = EosProperty.CustomFuncEx;

export class CustomFunctions {
  #groups = new Map<number, CustomFunctionGroup>();

  /**
   * Takes what a record tells; gives the functions whose value is another than before, or undefined
   * where nobody can read it.
   */
  keep(value: Uint8Array): CustomFunction[] | undefined {
    const told = decodeEosValue(PROPERTY, value);
    if (told.kind !== 'customFunctions') return undefined;
    const changed: CustomFunction[] = [];
    for (const group of told.groups) {
      for (const each of group.functions) {
        const before = this.get(each.id);
        if (before && before.values.join() !== each.values.join()) changed.push(each);
      }
      this.#groups.set(group.group, group);
    }
    return changed;
  }

  clear(): void {
    this.#groups.clear();
  }

  all(): CustomFunction[] {
    return [...this.#groups.values()].flatMap(({ functions }) => functions);
  }

  get(id: number): CustomFunction | undefined {
    return this.all().find((each) => each.id === id);
  }

  /** All groups in one value. */
  encoded(): Uint8Array {
    return encodeEosValue(PROPERTY, {
      kind: 'customFunctions',
      groups: [...this.#groups.values()],
    });
  }

  /** What sets one function: its whole group, alone. Undefined for a function that is not there. */
  encodedWith(id: number, values: readonly number[]): Uint8Array | undefined {
    for (const { group, functions } of this.#groups.values()) {
      if (!functions.some((each) => each.id === id)) continue;
      const others = functions.map((each) => (each.id === id ? { id, values: [...values] } : each));
      const groups = [{ group, functions: others }];
      return encodeEosValue(PROPERTY, { kind: 'customFunctions', groups });
    }
    return undefined;
  }
}

/** "exposure-steps"; "custom-0x108" where nobody has a name for it. */
export function customFunctionName(id: number): string {
  const known = customFunctionLabels[id]?.name;
  return known ? known.toLowerCase().replaceAll(' ', '-') : `custom-0x${id.toString(16)}`;
}
