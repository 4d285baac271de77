/** Captures in files. */
import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import {
  type CaptureStatistics,
  type DecodeOptions,
  type DecodeStatistics,
  decodeTraffic,
  Redactor,
  readTraffic,
  type Seen,
} from '../inspect/index.ts';
import type { Traffic } from '../inspect/traffic.ts';
import { fileError } from './file-error.ts';

export interface OpenCaptureOptions extends DecodeOptions {
  signal?: AbortSignal | undefined;
  /** Mask what names a person or a body. */
  redact?: boolean | undefined;
  /** What "-" is read from. */
  stdin?: NodeJS.ReadableStream | undefined;
}

export interface Capture extends AsyncDisposable {
  readonly seen: AsyncIterable<Seen>;
  /** Complete when `seen` has ended. */
  readonly statistics: CaptureStatistics;
  readonly decoded: DecodeStatistics;
}

const CHUNK = 1 << 20;

/** The bytes of a file or stdin; rejects with a HotshoeError `FILE` that names it. */
async function* bytesOf(
  file: string,
  stream: Readable,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw fileError(error, 'read', file);
  }
}

/** A capture's traffic; `-` is stdin. */
export function openTraffic(
  file: string,
  { signal, stdin }: OpenCaptureOptions = {},
): { traffic: AsyncIterable<Traffic>; statistics: CaptureStatistics } & AsyncDisposable {
  const stream =
    file === '-' && stdin ? (stdin as Readable) : createReadStream(file, { highWaterMark: CHUNK });
  if (signal) addAbortSignal(signal, stream);
  return {
    ...readTraffic(bytesOf(file, stream), file === '-' ? 'stdin' : file),
    [Symbol.asyncDispose]() {
      stream.destroy();
      return Promise.resolve();
    },
  };
}

/** The same traffic without what names a person or a body. */
async function* redacted(
  traffic: AsyncIterable<Traffic>,
): AsyncGenerator<Traffic, void, undefined> {
  const queue: Traffic[] = [];
  const redactor = new Redactor((item) => queue.push(item));
  for await (const item of traffic) {
    redactor.push(item);
    if (queue.length > 0) yield* queue.splice(0);
  }
  redactor.end();
  yield* queue.splice(0);
}

/** A capture and what it means. */
export function openCapture(file: string, options: OpenCaptureOptions = {}): Capture {
  const opened = openTraffic(file, options);
  const traffic = options.redact ? redacted(opened.traffic) : opened.traffic;
  const { seen, statistics: decoded } = decodeTraffic(traffic, options);
  return {
    seen,
    decoded,
    statistics: opened.statistics,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
