/** How a body from before PTP answers commands: each by what is declared to go in and come out. */
import type { NormalCommand } from '../../canon/normal/index.ts';

export interface DataReply {
  size: number;
  /** Faults of files strike here. */
  isFile?: boolean;
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

type AnyCommand = NormalCommand<never, unknown>;
type Handle<Result> = (args: never) => Promise<Result> | Result;

export interface Handlers {
  readonly fixed: ReadonlyMap<AnyCommand, Handle<unknown>>;
  readonly data: ReadonlyMap<AnyCommand, Handle<DataReply>>;
}

export function whole(bytes: Uint8Array): DataReply {
  return { size: bytes.length, chunks: [bytes] };
}

/** What the handler gives is what the command's reply is declared to carry. */
export function fixed<Args, Result>(
  command: NormalCommand<Args, Result>,
  handle: (args: Args) => Promise<Result> | Result,
): readonly [AnyCommand, Handle<unknown>] {
  return [command as unknown as AnyCommand, handle as Handle<unknown>];
}

export function data<Args>(
  command: NormalCommand<Args, unknown>,
  handle: (args: Args) => Promise<DataReply> | DataReply,
): readonly [AnyCommand, Handle<DataReply>] {
  return [command as unknown as AnyCommand, handle as Handle<DataReply>];
}
