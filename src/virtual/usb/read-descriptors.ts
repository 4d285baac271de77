/** Descriptors as the system shows them to programs. */
import { Reader } from '../../bytes/index.ts';
import type { UsbAlternate, UsbConfiguration, UsbEndpoint, UsbInterface } from '../../usb/port.ts';
import { DescriptorType } from './descriptors.ts';

const TRANSFER_TYPES = [undefined, 'isochronous', 'bulk', 'interrupt'] as const;

/** A configuration descriptor with all that follows it. */
export function readConfiguration(bytes: Uint8Array): UsbConfiguration {
  const reader = new Reader(bytes, 'configuration descriptor');
  let configurationValue = 0;
  const interfaces: UsbInterface[] = [];
  let endpoints: UsbEndpoint[] = [];
  while (reader.remaining > 0) {
    const size = reader.u8();
    const type = reader.u8();
    const body = new Reader(reader.take(size - 2), 'descriptor');
    if (type === DescriptorType.Configuration) {
      configurationValue = body.take(4)[3] ?? 0;
    } else if (type === DescriptorType.Interface) {
      const interfaceNumber = body.u8();
      const alternateSetting = body.u8();
      body.u8();
      endpoints = [];
      const alternate: UsbAlternate = {
        alternateSetting,
        interfaceClass: body.u8(),
        interfaceSubclass: body.u8(),
        interfaceProtocol: body.u8(),
        endpoints,
      };
      interfaces.push({ interfaceNumber, alternates: [alternate] });
    } else if (type === DescriptorType.Endpoint) {
      const address = body.u8();
      const transferType = TRANSFER_TYPES[body.u8() & 3];
      if (!transferType) continue;
      endpoints.push({
        endpointNumber: address & 15,
        direction: address & 0x80 ? 'in' : 'out',
        type: transferType,
        packetSize: body.u16(),
      });
    }
  }
  return { configurationValue, interfaces };
}

/** The text of a string descriptor. */
export function readString(descriptor: Uint8Array | undefined): string | undefined {
  if (!descriptor) return undefined;
  const reader = new Reader(descriptor.subarray(2), 'string descriptor');
  let text = '';
  while (reader.remaining >= 2) text += String.fromCharCode(reader.u16());
  return text;
}
