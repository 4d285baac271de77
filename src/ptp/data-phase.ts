/** What a session does with a data phase on its way: collect it, or let the tap see it. */
import { concat } from '../base/byte-stream.ts';
import { ProtocolError } from '../bytes/index.ts';
import type { DataSink, DataSource } from './transport/transport.ts';

/** Datasets are collected in memory up to this size; larger data needs a sink. */
const COLLECT_LIMIT = 64 << 20;

export function tapSink(sink: DataSink, see: (chunk: Uint8Array) => void): DataSink {
  return {
    start: (size) => sink.start?.(size),
    write(chunk, keep) {
      see(chunk);
      return sink.write(chunk, keep);
    },
  };
}

export function tapSource(source: DataSource, see: (chunk: Uint8Array) => void): DataSource {
  async function* chunks() {
    for await (const chunk of source.chunks) {
      see(chunk);
      yield chunk;
    }
  }
  return { size: source.size, chunks: chunks() };
}

/** Collects a data phase in memory, within limits. */
export class Collector implements DataSink {
  #parts: Uint8Array[] = [];
  #size = 0;

  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size > COLLECT_LIMIT) {
      throw new ProtocolError(
        'INVALID_DATA',
        `more than ${COLLECT_LIMIT} bytes where a dataset was expected`,
        chunk.subarray(0, 64),
        0,
      );
    }
    this.#parts.push(chunk.slice());
  }

  bytes(): Uint8Array {
    return this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : concat(this.#parts);
  }
}
