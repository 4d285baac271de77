/** USB transfers out of frames: what was asked for and how it ended are two of them. */
import type { Time, Traffic, UsbPlace, UsbTransfer } from '../traffic.ts';
import type { Frame } from './frames.ts';

const LinkType = { Usbmon: 189, UsbmonMapped: 220, UsbPcap: 249 } as const;
const TYPES = ['isochronous', 'interrupt', 'control', 'bulk'] as const;
/** Of USBPcap's control transfers; before version 1.5 the last two are frames of their own. */
const Stage = { Setup: 0, Data: 1, Status: 2 } as const;
/** Submissions whose end was not seen. */
const PENDING_LIMIT = 4096;

interface Asked {
  readonly time: Time;
  readonly setup: UsbTransfer['setup'];
  /** Of OUT transfers. */
  readonly bytes: Uint8Array;
  /** Of those bytes on the wire. */
  readonly size: number;
  /** Of IN transfers whose data came in a frame of their own, before the one that ends them. */
  readonly fetched?: { readonly bytes: Uint8Array; readonly size: number } | undefined;
}

interface Ended {
  readonly key: string;
  readonly time: Time;
  readonly place: UsbPlace;
  readonly type: UsbTransfer['type'];
  readonly endpoint: number;
  readonly status: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

export class UsbReader {
  #emit: (traffic: Traffic) => void;
  #asked = new Map<string, Asked>();
  #places = new Map<number, UsbPlace>();

  constructor(emit: (traffic: Traffic) => void) {
    this.#emit = emit;
  }

  /** "usb", "cut"; undefined where the link type is none of USB. */
  read(frame: Frame): string | undefined {
    switch (frame.linkType) {
      case LinkType.Usbmon:
        return this.#usbmon(frame, 48);
      case LinkType.UsbmonMapped:
        return this.#usbmon(frame, 64);
      case LinkType.UsbPcap:
        return this.#usbPcap(frame);
      default:
        return undefined;
    }
  }

  /** Linux, Documentation/usb/usbmon.rst: struct usbmon_packet. */
  #usbmon({ time, littleEndian, bytes, size: frameSize }: Frame, headSize: number): string {
    if (bytes.length < headSize) return 'cut';
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const event = String.fromCharCode(view.getUint8(8));
    const type = TYPES[view.getUint8(9)];
    const endpoint = view.getUint8(10);
    const device = view.getUint8(11);
    const bus = view.getUint16(12, littleEndian);
    const key = `${view.getUint32(0, true)}:${view.getUint32(4, true)}`;
    const data = bytes.subarray(headSize);
    if (!type) return 'cut';
    if (event === 'S') {
      const hasSetup = view.getUint8(14) === 0;
      const setup = type === 'control' && hasSetup ? setupOf(bytes.subarray(40, 48)) : undefined;
      this.#ask(key, { time, setup, bytes: data, size: frameSize - headSize });
    } else {
      const status = view.getInt32(28, littleEndian);
      const size = event === 'E' ? 0 : view.getUint32(32, littleEndian);
      const place = this.#place(bus, device);
      this.#ended({ key, time, place, type, endpoint, status, size, bytes: data });
    }
    return 'usb';
  }

  /** https://desowin.org/usbpcap/captureformat.html; always little-endian. */
  #usbPcap({ time, bytes, size: frameSize }: Frame): string {
    if (bytes.length < 27) return 'cut';
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const headSize = view.getUint16(0, true);
    const type = TYPES[view.getUint8(22)];
    if (headSize < 27 || headSize > bytes.length || !type) return 'cut';
    const key = `${view.getUint32(2, true)}:${view.getUint32(6, true)}`;
    const status = view.getUint32(10, true);
    const fromDevice = (view.getUint8(16) & 1) !== 0;
    const place = this.#place(view.getUint16(17, true), view.getUint16(19, true));
    const endpoint = view.getUint8(21);
    const data = bytes.subarray(headSize);
    const dataSize = frameSize - headSize;
    const stage = type === 'control' && headSize > 27 ? view.getUint8(27) : undefined;
    const asked = this.#asked.get(key);
    if (!fromDevice) {
      const isSetup = type === 'control' && stage !== Stage.Data && data.length >= 8;
      if (isSetup) {
        const [setup, rest] = [setupOf(data), data.subarray(8)];
        this.#ask(key, { time, setup, bytes: rest, size: dataSize - 8 });
      } else {
        const { time: begun, setup } =
          asked && stage === Stage.Data ? asked : { time, setup: undefined };
        this.#ask(key, { time: begun, setup, bytes: data, size: dataSize });
      }
      return 'usb';
    }
    if (asked && stage === Stage.Data) {
      this.#asked.set(key, { ...asked, fetched: { bytes: data.slice(), size: dataSize } });
      return 'usb';
    }
    // Of OUT transfers the end tells no size: all was sent, unless it failed.
    const isIn = (endpoint & 0x80) !== 0 || asked?.setup?.direction === 'in';
    const sent = status === 0 ? (asked?.size ?? 0) : 0;
    const fetched = (stage === Stage.Status && asked?.fetched) || { bytes: data, size: dataSize };
    const size = isIn ? fetched.size : sent;
    this.#ended({ key, time, place, type, endpoint, status, size, bytes: fetched.bytes });
    return 'usb';
  }

  #ask(key: string, asked: Asked): void {
    this.#asked.set(key, { ...asked, bytes: asked.bytes.slice() });
    if (this.#asked.size <= PENDING_LIMIT) return;
    for (const oldest of this.#asked.keys()) {
      this.#asked.delete(oldest);
      return;
    }
  }

  #ended({ key, time, place, type, endpoint, status, size, bytes }: Ended): void {
    const asked = this.#asked.get(key);
    this.#asked.delete(key);
    const setup = asked?.setup;
    const direction = setup?.direction ?? (endpoint & 0x80 ? 'in' : 'out');
    const captured = direction === 'in' ? bytes : (asked?.bytes ?? new Uint8Array(0));
    this.#emit({
      ...{ kind: 'usb', time, asked: asked?.time, place, type, endpoint: endpoint & 0x0f },
      ...{ direction, setup, status, size, bytes: captured.subarray(0, size) },
    });
  }

  #place(bus: number, device: number): UsbPlace {
    const key = bus * 65536 + device;
    let place = this.#places.get(key);
    if (!place) {
      place = { bus, device };
      this.#places.set(key, place);
    }
    return place;
  }
}

const REQUEST_TYPES = ['standard', 'class', 'vendor', 'standard'] as const;
const RECIPIENTS = ['device', 'interface', 'endpoint', 'other'] as const;

/** The eight bytes of USB 2.0, 9.3. */
function setupOf(bytes: Uint8Array): UsbTransfer['setup'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = view.getUint8(0);
  return {
    direction: kind & 0x80 ? 'in' : 'out',
    requestType: REQUEST_TYPES[((kind >> 5) & 3) as 0 | 1 | 2 | 3],
    recipient: RECIPIENTS[Math.min(kind & 0x1f, 3) as 0 | 1 | 2 | 3],
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    length: view.getUint16(6, true),
  };
}
