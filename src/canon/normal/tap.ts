/** Where the traffic of a session can be seen; see the tap of PTP. */
import type { NormalEvent } from './events.ts';

export interface NormalCommandSeen {
  /** "SetOwner". */
  name: string;
  code: number;
  group: number;
  kind: number;
  id: number;
  /** Of the remote control: "AfLock". */
  subcommand: string | undefined;
  payload: Uint8Array;
}

export interface NormalTransferSeen {
  type: 'control' | 'bulk';
  direction: 'in' | 'out';
  /** Of control transfers. */
  request?: number;
  value?: number;
  /** What passed; valid during the call. */
  bytes: Uint8Array;
  ms: number;
}

/** A tap that throws is not called again, and disturbs nothing else. */
export interface NormalTap {
  /** It is about to be sent. */
  command?(command: NormalCommandSeen): void;
  transfer?(transfer: NormalTransferSeen): void;
  /** `status` is undefined where answers have none; `bytes` counts what came with it. */
  reply?(command: NormalCommandSeen, status: number | undefined, bytes: number, ms: number): void;
  failure?(command: NormalCommandSeen, error: unknown, ms: number): void;
  event?(event: NormalEvent): void;
  /** It threw this: the last call that it gets. */
  failed?(error: unknown): void;
}
