/** What a whole capture holds: how often, how much, how long, and what nobody knows. */
import { nameOf } from '../../ptp/index.ts';
import type { Seen, Transaction } from '../decode/seen.ts';
import type { Told } from './told.ts';

export interface OperationTotals {
  readonly operation: number | undefined;
  readonly name: string;
  count: number;
  /** Responses other than OK, and none. */
  faults: number;
  /** Of the data phases. */
  bytes: number;
  /** In all, of those that were answered. */
  ms: number;
}

export interface Slow {
  readonly seconds: number;
  readonly ms: number;
  readonly line: string;
}

const SLOWEST = 5;
/** Of different unknown things; a hostile capture could hold any number. */
const UNKNOWN_LIMIT = 1000;

export class Summary {
  readonly operations = new Map<number | undefined, OperationTotals>();
  readonly kinds = new Map<Seen['kind'], number>();
  readonly slowest: Slow[] = [];
  /** What nobody knows, and how often it was seen. */
  readonly unknown = new Map<string, number>();

  /** `seconds`: since the capture's first frame. */
  add(told: Told, seconds: number): void {
    const { seen } = told;
    this.kinds.set(seen.kind, (this.kinds.get(seen.kind) ?? 0) + 1);
    for (const what of told.unknown) {
      const count = this.unknown.get(what);
      if (count !== undefined || this.unknown.size < UNKNOWN_LIMIT) {
        this.unknown.set(what, (count ?? 0) + 1);
      }
    }
    if (seen.kind === 'transaction') this.#transaction(seen, told, seconds);
  }

  #transaction(seen: Transaction, told: Told, seconds: number): void {
    const { code, data, asked, answered, link } = seen;
    let totals = this.operations.get(code);
    if (!totals) {
      const name = code === undefined ? 'request not seen' : nameOf(link.names.operations, code);
      totals = { operation: code, name, count: 0, faults: 0, bytes: 0, ms: 0 };
      this.operations.set(code, totals);
    }
    totals.count++;
    totals.bytes += data?.size ?? 0;
    if (told.fault) totals.faults++;
    if (asked === undefined || answered === undefined) return;
    const ms = answered - asked;
    totals.ms += ms;
    this.slowest.push({ seconds, ms, line: told.line });
    this.slowest.sort((a, b) => b.ms - a.ms);
    this.slowest.length = Math.min(this.slowest.length, SLOWEST);
  }

  /** The most frequent first. */
  get byCount(): OperationTotals[] {
    return [...this.operations.values()].sort((a, b) => b.count - a.count);
  }
}
