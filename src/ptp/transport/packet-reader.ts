import { ByteReader, type ByteStream } from '../../base/byte-stream.ts';
import { LinkError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import {
  decodeHead,
  decodePayload,
  HEAD,
  isKnownPacketType,
  type KnownPacketType,
  type PacketFields,
  type PacketHead,
  packetName,
} from './ip-packets.ts';
import type { KeepChunk } from './transport.ts';

/** Packets of unknown type are skipped up to this size; more is no PTP/IP. */
const SKIP_LIMIT = 1 << 20;

/** Packets out of a byte stream that may cut and join them anywhere. */
export class PacketReader {
  #bytes: ByteReader;
  #name: string;

  constructor(stream: ByteStream) {
    this.#bytes = new ByteReader(stream);
    this.#name = stream.name;
  }

  /** Keeps what `some` gave last valid until the promise settles; absent where the stream cannot. */
  get keep(): KeepChunk | undefined {
    return this.#bytes.keep;
  }

  /** The next packet's head; undefined when the stream has ended between two packets. */
  async head(): Promise<PacketHead | undefined> {
    const bytes = await this.#bytes.exactly(HEAD, (got) => {
      return this.#cut('a packet head', HEAD, got);
    });
    return bytes && decodeHead(bytes);
  }

  /** The payload of a packet that is taken whole. */
  async payload<T extends KnownPacketType>(type: T, size: number): Promise<PacketFields<T>> {
    const bytes = size === 0 ? new Uint8Array(0) : await this.#exactly(size, packetName(type));
    return decodePayload(type, bytes);
  }

  /** Transaction id that stands before the payload of Data and End Data. */
  async transactionId(): Promise<number> {
    const bytes = await this.#exactly(4, 'a data packet');
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  /** The next bytes of a payload of which `left` bytes are still to come; a view. */
  async some(left: number): Promise<Uint8Array> {
    const bytes = await this.#bytes.some(left);
    if (!bytes) throw this.#cut('a data packet', left, new Uint8Array(0));
    return bytes;
  }

  async skip(head: PacketHead): Promise<void> {
    if (head.size > SKIP_LIMIT || !Number.isSafeInteger(head.size)) {
      throw new ProtocolError(
        'INVALID_DATA',
        `${packetName(head.type)} of ${head.size + HEAD} bytes from ${this.#name}`,
        new Uint8Array(0),
        0,
      );
    }
    for (let left = head.size; left > 0; ) left -= (await this.some(left)).length;
  }

  /** Error for a packet that must not come now; shows what it begins with. */
  async unexpected(head: PacketHead, awaited: string): Promise<ProtocolError> {
    let begin: Uint8Array = new Uint8Array(0);
    if (isKnownPacketType(head.type) && head.size > 0 && head.size <= 64) {
      begin = await this.#exactly(head.size, packetName(head.type));
    }
    return new ProtocolError(
      'INVALID_DATA',
      `${this.#name} sent ${packetName(head.type)} (${head.size + HEAD} bytes) instead of ${awaited}`,
      begin,
      0,
    );
  }

  async #exactly(size: number, what: string): Promise<Uint8Array> {
    const bytes = await this.#bytes.exactly(size, (got) => this.#cut(what, size, got));
    if (!bytes) throw this.#cut(what, size, new Uint8Array(0));
    return bytes;
  }

  #cut(what: string, wanted: number, got: Uint8Array): LinkError {
    return new LinkError(
      `${this.#name} ended the connection inside ${what}: ${wanted} bytes wanted, ${got.length} came`,
      { hint: 'The camera went away in mid-sentence: switched off, asleep or out of range.' },
    );
  }
}
