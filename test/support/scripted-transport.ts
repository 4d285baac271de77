/** A PTP transport in memory whose answers a test writes down, for cameras that are not there. */
import { Channel } from '../../src/base/channel.ts';
import type { PtpEvent, PtpTransport } from '../../src/index.ts';

export interface ScriptedAnswer {
  /** Response code; OK unless told otherwise. */
  code?: number;
  params?: number[];
  /** Data phase from the camera. */
  data?: Uint8Array;
}

/** `received` is what the initiator sent as data, undefined where there was no such phase. */
export type Script = (
  operation: number,
  params: readonly number[],
  received: Uint8Array | undefined,
) => ScriptedAnswer;

export interface ScriptedTransport extends PtpTransport {
  /** "9115(1)", "100c(10001, 0) +120 bytes": each request in order. */
  readonly asked: string[];
}

export function scriptedTransport(script: Script): ScriptedTransport {
  const asked: string[] = [];
  const events = new Channel<PtpEvent>();
  let settle!: (error: undefined) => void;
  return {
    name: 'script',
    kind: 'memory',
    asked,
    events,
    closed: new Promise((resolve) => {
      settle = resolve;
    }),
    async transact({ code: operation, params, transactionId, data: outgoing }, { sink }) {
      const received = outgoing && (await collect(outgoing.chunks));
      const args = params.map((param) => param.toString(16)).join(', ');
      asked.push(
        `${operation.toString(16)}(${args})${received ? ` +${received.length} bytes` : ''}`,
      );
      const { code = 0x2001, params: answer = [], data } = script(operation, params, received);
      if (data) {
        sink.start?.(data.length);
        await sink.write(data);
      }
      return { code, transactionId, params: answer };
    },
    close() {
      events.close();
      settle(undefined);
      return Promise.resolve();
    },
  };
}

async function collect(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(Buffer.concat(parts));
}
