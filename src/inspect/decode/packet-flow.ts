/** One direction of a PTP/IP connection: packets out of bytes that come in pieces, with holes. */
import { ProtocolError } from '../../bytes/index.ts';
import { PacketType } from '../../ptp/index.ts';
import {
  decodeHead,
  HEAD,
  isKnownPacketType,
  type PacketHead,
} from '../../ptp/transport/ip-packets.ts';

const { Data, EndData } = PacketType;
const FROM_INITIATOR: readonly number[] = [1, 3, 6, 8, 9, 10, 11, 12, 13, 14];
const FROM_RESPONDER: readonly number[] = [2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14];
/** Head and transaction id. */
const DATA_HEAD = 12;
/** Packets of unknown type are passed over up to this size; more is no PTP/IP. */
const SKIP_LIMIT = 1 << 20;

export interface FlowListener {
  /** A whole packet that carries no data, with its head. The view is valid during the call. */
  packet(type: number, packet: Uint8Array): void;
  /** The head of a packet that carries data. */
  dataPacket(type: number, transactionId: number): void;
  payload(bytes: Uint8Array): void;
  /** Bytes of the payload that the capture has not. */
  missing(size: number): void;
  /** So many bytes could not be read; the flow waits for `sync`. */
  lost(size: number): void;
}

export class PacketFlow {
  /** False: bytes are passed over until somebody knows where a packet begins. */
  synced = false;
  #listener: FlowListener;
  #types: readonly number[];
  #buffer = new Uint8Array(256);
  #have = 0;
  #head: PacketHead | undefined;
  /** Bytes of payload, or of a packet to be passed over, that are still to come. */
  #left = 0;
  #passing = false;

  constructor(fromInitiator: boolean, listener: FlowListener) {
    this.#types = fromInitiator ? FROM_INITIATOR : FROM_RESPONDER;
    this.#listener = listener;
  }

  /** The next byte is the first of a packet. */
  sync(): void {
    this.#reset();
    this.synced = true;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.synced) {
      if (this.#left > 0) {
        const part = bytes.subarray(at, at + this.#left);
        at += part.length;
        this.#left -= part.length;
        if (!this.#passing) this.#listener.payload(part);
      } else {
        at += this.#fill(bytes.subarray(at));
      }
    }
    if (at < bytes.length) this.#listener.lost(bytes.length - at);
  }

  hole(size: number | undefined): void {
    if (!this.synced) return;
    const known = size !== undefined && size <= this.#left;
    if (this.#left > 0 && !this.#passing) {
      this.#listener.missing(known ? size : this.#left);
    }
    if (known) this.#left -= size;
    else this.#lose(0);
  }

  /** Takes what the packet's head, or the packet, still needs. Returns how much that was. */
  #fill(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#need() - this.#have);
    if (this.#have + part.length > this.#buffer.length) this.#grow();
    this.#buffer.set(part, this.#have);
    this.#have += part.length;
    if (this.#have < this.#need()) return part.length;
    try {
      if (this.#have === HEAD && !this.#head) this.#begin();
      if (this.#head && this.#have >= this.#need()) this.#finish(this.#head);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#lose(this.#have);
    }
    return part.length;
  }

  #need(): number {
    if (!this.#head) return HEAD;
    const { type, size } = this.#head;
    return type === Data || type === EndData ? DATA_HEAD : HEAD + size;
  }

  #grow(): void {
    // `decodeHead` has seen to it that no packet that is taken whole is larger than some kilobytes.
    const larger = new Uint8Array(this.#need());
    larger.set(this.#buffer.subarray(0, this.#have));
    this.#buffer = larger;
  }

  #begin(): void {
    const head = decodeHead(this.#buffer.subarray(0, HEAD));
    const { type, size } = head;
    if (isKnownPacketType(type)) {
      if (!this.#types.includes(type)) throw wrong(this.#buffer, `type ${type} from this side`);
      this.#head = head;
      return;
    }
    if (size > SKIP_LIMIT) throw wrong(this.#buffer, `${size} bytes of unknown type ${type}`);
    this.#have = 0;
    this.#left = size;
    this.#passing = true;
  }

  #finish({ type, size }: PacketHead): void {
    const packet = this.#buffer.subarray(0, this.#have);
    this.#have = 0;
    this.#head = undefined;
    if (type === Data || type === EndData) {
      this.#passing = false;
      this.#left = size - (DATA_HEAD - HEAD);
      this.#listener.dataPacket(type, new DataView(packet.buffer).getUint32(HEAD, true));
    } else {
      this.#listener.packet(type, packet);
    }
  }

  #lose(size: number): void {
    this.#reset();
    this.synced = false;
    this.#listener.lost(size);
  }

  #reset(): void {
    this.#have = 0;
    this.#head = undefined;
    this.#left = 0;
    this.#passing = false;
  }
}

function wrong(bytes: Uint8Array, what: string): ProtocolError {
  return new ProtocolError('INVALID_DATA', `PTP/IP packet: ${what}`, bytes.slice(0, HEAD), 0);
}
