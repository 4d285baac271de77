/**
 * USB/IP on the wire, protocol version 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst). Numbers
 * are big-endian, but for the setup packet, which is as on the bus.
 */
import { ProtocolError } from '../../bytes/index.ts';
import type { Setup } from '../usb/control.ts';
import { STILL_IMAGE } from '../usb/descriptors.ts';
import type { UsbGadget } from '../usb/gadget.ts';

export const USBIP_PORT = 3240;

const VERSION = 0x0111;

export const Operation = {
  ImportRequest: 0x8003,
  ImportReply: 0x0003,
  ListRequest: 0x8005,
  ListReply: 0x0005,
} as const;

export const OperationStatus = { Ok: 0, Busy: 2, NoDevice: 4 } as const;

export const UrbCommand = { Submit: 1, Unlink: 2, SubmitReply: 3, UnlinkReply: 4 } as const;

/** Linux's error numbers, which both systems have to agree on. */
export const UrbStatus = {
  Ok: 0,
  NoEndpoint: -2,
  Stall: -32,
  Overflow: -75,
  Reset: -104,
  Gone: -108,
} as const;

export const OPERATION_HEAD = 8;
export const BUS_ID_SIZE = 32;
export const URB_HEAD = 48;

const PATH_SIZE = 256;
const DEVICE_SIZE = PATH_SIZE + BUS_ID_SIZE + 24;

/** `usb_device_speed` of Linux. */
const SPEEDS = { full: 2, high: 3, super: 5 } as const;

/** A camera in its place on the bus that is exported. */
export interface ExportedDevice {
  /** "1-1": bus, and port of it. */
  busId: string;
  bus: number;
  device: number;
  gadget: UsbGadget;
}

/** The operation that is asked for; throws for another version of the protocol. */
export function readOperation(head: Uint8Array): number {
  const view = viewOf(head);
  if (view.getUint16(0) >> 8 !== VERSION >> 8) {
    throw new ProtocolError('INVALID_DATA', 'this is not USB/IP 1', head, 0);
  }
  return view.getUint16(2);
}

/** Up to its first zero byte. */
export function readBusId(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export function encodeList(devices: readonly ExportedDevice[]): Uint8Array {
  const bytes = new Uint8Array(12 + devices.length * (DEVICE_SIZE + 4));
  const view = writeOperation(bytes, Operation.ListReply, OperationStatus.Ok);
  view.setUint32(8, devices.length);
  let at = 12;
  for (const device of devices) {
    writeDevice(bytes, at, device);
    at += DEVICE_SIZE;
    const { interfaceClass = STILL_IMAGE } = device.gadget.identity;
    bytes.set([interfaceClass.class, interfaceClass.subclass, interfaceClass.protocol, 0], at);
    at += 4;
  }
  return bytes;
}

export function encodeImport(device: ExportedDevice): Uint8Array {
  const bytes = new Uint8Array(OPERATION_HEAD + DEVICE_SIZE);
  writeOperation(bytes, Operation.ImportReply, OperationStatus.Ok);
  writeDevice(bytes, OPERATION_HEAD, device);
  return bytes;
}

export function encodeRefusal(status: number): Uint8Array {
  const bytes = new Uint8Array(OPERATION_HEAD);
  writeOperation(bytes, Operation.ImportReply, status);
  return bytes;
}

function writeOperation(bytes: Uint8Array, code: number, status: number): DataView {
  const view = viewOf(bytes);
  view.setUint16(0, VERSION);
  view.setUint16(2, code);
  view.setUint32(4, status);
  return view;
}

function writeDevice(bytes: Uint8Array, at: number, exported: ExportedDevice): void {
  const { busId, bus, device, gadget } = exported;
  const view = viewOf(bytes);
  const text = new TextEncoder();
  text.encodeInto(
    `/sys/devices/hotshoe/usb${bus}/${busId}`,
    bytes.subarray(at, at + PATH_SIZE - 1),
  );
  const id = at + PATH_SIZE;
  text.encodeInto(busId, bytes.subarray(id, id + BUS_ID_SIZE - 1));
  const numbers = id + BUS_ID_SIZE;
  view.setUint32(numbers, bus);
  view.setUint32(numbers + 4, device);
  view.setUint32(numbers + 8, SPEEDS[gadget.speed]);
  const descriptor = viewOf(gadget.descriptors.device);
  // idVendor, idProduct, bcdDevice: little-endian there, big-endian here.
  for (const offset of [0, 2, 4]) {
    view.setUint16(numbers + 12 + offset, descriptor.getUint16(8 + offset, true));
  }
  const { device: own, configuration } = gadget.descriptors;
  const [, , , , deviceClass = 0, subclass = 0, protocol = 0] = own;
  const [, , , , interfaces = 0, configurationValue = 0] = configuration;
  bytes.set(
    [deviceClass, subclass, protocol, configurationValue, own[17] ?? 0, interfaces],
    numbers + 18,
  );
}

/** The head of what a host sends after an import. */
export interface UrbHead {
  command: number;
  sequence: number;
  in: boolean;
  endpoint: number;
  /** Submit: transfer_flags of Linux. */
  flags: number;
  /** Unlink: the sequence number to be unlinked, where a submit has its flags. */
  victim: number;
  /** Submit: transfer_buffer_length, in bytes. */
  length: number;
  /** Eight bytes, on endpoint 0. */
  setup: Uint8Array;
}

/** Flag of an OUT transfer that ends with an empty packet where its last one is full. */
export const ZERO_PACKET = 0x40;

export function readUrb(bytes: Uint8Array): UrbHead {
  const view = viewOf(bytes);
  return {
    command: view.getUint32(0),
    sequence: view.getUint32(4),
    in: view.getUint32(12) !== 0,
    endpoint: view.getUint32(16),
    flags: view.getUint32(20),
    victim: view.getUint32(20),
    length: view.getUint32(24),
    setup: bytes.slice(40, 48),
  };
}

export function readSetup(bytes: Uint8Array): Setup {
  const view = viewOf(bytes);
  return {
    requestType: view.getUint8(0),
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    length: view.getUint16(6, true),
  };
}

/** `size` counts what follows of an IN transfer, or what was taken of an OUT one. */
export function encodeSubmitReply(sequence: number, status: number, size: number): Uint8Array {
  const bytes = new Uint8Array(URB_HEAD);
  const view = viewOf(bytes);
  view.setUint32(0, UrbCommand.SubmitReply);
  view.setUint32(4, sequence);
  view.setInt32(20, status);
  view.setUint32(24, size);
  return bytes;
}

export function encodeUnlinkReply(sequence: number, status: number): Uint8Array {
  const bytes = new Uint8Array(URB_HEAD);
  const view = viewOf(bytes);
  view.setUint32(0, UrbCommand.UnlinkReply);
  view.setUint32(4, sequence);
  view.setInt32(20, status);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
