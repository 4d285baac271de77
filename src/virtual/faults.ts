/** Misbehaviour on demand. A fault is armed by name and used up where it strikes. */
import { HotshoeError } from '../base/errors.ts';
import type { FaultKind } from './fault-kind.ts';
import { usbFaultKinds } from './usb/usb-faults.ts';

export const faultKinds = {
  busy: { what: 'the next five operations are answered Device_Busy', times: 5 },
  'card-full': { what: 'no picture fits on the card' },
  'af-failed': { what: 'autofocus finds nothing' },
  'lens-error': { what: 'the lens does not answer its body' },
  'mirror-up': { what: 'the mirror has been raised by hand' },
  'wrong-transaction-id': { what: 'the next response carries the id of another', times: 1 },
  garbage: { what: 'the next response is no packet', times: 1 },
  'link-lost-mid-transfer': { what: 'the link breaks within the next file', times: 1 },
  'short-data': { what: 'the next file ends before its announced size', times: 1 },
  'long-data': { what: 'the next file is longer than announced', times: 1 },
  silent: { what: 'operations are not answered any more' },
  'idle-drop': { what: 'a link without a request for 10 s is dropped' },
  'event-backpressure': { what: 'a link whose events nobody reads is dropped' },
  'spoilt-first-answer': { what: 'the next answer begins 64 bytes late', times: 1 },
  'late-first-answer': { what: 'the first answer of the next link comes after 3 s', times: 1 },
  ...usbFaultKinds,
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faultKinds;

export class Faults {
  #armed = new Map<FaultName, number>();

  /** Throws for a name that no fault has; `off` clears all of them. */
  arm(name: string): void {
    if (name === 'off') {
      this.#armed.clear();
      return;
    }
    if (!isFault(name)) {
      throw new HotshoeError('USAGE', `there is no fault "${name}"`, {
        hint: `Faults: ${Object.keys(faultKinds).join(', ')}; "off" clears them.`,
      });
    }
    const kind: FaultKind = faultKinds[name];
    this.#armed.set(name, kind.times ?? Number.POSITIVE_INFINITY);
  }

  has(name: FaultName): boolean {
    return this.#armed.has(name);
  }

  /** True if the fault strikes now; it is used up by that. */
  take(name: FaultName): boolean {
    const left = this.#armed.get(name);
    if (left === undefined) return false;
    if (left > 1) this.#armed.set(name, left - 1);
    else this.#armed.delete(name);
    return true;
  }
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(faultKinds, name);
}
