/**
 * One device on a USB that may speak PTP: containers out of bulk transfers, events out of interrupt
 * transfers. Transfers begin where containers do, so that nothing has to be searched for; what a
 * transfer of the right form is, a container or payload that looks like one, is decided by what was
 * announced and by whose turn it is.
 */
import {
  CONTAINER_HEAD,
  ContainerType,
  decodeContainerHead,
  decodeParams,
  UNKNOWN_LENGTH,
} from '../../ptp/transport/usb-containers.ts';
import type { UsbTransfer } from '../traffic.ts';
import type { Ledger } from './ledger.ts';
import type { ControlRequest, PacketSeen, Seen } from './seen.ts';

const LONGEST_RESPONSE = CONTAINER_HEAD + 4 * 5;
/** USB Still Image Capture Device Definition 1.0, 5.2. */
const REQUESTS: Readonly<Record<number, ControlRequest['name']>> = {
  100: 'Cancel',
  101: 'GetExtendedEventData',
  102: 'DeviceReset',
  103: 'GetDeviceStatus',
};

export interface UsbContext {
  emit(seen: Seen): void;
  packet: PacketSeen;
  ledger(transfer: UsbTransfer): Ledger;
}

interface Container {
  readonly type: number;
  readonly code: number;
  readonly transactionId: number;
  /** Bytes of payload; undefined where the length does not tell. */
  readonly size: number | undefined;
  readonly payload: Uint8Array;
}

export class UsbConversation {
  #context: UsbContext;
  #ledger: Ledger | undefined;
  /** Payload of the running data phase that is still to come; Infinity where nobody knows. */
  #left = 0;
  #direction: 'in' | 'out' = 'in';
  /** May be the response, or the end of the data phase. */
  #held: { transfer: UsbTransfer; bytes: Uint8Array } | undefined;
  /** A command counts when its answer has its number. */
  #doubted = true;
  #event: Uint8Array = new Uint8Array(0);
  unknownBytes = 0;

  constructor(context: UsbContext) {
    this.#context = context;
  }

  get known(): boolean {
    return this.#ledger !== undefined && !this.#doubted;
  }

  transfer(transfer: UsbTransfer): void {
    const { type, direction } = transfer;
    if (type === 'control') this.#control(transfer);
    else if (transfer.size === 0) return;
    else if (type === 'interrupt') this.#interrupt(transfer);
    else if (type === 'bulk' && direction === 'out') this.#out(transfer);
    else if (type === 'bulk') this.#in(transfer);
  }

  end(): void {
    this.#judgeHeld();
    if (this.#doubted) this.#ledger?.drop();
    else this.#ledger?.end();
  }

  #out(transfer: UsbTransfer): void {
    const current = this.#ledger?.current;
    const sending = this.#direction === 'out' && this.#left > 0;
    if (sending && !this.#held) {
      this.#payload(transfer, transfer.bytes, transfer.size);
      return;
    }
    this.#judgeHeld();
    const container = containerOf(transfer);
    if (container?.type === ContainerType.Command) {
      this.#command(transfer, container);
    } else if (container?.type === ContainerType.Data && current) {
      this.#data(transfer, container, 'out');
    } else {
      this.#skip(transfer);
    }
  }

  #command(transfer: UsbTransfer, { code, transactionId, payload }: Container): void {
    // Bits 0001 or 1001 at the top: what only looks like a command is not taken for one.
    if ((code & 0x7000) !== 0x1000 || transfer.size > LONGEST_RESPONSE) return;
    if (this.#doubted) this.#ledger?.drop();
    this.#ledger ??= this.#context.ledger(transfer);
    this.#left = 0;
    this.#context.packet(true, 'Command');
    const asked = transfer.asked ?? transfer.time;
    this.#ledger.request(asked, code, transactionId, decodeParams(payload));
  }

