/** What the decoders make of traffic, in the order in which it ended. */
import type { NormalEvent } from '../../canon/normal/index.ts';
import type { DeviceInfo, KnownPacketType, PtpNames } from '../../ptp/index.ts';
import type { Time } from '../traffic.ts';

/** A way between a computer and a camera. The object is the same in all that passed on it. */
export interface Link {
  readonly kind: 'ptpip' | 'usb';
  /** From 1, in the order of appearance. */
  readonly id: number;
  /** "192.168.0.54:1113 > 192.168.0.46:15740", "usb:001,004". */
  readonly name: string;
  /** Canon's until a DeviceInfo names another maker. */
  names: PtpNames;
  /** The last DeviceInfo that passed. */
  deviceInfo: DeviceInfo | undefined;
}

export interface SeenData {
  readonly direction: 'in' | 'out';
  /** As the sender gave it before; undefined where it did not, or that was not seen. */
  announced: number | undefined;
  /** Bytes that passed, those included that the capture has not. */
  size: number;
  /** Bytes that the capture has not. */
  missing: number;
  /** All of it; undefined where it was not kept, see `DecodeOptions`, or is not whole. */
  bytes: Uint8Array | undefined;
}

export interface Transaction {
  readonly kind: 'transaction';
  readonly link: Link;
  readonly transactionId: number;
  /** Undefined where the capture has no request. */
  readonly code: number | undefined;
  readonly params: readonly number[];
  readonly asked: Time | undefined;
  /** Undefined where no response was seen. */
  answered: Time | undefined;
  /** Of the last thing seen of it. */
  time: Time;
  data: SeenData | undefined;
  response: { readonly code: number; readonly params: readonly number[] } | undefined;
  /** The computer gave it up. */
  cancelled: boolean;
}

/** From the camera, outside of transactions: by PTP/IP's second connection, or an interrupt. */
export interface SeenEvent {
  readonly kind: 'event';
  readonly link: Link;
  readonly time: Time;
  readonly code: number;
  readonly transactionId: number;
  readonly params: readonly number[];
}

/** A packet of PTP/IP that belongs to no transaction: Init, Probe. */
export interface Handshake {
  readonly kind: 'handshake';
  readonly link: Link;
  /** The TCP connection: "192.168.0.54:1114 > 192.168.0.46:15740". */
  readonly connection: string;
  readonly time: Time;
  readonly fromInitiator: boolean;
  readonly type: KnownPacketType;
  /** With its head. */
  readonly packet: Uint8Array;
}

/** A class request of PTP over USB. */
export interface ControlRequest {
  readonly kind: 'control';
  readonly link: Link;
  readonly time: Time;
  readonly name: 'Cancel' | 'GetExtendedEventData' | 'DeviceReset' | 'GetDeviceStatus';
  readonly bytes: Uint8Array;
  /** As in `UsbTransfer`. */
  readonly status: number;
}

/** Bytes of a link that could not be read. */
export interface Unread {
  readonly kind: 'unread';
  readonly link: Link;
  readonly time: Time;
  readonly fromInitiator: boolean;
  /** `hole`: the capture has not got them. `skipped`: no packet could begin there. */
  readonly why: 'hole' | 'skipped';
  /** Undefined where a hole's size cannot be known. */
  readonly size: number | undefined;
}

/** A request on endpoint 0 of a camera from before PTP: its handshake. */
export interface NormalRequest {
  readonly kind: 'normal-request';
  readonly link: Link;
  readonly time: Time;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** As in `UsbTransfer`. */
  readonly status: number;
}

