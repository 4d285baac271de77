/** What a camera on a USB bus does with what comes by its pipes: PTP, or the protocol before it. */
import type { Setup } from './control.ts';
import type { InPipe } from './in-pipe.ts';
import type { OutPipe, OutResult } from './out-pipe.ts';

export interface UsbFunction {
  readonly bulkIn: InPipe;
  readonly bulkOut: OutPipe;
  readonly interruptIn: InPipe;
  /** A computer has the body through this link. */
  readonly connected: boolean;
  /** One transfer of the computer's on bulk OUT; see `OutPipe.write`. */
  write(data: Uint8Array, zeroPacket?: boolean, signal?: AbortSignal): Promise<OutResult>;
  /** A request of its class or vendor on endpoint 0; undefined: the pipe stalls. */
  request(setup: Setup, data: Uint8Array): Uint8Array | undefined;
  /** The computer begins anew. */
  reset(reason?: string): void;
  /** The computer is gone; what it waits for ends. */
  disconnect(): void;
  /** What the computer waits for ends. */
  endTransfers(status: 'gone' | 'cancelled'): void;
}
