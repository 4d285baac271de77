/**
 * Puts containers together from what comes on bulk OUT: head and payload in one transfer or in two,
 * cut anywhere at the end of a packet, ended by their length or by a short packet.
 */
import type { Infer } from '../../bytes/index.ts';
import {
  CONTAINER_HEAD,
  ContainerHead,
  ContainerType,
  LONGEST_BLOCK,
  UNKNOWN_LENGTH,
} from './containers.ts';
import type { OutPiece } from './out-pipe.ts';

export interface DataReceiver {
  /** `size` undefined: a short packet is the end. */
  start(size: bigint | undefined): void;
  push(chunk: Uint8Array): Promise<void>;
  end(): void;
}

export interface ContainerTarget {
  command(request: {
    code: number;
    transactionId: number;
    params: readonly number[];
  }): Promise<void>;
  /** Who takes the data of this transaction; undefined: they are dropped. */
  receiver(transactionId: number): DataReceiver | undefined;
  /** Bytes that are no container the camera waits for. */
  dropped(what: string): void;
}

interface OpenContainer {
  head: Infer<typeof ContainerHead>;
  /** Payload; undefined where only a short packet tells. */
  size: number | undefined;
  received: number;
  block: Uint8Array | undefined;
  receiver: DataReceiver | undefined;
}

export class ContainerReader {
  #target: ContainerTarget;
  #head = new Uint8Array(CONTAINER_HEAD);
  #headSize = 0;
  #open: OpenContainer | undefined;

  constructor(target: ContainerTarget) {
    this.#target = target;
  }

  /** What has come of a container is forgotten. */
  reset(): void {
    this.#headSize = 0;
    this.#open = undefined;
  }

  /** Takes one transfer. */
  async take({ bytes, short }: OutPiece): Promise<void> {
    let payload = bytes;
    if (!this.#open) {
      const missing = CONTAINER_HEAD - this.#headSize;
      this.#head.set(bytes.subarray(0, missing), this.#headSize);
      this.#headSize += Math.min(missing, bytes.length);
      payload = bytes.subarray(missing);
      if (this.#headSize < CONTAINER_HEAD) {
        if (!short) return;
        // An empty packet is the end of what has ended by its length.
        if (this.#headSize > 0) this.#target.dropped(`${this.#headSize} bytes`);
        this.#headSize = 0;
        return;
      }
      this.#headSize = 0;
      this.#open = this.#begin(ContainerHead.decode(this.#head));
    }
    await this.#payload(this.#open, payload, short);
  }

  #begin(head: OpenContainer['head']): OpenContainer {
    const known = head.length >= CONTAINER_HEAD && head.length !== UNKNOWN_LENGTH;
    const size = known ? head.length - CONTAINER_HEAD : undefined;
    const open: OpenContainer = {
      head,
      size,
      received: 0,
      block: undefined,
      receiver: undefined,
    };
    if (head.type === ContainerType.Command) {
      open.block = new Uint8Array(LONGEST_BLOCK - CONTAINER_HEAD);
    } else if (head.type === ContainerType.Data && head.length >= CONTAINER_HEAD) {
      open.receiver = this.#target.receiver(head.transactionId);
      open.receiver?.start(size === undefined ? undefined : BigInt(size));
    }
    return open;
  }

  async #payload(open: OpenContainer, payload: Uint8Array, short: boolean): Promise<void> {
    const { head, size, block, receiver } = open;
    const headAlone = short && payload.length === 0 && open.received === 0 && size !== 0;
    if (block && open.received + payload.length <= block.length) block.set(payload, open.received);
    open.received += payload.length;
    if (payload.length > 0) await receiver?.push(payload);
    // A reset may have come meanwhile.
    if (this.#open !== open) return;
    const split = headAlone && head.type === ContainerType.Data;
    const complete = size !== undefined && open.received >= size;
    if (!complete && (!short || split)) return;
    this.#open = undefined;
    receiver?.end();
    if (block) await this.#command(open, block);
    else if (!receiver) this.#target.dropped(`a container of type ${head.type}`);
  }

  async #command({ head, size, received }: OpenContainer, block: Uint8Array): Promise<void> {
    if (size !== received || size > block.length || size % 4 !== 0) {
      this.#target.dropped(`a command of ${head.length} bytes, of which ${received + 12} came`);
      return;
    }
    const view = new DataView(block.buffer);
    const params = Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 * i, true));
    await this.#target.command({ code: head.code, transactionId: head.transactionId, params });
  }
}