/** A command to a camera from before PTP, and its answer. */
export interface NormalExchange {
  readonly kind: 'normal-exchange';
  readonly link: Link;
  readonly asked: Time | undefined;
  answered: Time | undefined;
  /** Of the last thing seen of it. */
  time: Time;
  /** "SetOwner"; undefined where nobody knows it. */
  readonly name: string | undefined;
  /** Of the remote control: "AfLock". */
  readonly subcommand: string | undefined;
  readonly code: number;
  readonly group: number;
  /** 0x201, 0x202, 0x403. */
  readonly replyKind: number;
  readonly generation: 'old' | 'new';
  readonly id: number | undefined;
  readonly payload: Uint8Array;
  /** Undefined where answers have none. */
  status: number | undefined;
  /** Bytes of the answer behind its head. */
  size: number;
  /** It is not whole, or did not come. */
  missing: boolean;
  /** The beginning of them. */
  data: Uint8Array;
}

/** An interrupt of a camera from before PTP. */
export interface NormalEventSeen {
  readonly kind: 'normal-event';
  readonly link: Link;
  readonly time: Time;
  readonly event: NormalEvent;
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

/** A message of SSDP. */
export interface SsdpMessage {
  readonly kind: 'ssdp';
  readonly time: Time;
  readonly source: string;
  readonly destination: string;
  /** IP's time to live; undefined where the capture does not say. */
  readonly hops: number | undefined;
  /** "NOTIFY * HTTP/1.1". */
  readonly start: string;
  readonly headers: readonly Header[];
  readonly size: number;
}

export interface DnsRecord {
  readonly section: 'answer' | 'authority' | 'additional';
  readonly name: string;
  /** "PTR", or "TYPE65". */
  readonly type: string;
  readonly ttl: number;
  /** The sender says that it alone has such records. */
  readonly flush: boolean;
  /** A name or address; the texts of TXT; priority, weight, port and target of SRV; else hex. */
  readonly value: string | readonly (string | number)[];
}

export interface MdnsMessage {
  readonly kind: 'mdns';
  readonly time: Time;
  readonly source: string;
  readonly destination: string;
  readonly hops: number | undefined;
  readonly flags: number;
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  readonly records: readonly DnsRecord[];
  readonly size: number;
}

/** A request of HTTP and its answer: how a camera's description is fetched. */
export interface HttpExchange {
  readonly kind: 'http';
  readonly time: Time;
  readonly asked: Time | undefined;
  readonly client: string;
  readonly server: string;
  /** "GET /upnp/CameraDevDesc.xml HTTP/1.1"; undefined where it was not seen. */
  readonly request: string | undefined;
  readonly requestHeaders: readonly Header[];
  /** "HTTP/1.1 200 OK"; undefined where none came. */
  readonly status: string | undefined;
  readonly headers: readonly Header[];
  /** As far as the capture has it. */
  readonly body: Uint8Array;
  /** The body's elements that hold text, in their order, where it is XML. */
  readonly fields: readonly (readonly [name: string, text: string])[];
}

export type Seen =
  | Transaction
  | SeenEvent
  | Handshake
  | ControlRequest
  | Unread
  | NormalRequest
  | NormalExchange
  | NormalEventSeen
  | SsdpMessage
  | MdnsMessage
  | HttpExchange;

/** When it began. */
export function timeOf(seen: Seen): Time {
  return ('asked' in seen ? seen.asked : undefined) ?? seen.time;
}

/** Told of each packet or container: "OperationRequest", "Data". */
export type PacketSeen = (fromInitiator: boolean, name: string) => void;

/** Gets the data phase of one transaction as it passes. */
export interface DataWatcher {
  /** The view is valid during the call. */
  bytes(bytes: Uint8Array): void;
  /** The capture has not got so many bytes. */
  missing?(size: number): void;
}

export interface DecodeOptions {
  /**
   * Data phases up to so many bytes are kept whole. Default 8 MiB, and 0 for operations that carry
   * objects.
   */
  keep?: ((transaction: Transaction) => number) | undefined;
  /** Who wants to see the data phase that begins; everything known of the transaction is set. */
  watch?: ((transaction: Transaction) => DataWatcher | undefined) | undefined;
}
