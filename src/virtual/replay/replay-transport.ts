/** A recording as a transport: what was recorded is answered, anything else ends the session. */

import { concat } from '../../base/byte-stream.ts';
import { Channel } from '../../base/channel.ts';
import { HotshoeError, type LinkError } from '../../base/errors.ts';
import { hex32 } from '../../bytes/index.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import {
  type DataSource,
  nameOf,
  type PtpEvent,
  type PtpRequest,
  type PtpResponse,
  type PtpTransport,
  type TransactOptions,
} from '../../ptp/index.ts';
import type { Recording } from './recording.ts';
import { Script } from './script.ts';

export class ReplayTransport implements PtpTransport {
  readonly kind = 'memory';
  readonly name: string;
  readonly peerName: string | undefined;
  readonly events = new Channel<PtpEvent>();
  readonly closed: Promise<LinkError | undefined>;
  #script: Script;
  #settle!: (error: LinkError | undefined) => void;

  constructor(recording: Recording) {
    this.name = recording.name;
    this.peerName = recording.nickname;
    this.#script = new Script(recording);
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Rejects with a HotshoeError `NOT_RECORDED` where the recording does not cover the request. */
  async transact(request: PtpRequest, { sink, signal }: TransactOptions): Promise<PtpResponse> {
    signal?.throwIfAborted();
    const { code, params, transactionId, data } = request;
    const reply = this.#script.answer(code, params, data && (await allOf(data)));
    if (!reply) throw notRecorded(this.#script.recording, code, params);
    if (reply.data) {
      sink.start?.(reply.data.length);
      await sink.write(reply.data);
    }
    for (const event of reply.events) {
      this.events.push({ ...event, params: [...event.params], transactionId });
    }
    return { code: reply.code, transactionId, params: [...reply.params] };
  }

  close(): Promise<void> {
    this.events.close();
    this.#settle(undefined);
    return Promise.resolve();
  }
}

/** What to say of a request that the recording does not cover. */
export function notRecorded(
  { name, left }: Recording,
  code: number,
  params: readonly number[],
): HotshoeError {
  const what = `${nameOf(canonNames.operations, code)}(${params.map(hex32).join(', ')})`;
  const [first] = left;
  const more = first ? ` Of what was recorded, this cannot be given again: ${first}.` : '';
  return new HotshoeError('NOT_RECORDED', `${name} has no answer to ${what}`, {
    hint: `A recording answers what was asked when it was made, and in that order.${more}`,
  });
}

async function allOf({ chunks }: DataSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return concat(parts);
}
