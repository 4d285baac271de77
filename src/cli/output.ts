/** Results to stdout, everything else to stderr; JSON where asked for. */
import pc from 'picocolors';
import { HotshoeError, messageOf } from '../base/errors.ts';
import { Interrupted } from './exit-codes.ts';

export interface OutputOptions {
  /** One JSON document at the end. */
  json?: boolean | undefined;
  /** One JSON document per line, as things happen. */
  jsonl?: boolean | undefined;
  quiet?: boolean | undefined;
  /** The log of transactions goes to stderr, where nothing may move then. */
  verbose?: number | undefined;
}

export interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

const PENDING_LIMIT = 1 << 16;

export class Output {
  readonly streams: Streams;
  readonly options: OutputOptions;
  /** Colours of stderr; none where it is not a terminal or NO_COLOR is set. */
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Goes to stdout at the end of this turn: a system call for each line halves the speed of `ls`. */
  #pending = '';

  constructor(streams: Streams, options: OutputOptions, env: NodeJS.ProcessEnv) {
    this.streams = streams;
    this.options = options;
    const forced = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : Boolean(streams.stderr.isTTY);
    const wanted = !env.NO_COLOR && forced;
    this.colors = pc.createColors(wanted);
  }

  get machine(): boolean {
    return Boolean(this.options.json || this.options.jsonl);
  }

  /** True where a person watches: progress may move. */
  get live(): boolean {
    const { quiet, verbose = 0 } = this.options;
    return Boolean(this.streams.stderr.isTTY) && !quiet && verbose === 0 && !this.machine;
  }

  /** A line of the result, for people. */
  line(text = ''): void {
    if (!this.machine) this.#print(`${printable(text)}\n`);
  }

  /** The whole result, for programs; `--jsonl` prints lists an element a line. */
  result(value: unknown): void {
    if (this.options.jsonl) {
      for (const item of Array.isArray(value) ? value : [value]) this.#json(item);
    } else if (this.options.json) this.#json(value, 2);
  }

  /** One more element of a result that comes bit by bit; only with `--jsonl`. */
  item(value: unknown): void {
    if (this.options.jsonl) this.#json(value);
  }

  /** Bytes to stdout; waits where the reader is slow, until the signal aborts. */
  async bytes(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    this.flush();
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.streams.stdout.write(chunk, (error) => {
        signal.removeEventListener('abort', onAbort);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** A remark on the way; silent with `--quiet`. */
  note(text: string): void {
    if (this.options.quiet) return;
    this.flush();
    this.streams.stderr.write(`${printable(text)}\n`);
  }

  /** Something failed that the result does not depend on: never part of it, and never silent. */
  warn(error: unknown, consequence: string): void {
    this.#complain(messageOf(error), consequence);
  }

  error(error: unknown): void {
    const told = errorOf(error);
    if (this.machine) {
      this.#json({ error: told }, this.options.json ? 2 : 0);
      return;
    }
    this.#complain(told.message, told.hint);
    const unforeseen = error instanceof Error && told.code === 'INTERNAL';
    if (unforeseen && this.options.verbose) this.streams.stderr.write(`${error.stack}\n`);
  }

  #complain(message: string, hint: string | undefined): void {
    this.flush();
    this.streams.stderr.write(`${this.colors.red('hotshoe:')} ${printable(message)}\n`);
    if (hint) this.streams.stderr.write(`${printable(hint)}\n`);
  }

  #json(value: unknown, indent = 0): void {
    // What a camera does not know is null: the keys are always there.
    const known = (_: string, item: unknown) => (item === undefined ? null : item);
    this.#print(`${JSON.stringify(value, known, indent)}\n`);
  }

  #print(text: string): void {
    if (this.#pending === '') process.nextTick(() => this.flush());
    this.#pending += text;
    if (this.#pending.length > PENDING_LIMIT) this.flush();
  }

  /** Hands to stdout what was printed. */
  flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.streams.stdout.write(text);
  }
}

/** An error as programs get it. */
export interface ToldError {
  code: string;
  message: string;
  hint?: string;
}

export function errorOf(error: unknown): ToldError {
  const message = messageOf(error);
  if (error instanceof Interrupted) return { code: 'INTERRUPTED', message };
  if (!(error instanceof HotshoeError)) {
    const hint = 'hotshoe did not foresee this: please report it, with what -v shows.';
    return { code: 'INTERNAL', message, hint };
  }
  return { code: error.code, message, ...(error.hint && { hint: error.hint }) };
}

/** Names come from cameras, and must give no orders to the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\ufffd');
}

/** 1536000 -> "1.5 MB": decimal, as cards are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Rows of cells, padded to columns; numbers of the last rows stay readable without a terminal. */
export function table(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        if (right.includes(i)) return cell.padStart(width);
        return i === row.length - 1 ? cell : cell.padEnd(width);
      })
      .join('  '),
  );
}
