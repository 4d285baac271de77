/** USB transfers as usbmon's frames of 64-byte heads: one for the request, one for its end. */
import type { UsbTransfer } from '../traffic.ts';
import type { WriteFrame } from './ip-writer.ts';

const HEAD = 64;
const TYPES = { isochronous: 0, interrupt: 1, control: 2, bulk: 3 } as const;
const REQUEST_TYPES = { standard: 0, class: 1, vendor: 2 } as const;
const RECIPIENTS = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;
/** What Linux calls a request that is under way. */
const EINPROGRESS = -115;

export class UsbmonWriter {
  #write: WriteFrame;
  #id = 0;

  constructor(write: WriteFrame) {
    this.#write = write;
  }

  push(transfer: UsbTransfer): void {
    const id = ++this.#id;
    const { time, asked = time, direction, bytes } = transfer;
    const out = direction === 'out';
    this.#write(asked, [head('S', id, transfer), ...(out ? [bytes] : [])]);
    this.#write(time, [head('C', id, transfer), ...(out ? [] : [bytes])]);
  }
}

function head(event: 'S' | 'C', id: number, transfer: UsbTransfer): Uint8Array {
  const { time, asked = time, type, endpoint, direction, place, setup, size, bytes } = transfer;
  const submitted = event === 'S';
  const at = submitted ? asked : time;
  // The data are where they go: with the request when they go out, with its end when they come in.
  const carried = submitted === (direction === 'out') ? bytes.length : 0;
  const head = new Uint8Array(HEAD);
  const view = new DataView(head.buffer);
  view.setUint32(0, id, true);
  view.setUint8(8, event.charCodeAt(0));
  view.setUint8(9, TYPES[type]);
  view.setUint8(10, endpoint | (direction === 'in' ? 0x80 : 0));
  view.setUint8(11, place.device);
  view.setUint16(12, place.bus, true);
  view.setUint8(14, submitted && setup ? 0 : '-'.charCodeAt(0));
  view.setUint8(15, carried > 0 ? 0 : (direction === 'in' ? '<' : '>').charCodeAt(0));
  view.setUint32(16, Math.floor(at / 1000), true);
  view.setUint32(24, Math.floor((at % 1000) * 1000), true);
  view.setInt32(28, submitted ? EINPROGRESS : transfer.status, true);
  view.setUint32(32, submitted ? (setup?.length ?? size) : size, true);
  view.setUint32(36, carried, true);
  if (submitted && setup) writeSetup(view, setup);
  return head;
}

function writeSetup(view: DataView, setup: NonNullable<UsbTransfer['setup']>): void {
  const { direction, requestType, recipient, request, value, index, length } = setup;
  const kind = (REQUEST_TYPES[requestType] << 5) | RECIPIENTS[recipient];
  view.setUint8(40, kind | (direction === 'in' ? 0x80 : 0));
  view.setUint8(41, request);
  view.setUint16(42, value, true);
  view.setUint16(44, index, true);
  view.setUint16(46, length, true);
}
