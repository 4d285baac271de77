/** One transaction over PTP/IP, the responder's side. */
import { concat } from '../../base/byte-stream.ts';
import { LinkError } from '../../base/errors.ts';
import type { DataSource } from '../../ptp/index.ts';
import { dataHead, encodePacket, PacketType } from '../../ptp/transport/ip-packets.ts';
import type { Faults } from '../faults.ts';
import { announcedSize, fileFault } from '../responder/file-reads.ts';
import { IncomingData } from '../responder/incoming-data.ts';
import type { Transaction } from '../responder/transaction.ts';

export interface IpTransactionParts {
  /** Sends on the command connection. */
  write(...parts: Uint8Array[]): Promise<void>;
  /** Data phases up to this size are one packet, longer ones are cut. */
  pieceSize: number;
  faults: Faults;
  /** Ends both connections without a word. */
  breakLink(): void;
}

export interface OperationRequest {
  code: number;
  transactionId: number;
  params: readonly number[];
}

export class IpTransaction implements Transaction {
  readonly code: number;
  readonly transactionId: number;
  readonly params: readonly number[];
  readonly signal: AbortSignal;
  /** Undefined where the operation has no data from the initiator. */
  readonly incoming: IncomingData | undefined;
  /** A Data phase to the initiator is open or was sent. */
  sent = false;
  cancelled = false;
  /** Settles when the response is out; never rejects. */
  done: Promise<void> = Promise.resolve();
  #parts: IpTransactionParts;
  #abort = new AbortController();

  constructor(request: OperationRequest, takesData: boolean, parts: IpTransactionParts) {
    this.code = request.code;
    this.transactionId = request.transactionId;
    this.params = request.params;
    this.signal = this.#abort.signal;
    this.incoming = takesData ? new IncomingData() : undefined;
    this.#parts = parts;
  }

  get data(): AsyncIterable<Uint8Array> {
    if (!this.incoming) throw new Error('this operation has no data from the initiator');
    return this.incoming;
  }

  /** The initiator has cancelled, or the link is gone. */
  abort(cancelled: boolean): void {
    this.cancelled = cancelled;
    const reason = new Error(cancelled ? 'cancelled by the initiator' : 'the link is gone');
    this.#abort.abort(reason);
    this.incoming?.fail(reason);
  }

  async send(data: Uint8Array | DataSource): Promise<void> {
    this.signal.throwIfAborted();
    const source = data instanceof Uint8Array ? { size: data.length, chunks: [data] } : data;
    const { transactionId, size, chunks, breaks } = this.#withFaults(source);
    this.sent = true;
    const start = encodePacket(PacketType.StartData, { transactionId, total: BigInt(size) });
    const whole = source.size <= this.#parts.pieceSize && !breaks;
    if (whole) await this.#sendWhole(start, source.size, chunks);
    else await this.#sendPieces(start, source.size, chunks);
  }

  /** Start Data and the head of End Data together, then the payload: as an EOS R writes. */
  async #sendWhole(start: Uint8Array, size: number, chunks: DataSource['chunks']): Promise<void> {
    const { write } = this.#parts;
    const send = async (payload: Uint8Array) => {
      this.signal.throwIfAborted();
      await write(start, dataHead(PacketType.EndData, this.transactionId, payload.length));
      if (payload.length > 0) await write(payload);
    };
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) {
      if (chunk.length === size) {
        // Nearly always: then nothing is copied. The chunk is the card's again at the return.
        await send(chunk);
        return;
      }
      parts.push(chunk.slice());
    }
    await send(concat(parts));
  }

  /** One packet for each chunk, straight from where it lies; the last of them is End Data. */
  async #sendPieces(start: Uint8Array, size: number, chunks: DataSource['chunks']): Promise<void> {
    const { write, pieceSize } = this.#parts;
    const end = () => write(dataHead(PacketType.EndData, this.transactionId, 0));
    let left = size;
    await write(start);
    try {
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length; at += pieceSize) {
          this.signal.throwIfAborted();
          const piece = chunk.length <= pieceSize ? chunk : chunk.subarray(at, at + pieceSize);
          left -= piece.length;
          const type = left === 0 ? PacketType.EndData : PacketType.Data;
          await write(dataHead(type, this.transactionId, piece.length), piece);
        }
      }
    } catch (error) {
      // The card is gone: the phase is closed, the response says why it is short.
      if (!this.signal.aborted && !(error instanceof LinkError)) await end();
      throw error;
    }
    if (left !== 0) await end();
  }

  /** What is announced, and what is sent. */
  #withFaults(source: DataSource): DataSource & { transactionId: number; breaks?: boolean } {
    const { transactionId } = this;
    const { faults, breakLink } = this.#parts;
    const fault = fileFault(this.code, faults);
    if (fault === 'link-lost-mid-transfer') {
      const chunks = this.#cut(source, breakLink);
      return { transactionId, size: source.size, chunks, breaks: true };
    }
    return { transactionId, size: announcedSize(source.size, fault), chunks: source.chunks };
  }

  /** Half of the first chunk, in the middle of a packet, then nothing any more. */
  async *#cut(source: DataSource, breakLink: () => void): AsyncGenerator<Uint8Array> {
    const { write } = this.#parts;
    for await (const chunk of source.chunks) {
      const half = chunk.subarray(0, chunk.length >> 1);
      await write(dataHead(PacketType.Data, this.transactionId, chunk.length), half);
      break;
    }
    breakLink();
    this.signal.throwIfAborted();
    yield new Uint8Array(0);
  }
}
