/** Events out of the packets of the interrupt pipe. */
import type { PtpEvent } from './transport.ts';
import {
  CONTAINER_HEAD,
  ContainerType,
  decodeContainerHead,
  decodeParams,
} from './usb-containers.ts';

/** With Canon's eight byte packets an event of three parameters takes three; more is not needed. */
const LONGEST_EVENT = 32;
/** Pieces of one event do not come further apart. */
const GAP_MS = 150;

/**
 * Joins packets to events by the length in their head: Canon's endpoint takes eight bytes at a time,
 * so that a short packet says nothing about an event's end. What begins no event is dropped with its
 * packet: old cameras send other things here.
 */
export class EventJoiner {
  #held = new Uint8Array(0);
  #since = 0;

  /** `now` in milliseconds. The events that this packet completes. */
  push(packet: Uint8Array, now: number): PtpEvent[] {
    if (packet.length === 0) return [];
    // The rest of the event before never came.
    if (this.#held.length > 0 && now - this.#since > GAP_MS && begins(packet)) this.reset();
    this.#since = now;
    let bytes = joined(this.#held, packet);
    const events: PtpEvent[] = [];
    while (begins(bytes)) {
      const length = lengthOf(bytes);
      if (bytes.length < length) {
        this.#held = bytes;
        return events;
      }
      const head = decodeContainerHead(bytes);
      if (!head) break;
      events.push({
        code: head.code,
        transactionId: head.transactionId,
        params: decodeParams(bytes.subarray(CONTAINER_HEAD, length)),
      });
      bytes = bytes.slice(length);
    }
    this.reset();
    return events;
  }

  reset(): void {
    this.#held = new Uint8Array(0);
  }
}

/** Eight bytes are enough to tell: length, type, code. */
function begins(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  return (
    view.getUint16(4, true) === ContainerType.Event &&
    length >= CONTAINER_HEAD &&
    length <= LONGEST_EVENT
  );
}

function lengthOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
