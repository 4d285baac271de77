/** What a camera tells of itself on the bus (USB 2.0, chapter 9; USB 3.2, section 9.6). */
import { concat } from '../../base/byte-stream.ts';
import { Writer } from '../../bytes/index.ts';
import type { UsbIdentity } from '../models/model.ts';

const CANON_VENDOR_ID = 0x04a9;

/** Endpoint addresses; the same on every body seen. */
export const EndpointAddress = { BulkIn: 0x81, BulkOut: 0x02, InterruptIn: 0x83 } as const;

/** Of every body seen that speaks PTP. */
export const INTERRUPT_PACKET_SIZE = 8;
const INTERRUPT = { packetSize: INTERRUPT_PACKET_SIZE, interval: 10 } as const;

export const CONFIGURATION_VALUE = 1;
export const INTERFACE_NUMBER = 0;

export type UsbSpeed = 'full' | 'high' | 'super';

/** wMaxPacketSize of the bulk endpoints that the standard allows, and the speed that has it. */
const SPEEDS: Readonly<Record<number, UsbSpeed>> = {
  8: 'full',
  16: 'full',
  32: 'full',
  64: 'full',
  512: 'high',
  1024: 'super',
};

/** Undefined for a size that no speed has. */
export function speedOf(packetSize: number): UsbSpeed | undefined {
  return SPEEDS[packetSize];
}

export const DescriptorType = {
  Device: 1,
  Configuration: 2,
  String: 3,
  Interface: 4,
  Endpoint: 5,
  DeviceQualifier: 6,
  OtherSpeedConfiguration: 7,
  BinaryObjectStore: 15,
  EndpointCompanion: 48,
} as const;

/** Class, subclass, protocol: a still image camera that speaks PTP. */
export const STILL_IMAGE = { class: 6, subclass: 1, protocol: 1 } as const;
const BULK_TYPE = 2;
const INTERRUPT_TYPE = 3;
/** String descriptor 0: English, of the United States. */
const LANGUAGES = Uint8Array.of(4, DescriptorType.String, 0x09, 0x04);

export interface Descriptors {
  device: Uint8Array;
  configuration: Uint8Array;
  /** The descriptor of this type and index; undefined where there is none. */
  find(type: number, index: number): Uint8Array | undefined;
}

export function makeDescriptors(identity: UsbIdentity, packetSize: number): Descriptors {
  const speed = speedOf(packetSize) ?? 'high';
  const device = deviceDescriptor(identity, speed);
  const configuration = configurationDescriptor(identity, packetSize, speed);
  const strings = [identity.manufacturer, identity.product, identity.serial];
  return {
    device,
    configuration,
    find(type, index) {
      if (type === DescriptorType.String) {
        if (index === 0) return LANGUAGES;
        const text = strings[index - 1];
        return text === undefined ? undefined : stringDescriptor(text);
      }
      if (index !== 0) return undefined;
      if (type === DescriptorType.Device) return device;
      if (type === DescriptorType.Configuration) return configuration;
      if (type === DescriptorType.BinaryObjectStore && speed === 'super') return OBJECT_STORE;
      if (speed !== 'high') return undefined;
      if (type === DescriptorType.DeviceQualifier) return QUALIFIER;
      if (type !== DescriptorType.OtherSpeedConfiguration) return undefined;
      const other = configurationDescriptor(identity, 64, 'full');
      other[1] = DescriptorType.OtherSpeedConfiguration;
      return other;
    },
  };
}

function deviceDescriptor(identity: UsbIdentity, speed: UsbSpeed): Uint8Array {
  const { version = 0x0200, deviceClass = BY_INTERFACE, controlPacketSize = 64 } = identity;
  return new Writer(18)
    .u8(18)
    .u8(DescriptorType.Device)
    .u16(speed === 'super' ? 0x0320 : version)
    .u8(deviceClass.class)
    .u8(deviceClass.subclass)
    .u8(deviceClass.protocol)
    .u8(speed === 'super' ? 9 : controlPacketSize)
    .u16(CANON_VENDOR_ID)
    .u16(identity.productId)
    .u16(identity.release)
    .u8(1)
    .u8(2)
    .u8(identity.serial === undefined ? 0 : 3)
    .u8(1)
    .finish();
}

/** Each interface says itself what it is. */
const BY_INTERFACE = { class: 0, subclass: 0, protocol: 0 } as const;

/** How a high speed device would be at the other speed. */
const QUALIFIER = Uint8Array.of(10, DescriptorType.DeviceQualifier, 0, 2, 0, 0, 0, 64, 1, 0);

/** One capability: SuperSpeed, and all speeds from full on. */
const OBJECT_STORE = Uint8Array.of(
  ...[5, DescriptorType.BinaryObjectStore, 15, 0, 1],
  ...[10, 16, 3, 0, 0x0e, 0, 1, 0, 0, 0],
);

function configurationDescriptor(
  identity: UsbIdentity,
  packetSize: number,
  speed: UsbSpeed,
): Uint8Array {
  const { interfaceClass = STILL_IMAGE, interrupt = INTERRUPT } = identity;
  const parts = [
    new Writer(9)
      .u8(9)
      .u8(DescriptorType.Interface)
      .u8(INTERFACE_NUMBER)
      .u8(0)
      .u8(3)
      .u8(interfaceClass.class)
      .u8(interfaceClass.subclass)
      .u8(interfaceClass.protocol)
      .u8(0)
      .finish(),
    endpointDescriptor(EndpointAddress.BulkIn, BULK_TYPE, packetSize, 0),
    endpointDescriptor(EndpointAddress.BulkOut, BULK_TYPE, packetSize, 0),
    endpointDescriptor(
      EndpointAddress.InterruptIn,
      INTERRUPT_TYPE,
      interrupt.packetSize,
      interrupt.interval,
    ),
  ].flatMap((part) =>
    speed === 'super' && part[1] === DescriptorType.Endpoint
      ? [part, companion(part[3] === INTERRUPT_TYPE)]
      : [part],
  );
  const head = new Writer(9)
    .u8(9)
    .u8(DescriptorType.Configuration)
    .u16(parts.reduce((sum, { length }) => sum + length, 9))
    .u8(1)
    .u8(CONFIGURATION_VALUE)
    .u8(0)
    .u8(identity.attributes)
    .u8(Math.ceil(identity.milliamperes / (speed === 'super' ? 8 : 2)))
    .finish();
  return concat([head, ...parts]);
}

function endpointDescriptor(
  address: number,
  attributes: number,
  packetSize: number,
  interval: number,
): Uint8Array {
  return new Writer(7)
    .u8(7)
    .u8(DescriptorType.Endpoint)
    .u8(address)
    .u8(attributes)
    .u16(packetSize)
    .u8(interval)
    .finish();
}

/** No bursts; what a service interval carries is one packet. */
function companion(interrupt: boolean): Uint8Array {
  const bytes = interrupt ? INTERRUPT_PACKET_SIZE : 0;
  return Uint8Array.of(6, DescriptorType.EndpointCompanion, 0, 0, bytes, 0);
}

function stringDescriptor(text: string): Uint8Array {
  const writer = new Writer(2 + 2 * text.length).u8(2 + 2 * text.length).u8(DescriptorType.String);
  for (let i = 0; i < text.length; i++) writer.u16(text.charCodeAt(i));
  return writer.finish();
}
