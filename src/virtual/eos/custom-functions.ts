/** CustomFuncEx (D1A0) of a body: told in one record or group by group, set group by group. */
import {
  type CustomFunctionGroup,
  decodeEosValue,
  EosProperty,
  encodeEosValue,
} from '../../canon/ptp/index.ts';

const PROPERTY = EosProperty.CustomFuncEx;

export class CustomFunctionStore {
  /** As the records of the dump divide them. */
  #records: CustomFunctionGroup[][];

  constructor(records: readonly Uint8Array[]) {
    this.#records = records.map((bytes) => groupsOf(bytes) ?? []);
  }

  /** The value of the record of this number in the dump. */
  value(record: number): Uint8Array {
    const groups = this.#records[record] ?? [];
    return encodeEosValue(PROPERTY, { kind: 'customFunctions', groups });
  }

  /**
   * Takes groups that have the functions that they have here; gives the numbers of their records.
   * Hosts are advised to send one group; libgphoto2 sends all of a record.
   */
  set(bytes: Uint8Array): ReadonlySet<number> | 'malformed' {
    const given = groupsOf(bytes) ?? [];
    const records = new Set<number>();
    for (const group of given) {
      // An R6 tells of one group twice.
      const places = this.#placesOf(group);
      if (places.length === 0) return 'malformed';
      for (const { record, at, groups } of places) {
        groups[at] = group;
        records.add(record);
      }
    }
    return given.length > 0 ? records : 'malformed';
  }

  #placesOf(group: CustomFunctionGroup) {
    return this.#records.flatMap((groups, record) => {
      const at = groups.findIndex((each) => shape(each) === shape(group));
      return at < 0 ? [] : [{ record, at, groups }];
    });
  }
}

function groupsOf(bytes: Uint8Array): CustomFunctionGroup[] | undefined {
  const value = decodeEosValue(PROPERTY, bytes);
  return value.kind === 'customFunctions' ? value.groups : undefined;
}

/** Its number, its functions, and how many values each has. */
function shape({ group, functions }: CustomFunctionGroup): string {
  return [group, ...functions.map(({ id, values }) => `${id}:${values.length}`)].join();
}
