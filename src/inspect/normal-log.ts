/**
 * The live log of cameras from before PTP, in the manner of canon-remote: a line for each command
 * with its three numbers and its serial number, one for each transfer below it, one for the answer.
 */
import { messageOf } from '../base/errors.ts';
import { hexdump } from '../bytes/index.ts';
import {
  eventText,
  type NormalCommandSeen,
  type NormalTap,
  type NormalTransferSeen,
  statusText,
} from '../canon/normal/index.ts';

export interface NormalLogOptions {
  write(line: string): void;
  /** `write` threw this: nothing is written any more. */
  failed?: ((error: unknown) => void) | undefined;
  /** Also the transfers, with hexdumps of what passed. */
  dumps?: boolean;
  /** Dump at most so many bytes of each transfer. Default 4096. */
  dumpLimit?: number;
}

const hex = (value: number) => `0x${value.toString(16)}`;

/** "SetOwnerCmd (0x5, 0x12, 0x201), #5". */
function commandText(seen: NormalCommandSeen): string {
  const { code, group, kind, id } = seen;
  return `${nameOf(seen)} (${hex(code)}, ${hex(group)}, ${hex(kind)}), #${id}`;
}

/** "SetOwnerCmd", "RemoteControlCmd AfLock". */
function nameOf({ name, subcommand }: Pick<NormalCommandSeen, 'name' | 'subcommand'>): string {
  return subcommand === undefined ? `${name}Cmd` : `${name}Cmd ${subcommand}`;
}

export class NormalLog implements NormalTap {
  #options: NormalLogOptions;

  constructor(options: NormalLogOptions) {
    this.#options = options;
  }

  command: NonNullable<NormalTap['command']> = (seen) => {
    this.#options.write(`--> ${commandText(seen)}`);
  };

  transfer: NonNullable<NormalTap['transfer']> = (seen) => {
    const { write, dumps = false, dumpLimit: limit = 4096 } = this.#options;
    write(transferText(seen));
    if (!dumps || seen.bytes.length === 0) return;
    for (const line of hexdump(seen.bytes, { limit }).split('\n')) write(`  ${line}`);
  };

  reply: NonNullable<NormalTap['reply']> = (seen, status, bytes, ms) => {
    const data = bytes > 0 ? `, ${bytes} bytes` : '';
    // Data come without a status.
    const text = status ? ` (${statusText(status) ?? 'unknown'})` : '';
    const result = status === undefined ? 'data' : `status: ${hex(status)}${text}`;
    this.#options.write(`<-- ${nameOf(seen)} #${seen.id} ${result}${data} in ${seconds(ms)}`);
  };

  failure: NonNullable<NormalTap['failure']> = (seen, error, ms) => {
    this.#options.write(
      `<-- ${nameOf(seen)} #${seen.id} failed after ${seconds(ms)}: ${messageOf(error)}`,
    );
  };

  event: NonNullable<NormalTap['event']> = (event) => {
    this.#options.write(`<-- event: ${eventText(event)}`);
  };

  failed: NonNullable<NormalTap['failed']> = (error) => {
    this.#options.failed?.(error);
  };
}

function transferText({
  type,
  direction,
  request = 0,
  value = 0,
  bytes,
  ms,
}: NormalTransferSeen): string {
  const size = bytes.length;
  const setup = `(rt: ${direction === 'in' ? '0xc0' : '0x40'}, req: ${hex(request)}, wValue: ${hex(value)})`;
  if (type === 'control') {
    const way = direction === 'in' ? 'control_read' : 'control_write';
    return `${way} ${setup} ${hex(size)} bytes in ${seconds(ms)}`;
  }
  const way = direction === 'in' ? 'bulk_read got' : 'bulk_write sent';
  return `${way} ${size} (${hex(size)}) b in ${seconds(ms)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(6)} sec`;
}