  #in(transfer: UsbTransfer): void {
    this.#judgeHeld(true);
    const current = this.#ledger?.current;
    const receiving = this.#direction === 'in' && this.#left > 0;
    const container = receiving ? undefined : containerOf(transfer);
    if (receiving) {
      const response = responseIn(transfer);
      if (response && response.transactionId === current?.transactionId) {
        this.#held = { transfer, bytes: transfer.bytes.slice() };
      } else {
        this.#payload(transfer, transfer.bytes, transfer.size);
      }
    } else if (!this.#ledger || !container) {
      this.#skip(transfer);
    } else if (this.#doubted && container.transactionId !== current?.transactionId) {
      this.#ledger.drop();
      this.#skip(transfer);
    } else if (container.type === ContainerType.Data) {
      this.#doubted = false;
      this.#data(transfer, container, 'in');
    } else if (container.type === ContainerType.Response) {
      this.#doubted = false;
      this.#response(transfer, container);
    } else {
      this.#skip(transfer);
    }
  }

  #data(transfer: UsbTransfer, container: Container, direction: 'in' | 'out'): void {
    const { size, payload, transactionId } = container;
    this.#context.packet(direction === 'out', 'Data');
    this.#ledger?.data(transfer.time, transactionId, direction, size);
    this.#direction = direction;
    this.#left = size ?? Number.POSITIVE_INFINITY;
    this.#payload(transfer, payload, Math.max(0, transfer.size - CONTAINER_HEAD));
  }

  /** `size`: what passed; `bytes` are those of it that the capture has. */
  #payload(transfer: UsbTransfer, bytes: Uint8Array, size: number): void {
    const part = bytes.subarray(0, this.#left);
    const passed = Math.min(size, this.#left);
    this.#ledger?.bytes(transfer.time, part);
    this.#ledger?.missing(passed - part.length);
    this.#left -= passed;
  }

  #response({ time }: UsbTransfer, { code, transactionId, payload }: Container): void {
    this.#settle();
    this.#context.packet(false, 'Response');
    this.#ledger?.response(time, code, transactionId, decodeParams(payload));
  }

  /** What was announced and did not come is missing. */
  #settle(): void {
    if (this.#left > 0 && this.#left !== Number.POSITIVE_INFINITY)
      this.#ledger?.missing(this.#left);
    this.#left = 0;
  }

  /**
   * A transfer of the form of a response, while more data was to come: where something else comes
   * in behind it, it was data.
   */
  #judgeHeld(more = false): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    const transfer = { ...held.transfer, bytes: held.bytes };
    const container = more ? undefined : containerOf(transfer);
    if (container) this.#response(transfer, container);
    else this.#payload(transfer, transfer.bytes, transfer.size);
  }

  #interrupt({ time, bytes }: UsbTransfer): void {
    const link = this.#ledger?.link;
    if (!link) return;
    // A long event comes in packets of the endpoint's size.
    const whole = new Uint8Array(this.#event.length + bytes.length);
    whole.set(this.#event);
    whole.set(bytes, this.#event.length);
    this.#event = new Uint8Array(0);
    if (whole.length < CONTAINER_HEAD) {
      this.#event = whole;
      return;
    }
    const head = decodeContainerHead(whole);
    if (head?.type !== ContainerType.Event) return;
    if (head.length > whole.length) {
      this.#event = whole;
      return;
    }
    const { code, transactionId } = head;
    const params = decodeParams(whole.subarray(CONTAINER_HEAD, head.length));
    this.#context.packet(false, 'Event');
    this.#context.emit({ kind: 'event', link, time, code, transactionId, params });
  }

  #control({ time, setup, bytes, status }: UsbTransfer): void {
    const link = this.#ledger?.link;
    if (!link || setup?.requestType !== 'class' || setup.recipient !== 'interface') return;
    const name = REQUESTS[setup.request];
    if (!name) return;
    const current = this.#ledger?.current;
    if (name === 'Cancel' && current) current.cancelled = true;
    this.#context.emit({ kind: 'control', link, time, name, bytes: bytes.slice(), status });
  }

  #skip({ size }: UsbTransfer): void {
    this.unknownBytes += size;
  }
}

/** The container that a transfer begins with. */
function containerOf({ bytes, size }: UsbTransfer): Container | undefined {
  if (bytes.length < CONTAINER_HEAD) return undefined;
  const head = decodeContainerHead(bytes);
  if (!head) return undefined;
  const { length, type, code, transactionId } = head;
  // Other than data, a container is one transfer.
  if (type !== ContainerType.Data && length !== size) return undefined;
  return {
    type,
    code,
    transactionId,
    size: length === UNKNOWN_LENGTH ? undefined : length - CONTAINER_HEAD,
    payload: bytes.subarray(CONTAINER_HEAD),
  };
}

function responseIn(transfer: UsbTransfer): Container | undefined {
  if (transfer.size > LONGEST_RESPONSE) return undefined;
  const container = containerOf(transfer);
  // Bits 0010 or 1010 at the top of a response's code.
  const fits = container?.type === ContainerType.Response && (container.code & 0x7000) === 0x2000;
  return fits ? container : undefined;
}
