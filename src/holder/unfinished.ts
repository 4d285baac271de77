/** What a client has begun with a camera and would have ended, had it not been killed. */
import { EosOperation, EosProperty, PowerShotOperation } from '../canon/ptp/index.ts';
import type { HeldLink } from './held-link.ts';

/** An operation, and the one that takes it back. */
const UNDONE_BY: ReadonlyMap<number, { code: number; params: readonly number[] }> = new Map([
  // Both halves of the button.
  [EosOperation.RemoteReleaseOn, { code: EosOperation.RemoteReleaseOff, params: [3] }],
  [
    PowerShotOperation.InitiateReleaseControl,
    { code: PowerShotOperation.TerminateReleaseControl, params: [] },
  ],
  [EosOperation.BulbStart, { code: EosOperation.BulbEnd, params: [] }],
  [EosOperation.SetUILock, { code: EosOperation.ResetUILock, params: [] }],
  [EosOperation.InitiateViewfinder, { code: EosOperation.TerminateViewfinder, params: [] }],
]);

/** Properties that a command sets for the time that it runs. */
const PUT_BACK: readonly number[] = [EosProperty.EVFOutputDevice, EosProperty.CaptureDestination];

const VALUE_OFFSET = 12;
const UNDO_MS = 5000;

export class Unfinished {
  #link: HeldLink;
  #begun = new Set<number>();
  /** As they were before this client changed them: the data of SetDevicePropValueEx. */
  #before = new Map<number, Uint8Array>();

  constructor(link: HeldLink) {
    this.#link = link;
  }

  /** An operation that the camera has answered OK. */
  done(code: number): void {
    if (UNDONE_BY.has(code)) this.#begun.add(code);
    for (const [begun, undo] of UNDONE_BY) if (undo.code === code) this.#begun.delete(begun);
  }

  /** Data of SetDevicePropValueEx, before it is sent: u32 size, u32 property, the value. */
  sets(data: Uint8Array): void {
    if (data.length < 12) return;
    const property = new DataView(data.buffer, data.byteOffset).getUint32(4, true);
    if (!PUT_BACK.includes(property) || this.#before.has(property)) return;
    // A record: u32 size, u32 code, u32 property, the value.
    const record = this.#link.events?.valueOf(property);
    if (!record) return;
    const value = record.subarray(VALUE_OFFSET);
    const before = new Uint8Array(8 + value.length);
    new DataView(before.buffer).setUint32(0, before.length, true);
    new DataView(before.buffer).setUint32(4, property, true);
    before.set(value, 8);
    this.#before.set(property, before);
  }

  /** Nothing here is worth an error: the camera is as it is. */
  async undo(): Promise<void> {
    const { session } = this.#link;
    const options = { timeoutMs: UNDO_MS };
    try {
      for (const code of [...this.#begun].reverse()) {
        const undo = UNDONE_BY.get(code);
        if (undo) await session.transaction(undo.code, undo.params, options);
      }
      for (const data of this.#before.values()) {
        await session.transaction(EosOperation.SetDevicePropValueEx, [], { ...options, data });
      }
    } catch {
      // The link is gone, and the camera's state with it.
    }
  }
}
