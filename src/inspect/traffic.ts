/**
 * What passed on a wire, in the order of time, whatever noted it down: readers of captures yield it,
 * decoders make sense of it, recordings are written from it. Views are valid until the next item.
 */
import type { UsbControlSetup, UsbDirection } from '../usb/port.ts';

/** Milliseconds since 1970, with fractions: a double holds them to a quarter of a microsecond. */
export type Time = number;

export interface NetworkPlace {
  /** As text: "192.168.0.46", "fe80::1". */
  readonly address: string;
  readonly port: number;
}

/** One TCP connection. The object is the same in each item that belongs to it. */
export interface Connection {
  /** From 1, in the order of appearance. */
  readonly id: number;
  readonly client: NetworkPlace;
  readonly server: NetworkPlace;
  /** Its opening was seen. Without, who is the client is a guess, by the ports. */
  readonly fromStart: boolean;
}

/** A device on a USB. The object is the same in each item that belongs to it. */
export interface UsbPlace {
  readonly bus: number;
  readonly device: number;
}

export interface ConnectionOpened {
  readonly kind: 'open';
  readonly time: Time;
  readonly connection: Connection;
}

/** Bytes of one direction in their right order; what was sent again is left out. */
export interface StreamBytes {
  readonly kind: 'bytes';
  readonly time: Time;
  readonly connection: Connection;
  readonly fromClient: boolean;
  readonly bytes: Uint8Array;
}

/** Bytes that the capture has not. */
export interface StreamHole {
  readonly kind: 'hole';
  readonly time: Time;
  readonly connection: Connection;
  readonly fromClient: boolean;
  /** Bytes; undefined where it cannot be known. */
  readonly size: number | undefined;
}

export interface ConnectionClosed {
  readonly kind: 'close';
  readonly time: Time;
  readonly connection: Connection;
  /** `unseen`: the capture ended first. */
  readonly how: 'orderly' | 'reset' | 'unseen';
}

/** A UDP datagram. */
export interface Datagram {
  readonly kind: 'datagram';
  readonly time: Time;
  readonly source: NetworkPlace;
  readonly destination: NetworkPlace;
  /** IP's time to live, or hop limit. */
  readonly hops?: number | undefined;
  readonly bytes: Uint8Array;
}

/** One transfer that has ended, in the order of endings: request and completion in one. */
export interface UsbTransfer {
  readonly kind: 'usb';
  /** When it ended. */
  readonly time: Time;
  /** When it was asked for; undefined where that was not seen. */
  readonly asked: Time | undefined;
  readonly place: UsbPlace;
  readonly type: 'control' | 'bulk' | 'interrupt' | 'isochronous';
  /** Without the direction bit. */
  readonly endpoint: number;
  readonly direction: UsbDirection;
  /** Of control transfers. */
  readonly setup:
    | (UsbControlSetup & { readonly length: number; readonly direction: UsbDirection })
    | undefined;
  /** 0: it went well; else what the system noted: a negative errno, or USBPcap's USBD_STATUS. */
  readonly status: number;
  /** Bytes that passed. */
  readonly size: number;
  /** Those that the capture has: fewer than `size` where it was cut. */
  readonly bytes: Uint8Array;
}

export type Traffic =
  | ConnectionOpened
  | StreamBytes
  | StreamHole
  | ConnectionClosed
  | Datagram
  | UsbTransfer;
