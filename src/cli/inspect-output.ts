/** How `inspect` prints what it found. */
import { hexdump } from '../bytes/index.ts';
import { type Link, type Seen, type Summary, type Told, timeOf } from '../inspect/index.ts';
import type { Capture } from '../node/capture-file.ts';
import type { Extracted } from '../node/extractor.ts';
import type { DataSeen } from './inspect-data.ts';
import { formatBytes, type Output, table } from './output.ts';

export interface InspectStyle {
  /** Details below each line. */
  long?: boolean | undefined;
}

export class InspectOutput {
  #output: Output;
  #style: InspectStyle;
  #link: Link | undefined;
  #files: unknown[] = [];
  /** For --json, which is one document. */
  #items: unknown[] = [];

  constructor(output: Output, style: InspectStyle) {
    this.#output = output;
    this.#style = style;
  }

  file(name: string): void {
    this.#link = undefined;
    this.#output.line(`== ${name}`);
  }

  /** `seconds`: since the capture's first frame. */
  told(told: Told, seconds: number, data: DataSeen | undefined): void {
    if (this.#output.machine) {
      this.#item({
        kind: told.seen.kind,
        seconds: round(seconds, 6),
        time: new Date(timeOf(told.seen)).toISOString(),
        ...told.json,
        ...(told.seen.kind === 'transaction' && { sha256: data?.sha256 }),
      });
      return;
    }
    this.#tellLink(told.seen);
    const at = seconds.toFixed(3).padStart(9);
    this.#output.line(`${at}  ${duration(told.seen)}  ${told.line}`);
    if (this.#style.long)
      for (const detail of told.details) this.#output.line(`${INDENT}${detail}`);
    if (data?.head && data.head.length > 0) {
      for (const line of hexdump(data.head).split('\n')) this.#output.line(`${INDENT}${line}`);
    }
  }

  summary(summary: Summary): void {
    if (this.#output.machine) {
      this.#output.result({
        files: this.#files,
        operations: summary.byCount,
        slowest: summary.slowest,
        unknown: [...summary.unknown].map(([what, count]) => ({ what, count })),
        seen: Object.fromEntries(summary.kinds),
      });
      return;
    }
    const output = this.#output;
    const rows = summary.byCount.map(({ name, count, faults, bytes, ms }) => [
      ...[name, String(count), faults > 0 ? `${faults} not OK` : ''],
      ...[formatBytes(bytes), `${ms.toFixed(1)} ms`],
    ]);
    if (rows.length > 0) {
      const head = ['operation', 'count', '', 'data', 'time in all'];
      for (const line of table([head, ...rows], [1, 3, 4])) output.line(line.trimEnd());
    }
    if (summary.slowest.length > 0) output.line('\nslowest:');
    for (const { seconds, ms, line } of summary.slowest) {
      output.line(`${seconds.toFixed(3).padStart(9)}  ${ms.toFixed(1).padStart(8)} ms  ${line}`);
    }
    if (summary.unknown.size > 0) output.line('\nwhat hotshoe does not know:');
    for (const [what, count] of summary.unknown)
      output.line(`${String(count).padStart(6)}  ${what}`);
  }

  extracted(files: readonly Extracted[]): void {
    for (const { file, bytes, missing } of files) {
      const hurt = missing ? `, not whole: ${missing}` : '';
      this.#output.note(`${file}: ${formatBytes(bytes)}${hurt}`);
    }
  }

  /** What the capture held besides, and what is wrong with it. */
  remarks(file: string, { statistics, decoded }: Capture): void {
    const { frames, cut, bytes: size, interfaces, start, end } = statistics;
    this.#files.push({
      ...{ file, frames, bytes: size, interfaces, start: new Date(start).toISOString() },
      seconds: round((end - start) / 1000, 6),
      framesByProtocol: Object.fromEntries(statistics.framesByProtocol),
      packets: Object.fromEntries(decoded.packets),
      ...{ unrelated: decoded.unrelated, cut },
    });
    const { connections, datagrams, devices, bytes } = decoded.unrelated;
    const others = [
      count(connections, 'connection'),
      count(datagrams, 'datagram'),
      count(devices, 'USB device'),
    ].filter(Boolean);
    const passed =
      others.length > 0 ? `; passed over: ${others.join(', ')} (${formatBytes(bytes)})` : '';
    this.#output.note(`${file}: ${count(frames, 'frame') || 'no frames'}${passed}`);
    if (cut) this.#output.warn(new Error(`${file}: ${cut}`), 'What stands before that is shown.');
  }

  end(): void {
    if (this.#output.options.json) this.#output.result(this.#items);
  }

  #item(item: unknown): void {
    if (this.#output.options.jsonl) this.#output.item(item);
    else this.#items.push(item);
  }

  #tellLink(seen: Seen): void {
    if (!('link' in seen) || seen.link === this.#link) return;
    this.#link = seen.link;
    this.#output.line(`-- ${seen.link.name}`);
  }
}

/** As wide as time and duration. */
const INDENT = ' '.repeat(24);

function duration(seen: Seen): string {
  const ms =
    (seen.kind === 'transaction' || seen.kind === 'normal-exchange') &&
    seen.asked !== undefined &&
    seen.answered !== undefined
      ? `${(seen.answered - seen.asked).toFixed(1)} ms`
      : '';
  return ms.padStart(11);
}

function count(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
