/** What a client has begun with a camera, and would have ended, had it not been killed. */
import { sameBytes } from '../camera/drivers/eos-events.ts';
import {
  CanonResponse,
  EosOperation,
  EosProperty,
  PowerShotOperation,
} from '../canon/ptp/index.ts';
import { Response, type TransactionOptions } from '../ptp/index.ts';
import type { HeldLink } from './held-link.ts';
import type { Client } from './sharing.ts';

type Transact = (
  code: number,
  params: readonly number[],
  options: TransactionOptions,
) => Promise<unknown>;

interface Undo {
  code: number;
  params: readonly number[];
  /** Several clients may have begun it: the last one ends it. */
  isMode?: boolean;
}

/** An operation, and the one that takes it back. */
const UNDONE_BY: ReadonlyMap<number, Undo> = new Map<number, Undo>([
  // Both halves of the button.
  [EosOperation.RemoteReleaseOn, { code: EosOperation.RemoteReleaseOff, params: [3] }],
  [
    PowerShotOperation.InitiateReleaseControl,
    { code: PowerShotOperation.TerminateReleaseControl, params: [], isMode: true },
  ],
  [
    PowerShotOperation.ViewfinderOn,
    { code: PowerShotOperation.ViewfinderOff, params: [], isMode: true },
  ],
  [
    PowerShotOperation.FocusLock,
    { code: PowerShotOperation.FocusUnlock, params: [], isMode: true },
  ],
  [EosOperation.BulbStart, { code: EosOperation.BulbEnd, params: [] }],
  [EosOperation.SetUILock, { code: EosOperation.ResetUILock, params: [], isMode: true }],
  [
    EosOperation.InitiateViewfinder,
    { code: EosOperation.TerminateViewfinder, params: [], isMode: true },
  ],
]);
const BEGUN_BY: ReadonlyMap<number, number> = new Map(
  [...UNDONE_BY].map(([begin, { code }]) => [code, begin]),
);

/** Properties that a command sets for the time that it runs. */
const PUT_BACK: readonly number[] = [EosProperty.CaptureDestination];

const UNDO_MS = 5000;

export class Unfinished {
  #link: HeldLink;
  #client: Client;
  #begun = new Set<number>();
  /** What the transaction under way begins, if it succeeds. */
  #begins: number | undefined;
  /** As they were before this client changed them: the data of SetDevicePropValueEx. */
  #before = new Map<number, Uint8Array>();

  constructor(link: HeldLink, client: Client) {
    this.#link = link;
    this.#client = client;
  }

  /**
   * Before an operation goes to the camera; what it begins counts from now on, so that nobody ends
   * it in between. False where it ends a mode that others are in: for them the mode goes on.
   */
  asks(code: number): boolean {
    this.#begins = undefined;
    if (UNDONE_BY.has(code)) {
      if (!this.#begun.has(code)) this.#begins = code;
      this.#begun.add(code);
      if (isMode(code)) this.#link.modes.add(code, this.#client);
      return true;
    }
    const begin = BEGUN_BY.get(code);
    if (begin === undefined || !isMode(begin)) return true;
    if (!this.#link.modes.hasOthers(begin, this.#client)) return true;
    this.#forget(begin);
    return false;
  }

  /** What the camera has answered; undefined where it did not. */
  answered(code: number, response: number | undefined): void {
    const done = response === Response.OK || response === CanonResponse.Already_In_That_State;
    const begin = done ? BEGUN_BY.get(code) : this.#begins;
    if (begin !== undefined) this.#forget(begin);
    this.#begins = undefined;
  }

  /** Data of SetDevicePropValueEx, before it is sent: u32 size, u32 property, the value. */
  sets(data: Uint8Array): void {
    if (data.length < 12) return;
    const property = new DataView(data.buffer, data.byteOffset).getUint32(4, true);
    if (!PUT_BACK.includes(property)) return;
    const noted = this.#before.get(property);
    if (noted) {
      // It puts it back itself: by now it may be another's to set.
      if (sameBytes(noted, data)) this.#before.delete(property);
      return;
    }
    const value = this.#link.events?.valueOf(property);
    if (!value) return;
    const before = new Uint8Array(8 + value.length);
    new DataView(before.buffer).setUint32(0, before.length, true);
    new DataView(before.buffer).setUint32(4, property, true);
    before.set(value, 8);
    this.#before.set(property, before);
  }

  /** The client has ended everything itself. */
  isOver(): void {
    for (const begin of this.#begun) this.#forget(begin);
  }

  /** Never rejects: the camera is as it is. */
  async undo(transact: Transact): Promise<void> {
    const options = { timeoutMs: UNDO_MS };
    try {
      for (const begin of [...this.#begun].reverse()) {
        const undo = UNDONE_BY.get(begin);
        if (undo && this.asks(undo.code)) {
          await transact(undo.code, undo.params, options);
        }
      }
      for (const data of this.#before.values()) {
        await transact(EosOperation.SetDevicePropValueEx, [], { ...options, data });
      }
    } catch {
      // The link is gone, and the camera's state with it.
    } finally {
      this.isOver();
    }
  }

  #forget(begin: number): void {
    this.#begun.delete(begin);
    this.#link.modes.delete(begin, this.#client);
  }
}

function isMode(begin: number): boolean {
  return UNDONE_BY.get(begin)?.isMode ?? false;
}
